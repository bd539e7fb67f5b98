//! Build script: lists every file of the catalogue by the name of its rule, so that adding a rule
//! edits no list.

#![expect(
    clippy::print_stdout,
    reason = "cargo reads what a build script prints"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let mut files = Vec::new();
    collect(&root.join("rules"), &mut files);
    let name = |file: &PathBuf| {
        file.file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
    };
    files.sort_by_key(name);
    let mut out = String::from("&[\n");
    for file in files {
        let name = name(&file).expect("a file of the catalogue has a name");
        let path = file.display().to_string();
        writeln!(out, "    ({name:?}, include_str!({path:?})),").expect("a String");
    }
    out.push_str("]\n");
    let target = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it"));
    fs::write(target.join("catalogue.rs"), out).expect("cargo's directory can be written");
    println!("cargo:rerun-if-changed=rules");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).expect("the catalogue is part of the source");
    for entry in entries {
        let path = entry.expect("a folder of the source").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|end| end == "yaml") {
            files.push(path);
        }
    }
}
