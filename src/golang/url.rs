//! Go 1.27's `net/url` as sprig's `urlParse`, `urlJoin` and the template function `urlquery` use it.

use super::quote::quote;
use super::strings::{count, index, last_index};
use std::net::Ipv6Addr;

/// Which part of a URL a byte is encoded for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Path,
    Segment,
    Host,
    Zone,
    UserPassword,
    QueryComponent,
    Fragment,
}

/// Whether a byte may stand unescaped in that part (net/url's encoding table).
fn plain(b: u8, part: Part) -> bool {
    use Part::{Fragment, Host, Path, QueryComponent, Segment, Zone};
    match b {
        b'-' | b'_' | b'.' | b'~' => true,
        _ if b.is_ascii_alphanumeric() => true,
        b'$' | b'&' | b'+' | b'=' => part != QueryComponent,
        b',' | b';' => !matches!(part, QueryComponent | Segment),
        b'!' | b'(' | b')' | b'*' => matches!(part, Host | Zone | Fragment),
        b'"' | b'\'' | b'<' | b'>' | b'[' | b']' => matches!(part, Host | Zone),
        b'/' => matches!(part, Path | Fragment),
        b':' => matches!(part, Host | Zone | Path | Segment | Fragment),
        b'@' => matches!(part, Path | Segment | Fragment),
        b'?' => part == Fragment,
        _ => false,
    }
}

fn escape(bytes: &[u8], part: Part) -> Vec<u8> {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = Vec::with_capacity(bytes.len());
    for &b in bytes {
        if plain(b, part) {
            out.push(b);
        } else if b == b' ' && part == Part::QueryComponent {
            out.push(b'+');
        } else {
            out.push(b'%');
            out.extend(
                [b >> 4, b & 15]
                    .iter()
                    .filter_map(|&d| HEX.get(usize::from(d))),
            );
        }
    }
    out
}

/// `url.QueryEscape`, and with it the template function `urlquery`.
pub fn query_escape(bytes: &[u8]) -> String {
    // Everything beyond ASCII is escaped, so the result is ASCII.
    String::from_utf8_lossy(&escape(bytes, Part::QueryComponent)).into_owned()
}

/// `url.PathEscape`: for one segment of a path.
pub fn path_escape(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&escape(bytes, Part::Segment)).into_owned()
}

/// `url.PathUnescape`: the bytes of one segment of a path; nothing for an escape that is none.
pub fn path_unescape(segment: &[u8]) -> Option<Vec<u8>> {
    unescape(segment, Part::Segment).ok()
}

fn hex(b: Option<&u8>) -> Option<u8> {
    char::from(*b?)
        .to_digit(16)
        .and_then(|d| u8::try_from(d).ok())
}

fn escape_error(bytes: &[u8]) -> String {
    format!(
        "invalid URL escape {}",
        quote(bytes.get(..3).unwrap_or(bytes))
    )
}

fn unescape(bytes: &[u8], part: Part) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&b, tail)) = rest.split_first() {
        if b != b'%' {
            if matches!(part, Part::Host | Part::Zone) && b < 0x80 && !plain(b, part) {
                return Err(format!("invalid character {} in host name", quote(&[b])));
            }
            out.push(if b == b'+' && part == Part::QueryComponent {
                b' '
            } else {
                b
            });
            rest = tail;
            continue;
        }
        let (Some(high), Some(low)) = (hex(tail.first()), hex(tail.get(1))) else {
            return Err(escape_error(rest));
        };
        let value = high << 4 | low;
        let refused = match part {
            Part::Host => high < 8 && value != b'%',
            Part::Zone => value != b'%' && value != b' ' && !plain(value, Part::Host),
            _ => false,
        };
        if refused {
            return Err(escape_error(rest));
        }
        out.push(value);
        rest = tail.get(2..).unwrap_or_default();
    }
    Ok(out)
}

/// `*url.URL`, with the user information as sprig keeps it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Url {
    /// Lower case, without its colon.
    pub scheme: Vec<u8>,
    /// What follows the scheme where that is not a path.
    pub opaque: Vec<u8>,
    /// User name and, where set, password; both decoded.
    pub user: Option<(Vec<u8>, Option<Vec<u8>>)>,
    /// Host and port.
    pub host: Vec<u8>,
    /// The decoded path.
    pub path: Vec<u8>,
    /// The path as written, where escaping `path` would not give that.
    pub raw_path: Vec<u8>,
    /// The query without its question mark, as written.
    pub raw_query: Vec<u8>,
    /// Whether a bare `?` ended the URL.
    pub force_query: bool,
    /// Whether a path followed the scheme without a host.
    pub omit_host: bool,
    /// The decoded fragment.
    pub fragment: Vec<u8>,
    /// The fragment as written, where escaping `fragment` would not give that.
    pub raw_fragment: Vec<u8>,
}

fn cut<'a>(bytes: &'a [u8], sep: &[u8]) -> (&'a [u8], Option<&'a [u8]>) {
    match index(bytes, sep) {
        Some(at) => (
            bytes.get(..at).unwrap_or_default(),
            bytes.get(at + sep.len()..),
        ),
        None => (bytes, None),
    }
}

impl Url {
    /// `url.Parse`; the error is the full text, `parse "…": …`.
    pub fn parse(raw: &[u8]) -> Result<Url, String> {
        let (before, fragment) = cut(raw, b"#");
        let mut url = parse(before).map_err(|e| format!("parse {}: {e}", quote(before)))?;
        if let Some(fragment) = fragment.filter(|f| !f.is_empty()) {
            url.fragment = unescape(fragment, Part::Fragment)
                .map_err(|e| format!("parse {}: {e}", quote(raw)))?;
            if escape(&url.fragment, Part::Fragment) != fragment {
                url.raw_fragment = fragment.to_vec();
            }
        }
        Ok(url)
    }

    /// `URL.Hostname`: the host without its port and without the brackets of an IPv6 address.
    pub fn hostname(&self) -> &[u8] {
        let mut host = self.host.as_slice();
        if let Some(colon) = last_index(host, b":")
            && host.get(colon..).is_some_and(valid_optional_port)
        {
            host = host.get(..colon).unwrap_or_default();
        }
        match host {
            [b'[', inner @ .., b']'] => inner,
            _ => host,
        }
    }

    /// `Userinfo.String`, "" where there is none.
    pub fn userinfo(&self) -> Vec<u8> {
        let Some((name, password)) = &self.user else {
            return Vec::new();
        };
        let mut out = escape(name, Part::UserPassword);
        if let Some(password) = password {
            out.push(b':');
            out.extend(escape(password, Part::UserPassword));
        }
        out
    }

    /// `URL.String`.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = self.scheme.clone();
        if !out.is_empty() {
            out.push(b':');
        }
        if self.opaque.is_empty() {
            self.push_authority_and_path(&mut out);
        } else {
            out.extend(&self.opaque);
        }
        if self.force_query || !self.raw_query.is_empty() {
            out.push(b'?');
            out.extend(&self.raw_query);
        }
        if !self.fragment.is_empty() {
            out.push(b'#');
            out.extend(encoded(&self.fragment, &self.raw_fragment, Part::Fragment));
        }
        out
    }

    fn push_authority_and_path(&self, out: &mut Vec<u8>) {
        let omitted = self.omit_host && self.host.is_empty() && self.user.is_none();
        let any = !self.scheme.is_empty() || !self.host.is_empty() || self.user.is_some();
        if any && !omitted {
            if !self.host.is_empty() || !self.path.is_empty() || self.user.is_some() {
                out.extend(b"//");
            }
            if self.user.is_some() {
                out.extend(self.userinfo());
                out.push(b'@');
            }
            out.extend(escape(&self.host, Part::Host));
        }
        let path = if self.path == b"*" && self.raw_path.is_empty() {
            b"*".to_vec()
        } else {
            encoded(&self.path, &self.raw_path, Part::Path)
        };
        let mut path = path.as_slice();
        if omitted && path.starts_with(b"//") {
            out.extend(b"%2F");
            path = path.get(1..).unwrap_or_default();
        }
        if !path.is_empty() && !path.starts_with(b"/") && !self.host.is_empty() {
            out.push(b'/');
        }
        if out.is_empty() && cut(path, b"/").0.contains(&b':') {
            out.extend(b"./");
        }
        out.extend(path);
    }
}

/// The raw form where it is a valid encoding of `value`, else the default encoding.
fn encoded(value: &[u8], raw: &[u8], part: Part) -> Vec<u8> {
    let valid = |&b: &u8| plain(b, part) || b"!$&'()*+,;=:@[]%".contains(&b);
    if !raw.is_empty() && raw.iter().all(valid) && unescape(raw, part).is_ok_and(|v| v == value) {
        return raw.to_vec();
    }
    escape(value, part)
}

fn parse(raw: &[u8]) -> Result<Url, String> {
    let mut url = Url::default();
    if raw.iter().any(|&b| b < b' ' || b == 0x7F) {
        return Err("net/url: invalid control character in URL".to_owned());
    }
    if raw == b"*" {
        url.path = raw.to_vec();
        return Ok(url);
    }
    let (scheme, mut rest) = scheme(raw)?;
    url.scheme = scheme.to_ascii_lowercase();
    if rest.ends_with(b"?") && count(rest, b"?") == 1 {
        url.force_query = true;
        rest = rest.get(..rest.len() - 1).unwrap_or_default();
    } else {
        let (before, query) = cut(rest, b"?");
        url.raw_query = query.unwrap_or_default().to_vec();
        rest = before;
    }
    if !rest.starts_with(b"/") {
        if !url.scheme.is_empty() {
            url.opaque = rest.to_vec();
            return Ok(url);
        }
        if cut(rest, b"/").0.contains(&b':') {
            return Err("first path segment in URL cannot contain colon".to_owned());
        }
    }
    if (!url.scheme.is_empty() || !rest.starts_with(b"///")) && rest.starts_with(b"//") {
        let after = rest.get(2..).unwrap_or_default();
        let slash = index(after, b"/").unwrap_or(after.len());
        let (authority, path) = after.split_at_checked(slash).unwrap_or((after, b""));
        rest = path;
        (url.user, url.host) = parse_authority(&url.scheme, authority)?;
    } else if !url.scheme.is_empty() && rest.starts_with(b"/") {
        url.omit_host = true;
    }
    url.path = unescape(rest, Part::Path)?;
    if escape(&url.path, Part::Path) != rest {
        url.raw_path = rest.to_vec();
    }
    Ok(url)
}

fn scheme(raw: &[u8]) -> Result<(&[u8], &[u8]), String> {
    for (i, &b) in raw.iter().enumerate() {
        match b {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if i > 0 => {}
            b':' if i == 0 => return Err("missing protocol scheme".to_owned()),
            b':' => {
                return Ok((
                    raw.get(..i).unwrap_or_default(),
                    raw.get(i + 1..).unwrap_or_default(),
                ));
            }
            _ => break,
        }
    }
    Ok((b"", raw))
}

type User = Option<(Vec<u8>, Option<Vec<u8>>)>;

fn parse_authority(scheme: &[u8], authority: &[u8]) -> Result<(User, Vec<u8>), String> {
    let Some(at) = last_index(authority, b"@") else {
        return Ok((None, parse_host(scheme, authority)?));
    };
    let (info, host) = (
        authority.get(..at).unwrap_or_default(),
        authority.get(at + 1..).unwrap_or_default(),
    );
    let host = parse_host(scheme, host)?;
    let valid = |b: &u8| b.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(b);
    if !info.iter().all(valid) {
        return Err("net/url: invalid userinfo".to_owned());
    }
    let (name, password) = cut(info, b":");
    let name = unescape(name, Part::UserPassword)?;
    let password = password
        .map(|p| unescape(p, Part::UserPassword))
        .transpose()?;
    Ok((Some((name, password)), host))
}

fn parse_host(scheme: &[u8], host: &[u8]) -> Result<Vec<u8>, String> {
    let port_error = |port: &[u8]| format!("invalid port {} after host", quote(port));
    match last_index(host, b"[") {
        Some(0) => {
            let close = last_index(host, b"]").ok_or("missing ']' in host")?;
            let port = host.get(close + 1..).unwrap_or_default();
            if !valid_optional_port(port) {
                return Err(port_error(port));
            }
            let name = host.get(1..close).unwrap_or_default();
            let split = index(name, b"%25").unwrap_or(name.len());
            let (address, zone) = name.split_at_checked(split).unwrap_or((name, b""));
            let mut out = unescape(address, Part::Host)?;
            let zone = unescape(zone, Part::Zone)?;
            let text = String::from_utf8_lossy(&out).into_owned();
            if text.parse::<Ipv6Addr>().is_err() {
                if text.parse::<std::net::Ipv4Addr>().is_ok() {
                    return Err("invalid IP-literal".to_owned());
                }
                out.extend(&zone);
                return Err(format!(
                    "invalid host: ParseAddr({}): unable to parse IP",
                    quote(&out)
                ));
            }
            let port = unescape(port, Part::Host)?;
            Ok([b"[", out.as_slice(), &zone, b"]", &port].concat())
        }
        Some(_) => Err("invalid IP-literal".to_owned()),
        None => {
            if let Some(mut colon) = index(host, b":") {
                if scheme != b"http" && scheme != b"https" {
                    colon = last_index(host, b":").unwrap_or(colon);
                }
                let port = host.get(colon..).unwrap_or_default();
                if !valid_optional_port(port) {
                    return Err(port_error(port));
                }
            }
            unescape(host, Part::Host)
        }
    }
}

fn valid_optional_port(port: &[u8]) -> bool {
    match port.split_first() {
        None => true,
        Some((b':', digits)) => digits.iter().all(u8::is_ascii_digit),
        Some(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golang::quote::unquote;

    /// Lines printed by Go 1.27.2: input, then the error or the fields and `URL.String`, all quoted.
    #[test]
    fn agrees_with_go() {
        for line in include_str!("../../fixtures/go/url.txt").lines() {
            let cells: Vec<Vec<u8>> = line
                .split('\t')
                .map(|c| unquote(c.as_bytes()).unwrap())
                .collect();
            let got = match Url::parse(&cells[0]) {
                Err(e) => vec![e.into_bytes()],
                Ok(u) => vec![
                    u.scheme.clone(),
                    u.opaque.clone(),
                    u.userinfo(),
                    u.host.clone(),
                    u.hostname().to_vec(),
                    u.path.clone(),
                    u.raw_query.clone(),
                    u.fragment.clone(),
                    u.to_bytes(),
                ],
            };
            let text = |v: &[Vec<u8>]| v.iter().map(|b| quote(b)).collect::<Vec<_>>();
            assert_eq!(text(&got), text(&cells[1..]), "{line}");
        }
    }
}
