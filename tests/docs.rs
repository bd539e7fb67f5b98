//! What the documents say of the rules is what the catalogue says. `UPDATE=1 cargo test` writes it.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::path::Path;

const BEGIN: &str = "<!-- rules -->";
const END: &str = "<!-- /rules -->";

#[test]
fn the_index_of_rules_is_that_of_the_catalogue() {
    case("rules/README.md", &aiplat::rules::index());
}

#[test]
fn the_readme_has_the_table_of_all_rules() {
    let readme = read("README.md");
    let (head, rest) = readme.split_once(BEGIN).unwrap();
    let (_, tail) = rest.split_once(END).unwrap();
    let index = aiplat::rules::index();
    let (_, table) = index.split_once("\n\n| rule |").unwrap();
    case(
        "README.md",
        &format!("{head}{BEGIN}\n| rule |{table}{END}{tail}"),
    );
}

#[test]
fn the_schema_of_the_configuration_is_that_of_its_reader() {
    case("schemas/aiplat.schema.json", &aiplat::config::schema());
}

/// Every place in the repository that the README links to is there.
#[test]
fn the_links_of_the_readme_lead_somewhere() {
    let readme = read("README.md");
    let links: Vec<&str> = readme
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .filter(|link| !link.contains("://") && !link.starts_with('#'))
        .collect();
    assert!(!links.is_empty());
    for link in links {
        let path = link.split('#').next().unwrap();
        assert!(
            root().join(path).exists(),
            "README.md links to {path}, which does not exist"
        );
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_default()
}

#[track_caller]
fn case(name: &str, expected: &str) {
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(root().join(name), expected).unwrap();
    }
    assert!(
        read(name) == expected,
        "{name} is not up to date: run `UPDATE=1 cargo test --test docs`"
    );
}
