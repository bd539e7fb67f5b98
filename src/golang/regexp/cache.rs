//! Expressions that were compiled before: templates ask for the same few again and again.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::{Regexp, SIZE_LIMIT, complaint};

/// As many are kept; the next one displaces all of them.
const KEPT: usize = 32;

/// No longer pattern is kept.
const MAX_PATTERN: usize = 4 << 10;

/// What an expression costs, in steps of some 100 nanoseconds.
#[derive(Debug, Clone, Copy)]
struct Class {
    /// It compiles to no more bytes.
    size: usize,
    /// Compiling one of that size.
    compile: u64,
    /// Looking at a byte of a text with it, at worst.
    byte: u64,
}

/// Measured: what is slow is many large sets of characters (`\pL{1000}`), and many ways to match
/// (`(a?){500}a{500}`, or a long text that begins anew at every place).
const CLASSES: [Class; 5] = [
    Class::new(4 << 10, 1_000, 1),
    Class::new(32 << 10, 8_000, 20),
    Class::new(MAX_PROGRAM, 80_000, 160),
    Class::new(2 << 20, 1_500_000, 1_300),
    Class::new(SIZE_LIMIT, 10_000_000, 20_000),
];

impl Class {
    const fn new(size: usize, compile: u64, byte: u64) -> Self {
        Self {
            size,
            compile,
            byte,
        }
    }

    fn look(self, text: usize) -> u64 {
        self.byte.saturating_mul(text as u64)
    }
}

/// Of those that compile to more bytes only the last one is kept.
const MAX_PROGRAM: usize = 256 << 10;

/// An expression, and what it costs.
type Known = (Rc<Regexp>, Class);

/// Compiled expressions by their patterns; its memory is bounded by what it keeps.
#[derive(Debug, Default)]
pub struct Cache {
    kept: FxHashMap<Vec<u8>, Known>,
    large: Option<(Vec<u8>, Known)>,
}

impl Cache {
    /// [`Regexp::compile`], once for each pattern, and how many steps of work that is together with
    /// a look at a text of so many bytes.
    pub fn compile(&mut self, pattern: &[u8], text: usize) -> (Result<Rc<Regexp>, String>, u64) {
        let large = self.large.as_ref();
        let large = large.filter(|(known, _)| *known == pattern);
        let known = self.kept.get(pattern).or(large.map(|(_, known)| known));
        if let Some((known, class)) = known {
            return (Ok(Rc::clone(known)), class.look(text));
        }
        let mut spent = 0;
        for class in CLASSES {
            // To be compiled, it is read first.
            spent += class.compile + 4 * pattern.len() as u64;
            match Regexp::within(pattern, class.size) {
                Err(why) => return (Err(why), spent),
                Ok(None) => {}
                Ok(Some(regexp)) => {
                    let regexp = Rc::new(regexp);
                    self.keep(pattern, &regexp, class);
                    return (Ok(regexp), spent.saturating_add(class.look(text)));
                }
            }
        }
        (Err(complaint("expression too large", pattern)), spent)
    }

    fn keep(&mut self, pattern: &[u8], regexp: &Rc<Regexp>, class: Class) {
        if pattern.len() > MAX_PATTERN {
            return;
        }
        let entry = (pattern.to_vec(), (Rc::clone(regexp), class));
        if class.size > MAX_PROGRAM {
            self.large = Some(entry);
            return;
        }
        if self.kept.len() >= KEPT {
            self.kept.clear();
        }
        self.kept.extend([entry]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_compiled_once_and_few_are_kept() {
        let mut cache = Cache::default();
        let compile = |cache: &mut Cache, pattern: &str| cache.compile(pattern.as_bytes(), 0).0;
        let first = compile(&mut cache, "a+").unwrap();
        assert!(Rc::ptr_eq(&first, &compile(&mut cache, "a+").unwrap()));
        assert!(compile(&mut cache, "a(").is_err());
        for n in 0..KEPT {
            compile(&mut cache, &format!("b{n}")).unwrap();
        }
        assert!(cache.kept.len() <= KEPT);
        assert!(!Rc::ptr_eq(&first, &compile(&mut cache, "a+").unwrap()));
    }

    #[test]
    fn large_programs_are_not_kept_beside_the_others() {
        let mut cache = Cache::default();
        let large = cache.compile(br"\pL{100}", 0).0.unwrap();
        assert!(large.is_match("é".repeat(100).as_bytes()));
        assert!(cache.kept.is_empty());
    }

    #[test]
    fn compiling_costs_by_size_and_using_again_costs_nothing() {
        let mut cache = Cache::default();
        let mut cost = |pattern: &str| cache.compile(pattern.as_bytes(), 0).1;
        let (small, large) = (cost("a+"), cost(r"\pL{100}"));
        assert!(0 < small && 100 * small < large);
        assert_eq!((cost("a+"), cost(r"\pL{100}")), (0, 0));
        assert!(cost(r"\pN{1000}") > 0);
        assert_eq!(cost(r"\pL{100}"), large, "one of the large ones is kept");
        let mut look = |pattern: &str| cache.compile(pattern.as_bytes(), 1000).1;
        assert!(0 < look("a+") && 100 * look("a+") < look(r"\pL{100}"));
    }
}
