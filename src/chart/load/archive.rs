//! A chart that is a `.tgz`. Nothing is unpacked to disk, and the limits are those of the whole
//! chart, however many archives it nests.

use std::cell::Cell;
use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use tar::{Archive, EntryType};

use crate::golang::path;
use crate::golang::quote::quote;

use crate::finding::Finding;

use super::{CHART_INVALID, Entry, LIMIT, Loader};

/// Why reading an archive stopped before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stopped {
    /// More bytes come out of it than may.
    Full,
    /// What is compressed is broken; with what Go says of it.
    Broken(&'static str),
}

/// Stops reading, and tells, when more bytes come out of the archive than may, or none do.
struct Capped<'c, R> {
    inner: R,
    left: u64,
    stopped: &'c Cell<Option<Stopped>>,
}

impl<R: Read> Read for Capped<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match self.inner.read(buffer) {
            Ok(read) => read,
            Err(error) => {
                self.stopped.set(Some(Stopped::Broken(inflating(&error))));
                return Err(error);
            }
        };
        match self.left.checked_sub(read as u64) {
            Some(left) => {
                self.left = left;
                Ok(read)
            }
            None => {
                self.stopped.set(Some(Stopped::Full));
                Err(io::Error::other("the archive is too large"))
            }
        }
    }
}

impl Loader<'_> {
    /// The files of an archive, without the directory that they all lie in. `summary` is all that
    /// Helm says of one that is broken, where it does not say how.
    pub(super) fn archive(
        &mut self,
        bytes: &[u8],
        shown: &str,
        summary: Option<&str>,
    ) -> Option<Vec<Entry>> {
        let stopped = Cell::new(None);
        // Headers and padding come on top of the files' own bytes.
        let headers = (self.entries_left as u64).saturating_mul(2048);
        let reader = Capped {
            inner: MultiGzDecoder::new(bytes),
            left: self
                .bytes_left
                .saturating_add(headers)
                .saturating_add(1 << 20),
            stopped: &stopped,
        };
        let mut archive = Archive::new(reader);
        let (entries, mut failure) = self.entries(&mut archive, shown);
        match stopped.get() {
            Some(Stopped::Full) => {
                self.bytes_left = 0;
                self.spend(1, shown);
                return None;
            }
            Some(Stopped::Broken(_)) if bytes.is_empty() => failure = Some("EOF".to_owned()),
            Some(Stopped::Broken(message)) => failure = Some(message.to_owned()),
            None if failure.is_none() && entries.is_empty() => {
                failure = Some("no files in chart archive".to_owned());
            }
            None => {}
        }
        let Some(message) = failure else {
            return Some(entries);
        };
        if !message.is_empty() {
            let span = self.place(shown);
            let found = match summary {
                Some(summary) => Finding::new(CHART_INVALID, span, summary).help(message),
                None => Finding::new(CHART_INVALID, span, message)
                    .help("charts are packed in archives, and this is none that can be read"),
            };
            self.findings.push(found);
        }
        None
    }

    /// The files up to the first that Helm refuses; an empty message was reported already.
    fn entries<R: Read>(
        &mut self,
        archive: &mut Archive<R>,
        shown: &str,
    ) -> (Vec<Entry>, Option<String>) {
        let mut entries = Vec::new();
        let items = match archive.entries() {
            Ok(items) => items,
            Err(_) => return (entries, Some(INVALID_HEADER.to_owned())),
        };
        for item in items {
            let mut item = match item {
                Ok(item) => item,
                Err(error) => return (entries, failure(&error)),
            };
            let kind = item.header().entry_type();
            let stored = String::from_utf8_lossy(&item.path_bytes()).into_owned();
            if kind == EntryType::Directory
                || kind == EntryType::XGlobalHeader
                || kind == EntryType::XHeader
                || kind.is_file() && stored.ends_with('/')
            {
                continue;
            }
            let name = match inner_name(&stored) {
                Ok(name) => name,
                Err(message) => return (entries, Some(message)),
            };
            let outer = stored.replace('\\', "/");
            let outer = outer.trim_start_matches("./");
            let shown = format!("{shown}!{outer}");
            let limit = self.limit_of(&name).min(self.bytes_left);
            let mut bytes = Vec::new();
            if let Err(error) = (&mut item)
                .take(limit.saturating_add(1))
                .read_to_end(&mut bytes)
            {
                return (entries, failure(&error));
            }
            if (bytes.len() as u64) < item.size().min(limit) {
                return (entries, Some(UNEXPECTED_EOF.to_owned()));
            }
            if bytes.len() as u64 > limit && limit < self.bytes_left {
                let message = format!("{shown} is larger than the {limit} bytes allowed for it");
                self.report(LIMIT, &shown, &message);
                return (entries, Some(String::new()));
            }
            if !self.spend(bytes.len() as u64, &shown) {
                return (entries, Some(String::new()));
            }
            entries.push(Entry { name, shown, bytes });
        }
        (entries, None)
    }
}

/// What Go says of bytes that end too early.
const UNEXPECTED_EOF: &str = "unexpected EOF";
/// What Go says of a file's header in an archive.
const INVALID_HEADER: &str = "archive/tar: invalid tar header";

/// What Go says of bytes that cannot be inflated.
fn inflating(error: &io::Error) -> &'static str {
    let said = error.to_string();
    if error.kind() == io::ErrorKind::UnexpectedEof || said.contains("incomplete") {
        UNEXPECTED_EOF
    } else if said.contains("header") {
        "gzip: invalid header"
    } else if said.contains("checksum") {
        "gzip: invalid checksum"
    } else {
        "flate: corrupt input"
    }
}

/// What Go says of an archive that cannot be read further. Only the padding of a file can be missing
/// where its bytes are there, which it takes for the end.
fn failure(error: &io::Error) -> Option<String> {
    let said = error.to_string();
    if said.contains("during skip") {
        return None;
    }
    let is_short = error.kind() == io::ErrorKind::UnexpectedEof || said.contains("entire block");
    Some(
        if is_short {
            UNEXPECTED_EOF
        } else {
            INVALID_HEADER
        }
        .to_owned(),
    )
}

/// The name in the chart: the stored one without its first directory, whatever that is called.
fn inner_name(stored: &str) -> Result<String, String> {
    let delimiter = if stored.contains('\\') { '\\' } else { '/' };
    let (first, rest) = stored.split_once(delimiter).unwrap_or((stored, ""));
    let name = rest.replace(delimiter, "/");
    if path::is_abs(name.as_bytes()) {
        return Err("chart illegally contains absolute paths".to_owned());
    }
    let name = String::from_utf8_lossy(&path::clean(name.as_bytes())).into_owned();
    if name == "." {
        return Err(format!(
            "chart illegally contains content outside the base directory: {}",
            quote(stored.as_bytes())
        ));
    }
    if name.starts_with("..") {
        return Err("chart illegally references parent directory".to_owned());
    }
    let bytes = name.as_bytes();
    if let [drive, b':', b'/', ..] = bytes
        && drive.is_ascii_alphabetic()
    {
        return Err("chart contains illegally named files".to_owned());
    }
    if first == "Chart.yaml" {
        return Err("chart yaml not in base directory".to_owned());
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_directory_is_dropped_and_nothing_leaves_the_chart() {
        case("c/Chart.yaml", Ok("Chart.yaml"));
        case("c\\templates\\a.yaml", Ok("templates/a.yaml"));
        case("./c/Chart.yaml", Ok("c/Chart.yaml"));
        case("c//etc/x", Err("chart illegally contains absolute paths"));
        case(
            "c/../../x",
            Err("chart illegally references parent directory"),
        );
        case("c/a:/x", Err("chart contains illegally named files"));
        case(
            "x",
            Err("chart illegally contains content outside the base directory: \"x\""),
        );
    }

    #[track_caller]
    fn case(stored: &str, expected: Result<&str, &str>) {
        let got = inner_name(stored);
        assert_eq!(got.as_deref().map_err(String::as_str), expected, "{stored}");
    }
}
