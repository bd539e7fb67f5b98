//! One line a finding, `file:line:col: severity[rule] message`: for quickfix lists and problem
//! matchers.

use std::fmt::Write as _;

use crate::engine::Report;

use super::inert;

/// The findings, a line each, sorted as the report is.
#[must_use]
pub fn concise(report: &Report) -> String {
    let mut out = String::new();
    for diagnostic in &report.diagnostics {
        let (file, line, column) = match diagnostic.primary() {
            Some(at) => {
                let place = at.start_place();
                (inert(at.file.name()), place.line, place.column)
            }
            None => ("-".to_owned(), 1, 1),
        };
        let severity = diagnostic.severity.name();
        let message = inert(&diagnostic.message);
        let _ = writeln!(
            out,
            "{file}:{line}:{column}: {severity}[{}] {message}",
            diagnostic.rule
        );
    }
    out
}
