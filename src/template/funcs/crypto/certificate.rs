//! Private keys and certificates: PEM in form, with a body that only looks like DER.

use std::any::Any;
use std::net::IpAddr;
use std::rc::Rc;

use crate::golang::unicode;
use crate::source::{Origins, Prov};

use super::super::super::error::Failure;
use super::super::super::value::{Data, Member, Object, Value};
use super::super::Call;
use super::super::strval::show;
use super::random::Stream;
use crate::golang::encoding::BASE64;

/// Go's name of the type.
pub(super) const TYPE: &str = "sprig.certificate";

/// sprig's `certificate`: two fields of PEM text.
#[derive(Debug)]
struct Certificate {
    cert: Value,
    key: Value,
}

impl Object for Certificate {
    fn type_name(&self) -> &str {
        TYPE
    }

    fn kind(&self) -> &'static str {
        "struct"
    }

    fn print(&self) -> Vec<u8> {
        let cert = self.cert.as_bytes().unwrap_or_default();
        let key = self.key.as_bytes().unwrap_or_default();
        [b"{", cert, b" ", key, b"}"].concat()
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "Cert" => Some(self.cert.clone()),
            "Key" => Some(self.key.clone()),
            _ => None,
        }
    }

    fn members(&self) -> Option<Vec<Member>> {
        Some(vec![
            Member::new("Cert", self.cert.clone()),
            Member::new("Key", self.key.clone()),
        ])
    }

    fn call(
        &self,
        _name: &str,
        _args: &[Value],
        _origins: &mut Origins,
    ) -> Option<Result<Value, String>> {
        None
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn certificate(cert: Value, key: Value, prov: Prov) -> Value {
    Value::with(Data::Object(Rc::new(Certificate { cert, key })), prov)
}

/// PEM: 64 letters of base64 a line.
fn pem(kind: &str, body: &[u8]) -> Vec<u8> {
    let mut out = format!("-----BEGIN {kind}-----\n").into_bytes();
    for line in BASE64.encode(body).chunks(64) {
        out.extend_from_slice(line);
        out.push(b'\n');
    }
    out.extend_from_slice(format!("-----END {kind}-----\n").as_bytes());
    out
}

/// So many bytes that start as a DER sequence of that length does.
fn body(stream: &mut Stream, len: u16) -> Vec<u8> {
    let mut bytes = vec![0; usize::from(len)];
    stream.fill(&mut bytes);
    let inside = len.saturating_sub(4).to_be_bytes();
    let header = match len {
        0..=129 => vec![0x30, u8::try_from(len.saturating_sub(2)).unwrap_or(0)],
        _ => vec![0x30, 0x82, inside[0], inside[1]],
    };
    for (byte, known) in bytes.iter_mut().zip(header) {
        *byte = known;
    }
    bytes
}

/// `genPrivateKey`. The sizes are those of the keys that sprig makes.
pub(super) fn private_key(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (kind, len) = match call.bytes(0) {
        b"" | b"rsa" => ("RSA PRIVATE KEY", 2349),
        b"dsa" => ("DSA PRIVATE KEY", 862),
        b"ecdsa" => ("EC PRIVATE KEY", 121),
        b"ed25519" => ("PRIVATE KEY", 48),
        other => {
            let text = [b"Unknown type ".as_slice(), other].concat();
            return Ok(Value::str(text));
        }
    };
    let body = body(&mut Stream::new(call), len);
    Ok(Value::str(pem(kind, &body)))
}

/// Every `gen…Cert`, with the key made up too or given as the argument at `key`.
pub(super) fn made(call: &mut Call<'_>, key: Option<usize>) -> Result<Value, Failure> {
    let prov = call.deps();
    if let Some(at) = key {
        let given = call.bytes(at);
        if pem_body(given).is_none() {
            return Err("parsing private key: no PEM data in input".into());
        }
    }
    if call.args.len() >= 4 {
        check_addresses(call)?;
        check_names(call)?;
    }
    let mut stream = Stream::new(call);
    let cert = pem("CERTIFICATE", &body(&mut stream, 820));
    let key = match key {
        Some(at) => call.bytes(at).to_vec(),
        None => pem("RSA PRIVATE KEY", &body(&mut stream, 1192)),
    };
    let cert = Value::with(Value::str(cert).data, prov);
    let key = Value::with(Value::str(key).data, prov);
    Ok(certificate(cert, key, prov))
}

fn check_addresses(call: &mut Call<'_>) -> Result<(), Failure> {
    let list = call.arg(1);
    for item in list.as_list().unwrap_or_default() {
        let Some(bytes) = item.as_bytes() else {
            let shown = String::from_utf8_lossy(&show(item, call.machine)?).into_owned();
            return Err(format!("error parsing ip: {shown} is not a string").into());
        };
        let text = String::from_utf8_lossy(bytes);
        if text.parse::<IpAddr>().is_err() {
            return Err(format!("error parsing ip: {text}").into());
        }
    }
    Ok(())
}

fn check_names(call: &mut Call<'_>) -> Result<(), Failure> {
    let list = call.arg(2);
    for item in list.as_list().unwrap_or_default() {
        if item.as_bytes().is_none() {
            let shown = String::from_utf8_lossy(&show(item, call.machine)?).into_owned();
            let why = format!("error processing alternate dns name: {shown} is not a string");
            return Err(why.into());
        }
    }
    Ok(())
}

/// `buildCustomCert`: the two texts decoded. Whether the certificate itself is sound is looked at
/// only as far as its framing goes.
pub(super) fn custom(call: &mut Call<'_>) -> Result<Value, Failure> {
    let cert = BASE64
        .decode(call.bytes(0))
        .map_err(|_| "unable to decode base64 certificate")?;
    let key = BASE64
        .decode(call.bytes(1))
        .map_err(|_| "unable to decode base64 private key")?;
    let Some((_, body)) = pem_body(&cert) else {
        return Err("unable to decode certificate".into());
    };
    if body.first() != Some(&0x30) {
        return Err("error parsing certificate: decodedCert.Bytes: \
                    x509: malformed certificate"
            .into());
    }
    let Some((kind, _)) = pem_body(&key) else {
        return Err("error parsing private key: no PEM data in input".into());
    };
    if kind != "PRIVATE KEY" {
        let Some(algorithm) = kind.strip_suffix(" PRIVATE KEY") else {
            let why = format!(
                "error parsing private key: no private key data in PEM block of type {kind}"
            );
            return Err(why.into());
        };
        if !matches!(algorithm, "RSA" | "EC" | "DSA") {
            let why = format!("error parsing private key: invalid private key type {algorithm}");
            return Err(why.into());
        }
    }
    let (by_cert, by_key) = (call.because(0), call.because(1));
    let cert = Value::with(Value::str(cert).data, by_cert);
    let key = Value::with(Value::str(key).data, by_key);
    let prov = call.machine.origins().union(by_cert, by_key);
    Ok(certificate(cert, key, prov))
}

/// The type and the bytes of the first PEM block.
fn pem_body(text: &[u8]) -> Option<(String, Vec<u8>)> {
    let text = String::from_utf8_lossy(text);
    let (_, rest) = text.split_once("-----BEGIN ")?;
    let (kind, rest) = rest.split_once("-----")?;
    let (inside, _) = rest.split_once(&format!("-----END {kind}-----"))?;
    let body = inside.rsplit("\n\n").next().unwrap_or_default();
    let letters: Vec<u8> = body
        .bytes()
        .filter(|byte| !unicode::is_space(u32::from(*byte)))
        .collect();
    Some((kind.to_owned(), BASE64.decode(&letters).ok()?))
}
