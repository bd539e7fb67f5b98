//! Helm 4.3.1's answers to template expressions, as recorded in
//! `fixtures/template/eval-helm-4.3.1.jsonl`.

use super::super::{Engine, Job, Limits, Program};
use super::{assert_covered, lossy, on_large_stack, values};
use crate::source::{FileKind, Origins, Sources};

/// Expressions about evaluation: scopes, nil, arguments, calls, messages.
const EVALUATION: &str = include_str!("../../../../fixtures/template/eval-helm-4.3.1.jsonl");

/// What Helm said, without the words that surround every error.
fn wanted(answer: &serde_json::Value) -> Result<String, String> {
    let out = answer["out"].as_str().unwrap();
    match out.strip_prefix("ERR Error: ") {
        Some(error) => Err(error
            .trim_end_matches("Use --debug flag to render out invalid YAML")
            .trim_end()
            .to_owned()),
        None => Ok(out.to_owned()),
    }
}

/// What this evaluator says. The expression is included as when it was recorded; `<` is covered up
/// on the way out, since `<no value>` was recorded inside JSON, where it stays.
fn given(answer: &serde_json::Value) -> Result<String, String> {
    let expression = answer["tpl"].as_str().unwrap();
    let name = "c/templates/p.yaml";
    let template = format!(
        "{{{{- define \"p\" -}}}}{expression}{{{{- end }}}}\n\
         v: {{{{ include \"p\" . | replace \"<\" \"\\x01\" }}}}\n"
    );
    let mut sources = Sources::new();
    let file = sources.add(name, FileKind::Template, template.into_bytes());
    let program = Program::new(&sources, &[(name.to_owned(), file)]);
    let mut engine = Engine::new(&program, sources, Origins::new(), Limits::default());
    let values = values::read_yaml(answer["values"].as_str().unwrap_or_default());
    let job = Job {
        name: name.into(),
        base_path: "c/templates".into(),
        scope: values::scope(values),
    };
    let outcome = engine.render(&program, &[job]);
    if let Some(error) = outcome.errors.first() {
        return Err(error.message.clone());
    }
    let (_, text) = outcome.texts.first().unwrap();
    assert_covered(expression, text);
    let text = lossy(text).replace('\x01', "<");
    let inside = text.trim_start_matches('\n').strip_prefix("v: ").unwrap();
    Ok(inside.strip_suffix('\n').unwrap().to_owned())
}

#[test]
fn evaluation_gives_what_helm_gives() {
    on_large_stack(|| {
        let mut told = String::new();
        for (at, line) in EVALUATION.lines().enumerate() {
            let answer: serde_json::Value = serde_json::from_str(line).unwrap();
            let (wanted, given) = (wanted(&answer), given(&answer));
            if wanted != given {
                let tpl = &answer["tpl"];
                told += &format!("{}: {tpl}\n  want {wanted:?}\n  got  {given:?}\n", at + 1);
            }
        }
        assert!(told.is_empty(), "answers differ:\n{told}");
    });
}
