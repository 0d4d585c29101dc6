//! The secret that signs tokens and the key of webhooks: the configured ones, or the developer's own, made once and kept in the
//! local folder.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;

use crate::cli::Usage;
use crate::config::{Config, Secret};

/// The file of the secret that signs tokens.
const TOKENS: &str = "jwt-secret";
/// The file of the key of webhooks.
const WEBHOOKS: &str = "webhook-key";

/// The secret that `up` signs tokens with: the configured one, else the one in the local folder, else a new one there.
pub fn find_or_make(config: &Config) -> anyhow::Result<Secret> {
    match &config.auth.jwt_secret {
        Some(secret) => Ok(secret.clone()),
        None => kept_or_new(config, TOKENS),
    }
}

/// The key of webhooks that `up` uses: the configured one, else the one in the local folder, else a new one there.
pub fn webhook_key(config: &Config) -> anyhow::Result<Secret> {
    match &config.webhooks.key {
        Some(key) => Ok(key.clone()),
        None => kept_or_new(config, WEBHOOKS),
    }
}

/// The key of webhooks on this machine: the configured one, else the one that `up` keeps in the local folder.
pub fn find_webhook_key(config: &Config) -> Option<Secret> {
    config.webhooks.key.clone().or_else(|| kept(&config.embedded.local_dir.join(WEBHOOKS)))
}

fn kept_or_new(config: &Config, name: &str) -> anyhow::Result<Secret> {
    let path = config.embedded.local_dir.join(name);
    if let Some(secret) = kept(&path) {
        return Ok(secret);
    }
    fs::create_dir_all(&config.embedded.local_dir).with_context(|| {
        format!("{} could not be made; ALLY_LOCAL_DIR moves it", config.embedded.local_dir.display())
    })?;
    let secret = format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
    let made = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
    match made.and_then(|mut file| file.write_all(secret.as_bytes())) {
        Ok(()) => Ok(Secret::new(secret)),
        // Another process was quicker.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            kept(&path).with_context(|| format!("{} is empty; remove it, and it is made anew", path.display()))
        }
        Err(error) => Err(error).with_context(|| format!("{} could not be written", path.display())),
    }
}

/// The secret that tokens are signed with on this machine.
pub fn find(config: &Config) -> anyhow::Result<Secret> {
    if let Some(secret) = &config.auth.jwt_secret {
        return Ok(secret.clone());
    }
    let path = config.embedded.local_dir.join(TOKENS);
    kept(&path).ok_or_else(|| {
        let text = format!(
            "there is no secret to sign with: set ALLY_JWT_SECRET, or run `ally up` here, which keeps one in {}",
            path.display()
        );
        Usage(text).into()
    })
}

fn kept(path: &Path) -> Option<Secret> {
    let text = fs::read_to_string(path).ok()?.trim().to_owned();
    (!text.is_empty()).then(|| Secret::new(text))
}
