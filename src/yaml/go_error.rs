//! What is wrong with a text, in our words and in yaml.v2's.

use granit_parser::{ErrorKind, ScanError};

/// For people: what granit says, which names the cause.
pub(super) fn for_people(error: &ScanError) -> String {
    match error.kind() {
        ErrorKind::TabInIndentation
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabNotAllowed => "a tab cannot indent YAML; use spaces".to_owned(),
        ErrorKind::RecursionLimitExceeded => "this nests too deep".to_owned(),
        kind => kind.to_string(),
    }
}

/// Who finds an error in yaml.v2; the two count lines differently.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Finder {
    /// The scanner, which adds one to its line number, unless that is 0.
    Scanner,
    /// The parser, which shows the number of lines before the place.
    Parser,
}

/// yaml.v2's text. Its parser has fewer kinds of errors than granit; each is put under the one
/// that libyaml's rules give for it.
pub(super) fn yaml_v2(error: &ScanError, text: &str) -> String {
    use Finder::{Parser, Scanner};
    let at = error.marker().byte_offset().unwrap_or(0).min(text.len());
    let end_line = text.matches('\n').count() + 1;
    let line = error.marker().line();
    let scanner = |message| (Scanner, message, line);
    let parser = |message| (Parser, message, line);
    // At the end of the text it depends on whether an entry or a separator was due.
    let is_entry_due = || {
        let mut before = text.lines().rev().map(str::trim);
        let last = before.find(|line| !line.is_empty() && !line.starts_with('#'));
        last.is_some_and(|line| line.ends_with(['[', '{', ',', ':', '?']))
    };
    let unclosed = |message| {
        let content = "did not find expected node content";
        if text.get(at..).is_some_and(|rest| rest.starts_with(',')) {
            return (Parser, content, line);
        }
        (
            Parser,
            if is_entry_due() { content } else { message },
            end_line,
        )
    };
    let (finder, message, line) = match error.kind() {
        ErrorKind::MappingValueNotAllowed
        | ErrorKind::InvalidColonPlacement
        | ErrorKind::InvalidMappingValueWhitespace => {
            scanner("mapping values are not allowed in this context")
        }
        ErrorKind::MappingKeyNotAllowed => scanner("mapping keys are not allowed in this context"),
        // It gives up on a key where the next token begins.
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => (
            Scanner,
            "could not find expected ':'",
            next_line(text, at, line),
        ),
        ErrorKind::ZeroBlockScalarIndent => scanner("found an indentation indicator equal to 0"),
        ErrorKind::TabAtBlockScalarStart => {
            scanner("found a tab character where an indentation space is expected")
        }
        ErrorKind::DuplicateVersionDirective => parser("found duplicate %YAML directive"),
        ErrorKind::MissingYamlVersion => scanner("did not find expected version number"),
        ErrorKind::MismatchedFlowCollectionEnd { open: '{', .. } => {
            parser("did not find expected ',' or '}'")
        }
        ErrorKind::MismatchedFlowCollectionEnd { .. } => parser("did not find expected ',' or ']'"),
        ErrorKind::BlockSequenceEntryNotAllowed | ErrorKind::InvalidBlockEntryWhitespace => {
            scanner("block sequence entries are not allowed in this context")
        }
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabInPlainScalar
        | ErrorKind::UnexpectedCharacter { .. } => {
            scanner("found character that cannot start any token")
        }
        ErrorKind::UnclosedQuotedScalar => (Scanner, "found unexpected end of stream", end_line),
        ErrorKind::DocumentIndicatorInQuotedScalar => {
            let rest = text.get(at..).unwrap_or_default();
            let before = ["\n---", "\n..."]
                .iter()
                .filter_map(|mark| rest.find(mark))
                .min();
            let before = rest.get(..before.unwrap_or(0)).unwrap_or_default();
            let lines = before.matches('\n').count() + 1;
            (Scanner, "found unexpected document indicator", line + lines)
        }
        ErrorKind::ExpectedFlowMappingSeparator | ErrorKind::ExpectedFlowSequenceSeparator
            if text.get(at..).is_some_and(|rest| rest.starts_with(',')) =>
        {
            parser("did not find expected node content")
        }
        ErrorKind::ExpectedNodeContent
        | ErrorKind::BlockEntryInFlowCollection
        | ErrorKind::UnexpectedEofBlockMapping
        | ErrorKind::UnexpectedEofBlockSequence
        | ErrorKind::MisplacedFlowCollectionEnd => parser("did not find expected node content"),
        ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::InvalidIndentation
        | ErrorKind::InvalidTrailingSingleQuotedScalar
        | ErrorKind::InvalidTrailingDoubleQuotedScalar
        | ErrorKind::UnexpectedEndOfPlainScalar => parser("did not find expected key"),
        ErrorKind::ExpectedBlockSequenceEntry => parser("did not find expected '-' indicator"),
        ErrorKind::ExpectedFlowMappingSeparator => parser("did not find expected ',' or '}'"),
        ErrorKind::ExpectedFlowSequenceSeparator => parser("did not find expected ',' or ']'"),
        ErrorKind::UnexpectedEofFlowMapping | ErrorKind::UnclosedFlowCollection { open: '{' } => {
            unclosed("did not find expected ',' or '}'")
        }
        ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofImplicitFlowMapping
        | ErrorKind::UnclosedFlowCollection { .. } => unclosed("did not find expected ',' or ']'"),
        ErrorKind::UnknownQuotedScalarEscape => scanner("found unknown escape character"),
        ErrorKind::InvalidQuotedScalarHexEscape => {
            scanner("did not find expected hexdecimal number")
        }
        ErrorKind::MissingAnchorOrAliasName => {
            scanner("did not find expected alphabetic or numeric character")
        }
        ErrorKind::CommentNotSeparated | ErrorKind::InvalidBlockScalarHeader => {
            scanner("did not find expected comment or line break")
        }
        ErrorKind::UnsupportedYamlMajorVersion => parser("found incompatible YAML document"),
        ErrorKind::ExpectedDocumentStart => parser("did not find expected <document start>"),
        ErrorKind::RecursionLimitExceeded => scanner("exceeded max depth of 10000"),
        ErrorKind::UndeclaredTagHandle => parser("found undefined tag handle"),
        ErrorKind::UnknownAnchor => {
            let rest = text.get(at..).unwrap_or_default().trim_start_matches('*');
            let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
            let (name, behind) = rest.split_at(rest.find(|c| !is_name(c)).unwrap_or(rest.len()));
            let is_ended = behind.is_empty()
                || behind.starts_with([
                    ' ', '\t', '\r', '\n', '?', ':', ',', ']', '}', '%', '@', '`',
                ]);
            if !name.is_empty() && is_ended {
                return format!("yaml: unknown anchor '{name}' referenced");
            }
            scanner("did not find expected alphabetic or numeric character")
        }
        ErrorKind::MissingDocumentEndBeforeDirective
            if text
                .get(at..)
                .is_some_and(|rest| !rest.starts_with("%YAML") && !rest.starts_with("%TAG")) =>
        {
            scanner("found unexpected non-alphabetical character")
        }
        kind => return format!("yaml: {kind}"),
    };
    let line = match finder {
        Scanner if line > 1 => line,
        Parser => line.saturating_sub(1),
        Scanner => 0,
    };
    match line {
        0 => format!("yaml: {message}"),
        line => format!("yaml: line {line}: {message}"),
    }
}

/// The line, from 1, of the token behind the line of `at`, which is `line`.
fn next_line(text: &str, at: usize, line: usize) -> usize {
    let mut number = line;
    for rest in text
        .get(at..)
        .unwrap_or_default()
        .lines()
        .skip(1)
        .map(str::trim)
    {
        number += 1;
        if !rest.is_empty() && !rest.starts_with('#') {
            return number;
        }
    }
    text.matches('\n').count() + 1
}
