//! URLs as `net/url` reads and writes them.

use super::super::error::Failure;
use super::super::value::{Entry, Value};
use super::Param::{Map, Str};
use super::Passing::Derived;
use super::{Call, Function};
use crate::golang::quote::quote;

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("urlParse", &[Str], Derived, url_parse),
    Function::new("urlJoin", &[Map], Derived, url_join),
];

/// A URL in its parts, unescaped but for the query.
#[derive(Debug, Default)]
struct Url {
    scheme: Vec<u8>,
    opaque: Vec<u8>,
    user: Option<(Vec<u8>, Option<Vec<u8>>)>,
    host: Vec<u8>,
    path: Vec<u8>,
    raw_path: Vec<u8>,
    force_query: bool,
    query: Vec<u8>,
    fragment: Vec<u8>,
    raw_fragment: Vec<u8>,
}

/// Where a text stands in a URL, which decides what is escaped in it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Path,
    UserPassword,
    Host,
    Zone,
    Fragment,
}

fn url_parse(call: &mut Call<'_>) -> Result<Value, Failure> {
    let prov = call.deps();
    let url = Url::parse(call.bytes(0)).map_err(|why| {
        let text = quote(call.bytes(0));
        Failure::Message(format!("unable to parse url: parse {text}: {why}"))
    })?;
    let userinfo = url.user_text();
    let hostname = url.hostname().to_vec();
    let parts: [(&str, Vec<u8>); 8] = [
        ("scheme", url.scheme),
        ("host", url.host),
        ("hostname", hostname),
        ("path", url.path),
        ("query", url.query),
        ("opaque", url.opaque),
        ("fragment", url.fragment),
        ("userinfo", userinfo),
    ];
    Ok(Value::map(parts.into_iter().map(|(key, text)| {
        let value = Value::with(Value::str(text).data, prov);
        (key.as_bytes().into(), Entry { key: prov, value })
    })))
}

fn url_join(call: &mut Call<'_>) -> Result<Value, Failure> {
    let dict = call.arg(0);
    let part = |key: &str| -> Result<Vec<u8>, Failure> {
        let entry = dict.as_map().and_then(|map| map.get(key.as_bytes()));
        let Some(entry) = entry else {
            return Ok(Vec::new());
        };
        if entry.value.is_nil() {
            return Err(super::strval::NIL_POINTER.into());
        }
        match entry.value.as_bytes() {
            Some(bytes) => Ok(bytes.to_vec()),
            None => {
                let kind = entry.value.kind();
                let why =
                    format!("unable to parse {key} key, must be of type string, but {kind} found");
                Err(why.into())
            }
        }
    };
    let mut url = Url {
        scheme: part("scheme")?,
        host: part("host")?,
        path: part("path")?,
        query: part("query")?,
        opaque: part("opaque")?,
        fragment: part("fragment")?,
        ..Url::default()
    };
    let userinfo = part("userinfo")?;
    if !userinfo.is_empty() {
        let text = [b"proto://", userinfo.as_slice(), b"@host"].concat();
        let parsed = Url::parse(&text).map_err(|why| {
            let text = quote(&text);
            Failure::Message(format!(
                "unable to parse userinfo in dict: parse {text}: {why}"
            ))
        })?;
        url.user = parsed.user;
    }
    Ok(Value::str(url.text()))
}

fn cut(text: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let found = text.iter().position(|byte| *byte == at)?;
    Some((text.get(..found)?, text.get(found + 1..)?))
}

impl Url {
    fn parse(text: &[u8]) -> Result<Self, String> {
        let (text, fragment) = cut(text, b'#').unwrap_or((text, b""));
        let mut url = Self::without_fragment(text)?;
        url.fragment = unescape(fragment, Place::Fragment)?;
        if escape(&url.fragment, Place::Fragment) != fragment {
            url.raw_fragment = fragment.to_vec();
        }
        Ok(url)
    }

    fn without_fragment(text: &[u8]) -> Result<Self, String> {
        if text.iter().any(|byte| *byte < b' ' || *byte == 0x7f) {
            return Err("net/url: invalid control character in URL".to_owned());
        }
        let mut url = Self::default();
        if text == b"*" {
            url.path = b"*".to_vec();
            return Ok(url);
        }
        let (scheme, mut rest) = scheme(text)?;
        url.scheme = scheme.to_ascii_lowercase();
        let questions = rest.iter().filter(|byte| **byte == b'?').count();
        if let (1, Some(head)) = (questions, rest.strip_suffix(b"?")) {
            url.force_query = true;
            rest = head;
        } else if let Some((head, query)) = cut(rest, b'?') {
            rest = head;
            url.query = query.to_vec();
        }
        if !rest.starts_with(b"/") {
            if !url.scheme.is_empty() {
                url.opaque = rest.to_vec();
                return Ok(url);
            }
            let segment = cut(rest, b'/').map_or(rest, |(segment, _)| segment);
            if segment.contains(&b':') {
                return Err("first path segment in URL cannot contain colon".to_owned());
            }
        }
        let authority = rest.strip_prefix(b"//");
        if let Some(after) = authority
            && (!url.scheme.is_empty() || !rest.starts_with(b"///"))
        {
            let end = after
                .iter()
                .position(|byte| *byte == b'/')
                .unwrap_or(after.len());
            url.set_authority(after.get(..end).unwrap_or_default())?;
            rest = after.get(end..).unwrap_or_default();
        }
        url.path = unescape(rest, Place::Path)?;
        if escape(&url.path, Place::Path) != rest {
            url.raw_path = rest.to_vec();
        }
        Ok(url)
    }

    fn set_authority(&mut self, authority: &[u8]) -> Result<(), String> {
        let at = authority.iter().rposition(|byte| *byte == b'@');
        let host = at.map_or(authority, |at| authority.get(at + 1..).unwrap_or_default());
        self.host = parse_host(host, &self.scheme)?;
        let Some(userinfo) = at.and_then(|at| authority.get(..at)) else {
            return Ok(());
        };
        let valid =
            |byte: &u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(byte);
        if !userinfo.iter().all(valid) {
            return Err("net/url: invalid userinfo".to_owned());
        }
        let user = match cut(userinfo, b':') {
            None => (unescape(userinfo, Place::UserPassword)?, None),
            Some((name, password)) => (
                unescape(name, Place::UserPassword)?,
                Some(unescape(password, Place::UserPassword)?),
            ),
        };
        self.user = Some(user);
        Ok(())
    }

    fn user_text(&self) -> Vec<u8> {
        let Some((name, password)) = &self.user else {
            return Vec::new();
        };
        let mut text = escape(name, Place::UserPassword);
        if let Some(password) = password {
            text.push(b':');
            text.extend(escape(password, Place::UserPassword));
        }
        text
    }

    /// The host without its port and brackets.
    fn hostname(&self) -> &[u8] {
        let mut host = self.host.as_slice();
        if let Some(colon) = host.iter().rposition(|byte| *byte == b':') {
            let (head, port) = host.split_at(colon);
            if valid_optional_port(port) {
                host = head;
            }
        }
        host.strip_prefix(b"[")
            .and_then(|host| host.strip_suffix(b"]"))
            .unwrap_or(host)
    }

    fn escaped_path(&self) -> Vec<u8> {
        if !self.raw_path.is_empty() && valid_encoded(&self.raw_path, Place::Path) {
            let path = unescape(&self.raw_path, Place::Path);
            if path.as_ref() == Ok(&self.path) {
                return self.raw_path.clone();
            }
        }
        if self.path == b"*" {
            return b"*".to_vec();
        }
        escape(&self.path, Place::Path)
    }

    fn text(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if !self.scheme.is_empty() {
            out.extend_from_slice(&self.scheme);
            out.push(b':');
        }
        if self.opaque.is_empty() {
            if !self.scheme.is_empty() || !self.host.is_empty() || self.user.is_some() {
                if !self.host.is_empty() || !self.path.is_empty() || self.user.is_some() {
                    out.extend_from_slice(b"//");
                }
                if self.user.is_some() {
                    out.extend(self.user_text());
                    out.push(b'@');
                }
                out.extend(escape(&self.host, Place::Host));
            }
            let path = self.escaped_path();
            if !path.is_empty() && !path.starts_with(b"/") && !self.host.is_empty() {
                out.push(b'/');
            }
            if out.is_empty() {
                // A first segment with a colon would read as a scheme.
                let segment = cut(&path, b'/').map_or(path.as_slice(), |(segment, _)| segment);
                if segment.contains(&b':') {
                    out.extend_from_slice(b"./");
                }
            }
            out.extend_from_slice(&path);
        } else {
            out.extend_from_slice(&self.opaque);
        }
        if self.force_query || !self.query.is_empty() {
            out.push(b'?');
            out.extend_from_slice(&self.query);
        }
        if !self.fragment.is_empty() {
            out.push(b'#');
            let raw = &self.raw_fragment;
            if raw.is_empty() || !valid_encoded(raw, Place::Fragment) {
                out.extend(escape(&self.fragment, Place::Fragment));
            } else {
                out.extend_from_slice(raw);
            }
        }
        out
    }
}

/// The scheme before the first colon, and what is behind it.
fn scheme(text: &[u8]) -> Result<(&[u8], &[u8]), String> {
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if at > 0 => {}
            b':' if at == 0 => return Err("missing protocol scheme".to_owned()),
            b':' => {
                let rest = text.get(at + 1..).unwrap_or_default();
                return Ok((text.get(..at).unwrap_or_default(), rest));
            }
            _ => break,
        }
    }
    Ok((b"", text))
}

fn valid_optional_port(port: &[u8]) -> bool {
    match port {
        [] => true,
        [b':', digits @ ..] => digits.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

fn parse_host(host: &[u8], scheme: &[u8]) -> Result<Vec<u8>, String> {
    let port_error = |port: &[u8]| format!("invalid port {} after host", quote(port));
    let open = host.iter().rposition(|byte| *byte == b'[');
    match open {
        Some(0) => {
            let Some(close) = host.iter().rposition(|byte| *byte == b']') else {
                return Err("missing ']' in host".to_owned());
            };
            let (inside, port) = host.split_at(close + 1);
            if !valid_optional_port(port) {
                return Err(port_error(port));
            }
            let zone = inside.windows(3).position(|window| window == b"%25");
            if let Some(zone) = zone {
                let (address, zone) = inside.split_at(zone);
                let mut all = unescape(address, Place::Host)?;
                all.extend(unescape(zone, Place::Zone)?);
                all.extend(unescape(port, Place::Host)?);
                return Ok(all);
            }
        }
        Some(_) => return Err("invalid IP-literal".to_owned()),
        None => {
            let colon = host.iter().position(|byte| *byte == b':');
            let last = host.iter().rposition(|byte| *byte == b':');
            if let (Some(first), Some(last)) = (colon, last) {
                // Several colons pass but for http, as Go has it since 1.26.
                let strict = matches!(scheme, b"http" | b"https");
                let from = if strict { first } else { last };
                let port = host.get(from..).unwrap_or_default();
                if !valid_optional_port(port) {
                    return Err(port_error(port));
                }
            }
        }
    }
    unescape(host, Place::Host)
}

/// Whether a byte is written as `%XX` in this place.
fn is_escaped(byte: u8, place: Place) -> bool {
    if byte.is_ascii_alphanumeric() {
        return false;
    }
    if matches!(place, Place::Host | Place::Zone) && b"!$&'()*+,;=:[]<>\"".contains(&byte) {
        return false;
    }
    match byte {
        b'-' | b'_' | b'.' | b'~' => false,
        b'$' | b'&' | b'+' | b',' | b'/' | b':' | b';' | b'=' | b'?' | b'@' => match place {
            Place::Path => byte == b'?',
            Place::UserPassword => matches!(byte, b'@' | b'/' | b'?' | b':'),
            Place::Fragment => false,
            Place::Host | Place::Zone => true,
        },
        b'!' | b'(' | b')' | b'*' => place != Place::Fragment,
        _ => true,
    }
}

fn escape(text: &[u8], place: Place) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        if is_escaped(*byte, place) {
            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
        } else {
            out.push(*byte);
        }
    }
    out
}

/// Whether a text is a possible way to write itself escaped.
fn valid_encoded(text: &[u8], place: Place) -> bool {
    text.iter().all(|byte| match byte {
        b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=' | b':'
        | b'@' | b'[' | b']' | b'%' => true,
        byte => !is_escaped(*byte, place),
    })
}

fn unescape(text: &[u8], place: Place) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        if *byte == b'%' {
            let rest = text.get(at..).unwrap_or_default();
            let digits = rest.get(1..3).and_then(|pair| {
                let text = std::str::from_utf8(pair).ok()?;
                let hex = pair.iter().all(u8::is_ascii_hexdigit);
                hex.then(|| u8::from_str_radix(text, 16).ok()).flatten()
            });
            let shown = rest.get(..rest.len().min(3)).unwrap_or_default();
            let invalid = || format!("invalid URL escape {}", quote(shown));
            let Some(value) = digits else {
                return Err(invalid());
            };
            // A host may only escape bytes that are no ASCII; a zone a bit more.
            if place == Place::Host && value < 0x80 && shown != b"%25" {
                return Err(invalid());
            }
            if place == Place::Zone
                && shown != b"%25"
                && value != b' '
                && is_escaped(value, Place::Host)
            {
                return Err(invalid());
            }
            out.push(value);
            at += 3;
            continue;
        }
        if matches!(place, Place::Host | Place::Zone) && *byte < 0x80 && is_escaped(*byte, place) {
            let shown = quote(&[*byte]);
            return Err(format!("invalid character {shown} in host name"));
        }
        out.push(*byte);
        at += 1;
    }
    Ok(out)
}
