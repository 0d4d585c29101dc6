//! A file in memory, for an encoder that goes back to its header at the end.

use std::convert::Infallible;

use embedded_io::{ErrorType, Seek, SeekFrom, Write};

/// Bytes with a place to write at.
#[derive(Debug, Default)]
pub(super) struct Memory {
    bytes: Vec<u8>,
    at: usize,
}

impl Memory {
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl ErrorType for Memory {
    type Error = Infallible;
}

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        let end = self.at + bytes.len();
        if end > self.bytes.len() {
            self.bytes.resize(end, 0);
        }
        self.bytes[self.at..end].copy_from_slice(bytes);
        self.at = end;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl Seek for Memory {
    fn seek(&mut self, to: SeekFrom) -> Result<u64, Infallible> {
        let from = |base: usize, by: i64| base.saturating_add_signed(isize::try_from(by).unwrap_or(isize::MAX));
        self.at = match to {
            SeekFrom::Start(at) => usize::try_from(at).unwrap_or(usize::MAX),
            SeekFrom::End(by) => from(self.bytes.len(), by),
            SeekFrom::Current(by) => from(self.at, by),
        };
        Ok(self.at as u64)
    }
}
