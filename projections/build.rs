//! Says that a new migration file is a reason to build again; the macro that embeds them cannot.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
