//! Properties of Java that a text gives on a command line: `-Dldap.password=changeme`.

use std::ops::Range;

use super::texts::{MAX_TEXT, Setting, is_code, is_comment};

/// How long the values are that are looked at: what one is followed by may be the next flag.
const MAX_VALUE: usize = 256;

/// The name of a property in an argument.
pub(super) fn name_of(flag: &str) -> &str {
    let name = flag.strip_prefix("-D").unwrap_or(flag);
    name.trim_start_matches('-')
}

/// The properties that the lines of a file give, comments left out.
pub(super) fn properties(file: &str, text: &str) -> Vec<Setting> {
    let mut found = Vec::new();
    if text.len() > MAX_TEXT || is_code(file) || !text.contains("-D") {
        return found;
    }
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let flags = memchr::memmem::find_iter(line.as_bytes(), "-D");
        let mut flags = flags.peekable();
        if flags.peek().is_none() || is_comment(file, line) {
            continue;
        }
        let comment = line.find(" #").unwrap_or(line.len());
        for flag in flags.take_while(|flag| *flag < comment) {
            found.extend(property(line, flag).map(|(name, value)| Setting {
                name: name.to_owned(),
                value: line.get(value.clone()).unwrap_or_default().to_owned(),
                at: start + value.start..start + value.end,
            }));
        }
    }
    found
}

/// The name and the place of the value of the property whose flag stands at `flag`.
fn property(line: &str, flag: usize) -> Option<(&str, Range<usize>)> {
    let ends = |c: char| c.is_ascii_whitespace() || matches!(c, '"' | '\'' | '`' | '\\');
    let before = line.get(..flag)?.chars().next_back();
    before
        .is_none_or(|c| ends(c) || matches!(c, '=' | '(' | '[' | ','))
        .then_some(())?;
    let rest = line.get(flag + 2..)?;
    let in_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    let end = rest.bytes().position(|byte| !in_name(byte))?;
    let (name, rest) = rest.split_at_checked(end)?;
    let value = rest.strip_prefix('=')?;
    let start = flag + 2 + name.len() + 1;
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let (start, value) = match quote {
        Some(quote) => (start + 1, value.get(1..)?.split_once(quote)?.0),
        None => {
            let end = value.char_indices().take(MAX_VALUE).find(|(_, c)| ends(*c));
            let is_whole = end.is_some() || value.len() < MAX_VALUE;
            let end = end.map_or(value.len(), |(at, _)| at);
            let value = value.get(..end).filter(|_| is_whole)?;
            (start, value.trim_end_matches([';', ',', ')', ']']))
        }
    };
    (!value.is_empty()).then(|| (name, start..start + value.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(file: &str, text: &str, want: &[(&str, &str)]) {
        let found = properties(file, text);
        let got: Vec<(&str, &str)> = found
            .iter()
            .map(|s| (s.name.as_str(), s.value.as_str()))
            .collect();
        assert_eq!(got, want, "{text:?}");
        for setting in &found {
            assert_eq!(text[setting.at.clone()], setting.value, "{text:?}");
        }
    }

    #[test]
    fn properties_stand_behind_their_flag() {
        case("", "-server\n-Da.b=c\n", &[("a.b", "c")]);
        case(
            "run.sh",
            "java -Da=b \"-Dc=d\" -De='f g' \\\n  -Dh=\"i\"; x",
            &[("a", "b"), ("c", "d"), ("e", "f g"), ("h", "i")],
        );
        case("", "OPTS=-Da=ö [-Db=c,d]", &[("a", "ö"), ("b", "c,d")]);
        case("", "{\"x\": \"\\\"-Da=b\\\"\"}", &[("a", "b")]);
        for text in [
            "# -Da=b",
            "x # -Da=b",
            "x-Da=b",
            "-Da",
            "-Da b=c",
            "-Da=",
            "-Da=\"",
            "-D",
        ] {
            case("", text, &[]);
        }
        case("readme.md", "-Da=b", &[]);
    }
}
