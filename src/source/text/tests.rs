//! Texts and their parts.

use super::*;

fn lens(text: &Text) -> Vec<(u32, u32)> {
    text.segments().iter().map(|s| (s.end, s.skip)).collect()
}

/// Three origins that differ in their numbers alone.
fn three() -> [OriginId; 3] {
    let mut origins = Origins::new();
    [1, 2, 3].map(|_| {
        origins.add(crate::source::Origin {
            at: None,
            exact: true,
            data: Prov::NONE,
            context: ContextId::default(),
        })
    })
}

#[test]
fn slices_keep_their_place_in_the_origin() {
    let mut origins = Origins::new();
    let id = |origins: &mut Origins, exact| {
        origins.add(crate::source::Origin {
            at: None,
            exact,
            data: Prov::NONE,
            context: ContextId::default(),
        })
    };
    let (a, b) = (id(&mut origins, true), id(&mut origins, false));
    let mut text = Text::new();
    text.push(b"hello ", a, 0);
    text.push(b"world", b, 0);
    let part = text.slice(2, 8);
    assert_eq!(part.bytes(), b"llo wo");
    assert_eq!(lens(&part), [(4, 2), (6, 0)]);
    let inner = part.slice(1, 5);
    assert_eq!(inner.bytes(), b"lo w");
    assert_eq!(lens(&inner), [(3, 3), (4, 0)]);
}

#[test]
fn a_cut_text_is_a_slice_from_its_start() {
    let [a, b, c] = three();
    let mut text = Text::new();
    text.push(b"ab", a, 0);
    text.push(b"cd", b, 4);
    text.mark(c);
    text.mark(a);
    text.push(b"ef", b, 0);
    let mut marked = Text::new();
    marked.mark(b);
    marked.append(&text, a);
    for text in [text, marked, Text::plain("abc")] {
        for len in 0..=text.len() + 1 {
            let mut cut = text.clone();
            cut.truncate(len);
            let mut wanted = text.slice(0, len);
            if len < text.len() {
                for run in text.runs(len + 1, text.len()) {
                    if run.start == run.end {
                        wanted.mark(run.origin);
                    }
                }
            }
            assert_eq!(cut, wanted, "{text:?} {len}");
        }
    }
}

#[test]
fn adjacent_runs_join_and_marks_stay() {
    let origin = OriginId::default();
    let mut text = Text::new();
    text.push(b"ab", origin, 0);
    text.push(b"cd", origin, 2);
    text.mark(origin);
    text.push(b"ef", origin, 4);
    assert_eq!(lens(&text), [(4, 0), (4, 0), (6, 4)]);
    assert_eq!(lens(&text.slice(1, 5)), [(3, 1), (3, 0), (4, 4)]);
    assert_eq!(text.runs(0, 2).count(), 1);
    assert_eq!(text.runs(4, 4).count(), 1);
}

#[test]
fn a_whole_text_is_appended_as_its_runs_are() {
    let mut origins = Origins::new();
    let ids: Vec<OriginId> = (0..2)
        .map(|_| {
            origins.add(crate::source::Origin {
                at: None,
                exact: true,
                data: Prov::NONE,
                context: ContextId::default(),
            })
        })
        .collect();
    // Runs of two origins, each going on or starting anew, and marks between them.
    let made = |plan: usize| {
        let mut text = Text::new();
        let mut at = [0, 0];
        for step in 0..4 {
            let choice = (plan >> (2 * step)) & 3;
            let (which, is_mark) = (choice & 1, choice & 2 == 2);
            if is_mark {
                text.mark(ids[which]);
            } else {
                text.push(b"ab", ids[which], at[which]);
                at[which] += 2;
            }
        }
        text
    };
    for (a, b) in (0..256).flat_map(|a| (0..256).map(move |b| (a, b))) {
        let (mut whole, more) = (made(a), made(b));
        let mut mapped = whole.clone();
        whole.append(&more, ids[0]);
        mapped.append_mapped(&more, 0, more.len(), |origin| origin);
        assert_eq!(whole, mapped, "{a} {b}");
    }
}

#[test]
fn a_slice_has_the_runs_that_lie_in_it() {
    let [a, b, c] = three();
    let mut text = Text::new();
    text.mark(c);
    text.push(b"abc", a, 7);
    text.mark(b);
    text.mark(a);
    text.push(b"d", b, 4);
    text.push(b"ef", c, 0);
    text.mark(a);
    for end in 0..=text.len() {
        for start in 0..=end {
            let slice = text.slice(start, end);
            let mut before = 0;
            let segments = slice.segments().iter().map(|segment| {
                let from = std::mem::replace(&mut before, segment.end as usize);
                (from, before, segment.origin, segment.skip as usize)
            });
            let runs = text.runs(start, end).map(|run| {
                let skip = if run.start == run.end { 0 } else { run.skip };
                (run.start - start, run.end - start, run.origin, skip)
            });
            assert!(segments.eq(runs), "{start}..{end}");
        }
    }
}

#[test]
fn padding_belongs_to_the_byte_behind_it() {
    let mut origins = Origins::new();
    let id = |origins: &mut Origins, exact, data| {
        origins.add(crate::source::Origin {
            at: None,
            exact,
            data,
            context: ContextId::default(),
        })
    };
    let value = origins.leaf(Span::new(crate::source::FileId::DETACHED, 0, 1));
    let a = id(&mut origins, true, Prov::NONE);
    let b = id(&mut origins, false, value);
    let mut text = Text::new();
    text.push(b"one\ntwo", a, 0);
    text.mark(b);
    text.push(b"\nthree\n", b, 0);
    let padded = text.padded(3, b"\n", 2, &mut origins);
    assert_eq!(padded.bytes(), b"\n  one\n  two\n  three\n  ");
    let ends = [3, 7, 9, 12, 12, 13, 15, 21, 23];
    assert!(padded.segments().iter().map(|one| one.end).eq(ends));
    let of_b = |one: &&Segment| one.origin == b;
    assert_eq!(padded.segments().iter().filter(of_b).count(), 5);
    // Without spaces no line is apart.
    let same = text.padded(3, b"", 0, &mut origins);
    assert_eq!(same, text);
}
