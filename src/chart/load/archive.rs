//! A chart that is a `.tgz`. Nothing is unpacked to disk, and the limits are those of the whole
//! chart, however many archives it nests.

use std::cell::Cell;
use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use tar::{Archive, EntryType};

use crate::golang::path;
use crate::golang::quote::quote;

use super::{CHART_INVALID, Entry, LIMIT, Loader};

/// Stops reading, and tells, when more bytes come out of the archive than may.
struct Capped<'c, R> {
    inner: R,
    left: u64,
    is_full: &'c Cell<bool>,
}

impl<R: Read> Read for Capped<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        match self.left.checked_sub(read as u64) {
            Some(left) => {
                self.left = left;
                Ok(read)
            }
            None => {
                self.is_full.set(true);
                Err(io::Error::other("the archive is too large"))
            }
        }
    }
}

impl Loader<'_> {
    /// The files of an archive, without the directory that they all lie in.
    pub(super) fn archive(&mut self, bytes: &[u8], shown: &str) -> Option<Vec<Entry>> {
        let is_full = Cell::new(false);
        // Headers and padding come on top of the files' own bytes.
        let headers = (self.entries_left as u64).saturating_mul(2048);
        let reader = Capped {
            inner: MultiGzDecoder::new(bytes),
            left: self
                .bytes_left
                .saturating_add(headers)
                .saturating_add(1 << 20),
            is_full: &is_full,
        };
        let mut archive = Archive::new(reader);
        let (entries, failure) = self.entries(&mut archive, shown);
        if is_full.get() {
            self.bytes_left = 0;
            self.spend(1, shown);
            return None;
        }
        if let Some(message) = failure {
            if !message.is_empty() {
                self.report(CHART_INVALID, shown, &message);
            }
            return None;
        }
        if entries.is_empty() {
            self.report(CHART_INVALID, shown, "no files in chart archive");
            return None;
        }
        Some(entries)
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
            Err(error) => return (entries, Some(broken(&error))),
        };
        for item in items {
            let mut item = match item {
                Ok(item) => item,
                Err(error) => return (entries, Some(broken(&error))),
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
                return (entries, Some(broken(&error)));
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

fn broken(error: &io::Error) -> String {
    format!("unable to load chart archive: {error}")
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
