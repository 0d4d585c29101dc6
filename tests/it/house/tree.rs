//! The files of the tree: what a person would commit, read as text.

use std::path::Path;

/// A text file.
#[derive(Debug, Clone)]
pub struct File {
    /// From the root of the tree, with `/`.
    pub path: String,
    /// What it says.
    pub text: String,
}

/// Built or fetched, never written by a person.
const NOT_OURS: &[&str] = &["target", ".git", ".local", "node_modules"];

/// Reads every text file of the tree.
pub fn read_tree() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if NOT_OURS.contains(&name.as_str()) || name == ".env" {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                let path = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
                files.push(File { path, text });
            }
        }
    }
    files
}
