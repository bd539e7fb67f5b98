//! The fuzzers' corpus, as it is and mutated: nothing may stop on it.

use std::fs;
use std::path::Path;

use rayon::prelude::*;

use crate::files;

#[path = "../../fuzz/targets.rs"]
mod targets;

/// How many mutations of each seed are tried. `cargo fuzz` tries more.
const MUTATIONS: u64 = 24;

/// What mutations put in, beside random bytes.
const TOKENS: &[&str] = &[
    "{{", "}}", "{{-", "-}}", "end", "else", "range", "$x :=", ".", "|", "(", ")", "\"", "`", "'",
    ": ", "- ", "\n", "  ", "&a ", "*a", "<<: ", "!!str ", "[", "]", "{", "}", "|\n", ">-\n", "#",
    "null", "0x", "1e999", "\t", "\u{feff}", "---\n", "\\", ",", "=", "[0]", "é", "\0",
];

/// Random numbers that are the same in every run (xorshift64*).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(number).unwrap() % below.max(1)
    }
}

fn mutated(seed: &[u8], others: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=dice.roll(4) {
        let at = dice.roll(bytes.len() + 1);
        let to = (at + dice.roll(24)).min(bytes.len());
        match dice.roll(6) {
            0 => drop(bytes.drain(at..to)),
            1 => {
                let part = bytes[at..to].to_vec();
                bytes.splice(at..at, part);
            }
            2 => {
                let token = TOKENS[dice.roll(TOKENS.len())];
                bytes.splice(at..at, token.bytes());
            }
            3 => {
                let other = &others[dice.roll(others.len())];
                let from = dice.roll(other.len() + 1);
                let end = (from + dice.roll(64)).min(other.len());
                bytes.splice(at..to, other[from..end].iter().copied());
            }
            4 => bytes.truncate(at),
            _ => {
                let byte = u8::try_from(dice.roll(256)).unwrap();
                bytes.splice(at..to.min(at + 1), [byte]);
            }
        }
    }
    bytes
}

#[test]
fn nothing_in_the_corpus_stops_us() {
    let jobs: Vec<(&str, targets::Target, Vec<u8>)> = targets::TARGETS
        .iter()
        .flat_map(|(name, run)| {
            let folder = Path::new("fuzz/corpus").join(name);
            let seeds: Vec<Vec<u8>> = files::all(&folder)
                .iter()
                .map(|path| fs::read(path).unwrap())
                .collect();
            assert!(seeds.len() > 4, "{name} has no corpus");
            let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
            let mut inputs = seeds.clone();
            for seed in &seeds {
                inputs.extend((0..MUTATIONS).map(|_| mutated(seed, &seeds, &mut dice)));
            }
            inputs.into_iter().map(|input| (*name, *run, input))
        })
        .collect();
    let failed: Vec<String> = jobs
        .par_iter()
        .filter_map(|(name, run, input)| {
            let result = std::panic::catch_unwind(|| run(input));
            let shown = || format!("{name}: {:?}", String::from_utf8_lossy(input));
            result.is_err().then(shown)
        })
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
