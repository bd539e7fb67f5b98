//! What texts gave that were read before.

use std::cell::RefCell;
use std::hash::{BuildHasher, RandomState};
use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::source::{Bytes, FileId, Text};
use crate::yaml::Document;
use crate::yaml::plain::{Given, Plain, PlainValue, read_given};

use super::Want;

/// What a text says.
#[derive(Debug)]
pub(super) enum Held {
    /// A mapping in which every value is what is written.
    Written(Box<Document>),
    /// Any other value.
    Plain(Plain),
}

/// What reading a text gave.
type Read = Result<Option<Held>, String>;

/// A text that was read, and what it gave.
type Remembered = (Want, Bytes, Rc<Read>);

/// What each text gave that was read.
#[derive(Default)]
struct Known {
    /// How many bytes are remembered.
    size: usize,
    /// Nobody can write short texts that all have one hash.
    hashes: RandomState,
    /// By the hash of the text: it is long, and a table that grows asks for it again.
    by_hash: FxHashMap<u64, Vec<Remembered>>,
}

/// How many bytes of texts are remembered at most.
const MAX_REMEMBERED: usize = 8 << 20;
/// A text of more bytes is long.
const LONG: usize = 4096;

impl Known {
    /// The hash of a text; of a long one, of how it begins and ends: as many as are remembered are
    /// sooner compared than one is read.
    fn hash(&self, text: &[u8]) -> u64 {
        let half = LONG / 2;
        match text.len() {
            ..=LONG => self.hashes.hash_one(text),
            len => self
                .hashes
                .hash_one((len, &text[..half], &text[len - half..])),
        }
    }

    fn find(&self, hash: u64, text: &[u8], want: Want) -> Option<Rc<Read>> {
        let mut alike = self.by_hash.get(&hash).into_iter().flatten();
        let found = alike.find(|(wanted, known, _)| *wanted == want && **known == *text);
        found.map(|(.., read)| Rc::clone(read))
    }
}

thread_local! {
    /// Texts that this thread has read, and how many bytes they are. Charts read the same text of
    /// the same helper again for every file. What a text gives depends on nothing else, so that it
    /// may be known from another chart.
    static READ: RefCell<Known> = RefCell::default();
}

/// As [`read_helm`], each text once.
pub(super) fn remembered(source: &Text, want: Want) -> Rc<Read> {
    let text = source.bytes();
    let (hash, found) = READ.with_borrow(|known| {
        let hash = known.hash(text);
        (hash, known.find(hash, text, want))
    });
    if let Some(read) = found {
        return read;
    }
    let read = Rc::new(read_helm(text, want));
    READ.with_borrow_mut(|known| {
        if known.size + text.len() <= MAX_REMEMBERED {
            known.size += text.len();
            let alike = known.by_hash.entry(hash).or_default();
            alike.push((want, source.part(0, text.len()), Rc::clone(&read)));
        }
    });
    read
}

/// What Helm reads from a text: `None` where it means nothing, or Helm's words for what is wrong.
pub(super) fn read_helm(bytes: &[u8], want: Want) -> Read {
    let mismatch = |value: &PlainValue| {
        let mismatch = want.mismatch(value);
        Err(format!(
            "error unmarshaling JSON: while decoding JSON: {mismatch}"
        ))
    };
    match read_given(FileId::DETACHED, 0, bytes) {
        Err(error) => Err(error.go_message),
        Ok(None) => Ok(None),
        Ok(Some(Given::Written(document))) if want == Want::Map => {
            Ok(Some(Held::Written(Box::new(document))))
        }
        Ok(Some(Given::Written(_))) => mismatch(&PlainValue::Map(Vec::new())),
        Ok(Some(Given::Worked(_, plain))) => match &plain.value {
            PlainValue::Null => Ok(None),
            value if want.fits(value) => Ok(Some(Held::Plain(plain))),
            value => mismatch(value),
        },
    }
}
