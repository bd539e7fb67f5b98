//! `aiplat rules`, `aiplat explain`.

use std::io;

use crate::cli::Io;
use crate::rules;

pub(in crate::cli) fn rules(io: &mut Io<'_>) -> io::Result<u8> {
    let width = rules::catalogue()
        .map(|rule| rule.name.len())
        .max()
        .unwrap_or(0);
    for rule in rules::catalogue() {
        let severity = rule.severity.name();
        writeln!(
            io.output,
            "{:width$}  {severity:7}  {}",
            rule.name, rule.summary
        )?;
    }
    Ok(0)
}

pub(in crate::cli) fn explain(name: &str, io: &mut Io<'_>) -> io::Result<u8> {
    if let Some(rule) = rules::find(name) {
        write!(io.output, "{}", rules::explain(rule))?;
        return Ok(0);
    }
    let known: Vec<String> = rules::catalogue()
        .map(|rule| rule.name.to_owned())
        .collect();
    let hint = match rules::nearest(name, &known) {
        Some(near) => format!("; did you mean `{near}`?"),
        None => "; `aiplat rules` lists them".to_owned(),
    };
    writeln!(io.output, "there is no rule `{name}`{hint}")?;
    Ok(2)
}
