//! One file per output format. Serialisation lives only here.

mod concise;
mod coverage;
mod frame;
mod human;
mod json;
mod line;
mod origins;
mod render_json;

pub use concise::concise;
pub use coverage::{coverage, coverage_json};
pub use human::{Look, human};
pub use json::json;
pub use origins::origins;
pub use render_json::{render_json, write_render_json};

/// `1 chart`, `2 charts`.
fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

/// Text from inputs that goes to a terminal or a log: control characters, which could move the
/// cursor or forge lines, become visible.
fn inert(text: &str) -> String {
    let is_bad =
        |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if !text.contains(is_bad) {
        return text.to_owned();
    }
    text.chars()
        .map(|c| match c {
            '\n' => "\\n".to_owned(),
            '\t' => "\\t".to_owned(),
            '\r' => "\\r".to_owned(),
            c if is_bad(c) => format!("\\u{{{:x}}}", u32::from(c)),
            c => c.to_string(),
        })
        .collect()
}

/// Text of several lines, each as [`inert`] shows it.
fn inert_lines(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(inert).collect();
    lines.join("\n")
}
