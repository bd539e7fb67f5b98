//! Expressions that were compiled before: templates ask for the same few again and again.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::Regexp;

/// As many are kept; the next one displaces all of them.
const KEPT: usize = 32;

/// No longer pattern is kept.
const MAX_PATTERN: usize = 4 << 10;

/// Nothing is kept that compiles to more bytes.
const MAX_PROGRAM: usize = 256 << 10;

/// Compiled expressions by their patterns; its memory is bounded by what it keeps.
#[derive(Debug, Default)]
pub struct Cache {
    kept: FxHashMap<Vec<u8>, Rc<Regexp>>,
}

impl Cache {
    /// [`Regexp::compile`], once for each pattern.
    ///
    /// # Errors
    /// As there.
    pub fn compile(&mut self, pattern: &[u8]) -> Result<Rc<Regexp>, String> {
        if let Some(known) = self.kept.get(pattern) {
            return Ok(Rc::clone(known));
        }
        if pattern.len() > MAX_PATTERN {
            return Regexp::compile(pattern).map(Rc::new);
        }
        let Some(small) = Regexp::within(pattern, MAX_PROGRAM)? else {
            return Regexp::compile(pattern).map(Rc::new);
        };
        let small = Rc::new(small);
        if self.kept.len() >= KEPT {
            self.kept.clear();
        }
        self.kept.insert(pattern.to_vec(), Rc::clone(&small));
        Ok(small)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_compiled_once_and_few_are_kept() {
        let mut cache = Cache::default();
        let compile = |cache: &mut Cache, pattern: &str| cache.compile(pattern.as_bytes());
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
    fn large_programs_are_not_kept() {
        let mut cache = Cache::default();
        let large = cache.compile(br"\pL{100}").unwrap();
        assert!(large.is_match("é".repeat(100).as_bytes()));
        assert!(cache.kept.is_empty());
    }
}
