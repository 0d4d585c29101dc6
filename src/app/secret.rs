//! The secret that signs tokens: the configured one, or the developer's own, made once and kept in the local folder.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use anyhow::Context;

use crate::cli::Usage;
use crate::config::{Config, Secret};

fn file(config: &Config) -> PathBuf {
    config.embedded.local_dir.join("jwt-secret")
}

/// The secret that `up` signs with: the configured one, else the one in the local folder, else a new one there.
pub fn find_or_make(config: &Config) -> anyhow::Result<Secret> {
    if let Ok(secret) = find(config) {
        return Ok(secret);
    }
    let path = file(config);
    fs::create_dir_all(&config.embedded.local_dir).with_context(|| {
        format!("{} could not be made; ALLY_LOCAL_DIR moves it", config.embedded.local_dir.display())
    })?;
    let secret = format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
    let made = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
    match made.and_then(|mut file| file.write_all(secret.as_bytes())) {
        Ok(()) => Ok(Secret::new(secret)),
        // Another process was quicker.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => find(config),
        Err(error) => Err(error).with_context(|| format!("{} could not be written", path.display())),
    }
}

/// The secret that tokens are signed with on this machine.
pub fn find(config: &Config) -> anyhow::Result<Secret> {
    if let Some(secret) = &config.auth.jwt_secret {
        return Ok(secret.clone());
    }
    let path = file(config);
    let kept = fs::read_to_string(&path).ok().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    kept.map(Secret::new).ok_or_else(|| {
        let text = format!(
            "there is no secret to sign with: set ALLY_JWT_SECRET, or run `ally up` here, which keeps one in {}",
            path.display()
        );
        Usage(text).into()
    })
}
