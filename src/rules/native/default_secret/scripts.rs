//! What scripts tell of their variables: which hold the names of Secrets.

use std::collections::BTreeSet;

use crate::yaml::NodeRef;

/// Texts that are larger are data, not scripts.
const MAX_TEXT: usize = 1 << 20;

/// Arguments as one text: a command and what it is given may be one each.
pub(super) fn joined<'a>(arguments: impl Iterator<Item = NodeRef<'a>>) -> String {
    let texts: Vec<&str> = arguments.filter_map(NodeRef::text).collect();
    texts.join(" ")
}

/// The variables that a script names Secrets by: `kubectl get secret "$name"`, `secret/${name}`.
pub(super) fn names_of_secrets(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if text.len() > MAX_TEXT || !text.contains('$') || !text.contains("secret") {
        return found;
    }
    // Whether a word before says what is done with Secrets: prose has no such.
    let mut does = false;
    let mut is_continued = false;
    let mut state = State::Elsewhere;
    for line in text.lines() {
        if !is_continued {
            does = false;
            state = State::Elsewhere;
        }
        is_continued = line.ends_with('\\');
        for word in line.split_ascii_whitespace().filter(|word| *word != "\\") {
            let bare = word.trim_start_matches(['"', '\'', '`', '$', '(', '@', '!']);
            let path = ["secret/", "secrets/"]
                .iter()
                .find_map(|kind| bare.strip_prefix(kind));
            found.extend(path.and_then(variable).map(str::to_owned));
            state = match (state, bare) {
                (_, "secret" | "secrets") if does => State::Behind,
                (_, "secretName:") => State::Behind,
                (State::Elsewhere, _) => State::Elsewhere,
                (State::Flag, _) | (State::Behind, "generic" | "tls" | "docker-registry") => {
                    State::Behind
                }
                (State::Behind, "-n" | "--namespace" | "--context" | "-o" | "-l") => State::Flag,
                (State::Behind, flag) if flag.starts_with('-') => State::Behind,
                (State::Behind, _) => {
                    found.extend(variable(word).map(str::to_owned));
                    State::Elsewhere
                }
            };
            does |= DOING.contains(&bare);
        }
    }
    found
}

/// What is done with Secrets.
const DOING: &[&str] = &[
    "annotate", "apply", "create", "delete", "describe", "edit", "get", "label", "patch", "replace",
];

/// Where a word of a command stands.
#[derive(Clone, Copy)]
enum State {
    /// Not where the name of a Secret follows.
    Elsewhere,
    /// Behind `secret`, with nothing but flags between.
    Behind,
    /// Behind a flag that takes a value.
    Flag,
}

/// The variable that a word begins with: `"$name"`, `${name:-x}`, and `$(name)`, which Kubernetes
/// expands.
fn variable(word: &str) -> Option<&str> {
    let rest = word.trim_start_matches(['"', '\'']).strip_prefix('$')?;
    let (rest, is_call) = match rest.strip_prefix('(') {
        Some(rest) => (rest, true),
        None => (rest.strip_prefix('{').unwrap_or(rest), false),
    };
    let len = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let (name, behind) = rest.split_at_checked(len.unwrap_or(rest.len()))?;
    (!name.is_empty() && (!is_call || behind.starts_with(')'))).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn names(text: &str, want: &[&str]) {
        let found = names_of_secrets(text);
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        assert_eq!(found, want, "{text:?}");
    }

    #[test]
    fn scripts_name_secrets_by_variables() {
        names("kubectl get secret $a", &["a"]);
        names("x=$(kubectl -n y get secrets \"${a}\")", &["a"]);
        names(
            "kubectl create secret generic \\\n  \"$a\" --from-literal=x=$b",
            &["a"],
        );
        names("kubectl delete secret -n $b --now ${a:-x}", &["a"]);
        names("kubectl label secret/$a secrets/${b}", &["a", "b"]);
        names("  secretName: $(A)", &["A"]);
        names("kubectl create secret generic a --from-literal=x=$a", &[]);
        names("echo the secret $a", &[]);
        names("kubectl get secret\n$a", &[]);
        names("kubectl get secrets | grep $a", &[]);
        names("kubectl get secret $(cat a)", &[]);
        names("kubectl get configmap $a; secret", &[]);
        names("kubectl get secret $", &[]);
    }
}
