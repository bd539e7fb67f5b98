//! `aiplat render` prints what `helm template` prints, byte for byte: every case of
//! `fixtures/helm/cases.tsv`, whose outputs `fixtures/record` recorded from Helm.

use std::path::Path;
use std::process::Command;

#[test]
fn charts_render_as_helm_renders_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cases = std::fs::read_to_string(root.join("fixtures/helm/cases.tsv")).unwrap();
    let mut compared = 0;
    for line in cases
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let mut fields = line.split('\t');
        let (name, chart) = (fields.next().unwrap(), fields.next().unwrap());
        let release = Path::new(chart).file_name().unwrap().to_str().unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_aiplat"))
            .current_dir(root)
            .args(["render", release, chart, "--namespace", release])
            .args(fields.next().unwrap_or_default().split_whitespace())
            .output()
            .unwrap();
        let golden = format!("fixtures/helm/{release}/{name}.yaml");
        let expected = std::fs::read(root.join(&golden)).unwrap();
        assert!(
            output.stdout == expected,
            "{name}: not what {golden} says\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
        compared += 1;
    }
    assert!(compared > 0, "there are no cases");
}
