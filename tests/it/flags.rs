//! Flags of `helm template`, as recorded cases have them.

use aiplat::chart::ValuesInput;
use aiplat::engine::RenderRequest;

/// Gives a request a flag that takes a value.
pub(crate) fn give(request: &mut RenderRequest, flag: &str, value: &str) {
    let text = value.to_owned();
    match flag {
        "-f" => request.values.push(ValuesInput::File(text)),
        "--set" => request.values.push(ValuesInput::Set(text)),
        "--set-string" => request.values.push(ValuesInput::SetString(text)),
        "--set-json" => request.values.push(ValuesInput::SetJson(text)),
        "--set-file" => request.values.push(ValuesInput::SetFile(text)),
        "--set-literal" => request.values.push(ValuesInput::SetLiteral(text)),
        "--kube-version" => request.kube_version = Some(text),
        "--api-versions" | "-a" => request.api_versions.push(text),
        "--namespace" | "-n" => request.namespace = Some(text),
        "--show-only" | "-s" => request.show_only.push(text),
        other => panic!("the test does not know the argument {other}"),
    }
}
