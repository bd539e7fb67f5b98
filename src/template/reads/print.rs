//! Texts that templates print, as far as they are known.

use std::sync::Arc;

use super::known::{Known, MAX_ONES, One, Union, only};
use super::walk::Walk;

impl Walk<'_> {
    /// The texts that are printed, as far as they are known. `is_formatted` is whether the first
    /// of them says how.
    pub(super) fn printed(&mut self, args: &[Known], is_formatted: bool) -> Known {
        for argument in args {
            for one in argument.iter() {
                if !matches!(one, One::Text(_) | One::Like(_)) {
                    self.whole(&only(*one));
                }
            }
        }
        let text = match is_formatted {
            true => self.formatted(args),
            false => self.concatenated(args),
        };
        if let Some(text) = text {
            return only(self.maybe_like(&text));
        }
        let mut known: Vec<Vec<Arc<str>>> = Vec::with_capacity(args.len());
        for argument in args {
            let texts = argument.iter().map(|one| match one {
                One::Text(name) | One::Like(name) => self.places.text(*name),
                _ => Arc::from("*"),
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
            let one = self.maybe_like(&text);
            found.add(&only(one));
        }
        found.done()
    }

    fn maybe_like(&mut self, text: &str) -> One {
        let name = self.places.name(text);
        if text.contains('*') {
            One::Like(name)
        } else {
            One::Text(name)
        }
    }

    /// The only text that a value is, as far as it is known; nothing where it may be several.
    fn only_text(&self, value: &Known) -> Option<&str> {
        match **value {
            [One::Text(name) | One::Like(name)] => Some(self.places.str(name)),
            [_] => Some("*"),
            _ => None,
        }
    }

    /// What `print` prints, where its arguments are one text each, as they mostly are.
    fn concatenated(&self, args: &[Known]) -> Option<String> {
        args.iter().map(|value| self.only_text(value)).collect()
    }

    /// The same of `printf`.
    fn formatted(&self, args: &[Known]) -> Option<String> {
        let (format, args) = args.split_first()?;
        let mut args = args.iter().map(|value| self.only_text(value));
        let mut rest = self.only_text(format)?.split('%');
        let mut text = String::with_capacity(64);
        text.push_str(rest.next()?);
        for piece in rest {
            match piece.strip_prefix(['s', 'v']) {
                Some(piece) => {
                    text.push_str(args.next()??);
                    text.push_str(piece);
                }
                None => {
                    args.next();
                    text.push('*');
                    text.push_str(behind_verb(piece)?);
                }
            }
        }
        Some(text)
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
                behind_verb(piece)?
            }
        };
        pieces.push(Piece::One(piece));
    }
    Some(pieces)
}

/// What follows a verb that is not known, behind its flags.
fn behind_verb(piece: &str) -> Option<&str> {
    piece
        .trim_start_matches(|c: char| !c.is_alphabetic())
        .get(1..)
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
