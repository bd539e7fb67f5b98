//! Programs, and how they take passwords on their command line.

use std::cell::LazyCell;

use super::may_be_secret;
use super::properties::name_of;
use crate::rules::shell::Word;

/// How a program takes a password by a flag of one letter.
enum Flag {
    /// `-a changeme`
    Apart(&'static str),
    /// `-pchangeme`
    Attached(&'static str),
    /// `-u user:changeme`
    Login(&'static str),
}

/// Programs that take a password by such a flag.
const FLAGS: &[(&str, Flag)] = &[
    ("curl", Flag::Login("-u")),
    ("curl", Flag::Login("--user")),
    ("mariadb", Flag::Attached("-p")),
    ("mariadb-admin", Flag::Attached("-p")),
    ("mongo", Flag::Apart("-p")),
    ("mongosh", Flag::Apart("-p")),
    ("mysql", Flag::Attached("-p")),
    ("mysqladmin", Flag::Attached("-p")),
    ("mysqldump", Flag::Attached("-p")),
    ("redis-cli", Flag::Apart("-a")),
    ("sqlcmd", Flag::Apart("-P")),
    ("sshpass", Flag::Apart("-p")),
    ("valkey-cli", Flag::Apart("-a")),
];

/// What a command gives away: the name that says so, and the word.
pub(super) fn given<'a>(command: &[Word<'a>]) -> Vec<(&'a str, Word<'a>)> {
    let mut found = Vec::new();
    // The programs that the command runs, with their places, and their flags.
    let programs: Vec<(usize, &str)> = command
        .iter()
        .map(|word| word.file_name())
        .enumerate()
        .filter(|(_, name)| FLAGS.iter().any(|(program, _)| program == name))
        .collect();
    let flags: Vec<(usize, &Flag)> = FLAGS
        .iter()
        .filter_map(|(program, flag)| {
            let (at, _) = programs.iter().find(|(_, name)| name == program)?;
            Some((*at, flag))
        })
        .collect();
    let sends_headers = LazyCell::new(|| sends_headers(command));
    for (index, word) in command.iter().enumerate() {
        let next = || {
            let next = command.get(index + 1)?;
            (!next.text.starts_with('-')).then_some(*next)
        };
        // `--password=x`, `PASSWORD=x`
        let mut assignment = word.assignment();
        // `--from-literal=password=x`, `--set=auth.password=x`
        while let Some((name, value)) = assignment
            && !may_be_secret(name)
            && let Some(inner) = value.assignment()
        {
            assignment = Some(inner);
        }
        if let Some((name, value)) = assignment {
            let name = name_of(name);
            let is_name = name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
            found.extend(is_name.then_some((name, value)));
        } else if let Some(name) = word.text.strip_prefix("--") {
            found.extend(next().map(|value| (name, value)));
        }
        // `-H 'X-Api-Key: x'`, `--header='Authorization: Bearer x'`
        let header = match word.text {
            "--header" => next(),
            "-H" => next().filter(|_| *sends_headers),
            _ => word
                .assignment()
                .and_then(|(name, value)| (name == "--header").then_some(value)),
        };
        found.extend(header.and_then(header_of));
        for (_, flag) in flags.iter().filter(|(program, _)| *program < index) {
            let value = match flag {
                Flag::Apart(flag) if word.text == *flag => next(),
                Flag::Attached(flag) => word
                    .text
                    .strip_prefix(flag)
                    .filter(|value| !value.is_empty())
                    .map(|_| word.behind(flag.len())),
                Flag::Login(flag) if word.text == *flag => next().and_then(|login| {
                    let (user, _) = login.text.split_once(':')?;
                    // Of `${USER:-x}:y` only a shell knows where it ends.
                    (!user.contains('{')).then(|| login.behind(user.len() + 1))
                }),
                _ => None,
            };
            found.extend(value.map(|value| ("password", value)));
        }
    }
    found.extend(behind_verbs(command).map(|word| ("password", word)));
    found
}

/// Whether a command sends what `-H` tells: to others it says something else.
fn sends_headers(command: &[Word<'_>]) -> bool {
    let is_one = |word: &Word<'_>| matches!(word.file_name(), "ab" | "curl" | "grpcurl" | "hey");
    command.iter().any(is_one)
}

/// The name and the value of a header.
fn header_of(word: Word<'_>) -> Option<(&str, Word<'_>)> {
    let (name, value) = word.text.split_once(':')?;
    let is_name = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let behind = |rest: &str| word.behind(word.text.len() - rest.trim_ascii_start().len());
    let value = value.trim_ascii_start();
    match value.split_once(' ') {
        // What a client logs in by is a token, whatever the header is called.
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
            is_name.then(|| ("token", behind(token)))
        }
        _ => is_name.then(|| (name, behind(value))),
    }
}

/// A password that stands behind words of a command.
struct Operand {
    program: &'static str,
    verbs: &'static [&'static str],
    /// How many words stand between.
    between: usize,
}

/// Programs that take one so.
const OPERANDS: &[Operand] = &[
    // `mc alias set NAME URL USER PASSWORD`
    operand("mc", &["alias", "set"], 3),
    operand("mc", &["config", "host", "add"], 3),
    operand("mcli", &["alias", "set"], 3),
    operand("mariadb-admin", &["password"], 0),
    operand("mysqladmin", &["password"], 0),
];

const fn operand(program: &'static str, verbs: &'static [&'static str], between: usize) -> Operand {
    Operand {
        program,
        verbs,
        between,
    }
}

/// The password that a program takes as what is no flag.
fn behind_verbs<'a>(command: &[Word<'a>]) -> Option<Word<'a>> {
    OPERANDS.iter().find_map(|operand| {
        let mut rest = command.iter();
        rest.find(|word| word.file_name() == operand.program)?;
        let rest = rest.as_slice();
        let verbs = rest.windows(operand.verbs.len()).position(|words| {
            let texts = words.iter().map(|word| word.text);
            texts.eq(operand.verbs.iter().copied())
        })?;
        let rest = rest.get(verbs + operand.verbs.len()..)?;
        let words = rest.get(..=operand.between)?;
        // What a flag is given would be taken for one of the words.
        let is_sure = !words.iter().any(|word| word.text.starts_with('-'));
        words.last().filter(|_| is_sure).copied()
    })
}

/// The password that a command reads from the one before it: `echo x | app --password-stdin`.
pub(super) fn piped<'a>(before: &[Word<'a>], command: &[Word<'a>]) -> Option<Word<'a>> {
    let first = command.first()?;
    if !command.iter().any(|word| word.text == "--password-stdin") {
        return None;
    }
    let word = match before {
        [program, word] if matches!(program.text, "echo" | "printf") => word,
        [program, flag, word] if program.text == "echo" && flag.text == "-n" => word,
        [program, format, word] if program.text == "printf" && format.text.contains("%s") => word,
        _ => return None,
    };
    let between = word.at + word.text.len()..first.at;
    let between = word.node.text()?.get(between)?;
    let stands_around = |c: char| c.is_ascii_whitespace() || matches!(c, '"' | '\'' | '\\');
    (between.trim_matches(stands_around) == "|").then_some(*word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::shell::commands;
    use crate::source::FileId;
    use crate::yaml::read;

    #[track_caller]
    fn case(script: &str, want: &[&str]) {
        let list = serde_json::to_string(&["sh", "-c", script]).unwrap();
        let (documents, _) = read(FileId::DETACHED, &list);
        let commands = commands(documents[0].root().unwrap().items());
        let behind = commands.iter().filter_map(|command| behind_verbs(command));
        let pairs = commands.windows(2);
        let piped = pairs.filter_map(|pair| piped(&pair[0], &pair[1]));
        let found: Vec<&str> = behind.chain(piped).map(|word| word.text).collect();
        assert_eq!(found, want, "{script:?}");
    }

    #[test]
    fn passwords_stand_behind_verbs() {
        case("mc alias set a http://b c d", &["d"]);
        case("/bin/mc -q config host add a b c 'd e' --api f", &["d e"]);
        case("mysqladmin -u root password a; mysqladmin status", &["a"]);
        case("mc alias set --api S3v4 a b c d", &[]);
        case("mc alias set a b c", &[]);
        case("mc alias remove a b c d; mysqladmin password -h a", &[]);
    }

    #[test]
    fn passwords_are_piped() {
        case("echo \"a\" | docker login -u b --password-stdin", &["a"]);
        case("printf '%s' a | \\\n helm login --password-stdin", &["a"]);
        case("echo -n a|x --password-stdin", &["a"]);
        case("echo a; docker login --password-stdin", &[]);
        case("echo a b | docker login --password-stdin", &[]);
        case("cat a | docker login --password-stdin", &[]);
        case("echo a | docker login --password b", &[]);
        case("docker login --password-stdin", &[]);
    }
}
