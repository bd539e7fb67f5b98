//! Texts that templates print, as far as they are known.

use std::sync::Arc;

use super::known::{Known, MAX_ONES, One, Union, only};
use super::walk::Walk;

impl Walk<'_> {
    /// The texts that are printed, as far as they are known. `is_formatted` is whether the first
    /// of them says how.
    pub(super) fn printed(&mut self, args: &[Known], is_formatted: bool) -> Known {
        let mut known: Vec<Vec<Arc<str>>> = Vec::with_capacity(args.len());
        for argument in args {
            let texts = argument.iter().map(|one| match one {
                One::Text(name) | One::Like(name) => self.places.text(*name),
                _ => {
                    self.whole(&only(*one));
                    Arc::from("*")
                }
            });
            known.push(texts.collect());
        }
        let pieces = match known.split_first() {
            _ if !is_formatted => Some(known.iter().map(|one| Piece::Any(one)).collect()),
            Some((format, known)) => match format.as_slice() {
                [format] => formatted(format, known),
                _ => None,
            },
            None => None,
        };
        let texts = pieces.and_then(|pieces| products(&pieces));
        let texts = texts.unwrap_or_else(|| vec!["*".to_owned()]);
        let mut found = Union::default();
        for text in texts {
            let name = self.places.name(&text);
            let one = if text.contains('*') {
                One::Like(name)
            } else {
                One::Text(name)
            };
            found.add(&only(one));
        }
        found.done()
    }
}

/// A piece of a text that is printed.
enum Piece<'t> {
    One(&'t str),
    /// Any of these.
    Any(&'t [Arc<str>]),
}

/// What `printf` prints, piece by piece; nothing for verbs that do more than to put a text in.
fn formatted<'t>(format: &'t str, args: &'t [Vec<Arc<str>>]) -> Option<Vec<Piece<'t>>> {
    let mut args = args.iter();
    let mut rest = format.split('%');
    let mut pieces = Vec::with_capacity(2 * args.len() + 1);
    pieces.push(Piece::One(rest.next()?));
    for piece in rest {
        let piece = match piece.strip_prefix(['s', 'v']) {
            Some(piece) => {
                pieces.push(Piece::Any(args.next()?));
                piece
            }
            None => {
                args.next();
                pieces.push(Piece::One("*"));
                piece
                    .trim_start_matches(|c: char| !c.is_alphabetic())
                    .get(1..)?
            }
        };
        pieces.push(Piece::One(piece));
    }
    Some(pieces)
}

/// Every way to put the pieces together; nothing where there are too many.
fn products(pieces: &[Piece<'_>]) -> Option<Vec<String>> {
    let mut texts = vec![String::new()];
    for piece in pieces {
        let any = match piece {
            Piece::One(piece) => {
                texts.iter_mut().for_each(|text| text.push_str(piece));
                continue;
            }
            Piece::Any([piece]) => {
                texts.iter_mut().for_each(|text| text.push_str(piece));
                continue;
            }
            Piece::Any(any) => any,
        };
        if texts.len() * any.len() > MAX_ONES {
            return None;
        }
        let all = texts.iter().flat_map(|text| {
            let ways = any.iter();
            ways.map(move |piece| [text.as_str(), piece].concat())
        });
        texts = all.collect();
    }
    Some(texts)
}
