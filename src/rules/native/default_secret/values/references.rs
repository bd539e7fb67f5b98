//! How values say that they are given elsewhere: in the environment, a file, a store of secrets.

/// Marks of templates and of what a shell or a program expands, wherever they stand.
const MARKS: &[&str] = &["$(", "${", "{{", "}}", "$__", "%{", "#{", "{%", "<%", "%>"];

/// What references begin with, in small letters.
const STARTS: &[&str] = &[
    "$",
    "vault:",
    "ref+",
    "file:",
    "env:",
    "secret:",
    "secretref:",
    "op://",
    "arn:",
    "awssm:",
    "gcp:",
    "enc[",
    "!",
    // What a script fills in: `<<<PASSWORD>>>`.
    "<<",
    "`",
    "/",
    "./",
    "~/",
    // LiteLLM reads `os.environ/NAME` from the environment, as Python does `os.environ["NAME"]`.
    "os.environ/",
    "os.environ[",
    "os.environ.get(",
    "os.getenv(",
    "@env:",
    // A plugin of Argo CD reads `<path:secret/data/app#password>` from a store.
    "<path:",
    "k8s:",
    "keyvault:",
];

/// Whether a value refers to what is given elsewhere.
pub(super) fn refers(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    MARKS.iter().any(|mark| value.contains(mark))
        || STARTS.iter().any(|start| lower.starts_with(start))
        || (value.len() > 2 && value.starts_with('%') && value.ends_with('%'))
        || is_of_environment(value)
        || is_expanded_by_python(value)
        || (lower.starts_with("projects/") && lower.contains("/secrets/"))
}

/// `env.NAME`, `env/NAME` and `{env.NAME}`
fn is_of_environment(value: &str) -> bool {
    let inner = value
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
        .unwrap_or(value);
    let name = inner
        .strip_prefix("env.")
        .or_else(|| inner.strip_prefix("env/"));
    name.is_some_and(is_name)
}

/// `%(NAME)s`, as Python's formats and Supervisor have it, wherever it stands.
fn is_expanded_by_python(value: &str) -> bool {
    let starts = value.split("%(").skip(1);
    let mut names = starts.filter_map(|rest| rest.split_once(")s"));
    names.any(|(name, _)| is_name(name))
}

/// Whether a text may be the name of a variable.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
