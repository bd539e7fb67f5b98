//! A chart that is a `.tgz`. Nothing is unpacked to disk, and the limits are those of the whole
//! chart, however many archives it nests.

use std::cell::{Cell, RefCell};
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use flate2::bufread::MultiGzDecoder;
use tar::{Archive, EntryType};

use crate::finding::Finding;
use crate::golang::path;
use crate::golang::quote::quote;
use crate::source::Bytes;

use super::{CHART_INVALID, Entry, LIMIT, Loader};

/// Why reading an archive stopped before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stopped {
    /// More bytes come out of it than may.
    Full,
    /// What is compressed is broken; with what Go says of it.
    Broken(&'static str),
}

/// So many bytes are inflated at once.
const CHUNK: usize = 16 * 1024;

/// What comes out of an archive, as far as it was asked for: the files are parts of it.
struct Inflated<'a> {
    decoder: RefCell<MultiGzDecoder<&'a [u8]>>,
    bytes: RefCell<Vec<u8>>,
    /// What was inflated last.
    chunk: RefCell<Vec<u8>>,
    /// How many bytes it may become.
    most: usize,
    stopped: Cell<Option<Stopped>>,
}

impl<'a> Inflated<'a> {
    fn new(packed: &'a [u8], most: usize) -> Self {
        // A member ends with its size, which may be a lie, or that of the last one of several.
        let told = packed.last_chunk().copied().map_or(0, u32::from_le_bytes);
        let likely = packed.len().saturating_mul(16).min(most);
        let room = usize::try_from(told).unwrap_or(0).min(likely);
        Self {
            decoder: RefCell::new(MultiGzDecoder::new(packed)),
            bytes: RefCell::new(Vec::with_capacity(room)),
            chunk: RefCell::new(vec![0; CHUNK]),
            most,
            stopped: Cell::new(None),
        }
    }

    /// Inflates until there are `end` bytes, or no more come; how many there are.
    fn reach(&self, end: usize) -> io::Result<usize> {
        let mut decoder = self.decoder.borrow_mut();
        let mut bytes = self.bytes.borrow_mut();
        let mut chunk = self.chunk.borrow_mut();
        // What stands before broken bytes is only told where no more was asked for.
        while let missing @ 1.. = end.saturating_sub(bytes.len()) {
            let wanted = chunk.get_mut(..missing.min(CHUNK)).unwrap_or_default();
            let read = decoder.read(wanted).inspect_err(|error| {
                self.stopped.set(Some(Stopped::Broken(inflating(error))));
            })?;
            if read == 0 {
                break;
            }
            bytes.extend_from_slice(chunk.get(..read).unwrap_or_default());
            if bytes.len() > self.most {
                self.stopped.set(Some(Stopped::Full));
                return Err(io::Error::other("the archive is too large"));
            }
        }
        Ok(bytes.len())
    }
}

/// Reads what was inflated.
struct Tape<'i, 'a> {
    inflated: &'i Inflated<'a>,
    at: usize,
}

impl Read for Tape<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inflated.reach(self.at.saturating_add(buffer.len()))?;
        let bytes = self.inflated.bytes.borrow();
        let mut rest = bytes.get(self.at..).unwrap_or_default();
        let read = rest.read(buffer)?;
        self.at += read;
        Ok(read)
    }
}

/// Only forwards: nothing else is asked for.
impl Seek for Tape<'_, '_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let SeekFrom::Current(by) = to else {
            return Err(io::ErrorKind::Unsupported.into());
        };
        let by = usize::try_from(by).map_err(|_| io::ErrorKind::Unsupported)?;
        let behind = self.at.saturating_add(by);
        let end = self.inflated.reach(behind)?;
        self.at = behind.min(end);
        Ok(self.at as u64)
    }
}

/// A file in an archive.
struct Found {
    name: String,
    shown: String,
    place: Place,
}

/// Where the bytes of a file are.
enum Place {
    /// In what was inflated.
    Part(Range<usize>),
    /// Nowhere as they are: zeros in between were left out.
    Sparse(Vec<u8>),
}

impl Place {
    /// How many bytes there are.
    fn len(&self) -> u64 {
        (match self {
            Self::Part(part) => part.len(),
            Self::Sparse(bytes) => bytes.len(),
        }) as u64
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
        // Headers and padding come on top of the files' own bytes.
        let headers = (self.entries_left as u64).saturating_mul(2048);
        let most = self
            .bytes_left
            .saturating_add(headers)
            .saturating_add(1 << 20);
        let inflated = Inflated::new(bytes, usize::try_from(most).unwrap_or(usize::MAX));
        let (found, mut failure) = self.found(&inflated, shown);
        match inflated.stopped.get() {
            Some(Stopped::Full) => {
                self.bytes_left = 0;
                self.spend(1, shown);
                return None;
            }
            Some(Stopped::Broken(_)) if bytes.is_empty() => failure = Some("EOF".to_owned()),
            Some(Stopped::Broken(message)) => failure = Some(message.to_owned()),
            None if failure.is_none() && found.is_empty() => {
                failure = Some("no files in chart archive".to_owned());
            }
            None => {}
        }
        let Some(message) = failure else {
            let whole = Bytes::from(inflated.bytes.into_inner()).shared();
            let entry = |found: Found| Entry {
                name: found.name,
                shown: found.shown,
                bytes: match found.place {
                    Place::Part(part) => whole.part(part.start, part.end),
                    Place::Sparse(bytes) => bytes.into(),
                },
            };
            return Some(found.into_iter().map(entry).collect());
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
    fn found(&mut self, inflated: &Inflated<'_>, shown: &str) -> (Vec<Found>, Option<String>) {
        let mut found = Vec::new();
        let mut archive = Archive::new(Tape { inflated, at: 0 });
        let items = match archive.entries_with_seek() {
            Ok(items) => items,
            Err(_) => return (found, Some(INVALID_HEADER.to_owned())),
        };
        for item in items {
            let mut item = match item {
                Ok(item) => item,
                Err(error) => return (found, failure(&error)),
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
                Err(message) => return (found, Some(message)),
            };
            let outer = stored.replace('\\', "/");
            let outer = outer.trim_start_matches("./");
            let shown = format!("{shown}!{outer}");
            let limit = self.limit_of(&name).min(self.bytes_left);
            let place = match place(&mut item, limit.saturating_add(1), inflated) {
                Ok(place) => place,
                Err(error) => return (found, failure(&error)),
            };
            let bytes = place.len();
            if bytes < item.size().min(limit) {
                return (found, Some(UNEXPECTED_EOF.to_owned()));
            }
            if bytes > limit && limit < self.bytes_left {
                let message = format!("{shown} is larger than the {limit} bytes allowed for it");
                self.report(LIMIT, &shown, &message);
                return (found, Some(String::new()));
            }
            if !self.spend(bytes, &shown) {
                return (found, Some(String::new()));
            }
            found.push(Found { name, shown, place });
        }
        (found, None)
    }
}

/// Where the bytes of a file are, of which there are no more than `most`.
fn place<R: Read>(
    item: &mut tar::Entry<'_, R>,
    most: u64,
    inflated: &Inflated<'_>,
) -> io::Result<Place> {
    if item.header().entry_type().is_gnu_sparse() {
        let mut bytes = Vec::new();
        item.take(most).read_to_end(&mut bytes)?;
        return Ok(Place::Sparse(bytes));
    }
    let offset = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
    let start = offset(item.raw_file_position());
    let end = start.saturating_add(offset(item.size().min(most)));
    let end = end.min(inflated.reach(end)?);
    Ok(Place::Part(start..end))
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
