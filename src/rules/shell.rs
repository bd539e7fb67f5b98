//! Commands as containers and probes give them: lists of arguments, and the shell scripts in them.
//!
//! A script is only taken apart into its commands and their words. What a word expands to is not
//! asked: whoever looks at one sees it as it is written.

use crate::yaml::NodeRef;

/// Scripts that are longer are data.
const MAX_SCRIPT: usize = 1 << 18;

/// How many scripts stand in one another: `sh -c "bash -c '…'"`.
const MAX_DEPTH: usize = 4;

/// A word of a command: a stretch of the text of one argument, without the quotes around it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word<'a> {
    /// The argument.
    pub(super) node: NodeRef<'a>,
    /// The word.
    pub(super) text: &'a str,
    /// Where it starts in the argument's text.
    pub(super) at: usize,
}

impl<'a> Word<'a> {
    /// A part of it, without the quotes around that part.
    fn part(self, start: usize, end: usize) -> Self {
        let text = self.text.get(start..end).unwrap_or_default();
        let at = self.at + start;
        let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''));
        let inner = quote.and_then(|quote| {
            let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
            (!inner.contains(quote)).then_some(inner)
        });
        match inner {
            Some(text) => Self {
                text,
                at: at + 1,
                ..self
            },
            None => Self { text, at, ..self },
        }
    }

    /// `name=value`, where there is one.
    pub(super) fn assignment(self) -> Option<(&'a str, Self)> {
        let equals = self.text.find('=')?;
        let name = self.text.get(..equals)?;
        Some((name, self.part(equals + 1, self.text.len())))
    }

    /// What is behind the first `len` bytes.
    pub(super) fn behind(self, len: usize) -> Self {
        self.part(len, self.text.len())
    }

    /// The last part of the path that it may be.
    pub(super) fn file_name(self) -> &'a str {
        self.text.rsplit('/').next().unwrap_or_default()
    }
}

/// The commands that a list of arguments runs: the list itself, or those of its script.
pub(super) fn commands<'a>(arguments: impl Iterator<Item = NodeRef<'a>>) -> Vec<Vec<Word<'a>>> {
    let words: Vec<Word<'a>> = arguments
        .filter_map(|node| {
            let text = node.text()?;
            Some(Word { node, text, at: 0 })
        })
        .collect();
    let mut found = Vec::new();
    add(words, 0, &mut found);
    found
}

/// The words of a text that a program splits up as a shell does: `JAVA_OPTS`.
pub(super) fn words(node: NodeRef<'_>) -> Vec<Word<'_>> {
    let text = node.text().filter(|text| text.len() <= MAX_SCRIPT);
    let whole = text.map(|text| Word { node, text, at: 0 });
    let commands = whole.into_iter().flat_map(split);
    commands.flatten().collect()
}

/// Whether a program runs scripts of the shell.
pub(super) fn is_shell(program: &str) -> bool {
    matches!(program, "sh" | "bash" | "ash" | "dash" | "ksh" | "zsh")
}

fn add<'a>(words: Vec<Word<'a>>, depth: usize, found: &mut Vec<Vec<Word<'a>>>) {
    match script(&words).filter(|_| depth < MAX_DEPTH) {
        Some(script) => {
            for command in split(script) {
                add(command, depth + 1, found);
            }
        }
        None if words.is_empty() => {}
        None => found.push(words),
    }
}

/// The script that a shell among the words is given: what stands behind `-c`.
fn script<'a>(words: &[Word<'a>]) -> Option<Word<'a>> {
    let shell = words.iter().position(|word| is_shell(word.file_name()))?;
    let mut rest = words.iter().skip(shell + 1);
    let mut is_told = false;
    let script = rest.find(|word| {
        let flags = word.text.strip_prefix(['-', '+']);
        is_told |= flags.is_some_and(|flags| !flags.starts_with('-') && flags.contains('c'));
        // `set -o pipefail` may be given as `-o pipefail`.
        flags.is_none() && word.text != "pipefail"
    })?;
    (is_told && script.text.len() <= MAX_SCRIPT).then_some(*script)
}

/// Takes a script apart.
fn split(script: Word<'_>) -> Vec<Vec<Word<'_>>> {
    let bytes = script.text.as_bytes();
    let mut found: Vec<Vec<Word<'_>>> = vec![Vec::new()];
    let mut start: Option<usize> = None;
    // What ends the text of a `<<` document, once the line is over.
    let mut document: Option<&str> = None;
    let mut at = 0;
    let byte = |at: usize| bytes.get(at).copied();
    while let Some(here) = byte(at) {
        let ends_word = here.is_ascii_whitespace()
            || matches!(here, b';' | b'|' | b'(' | b')')
            || (here == b'&' && !is_redirection(bytes, at));
        if ends_word {
            if let Some(start) = start.take()
                && let Some(command) = found.last_mut()
            {
                command.push(script.part(start, at));
            }
            if !matches!(here, b' ' | b'\t' | b'\r') {
                found.push(Vec::new());
            }
            at += 1;
            if here == b'\n'
                && let Some(end) = document.take()
            {
                at = behind_document(script.text, at, end);
            }
            continue;
        }
        match here {
            b'\\' if matches!(byte(at + 1), Some(b'\n')) => at += 2,
            b'\\' => {
                start = start.or(Some(at));
                at += 1 + char_len(byte(at + 1));
            }
            b'#' if start.is_none() => at = line_end(bytes, at),
            b'<' if byte(at + 1) == Some(b'<') => {
                let rest = script.text.get(at + 2..).unwrap_or_default();
                let name = rest.trim_start_matches(['-', ' ', '\t', '\'', '"', '\\']);
                let len = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                let name = name.get(..len.unwrap_or(name.len())).unwrap_or_default();
                if !name.is_empty() && byte(at + 2) != Some(b'<') {
                    document = Some(name);
                }
                start = start.or(Some(at));
                at += 2;
            }
            _ => {
                start = start.or(Some(at));
                at = match here {
                    b'\'' | b'`' => behind(bytes, at + 1, here),
                    b'"' => behind_quoted(bytes, at + 1),
                    b'$' if byte(at + 1) == Some(b'(') => behind_parenthesis(bytes, at + 2),
                    b'$' if byte(at + 1) == Some(b'{') => behind(bytes, at + 2, b'}'),
                    _ => at + char_len(Some(here)),
                };
            }
        }
    }
    if let Some(start) = start
        && let Some(command) = found.last_mut()
    {
        command.push(script.part(start, bytes.len()));
    }
    found.retain(|command| !command.is_empty());
    found
}

/// Whether a `&` belongs to `2>&1` or `&>`.
fn is_redirection(bytes: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| bytes.get(at));
    matches!(before, Some(b'>' | b'<')) || bytes.get(at + 1) == Some(&b'>')
}

/// How many bytes the character has that starts with this one.
fn char_len(first: Option<u8>) -> usize {
    match first {
        Some(0xC0..=0xDF) => 2,
        Some(0xE0..=0xEF) => 3,
        Some(0xF0..=0xFF) => 4,
        _ => 1,
    }
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let found = rest.iter().position(|byte| *byte == b'\n');
    found.map_or(bytes.len(), |found| at + found)
}

/// The place behind the next `end`, or the end of the text.
fn behind(bytes: &[u8], at: usize, end: u8) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let found = rest.iter().position(|byte| *byte == end);
    found.map_or(bytes.len(), |found| at + found + 1)
}

/// The place behind a double quote that no backslash stands before.
fn behind_quoted(bytes: &[u8], mut at: usize) -> usize {
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// The place behind the parenthesis that closes the one before `at`.
fn behind_parenthesis(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 1_usize;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'(' => depth += 1,
            b')' if depth == 1 => return at,
            b')' => depth -= 1,
            b'\'' => at = behind(bytes, at, b'\''),
            _ => {}
        }
    }
    bytes.len()
}

/// The place behind the line that is just `end`.
fn behind_document(text: &str, mut at: usize, end: &str) -> usize {
    for line in text.get(at..).unwrap_or_default().split_inclusive('\n') {
        at += line.len();
        if line.trim() == end {
            break;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::source::FileId;
    use crate::yaml::read;

    fn of(list: &str) -> Vec<Vec<String>> {
        let (documents, errors) = read(FileId::DETACHED, list);
        assert!(errors.is_empty(), "{list}");
        let root = documents[0].root().unwrap();
        commands(root.items())
            .iter()
            .map(|command| {
                let texts = command.iter().map(|word| {
                    let whole = word.node.text().unwrap();
                    assert_eq!(&whole[word.at..word.at + word.text.len()], word.text);
                    word.text.to_owned()
                });
                texts.collect()
            })
            .collect()
    }

    #[test]
    fn lists_are_one_command() {
        assert_eq!(of("[redis-cli, -a, 'x y']"), [["redis-cli", "-a", "x y"]]);
        assert_eq!(of("[sh, /x.sh, -c]"), [["sh", "/x.sh", "-c"]]);
        assert_eq!(of("[]"), [[""; 0]; 0]);
    }

    #[test]
    fn scripts_are_taken_apart() {
        assert_eq!(
            of("[/bin/sh, -ec, 'a b; c && d | e & f']"),
            [vec!["a", "b"], vec!["c"], vec!["d"], vec!["e"], vec!["f"]]
        );
        assert_eq!(
            of("[tini, --, bash, -lc, --, \"x 'a b' \\\"$(c 'd;)' e)\\\" # no\\ny\"]"),
            [vec!["x", "a b", "$(c 'd;)' e)"], vec!["y"]]
        );
        assert_eq!(
            of("[sh, -c, \"a \\\\\\n b >x 2>&1\\ncat <<E\\nnot a command\\nE\\nc\"]"),
            [vec!["a", "b", ">x", "2>&1"], vec!["cat", "<<E"], vec!["c"]]
        );
        assert_eq!(
            of("[sh, -c, 'bash -c \"x y; z\"; ä=\\ö']"),
            [vec!["x", "y"], vec!["z"], vec!["ä=\\ö"]]
        );
        assert_eq!(of("[sh, -c, 'a \"b']"), [["a", "\"b"]]);
        assert_eq!(of("[sh, -c, 'a \\']"), [["a", "\\"]]);
    }

    proptest! {
        /// `of` looks at each word's place.
        #[test]
        fn words_stand_where_they_say(script in r#"[a-c '"\\$(){};|&<#\n\t`=\-ä€🦀]{0,40}"#) {
            let quoted = serde_json::to_string(&script).unwrap();
            of(&format!("[sh, -c, {quoted}]"));
        }
    }
}
