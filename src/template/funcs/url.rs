//! URLs as `net/url` reads and writes them.

use super::super::error::Failure;
use super::super::value::{Entry, Value};
use super::Param::{Map, Str};
use super::Passing::Derived;
use super::{Call, Function};
use crate::golang::url::Url;

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("urlParse", &[Str], Derived, url_parse),
    Function::new("urlJoin", &[Map], Derived, url_join),
];

fn url_parse(call: &mut Call<'_>) -> Result<Value, Failure> {
    let prov = call.deps();
    let url = Url::parse(call.bytes(0)).map_err(|why| format!("unable to parse url: {why}"))?;
    let userinfo = url.userinfo();
    let hostname = url.hostname().to_vec();
    let parts: [(&str, Vec<u8>); 8] = [
        ("scheme", url.scheme),
        ("host", url.host),
        ("hostname", hostname),
        ("path", url.path),
        ("query", url.raw_query),
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
        raw_query: part("query")?,
        opaque: part("opaque")?,
        fragment: part("fragment")?,
        ..Url::default()
    };
    let userinfo = part("userinfo")?;
    if !userinfo.is_empty() {
        let text = [b"proto://", userinfo.as_slice(), b"@host"].concat();
        let parsed =
            Url::parse(&text).map_err(|why| format!("unable to parse userinfo in dict: {why}"))?;
        url.user = parsed.user;
    }
    Ok(Value::str(url.to_bytes()))
}
