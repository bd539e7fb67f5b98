//! The case conversions of huandu/xstrings 1.5.0 behind sprig's `snakecase`, `kebabcase` and `camelcase`.

use super::unicode::{
    self, RUNE_ERROR, append_rune, decode_rune, is_letter, is_number, is_punct, is_space, is_upper,
    runes,
};

/// `xstrings.ToSnakeCase`.
pub fn to_snake_case(bytes: &[u8]) -> Vec<u8> {
    words_joined(bytes, b'_')
}

/// `xstrings.ToKebabCase`.
pub fn to_kebab_case(bytes: &[u8]) -> Vec<u8> {
    words_joined(bytes, b'-')
}

/// `xstrings.ToCamelCase`, with a small first letter. sprig's `camelcase` is [`to_pascal_case`].
pub fn to_camel_case(bytes: &[u8]) -> Vec<u8> {
    camel(bytes, false)
}

/// `xstrings.ToPascalCase`.
pub fn to_pascal_case(bytes: &[u8]) -> Vec<u8> {
    camel(bytes, true)
}

/// Blanks, hyphens and underscores join words.
fn is_connector(rune: u32) -> bool {
    rune == u32::from('-') || rune == u32::from('_') || is_space(rune)
}

fn camel(bytes: &[u8], big: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut input = runes(bytes).map(|(_, rune, _)| rune).peekable();
    let mut first_upper = false;
    let mut current = None;
    // Leading connectors are kept.
    for rune in input.by_ref() {
        if !is_connector(rune) {
            first_upper = is_upper(rune);
            current = Some(if big {
                unicode::to_upper(rune)
            } else {
                unicode::to_lower(rune)
            });
            break;
        }
        current = Some(rune);
        append_rune(&mut out, rune);
    }
    let Some(mut current) = current else {
        return out;
    };
    if input.peek().is_none() {
        // The library writes the last connector of an all-connector string twice.
        append_rune(&mut out, current);
        return out;
    }
    for rune in input {
        let previous = current;
        current = rune;
        if is_connector(current) && is_connector(previous) {
            append_rune(&mut out, previous);
            continue;
        }
        if is_connector(previous) {
            first_upper = is_upper(current);
            current = unicode::to_upper(current);
        } else {
            if first_upper {
                if is_upper(current) {
                    current = unicode::to_lower(current);
                } else {
                    first_upper = false;
                }
            }
            append_rune(&mut out, previous);
        }
    }
    if first_upper && !big {
        current = unicode::to_lower(current);
    }
    append_rune(&mut out, current);
    out
}

/// The kinds of words the splitter finds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Invalid,
    Number,
    Upper,
    Alphabet,
    Connector,
    Punct,
    Other,
}

/// Whether a connector goes between what came before and a word of this kind.
fn separated(kind: Kind) -> bool {
    !matches!(kind, Kind::Connector | Kind::Punct)
}

fn words_joined(bytes: &[u8], connector: u8) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 4);
    if bytes.is_empty() {
        return out;
    }
    let (mut kind, mut word, mut rest) = next_word(bytes);
    while !rest.is_empty() {
        if kind != Kind::Connector {
            push_lower(&mut out, kind, word, connector);
        }
        let (previous, last) = (kind, word);
        (kind, word, rest) = next_word(rest);
        match previous {
            Kind::Number => {
                while matches!(kind, Kind::Alphabet | Kind::Number) {
                    push_lower(&mut out, kind, word, connector);
                    (kind, word, rest) = next_word(rest);
                }
                if kind != Kind::Invalid && separated(kind) {
                    out.push(connector);
                }
            }
            Kind::Connector => push_lower(&mut out, previous, last, connector),
            Kind::Punct => {}
            _ if kind != Kind::Number => {
                if separated(kind) {
                    out.push(connector);
                }
            }
            _ if rest.is_empty() => {}
            _ => {
                let number = word;
                (kind, word, rest) = next_word(rest);
                // A number before capitals belongs to the word it follows, one before small letters
                // starts a new one: `Bld4Floor` is `bld4_floor`, `HTTP2xx` is `http_2xx`.
                if kind != Kind::Alphabet {
                    push_lower(&mut out, Kind::Number, number, connector);
                    if separated(kind) {
                        out.push(connector);
                    }
                    continue;
                }
                out.push(connector);
                push_lower(&mut out, Kind::Number, number, connector);
                while matches!(kind, Kind::Alphabet | Kind::Number) {
                    push_lower(&mut out, kind, word, connector);
                    (kind, word, rest) = next_word(rest);
                }
                if kind != Kind::Invalid && separated(kind) {
                    out.push(connector);
                }
            }
        }
    }
    push_lower(&mut out, kind, word, connector);
    out
}

fn push_lower(out: &mut Vec<u8>, kind: Kind, word: &[u8], connector: u8) {
    if kind != Kind::Upper && kind != Kind::Connector {
        out.extend_from_slice(word);
        return;
    }
    for (_, rune, _) in runes(word) {
        if is_connector(rune) {
            out.push(connector);
        } else if is_upper(rune) {
            append_rune(out, unicode::to_lower(rune));
        } else {
            append_rune(out, rune);
        }
    }
}

/// Letters other than the CJK ideographs the library lists.
fn is_alphabet(rune: u32) -> bool {
    is_letter(rune) && !matches!(rune, 0x4E00..=0x9FCC | 0x3400..=0x4D85 | 0x2_0000..=0x2_B81D)
}

/// The next valid rune and the bytes up to its end; `previous` again where only invalid bytes follow.
fn next_valid(bytes: &[u8], previous: u32) -> (u32, usize) {
    let mut size = 0;
    while let Some(rest) = bytes.get(size..).filter(|rest| !rest.is_empty()) {
        let (rune, width) = decode_rune(rest);
        size += width;
        if rune != RUNE_ERROR {
            return (rune, size);
        }
    }
    (previous, size)
}

/// Moves `at` over runes while `more` holds, and tells the last rune read and the size of the last one
/// taken.
fn advance(bytes: &[u8], at: &mut usize, rune: &mut u32, more: impl Fn(u32) -> bool) -> usize {
    let mut taken = 0;
    while *at < bytes.len() {
        let (next, size) = next_valid(bytes.get(*at..).unwrap_or_default(), *rune);
        *rune = next;
        if size == 0 || !more(next) {
            break;
        }
        taken = size;
        *at += size;
    }
    taken
}

/// Splits the first word off: its kind, its bytes and what follows.
fn next_word(bytes: &[u8]) -> (Kind, &[u8], &[u8]) {
    if bytes.is_empty() {
        return (Kind::Invalid, b"", b"");
    }
    let (mut rune, mut at) = next_valid(bytes, RUNE_ERROR);
    let small = |r: u32| is_alphabet(r) && !is_upper(r);
    let kind = match rune {
        RUNE_ERROR => Kind::Invalid,
        r if is_connector(r) => {
            advance(bytes, &mut at, &mut rune, is_connector);
            Kind::Connector
        }
        r if is_punct(r) => {
            advance(bytes, &mut at, &mut rune, is_punct);
            Kind::Punct
        }
        r if is_upper(r) => {
            let first = next_valid(bytes.get(at..).unwrap_or_default(), rune);
            if at < bytes.len() && is_upper(first.0) {
                let taken = advance(bytes, &mut at, &mut rune, is_upper);
                // In `HTTPStatus` the last capital starts the next word.
                if at < bytes.len() && is_alphabet(rune) {
                    at -= taken;
                }
            } else if at < bytes.len() && is_alphabet(first.0) {
                advance(bytes, &mut at, &mut rune, small);
            }
            Kind::Upper
        }
        r if is_alphabet(r) => {
            advance(bytes, &mut at, &mut rune, small);
            Kind::Alphabet
        }
        r if is_number(r) => {
            advance(bytes, &mut at, &mut rune, is_number);
            Kind::Number
        }
        _ => {
            advance(bytes, &mut at, &mut rune, |r| {
                !(is_connector(r) || is_alphabet(r) || is_number(r) || is_punct(r))
            });
            Kind::Other
        }
    };
    let (word, rest) = bytes.split_at_checked(at).unwrap_or((bytes, b""));
    (kind, word, rest)
}
