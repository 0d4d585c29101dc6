//! A proxy before gateways as Debian packages it: nginx, with nothing set beyond its defaults but where it listens and what it passes on.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::clients::root;
use crate::system::{RoleProcess, eventually};

/// Where `make proxy` puts it.
const INSTALLED: &str = ".local/proxy/usr/sbin";

/// A running nginx; it ends when it is dropped.
pub struct Proxy {
    pub address: SocketAddr,
    child: Child,
    _folder: TempDir,
}

impl Proxy {
    /// Passes every request on to one of some gateways, by turns.
    pub async fn before(gateways: &[&RoleProcess]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let file = folder.path().join("nginx.conf");
        std::fs::write(&file, config(folder.path(), address, gateways)).unwrap();
        let child = Command::new(nginx())
            .arg("-p")
            .arg(folder.path())
            .arg("-c")
            .arg(&file)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let proxy = Self { address, child, _folder: folder };
        eventually("the proxy listens", async || TcpStream::connect(address).await.ok()).await;
        proxy
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // It is one process, so that nothing of it is left.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What stands in `http` is what the package sets; the places of its files are a folder of the test's own.
fn config(folder: &Path, address: SocketAddr, gateways: &[&RoleProcess]) -> String {
    let folder = folder.display();
    let servers = gateways.iter().map(|gateway| gateway.http.strip_prefix("http://").unwrap());
    let servers: String = servers.map(|address| format!("server {address};")).collect();
    format!(
        "daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr;
events {{ worker_connections 768; }}
http {{
  sendfile on;
  tcp_nopush on;
  types_hash_max_size 2048;
  default_type application/octet-stream;
  gzip on;
  access_log {folder}/access.log;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  upstream gateways {{ {servers} }}
  server {{
    listen {address};
    location / {{ proxy_pass http://gateways; }}
  }}
}}
"
    )
}

/// The program: as installed for the tests, else from `PATH`.
#[allow(clippy::disallowed_methods, reason = "a test looks for what it needs")]
fn nginx() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = std::iter::once(root().join(INSTALLED)).chain(std::env::split_paths(&path));
    let found = folders.find_map(|folder| Some(folder.join("nginx")).filter(|file| file.is_file()));
    found.unwrap_or_else(|| panic!("there is no nginx: `make proxy` unpacks it, or put it on PATH"))
}
