//! Settings in configuration that is written in Python: constants of a module, and what is set on
//! an object called `c`, as Jupyter has it.

use std::collections::BTreeMap;
use std::ops::Range;

use super::patterns;
use super::texts::Setting;

/// Whether a file is such by its name: `settings.py`, `superset_config.py`.
pub(super) fn is_configuration(name: &str) -> bool {
    const WORDS: &[&str] = &["conf", "config", "configuration", "settings"];
    let name = name.to_ascii_lowercase();
    name.strip_suffix(".py").is_some_and(|name| {
        name.split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| WORDS.contains(&word))
    })
}

/// The literals that the names of such a file are given, where nothing else is given to them later.
pub(super) fn settings(text: &str) -> Vec<Setting> {
    let mut last: BTreeMap<&str, Option<Setting>> = BTreeMap::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let line = line.trim_end_matches(['\n', '\r']);
        let Some(name) = assigned(line) else { continue };
        let setting = literal(line, name).map(|value| Setting {
            name: name.to_owned(),
            value: line.get(value.clone()).unwrap_or_default().to_owned(),
            at: start + value.start..start + value.end,
        });
        last.insert(name, setting);
    }
    let mut found: Vec<Setting> = last.into_values().flatten().collect();
    found.sort_by_key(|setting| setting.at.start);
    found
}

/// The name that a line assigns to: `SECRET_KEY = …`, `c.Spawner.token = …`.
fn assigned(line: &str) -> Option<&str> {
    let in_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
    let end = line.bytes().position(|byte| !in_name(byte))?;
    let (name, rest) = line.split_at_checked(end)?;
    let is_constant = name
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_uppercase())
        && !name.contains('.')
        && name == name.to_ascii_uppercase();
    let rest = rest.trim_start().strip_prefix('=')?;
    ((is_constant || name.starts_with("c.")) && !rest.starts_with('=')).then_some(name)
}

/// The place of the literal that a name is given. One that repeats the name is that of a variable.
fn literal(line: &str, name: &str) -> Option<Range<usize>> {
    let (_, value) = patterns::setting(line)?;
    let is_quoted = line
        .get(..value.start)
        .is_some_and(|before| before.ends_with(['"', '\'']));
    let text = line.get(value.clone())?;
    (is_quoted && !text.is_empty() && text != name).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_their_name() {
        for name in ["settings.py", "superset_config.py", "Local.Conf.PY"] {
            assert!(is_configuration(name), "{name}");
        }
        for name in ["app.py", "reconfigure.py", "config.js", "config"] {
            assert!(!is_configuration(name), "{name}");
        }
    }

    #[test]
    fn constants_are_settings() {
        let text = "A = 'ö'\nB=\"b c\"  # d\r\nc.D.e = \"f\"\n\
            F = G\nH = 'i' + J\nK = f'l'\nM = 'M'\nN == 'o'\n p = 'q'\nr = 's'\n  T = 'u'\n\
            V = 'w'\nV = os.environ['X']\nY = ''\n# Z = 'a'\ncc.a = 'b'";
        let found = settings(text);
        let got: Vec<(&str, &str)> = found
            .iter()
            .map(|s| (s.name.as_str(), s.value.as_str()))
            .collect();
        assert_eq!(got, [("A", "ö"), ("B", "b c"), ("c.D.e", "f")]);
        for setting in &found {
            assert_eq!(text[setting.at.clone()], setting.value);
        }
    }
}
