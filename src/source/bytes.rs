//! Bytes that are shared instead of copied.

use std::borrow::Borrow;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

/// Bytes: those of their holder alone, or a part of what several share.
#[derive(Debug, Clone)]
pub struct Bytes(Held);

#[derive(Debug, Clone)]
#[expect(
    clippy::rc_buffer,
    reason = "a slice in its place would be a copy of the vector"
)]
enum Held {
    Own(Vec<u8>),
    Part {
        whole: Arc<Vec<u8>>,
        start: u32,
        end: u32,
    },
}

impl Bytes {
    /// No bytes, with room for some.
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self(Held::Own(Vec::with_capacity(bytes)))
    }

    /// The same bytes, of which clones and parts are no copies from now on. More than 4 GiB stay
    /// as they are.
    #[must_use]
    pub fn shared(self) -> Self {
        match self.0 {
            Held::Own(bytes) => match u32::try_from(bytes.len()) {
                Ok(end) => Self(Held::Part {
                    whole: Arc::new(bytes),
                    start: 0,
                    end,
                }),
                Err(_) => Self(Held::Own(bytes)),
            },
            part @ Held::Part { .. } => Self(part),
        }
    }

    /// The bytes `from..to`, cut to what there is: a copy, unless they are shared.
    #[must_use]
    pub fn part(&self, from: usize, to: usize) -> Self {
        let to = to.min(self.len());
        let from = from.min(to);
        match &self.0 {
            Held::Own(bytes) => Self(Held::Own(bytes[from..to].to_vec())),
            Held::Part { whole, start, .. } => {
                let at = |offset: usize| start.saturating_add(u32::try_from(offset).unwrap_or(0));
                Self(Held::Part {
                    whole: Arc::clone(whole),
                    start: at(from),
                    end: at(to),
                })
            }
        }
    }

    /// Whether a part of them is no copy.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        matches!(self.0, Held::Part { .. })
    }

    /// Adds bytes behind them. What was shared is copied, with room for as much again.
    #[inline]
    pub(super) fn extend(&mut self, more: &[u8]) {
        match &mut self.0 {
            Held::Own(bytes) => {
                if more.len() > bytes.capacity() - bytes.len() {
                    grow(bytes, more.len());
                }
                bytes.extend_from_slice(more);
            }
            Held::Part { .. } => self.extend_copy(more),
        }
    }

    #[cold]
    fn extend_copy(&mut self, more: &[u8]) {
        let length = self.len().saturating_add(more.len());
        let mut bytes = Vec::with_capacity(length.saturating_add(self.len()));
        bytes.extend_from_slice(self);
        bytes.extend_from_slice(more);
        self.0 = Held::Own(bytes);
    }

    /// Cuts them behind the first `len`.
    pub(super) fn truncate(&mut self, len: usize) {
        match &mut self.0 {
            Held::Own(bytes) => bytes.truncate(len),
            Held::Part { start, end, .. } => {
                let behind = start.saturating_add(u32::try_from(len).unwrap_or(u32::MAX));
                *end = behind.min(*end);
            }
        }
    }
}

/// So many bytes are known to be part of a long text.
const MANY: usize = 1 << 16;

/// Makes room for more bytes. Long texts grow further than by as much again: room costs nothing
/// before it is used, while each time that a text moves costs as much memory as it has.
#[cold]
fn grow(bytes: &mut Vec<u8>, more: usize) {
    let room = match bytes.len() {
        MANY.. => bytes.len().saturating_mul(3),
        _ => 0,
    };
    bytes.reserve(more.max(room));
}

impl Default for Bytes {
    fn default() -> Self {
        Self(Held::Own(Vec::new()))
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Held::Own(bytes))
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        Self::from(bytes.to_vec())
    }
}

impl From<&str> for Bytes {
    fn from(text: &str) -> Self {
        Self::from(text.as_bytes())
    }
}

impl From<String> for Bytes {
    fn from(text: String) -> Self {
        Self::from(text.into_bytes())
    }
}

impl Deref for Bytes {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match &self.0 {
            Held::Own(bytes) => bytes,
            Held::Part { whole, start, end } => whole
                .get(*start as usize..*end as usize)
                .unwrap_or_default(),
        }
    }
}

impl PartialEq for Bytes {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Bytes {}

impl Hash for Bytes {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl Borrow<[u8]> for Bytes {
    fn borrow(&self) -> &[u8] {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_or_not_they_are_the_same_bytes() {
        let own = Bytes::from(b"hello world".to_vec());
        let shared = own.clone().shared();
        assert!(shared.is_shared() && !own.is_shared());
        assert_eq!(own, shared);
        for from in 0..=12 {
            for to in 0..=12 {
                let (mut a, mut b) = (own.part(from, to), shared.part(from, to));
                assert_eq!(a, b, "{from}..{to}");
                assert_eq!(a.part(1, 3), b.part(1, 3), "{from}..{to}");
                a.truncate(4);
                b.truncate(4);
                assert_eq!(a, b, "{from}..{to}");
                a.extend(b"!");
                b.extend(b"!");
                assert_eq!(a, b, "{from}..{to}");
            }
        }
        assert_eq!(&*shared, b"hello world");
    }
}
