//! The order of the modules in `src/lib.rs` is the order of the layers.

use std::fs;
use std::path::Path;

use crate::files;

#[test]
fn a_module_uses_itself_and_the_modules_above_it() {
    let lib = fs::read_to_string("src/lib.rs").unwrap();
    let layers: Vec<&str> = lib
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    assert!(layers.len() > 10, "{layers:?}");
    let mut wrong = Vec::new();
    for path in files::all(Path::new("src")) {
        let inside = path.strip_prefix("src").unwrap();
        let first = inside.iter().next().unwrap().to_str().unwrap();
        let Some(own) = layers.iter().position(|layer| *layer == first) else {
            continue;
        };
        let text = fs::read_to_string(&path).unwrap();
        for (index, line) in text.lines().enumerate() {
            if line.trim_start().starts_with("//") {
                continue;
            }
            for used in line.split("crate::").skip(1).flat_map(named) {
                let layer = layers.iter().position(|layer| *layer == used);
                if layer.is_none_or(|layer| layer > own) {
                    wrong.push(format!("{}:{} uses {used}", path.display(), index + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The modules that stand behind `crate::`: one, or the first of each path in braces.
fn named(rest: &str) -> Vec<&str> {
    let word = |text: &str| {
        text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(text.len())
    };
    match rest.strip_prefix('{') {
        Some(list) => list
            .split(',')
            .map(str::trim)
            .map(|item| &item[..word(item)])
            .filter(|item| !item.is_empty())
            .collect(),
        None => vec![&rest[..word(rest)]],
    }
}

#[test]
fn every_file_says_what_it_is() {
    for path in files::all(Path::new("src")) {
        if path.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            assert!(
                text.starts_with("//!"),
                "{} has no `//!` at its top",
                path.display()
            );
        }
    }
}
