//! Character classes, groups and escapes of Go's regular expressions, written for the `regex` crate.

use super::syntax::{SyntaxError, error, next_rune, until};
use crate::golang::strings::index;
use std::fmt::Write as _;

type Result<T> = std::result::Result<T, SyntaxError>;

/// A class as the text of a bracket's inside, without case folding applied: the `regex` crate folds a
/// class before it negates it, as Go does.
#[derive(Default)]
pub(super) struct Class {
    items: String,
    negated: bool,
}

impl Class {
    /// The class as an expression.
    pub(super) fn text(&self, fold: bool) -> String {
        let items = match (self.items.is_empty(), self.negated) {
            // An empty bracket is no class in either language: write "anything but everything".
            (true, _) => r"[^\x{0}-\x{10FFFF}]".to_owned(),
            (false, true) => format!("[^{}]", self.items),
            (false, false) => format!("[{}]", self.items),
        };
        if fold { format!("(?i:{items})") } else { items }
    }

    /// Adds a range. Surrogates are code points to Go's parser, but no text holds one.
    fn push_range(&mut self, low: u32, high: u32) {
        let low = if (0xD800..0xE000).contains(&low) {
            0xE000
        } else {
            low
        };
        let high = if (0xD800..0xE000).contains(&high) {
            0xD7FF
        } else {
            high
        };
        if low <= high {
            // Writing to a String cannot fail.
            let _ = write!(self.items, r"\x{{{low:X}}}-\x{{{high:X}}}");
        } else if self.items.is_empty() {
            // A class of surrogates alone: keep a bracket that can be negated.
            self.items.push_str(r"[^\x{0}-\x{10FFFF}]");
        }
    }

    fn push_ranges(&mut self, negated: bool, ranges: &[(u32, u32)]) {
        self.items.push_str(if negated { "[^" } else { "[" });
        for &(low, high) in ranges {
            self.push_range(low, high);
        }
        self.items.push(']');
    }
}

/// Writes one literal character.
pub(super) fn push_literal(out: &mut String, rune: u32, fold: bool) {
    let Some(c) = char::from_u32(rune) else {
        out.push_str(r"[^\x{0}-\x{10FFFF}]");
        return;
    };
    match c {
        'a'..='z' | 'A'..='Z' if fold => {
            let _ = write!(out, "(?i:{c})");
        }
        'a'..='z' | 'A'..='Z' | '0'..='9' | ' ' | '/' | '_' => out.push(c),
        _ if fold && !c.is_ascii() => {
            let _ = write!(out, r"(?i:\x{{{rune:X}}})");
        }
        _ => {
            let _ = write!(out, r"\x{{{rune:X}}}");
        }
    }
}

/// `[…]` at the start of `text`.
pub(super) fn bracket(text: &[u8]) -> Result<(Class, &[u8])> {
    let mut class = Class::default();
    let mut rest = text.get(1..).unwrap_or_default();
    if let [b'^', tail @ ..] = rest {
        class.negated = true;
        rest = tail;
    }
    let mut first = true;
    while first || !rest.starts_with(b"]") {
        first = false;
        if rest.starts_with(b"[:")
            && let Some(after) = named_group(rest, &mut class)?
        {
            rest = after;
            continue;
        }
        if let Some(after) = unicode_group(rest, &mut class)? {
            rest = after;
            continue;
        }
        if let Some(after) = perl_group(rest, &mut class) {
            rest = after;
            continue;
        }
        let start = rest;
        let (low, after) = class_char(rest, text)?;
        rest = after;
        let mut high = low;
        if let [b'-', b, ..] = *rest
            && b != b']'
        {
            (high, rest) = class_char(rest.get(1..).unwrap_or_default(), text)?;
            if high < low {
                return error("invalid character class range", until(start, rest));
            }
        }
        class.push_range(low, high);
    }
    Ok((class, rest.get(1..).unwrap_or_default()))
}

fn class_char<'a>(text: &'a [u8], whole: &[u8]) -> Result<(u32, &'a [u8])> {
    match text.first() {
        None => error("missing closing ]", whole),
        Some(b'\\') => escape(text),
        Some(_) => next_rune(text),
    }
}

const DIGIT: &[(u32, u32)] = &[(0x30, 0x39)];
const PERL_SPACE: &[(u32, u32)] = &[(0x09, 0x0A), (0x0C, 0x0D), (0x20, 0x20)];
const WORD: &[(u32, u32)] = &[(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)];

/// `\d \D \s \S \w \W`, which are ASCII only in Go.
pub(super) fn perl_group<'a>(text: &'a [u8], class: &mut Class) -> Option<&'a [u8]> {
    let (name, ranges) = match text {
        [b'\\', c @ (b'd' | b'D'), ..] => (c, DIGIT),
        [b'\\', c @ (b's' | b'S'), ..] => (c, PERL_SPACE),
        [b'\\', c @ (b'w' | b'W'), ..] => (c, WORD),
        _ => return None,
    };
    class.push_ranges(name.is_ascii_uppercase(), ranges);
    text.get(2..)
}

/// `[:alpha:]` and its like; `None` where the text has no `:]`.
fn named_group<'a>(text: &'a [u8], class: &mut Class) -> Result<Option<&'a [u8]>> {
    let Some(end) = index(text.get(2..).unwrap_or_default(), b":]") else {
        return Ok(None);
    };
    let name = text.get(2..2 + end).unwrap_or_default();
    let (negated, bare) = match name {
        [b'^', bare @ ..] => (true, bare),
        _ => (false, name),
    };
    let ranges: &[(u32, u32)] = match bare {
        b"alnum" => &[(0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A)],
        b"alpha" => &[(0x41, 0x5A), (0x61, 0x7A)],
        b"ascii" => &[(0x00, 0x7F)],
        b"blank" => &[(0x09, 0x09), (0x20, 0x20)],
        b"cntrl" => &[(0x00, 0x1F), (0x7F, 0x7F)],
        b"digit" => DIGIT,
        b"graph" => &[(0x21, 0x7E)],
        b"lower" => &[(0x61, 0x7A)],
        b"print" => &[(0x20, 0x7E)],
        b"punct" => &[(0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)],
        b"space" => &[(0x09, 0x0D), (0x20, 0x20)],
        b"upper" => &[(0x41, 0x5A)],
        b"word" => WORD,
        b"xdigit" => &[(0x30, 0x39), (0x41, 0x46), (0x61, 0x66)],
        _ => {
            return error(
                "invalid character class range",
                text.get(..end + 4).unwrap_or_default(),
            );
        }
    };
    class.push_ranges(negated, ranges);
    Ok(text.get(end + 4..))
}

/// General categories by Go's names and aliases (`unicode.Categories`, `unicode.CategoryAliases`), spelt
/// as `regexp/syntax` normalises a name, and the short name.
const CATEGORIES: &str = "C Cc Cf Cn Co Cs L Lc Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc \
    Sk Sm So Z Zl Zp Zs";
const ALIASES: &str = "Casedletter=LC Closepunctuation=Pe Cntrl=Cc Combiningmark=M Connectorpunctuation=Pc \
    Control=Cc Currencysymbol=Sc Dashpunctuation=Pd Decimalnumber=Nd Digit=Nd Enclosingmark=Me Finalpunctuation=Pf \
    Format=Cf Initialpunctuation=Pi Letter=L Letternumber=Nl Lineseparator=Zl Lowercaseletter=Ll Mark=M \
    Mathsymbol=Sm Modifierletter=Lm Modifiersymbol=Sk Nonspacingmark=Mn Number=N Openpunctuation=Ps Other=C \
    Otherletter=Lo Othernumber=No Otherpunctuation=Po Othersymbol=So Paragraphseparator=Zp Privateuse=Co Punct=P \
    Punctuation=P Separator=Z Spaceseparator=Zs Spacingmark=Mc Surrogate=Cs Symbol=S Titlecaseletter=Lt \
    Unassigned=Cn Uppercaseletter=Lu";
/// Scripts of Go's `unicode.Scripts`, normalised likewise.
const SCRIPTS: &str = "Adlam Ahom Anatolianhieroglyphs Arabic Armenian Avestan Balinese Bamum Bassavah Batak Bengali \
    Bhaiksuki Bopomofo Brahmi Braille Buginese Buhid Canadianaboriginal Carian Caucasianalbanian Chakma Cham \
    Cherokee Chorasmian Common Coptic Cuneiform Cypriot Cyprominoan Cyrillic Deseret Devanagari Divesakuru Dogra \
    Duployan Egyptianhieroglyphs Elbasan Elymaic Ethiopic Garay Georgian Glagolitic Gothic Grantha Greek Gujarati \
    Gunjalagondi Gurmukhi Gurungkhema Han Hangul Hanifirohingya Hanunoo Hatran Hebrew Hiragana Imperialaramaic \
    Inherited Inscriptionalpahlavi Inscriptionalparthian Javanese Kaithi Kannada Katakana Kawi Kayahli Kharoshthi \
    Khitansmallscript Khmer Khojki Khudawadi Kiratrai Lao Latin Lepcha Limbu Lineara Linearb Lisu Lycian Lydian \
    Mahajani Makasar Malayalam Mandaic Manichaean Marchen Masaramgondi Medefaidrin Meeteimayek Mendekikakui \
    Meroiticcursive Meroitichieroglyphs Miao Modi Mongolian Mro Multani Myanmar Nabataean Nagmundari Nandinagari \
    Newa Newtailue Nko Nushu Nyiakengpuachuehmong Ogham Olchiki Oldhungarian Olditalic Oldnortharabian Oldpermic \
    Oldpersian Oldsogdian Oldsoutharabian Oldturkic Olduyghur Olonal Oriya Osage Osmanya Pahawhhmong Palmyrene \
    Paucinhau Phagspa Phoenician Psalterpahlavi Rejang Runic Samaritan Saurashtra Sharada Shavian Siddham \
    Signwriting Sinhala Sogdian Sorasompeng Soyombo Sundanese Sunuwar Sylotinagri Syriac Tagalog Tagbanwa Taile \
    Taitham Taiviet Takri Tamil Tangsa Tangut Telugu Thaana Thai Tibetan Tifinagh Tirhuta Todhri Toto Tulutigalari \
    Ugaritic Vai Vithkuqi Wancho Warangciti Yezidi Yi Zanabazarsquare";

/// The item that stands for a Unicode class, without its negation, and whether it is itself a negation.
fn unicode_item(name: &str) -> Option<(bool, String)> {
    let mut canonical = String::new();
    for c in name.chars().filter(|c| !matches!(c, '_' | '-' | ' ')) {
        canonical.push(if canonical.is_empty() {
            c.to_ascii_uppercase()
        } else {
            c.to_ascii_lowercase()
        });
    }
    let listed = |list: &str| list.split(' ').any(|entry| entry == canonical);
    let ranges = |text: &str| Some((false, format!("[{text}]")));
    match canonical.as_str() {
        "Any" => return ranges(r"\x{0}-\x{10FFFF}"),
        "Ascii" => return ranges(r"\x{0}-\x{7F}"),
        "Assigned" => return Some((true, r"\p{gc=Cn}".to_owned())),
        // Scripts of Unicode 17 the `regex` crate has no tables for yet.
        "Beriaerfe" => return ranges(r"\x{16EA0}-\x{16EB8}\x{16EBB}-\x{16ED3}"),
        "Sidetic" => return ranges(r"\x{10940}-\x{10959}"),
        "Taiyo" => return ranges(r"\x{1E6C0}-\x{1E6DE}\x{1E6E0}-\x{1E6F5}\x{1E6FE}-\x{1E6FF}"),
        "Tolongsiki" => return ranges(r"\x{11DB0}-\x{11DDB}\x{11DE0}-\x{11DE9}"),
        _ => {}
    }
    let category = if listed(CATEGORIES) {
        Some(canonical.as_str())
    } else {
        ALIASES
            .split(' ')
            .filter_map(|entry| entry.split_once('='))
            .find(|e| e.0 == canonical)
            .map(|e| e.1)
    };
    match category {
        Some("Cs") => ranges(r"^\x{0}-\x{10FFFF}"),
        Some(short) => Some((false, format!(r"\p{{gc={short}}}"))),
        None if listed(SCRIPTS) => Some((false, format!(r"\p{{sc={canonical}}}"))),
        None => None,
    }
}

/// `\pL`, `\p{Greek}`, `\P{^Greek}`; `None` where the text is no such group.
pub(super) fn unicode_group<'a>(text: &'a [u8], class: &mut Class) -> Result<Option<&'a [u8]>> {
    let [b'\\', kind @ (b'p' | b'P'), tail @ ..] = text else {
        return Ok(None);
    };
    let (first, after) = next_rune(tail)?;
    let (name, after) = if first == u32::from(b'{') {
        let Some(end) = text.iter().position(|&b| b == b'}') else {
            let mut rest = text;
            while !rest.is_empty() {
                (_, rest) = next_rune(rest)?;
            }
            return error("invalid character class range", text);
        };
        let name = text.get(3..end).unwrap_or_default();
        let mut rest = name;
        while !rest.is_empty() {
            (_, rest) = next_rune(rest)?;
        }
        (name, text.get(end + 1..).unwrap_or_default())
    } else {
        (until(tail, after), after)
    };
    let mut negated = *kind == b'P';
    let bare = match name {
        [b'^', bare @ ..] => {
            negated = !negated;
            bare
        }
        _ => name,
    };
    let Some((flip, item)) = std::str::from_utf8(bare).ok().and_then(unicode_item) else {
        return error("invalid character class range", until(text, after));
    };
    if negated != flip {
        // A nested bracket is folded before it is negated.
        let _ = write!(class.items, "[^{item}]");
    } else {
        class.items.push_str(&item);
    }
    Ok(Some(after))
}

/// An escape that stands for one character.
pub(super) fn escape(text: &[u8]) -> Result<(u32, &[u8])> {
    let rest = text.get(1..).unwrap_or_default();
    if rest.is_empty() {
        return error("trailing backslash at end of expression", b"");
    }
    let (rune, mut rest) = next_rune(rest)?;
    let octal = |text: &[u8]| {
        text.first()
            .filter(|b| (b'0'..=b'7').contains(b))
            .map(|b| u32::from(b - b'0'))
    };
    let c = char::from_u32(rune).unwrap_or('\0');
    match c {
        '1'..='7' if octal(rest).is_none() => {}
        '0'..='7' => {
            let mut value = rune - u32::from('0');
            for _ in 0..2 {
                let Some(digit) = octal(rest) else { break };
                value = value * 8 + digit;
                rest = rest.get(1..).unwrap_or_default();
            }
            return Ok((value, rest));
        }
        'x' if !rest.is_empty() => {
            let (first, after) = next_rune(rest)?;
            rest = after;
            let hex = |rune: u32| char::from_u32(rune).and_then(|c| c.to_digit(16));
            if first == u32::from(b'{') {
                let (mut value, mut digits) = (0u32, 0);
                while !rest.is_empty() {
                    let rune;
                    (rune, rest) = next_rune(rest)?;
                    match hex(rune) {
                        _ if rune == u32::from(b'}') && digits > 0 => return Ok((value, rest)),
                        Some(digit) if value * 16 + digit <= 0x10_FFFF => {
                            value = value * 16 + digit
                        }
                        _ => break,
                    }
                    digits += 1;
                }
            } else {
                let (second, after) = next_rune(rest)?;
                rest = after;
                if let (Some(high), Some(low)) = (hex(first), hex(second)) {
                    return Ok((high * 16 + low, rest));
                }
            }
        }
        'a' => return Ok((0x07, rest)),
        'f' => return Ok((0x0C, rest)),
        'n' => return Ok((0x0A, rest)),
        'r' => return Ok((0x0D, rest)),
        't' => return Ok((0x09, rest)),
        'v' => return Ok((0x0B, rest)),
        _ if c.is_ascii() && rune < 0x80 && !c.is_ascii_alphanumeric() => return Ok((rune, rest)),
        _ => {}
    }
    error("invalid escape sequence", until(text, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every class name Go knows is one the `regex` crate understands as written here.
    #[test]
    fn every_name_compiles() {
        for name in CATEGORIES
            .split(' ')
            .chain(SCRIPTS.split(' '))
            .chain(["Any", "Assigned", "ASCII", "LC"])
        {
            let (_, item) = unicode_item(name).unwrap();
            assert!(
                regex::Regex::new(&format!("[{item}]")).is_ok(),
                "{name}: {item}"
            );
        }
    }
}
