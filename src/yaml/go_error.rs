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

/// yaml.v2's text. Its parser has fewer kinds of errors than granit; each is put under the one
/// that libyaml's rules give for it.
pub(super) fn yaml_v2(error: &ScanError, text: &str) -> String {
    let message = match error.kind() {
        ErrorKind::MappingValueNotAllowed
        | ErrorKind::InvalidColonPlacement
        | ErrorKind::InvalidMappingValueWhitespace => {
            "mapping values are not allowed in this context"
        }
        ErrorKind::MappingKeyNotAllowed => "mapping keys are not allowed in this context",
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => "could not find expected ':'",
        ErrorKind::BlockSequenceEntryNotAllowed
        | ErrorKind::BlockEntryInFlowCollection
        | ErrorKind::InvalidBlockEntryWhitespace => {
            "block sequence entries are not allowed in this context"
        }
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabInPlainScalar
        | ErrorKind::UnexpectedCharacter { .. } => "found character that cannot start any token",
        ErrorKind::UnclosedQuotedScalar => "found unexpected end of stream",
        ErrorKind::DocumentIndicatorInQuotedScalar => "found unexpected document indicator",
        ErrorKind::ExpectedNodeContent | ErrorKind::MisplacedFlowCollectionEnd => {
            "did not find expected node content"
        }
        ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::InvalidIndentation
        | ErrorKind::UnexpectedEndOfPlainScalar => "did not find expected key",
        ErrorKind::ExpectedBlockSequenceEntry => "did not find expected '-' indicator",
        ErrorKind::ExpectedFlowMappingSeparator | ErrorKind::UnexpectedEofFlowMapping => {
            "did not find expected ',' or '}'"
        }
        ErrorKind::ExpectedFlowSequenceSeparator | ErrorKind::UnexpectedEofFlowSequence => {
            "did not find expected ',' or ']'"
        }
        ErrorKind::UnclosedFlowCollection { open: '{' } => "did not find expected ',' or '}'",
        ErrorKind::UnclosedFlowCollection { .. } => "did not find expected ',' or ']'",
        ErrorKind::UnknownQuotedScalarEscape => "found unknown escape character",
        ErrorKind::InvalidQuotedScalarHexEscape => "did not find expected hexdecimal number",
        ErrorKind::MissingAnchorOrAliasName => {
            "did not find expected alphabetic or numeric character"
        }
        ErrorKind::CommentNotSeparated | ErrorKind::InvalidBlockScalarHeader => {
            "did not find expected comment or line break"
        }
        ErrorKind::UnsupportedYamlMajorVersion => "found incompatible YAML document",
        ErrorKind::ExpectedDocumentStart => "did not find expected <document start>",
        ErrorKind::RecursionLimitExceeded => "exceeded max depth of 10000",
        ErrorKind::UndeclaredTagHandle => "found undefined tag handle",
        ErrorKind::UnknownAnchor => {
            let at = error.marker().byte_offset().unwrap_or(0);
            let name: String = text
                .get(at..)
                .unwrap_or_default()
                .trim_start_matches('*')
                .chars()
                .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
                .collect();
            return format!("yaml: unknown anchor '{name}' referenced");
        }
        kind => return format!("yaml: {kind}"),
    };
    // The scanner counts lines from 0 and adds one only for errors of its own; a first line
    // therefore has no number.
    match error.marker().line() {
        0 | 1 => format!("yaml: {message}"),
        line => format!("yaml: line {line}: {message}"),
    }
}
