//! Whether a server speaks: a connection that is taken says nothing yet, since the kernel takes it for a process that hangs.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What does not speak by then hangs.
pub const DEADLINE: Duration = Duration::from_secs(2);
/// More than a server says first.
const MOST: usize = 8 * 1024;

/// How a server was reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reached {
    /// It spoke.
    Speaks(String),
    /// Nothing listens there, or the name is unknown.
    Refused(String),
    /// No connection comes about in time: a wrong address, a firewall, a machine that is away.
    Unreachable,
    /// It takes the connection and says nothing: its process is stopped, or its machine stands still.
    Silent,
}

impl Reached {
    /// A sentence; none where it speaks.
    pub fn complaint(&self, address: &str) -> Option<String> {
        let seconds = DEADLINE.as_secs();
        match self {
            Self::Speaks(_) => None,
            Self::Refused(why) => Some(format!("nothing listens at {address} ({why})")),
            Self::Unreachable => Some(format!("no connection to {address} within {seconds} s")),
            Self::Silent => Some(format!("hangs: {address} takes the connection and says nothing for {seconds} s")),
        }
    }
}

/// NATS: its first line comes by itself.
pub async fn nats(address: &str) -> Reached {
    speak(address, &[], |said| said.contains(&b'\n')).await
}

/// PostgreSQL: asked whether it would encrypt, it answers with one byte.
pub async fn postgres(address: &str) -> Reached {
    const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];
    speak(address, &SSL_REQUEST, |said| !said.is_empty()).await
}

async fn speak(address: &str, hello: &[u8], is_enough: fn(&[u8]) -> bool) -> Reached {
    let mut connection = match tokio::time::timeout(DEADLINE, TcpStream::connect(address)).await {
        Ok(Ok(connection)) => connection,
        Ok(Err(error)) => return Reached::Refused(error.to_string()),
        Err(_) => return Reached::Unreachable,
    };
    let spoken = async {
        connection.write_all(hello).await?;
        let mut said = Vec::new();
        while !is_enough(&said) && said.len() < MOST {
            if connection.read_buf(&mut said).await? == 0 {
                return Err(std::io::Error::other("it closes the connection at once"));
            }
        }
        Ok(String::from_utf8_lossy(&said).into_owned())
    };
    match tokio::time::timeout(DEADLINE, spoken).await {
        Ok(Ok(said)) => Reached::Speaks(said),
        Ok(Err(error)) => Reached::Refused(error.to_string()),
        Err(_) => Reached::Silent,
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_server_that_takes_the_connection_and_says_nothing_hangs() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        // Nobody accepts: the kernel does.
        assert_eq!(nats(&address).await, Reached::Silent);
        assert!(Reached::Silent.complaint(&address).unwrap().starts_with("hangs"));
    }

    #[tokio::test]
    async fn nothing_that_listens_is_no_hang_and_a_greeting_is_kept() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let serving = tokio::spawn(async move {
            let (mut connection, _) = listener.accept().await.unwrap();
            connection.write_all(b"INFO {}\r\n").await.unwrap();
        });
        assert_eq!(nats(&address).await, Reached::Speaks("INFO {}\r\n".to_owned()));
        serving.await.unwrap();
        assert!(matches!(postgres(&address).await, Reached::Refused(_)));
    }
}
