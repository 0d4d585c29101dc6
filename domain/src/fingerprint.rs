//! A short, stable name for a body, to tell a repeated request from a different one.

use serde::Serialize;
use sha2::{Digest, Sha256};

/// The SHA-256 of a value's JSON, in hex. Equal values give equal fingerprints because field order is the type's.
///
/// # Errors
/// When serde cannot write the value.
pub fn fingerprint<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    Ok(hex_digest(&serde_json::to_vec(value)?))
}

/// The SHA-256 of bytes, in hex.
#[must_use]
pub fn hex_digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Lower-case hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}
