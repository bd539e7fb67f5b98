//! What a person sees, what a machine reads, and the exit status.

use aiplat::cli::{Io, run_on};

/// Runs aiplat as on a plain, wide terminal; gives the exit status and the output.
fn run(arguments: &[&str]) -> (u8, String) {
    run_in(100, arguments)
}

/// Runs aiplat as on a plain terminal of so many columns.
fn run_in(width: usize, arguments: &[&str]) -> (u8, String) {
    run_on_input(width, b"", arguments)
}

/// The same with something on standard input.
fn run_on_input(width: usize, input: &[u8], arguments: &[&str]) -> (u8, String) {
    let (status, output, errors) = streams(width, input, arguments);
    (status, output + &errors)
}

/// The same: the exit status, standard output and standard error.
fn streams(width: usize, mut input: &[u8], arguments: &[&str]) -> (u8, String, String) {
    let mut all = vec!["aiplat"];
    all.extend(arguments);
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    let mut io = Io {
        input: &mut input,
        output: &mut output,
        errors: &mut errors,
        color: false,
        error_color: false,
        width,
        timing: false,
    };
    let status = run_on(&all, &mut io).unwrap_or_else(|message| panic!("{message}"));
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status, text(output), text(errors))
}

/// What is wrong with arguments that are refused.
fn refused(arguments: &[&str]) -> String {
    let mut io = Io {
        input: &mut std::io::empty(),
        output: &mut std::io::sink(),
        errors: &mut std::io::sink(),
        color: false,
        error_color: false,
        width: 100,
        timing: false,
    };
    run_on(arguments, &mut io).unwrap_err()
}

#[test]
fn who_takes_manifests_gets_no_findings_among_them() {
    let chart = "fixtures/cli/template-error";
    let (status, output, errors) = streams(100, b"", &["render", chart]);
    assert_eq!((status, output.as_str()), (2, ""));
    assert!(errors.contains("error[template-error]"), "{errors}");
    let (status, output, errors) = streams(100, b"", &["render", "fixtures/charts/crds"]);
    assert_eq!((status, errors.as_str()), (0, ""));
    assert!(output.starts_with("---\n"), "{output}");
}

#[test]
fn a_finding_shows_the_values_and_the_template() {
    let (status, output) = run(&["lint", "fixtures/cli/gpu"]);
    assert_eq!(status, 1, "{output}");
    insta::assert_snapshot!("human", output);
}

#[test]
fn a_template_error_shows_the_way_to_it() {
    let (status, output) = run(&["lint", "fixtures/cli/template-error"]);
    assert_eq!(status, 2, "{output}");
    insta::assert_snapshot!("template-error", output);
}

#[test]
fn the_configuration_may_lie_above_the_chart() {
    let relative = "fixtures/cli/above/charts/c".to_owned();
    let absolute = format!("{}/{relative}", env!("CARGO_MANIFEST_DIR"));
    for chart in [relative, absolute] {
        let (status, output) = run(&["lint", "--format", "concise", &chart]);
        assert_eq!(status, 1, "{output}");
        assert!(output.contains("[storage-over-budget]"), "{output}");
    }
}

/// The column that is told is the line's, not the one of what is shown of it.
#[test]
fn a_long_line_is_shown_around_what_it_is_about() {
    for width in [60, 100] {
        let (_, output) = run_in(width, &["lint", "fixtures/cli/long-line"]);
        insta::assert_snapshot!(format!("long-line-{width}"), output);
        let code = output
            .lines()
            .filter(|line| line.starts_with(|c: char| c.is_ascii_digit()));
        for line in code {
            assert!(line.chars().count() <= width, "{line}");
        }
        assert!(output.contains("values.yaml:1:424"), "{output}");
    }
}

/// The places of one finding are shown up to a number, for people; programs get all.
#[test]
fn a_finding_of_many_places_is_not_drawn_for_pages() {
    let chart = format!("{}/many-places", env!("CARGO_TARGET_TMPDIR"));
    std::fs::create_dir_all(&chart).unwrap();
    let mut yaml = "apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies:\n".to_owned();
    for number in 1..=60 {
        yaml += &format!("- {{name: d{number}-, version: 1.0.0}}\n");
    }
    std::fs::write(format!("{chart}/Chart.yaml"), yaml).unwrap();
    let (_, output) = run(&["lint", &chart]);
    assert!(output.contains("\n54 | - {name: d50-,"), "{output}");
    assert!(!output.contains("{name: d51-,"), "{output}");
    assert!(output.contains("= and 10 more places\n"), "{output}");
    let (_, output) = run(&["lint", &chart, "--format", "json"]);
    assert!(output.contains("d60- is missing"), "{output}");
}

#[test]
fn an_object_is_named_with_its_namespace_where_somebody_named_one() {
    let chart = "fixtures/cli/gpu";
    case(
        &["lint", chart],
        1,
        "object: Deployment release-name-model\n",
    );
    case(
        &["lint", "--namespace", "ai", chart],
        1,
        "object: Deployment ai/release-name-model\n",
    );
}

/// What one of the environments reaches is reached.
#[test]
fn coverage_tells_the_branches_that_no_environment_reaches() {
    let (status, output) = run(&["render", "--coverage", "fixtures/cli/coverage"]);
    assert_eq!(status, 0, "{output}");
    insta::assert_snapshot!("coverage", output);
    let (status, output) = run(&[
        "render",
        "--coverage",
        "--format",
        "json",
        "fixtures/cli/coverage",
    ]);
    assert_eq!(status, 0, "{output}");
    let json: serde_json::Value = serde_json::from_str(&output).unwrap();
    assert_eq!(
        json["environments"],
        serde_json::json!(["default", "large"])
    );
    assert_eq!((&json["reached"], &json["bodies"]), (&3.into(), &8.into()));
    let text = std::fs::read_to_string("fixtures/cli/coverage/templates/configmap.yaml").unwrap();
    let templates = json["templates"].as_array().unwrap();
    let unreached = templates[1]["unreached"].as_array().unwrap();
    let bytes = unreached.iter().map(|body| {
        let at = |end: &str| usize::try_from(body[end]["offset"].as_u64().unwrap()).unwrap();
        text[at("start")..at("end")].trim()
    });
    assert_eq!(
        bytes.collect::<Vec<_>>(),
        [
            "{{- fail \"size is small or large\" }}",
            "metrics: \"on\"\n  {{- with .Values.extra }}\n  extra: {{ . }}\n  {{- end }}",
            "extra: {{ . }}",
            "{{ . }}",
        ]
    );
    case(
        &["render", "--coverage", "fixtures/cli/template-error"],
        2,
        "set nameOverride",
    );
}

#[test]
fn concise_is_one_line_a_finding() {
    let (_, output) = run(&["lint", "--format", "concise", "fixtures/cli/gpu"]);
    assert_eq!(output.matches("gpu-request-missing").count(), 1, "{output}");
    insta::assert_snapshot!("concise", output);
}

#[test]
fn json_is_json() {
    let (status, output) = run(&["lint", "--format", "json", "fixtures/cli/gpu"]);
    assert_eq!(status, 1);
    serde_json::from_str::<serde_json::Value>(&output).unwrap();
    insta::assert_snapshot!("json", output);
}

/// The schemas take no key that they do not know and miss none: they change with the formats.
#[test]
fn what_programs_read_is_what_the_schemas_say() {
    let charts = [
        "gpu",
        "template-error",
        "clean",
        "coverage",
        "crds",
        "yaml",
        "config",
        "none",
    ];
    let charts: Vec<String> = charts.map(|name| format!("fixtures/cli/{name}")).into();
    for command in ["lint", "render"] {
        let text = std::fs::read_to_string(format!("schemas/{command}.schema.json")).unwrap();
        let schema = jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap();
        let mut found = 0;
        for chart in &charts {
            let (_, output) = run(&[command, chart, "--format", "json"]);
            let output: serde_json::Value = serde_json::from_str(&output).unwrap();
            let wrong: Vec<String> = schema
                .iter_errors(&output)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(wrong.is_empty(), "{command} {chart}: {wrong:#?}");
            found += output["findings"].as_array().unwrap().len();
        }
        assert!(found > 3, "{command}: only {found} findings");
    }
}

#[test]
fn the_status_is_0_without_findings_1_with_some_and_2_where_nothing_could_be_linted() {
    case(&["lint", "fixtures/cli/clean"], 0, "");
    case(
        &["lint", "--fail-on", "never", "fixtures/cli/gpu"],
        0,
        "gpu-request-missing",
    );
    case(&["lint", "fixtures/cli/gpu"], 1, "gpu-request-missing");
    case(
        &["lint", "fixtures/cli/no-such-path"],
        2,
        "unreadable-input",
    );
    case(&["lint", "fixtures/cli/yaml"], 2, "yaml-syntax");
    case(&["lint", "fixtures/cli/config"], 2, "config-invalid");
    // What looks like a configuration and is not in force is told.
    case(
        &["lint", "--format", "concise", "fixtures/cli/misnamed"],
        2,
        "fixtures/cli/misnamed/aiplat.yml:1:1: error[config-invalid] aiplat.yml is not read: the \
         configuration is aiplat.yaml\n",
    );
    case(
        &["lint", "--format", "concise", "fixtures/cli/documents"],
        2,
        "fixtures/cli/documents/aiplat.yaml:3:1: error[config-invalid] a second document of \
         aiplat.yaml is not read\n",
    );
    case(&["explain", "no-such-rule"], 2, "no rule");
    case(&["rules"], 0, "gpu-request-missing");
}

#[test]
fn an_empty_directory_is_nothing_to_lint() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("empty");
    std::fs::create_dir_all(&folder).unwrap();
    case(&["lint", folder.to_str().unwrap()], 2, "nothing-to-lint");
}

/// What is found elsewhere does not make up for it: `helm template … | aiplat lint - more` must not
/// pass where Helm failed.
#[test]
fn each_input_that_is_named_has_to_hold_something() {
    let clean = "fixtures/cli/clean";
    let nothing = |status: u8, input: &[u8], named: &str| {
        let (found, output) = run_on_input(100, input, &["lint", named, clean]);
        assert_eq!(found, status, "{output}");
        let message = format!("there is no chart and no Kubernetes object in {named}");
        assert_eq!(output.contains(&message), status == 2, "{output}");
    };
    nothing(2, b"", "-");
    nothing(2, b"# Nothing.\n---\n", "-");
    nothing(
        0,
        b"apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n",
        "-",
    );
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("named");
    std::fs::create_dir_all(folder.join("inner")).unwrap();
    let (empty, inner) = (folder.join("empty.yaml"), folder.join("inner"));
    std::fs::write(&empty, "# Nothing.\n").unwrap();
    nothing(2, b"", empty.to_str().unwrap());
    nothing(2, b"", inner.to_str().unwrap());
    // What a directory holds need not all be manifests.
    nothing(0, b"", folder.to_str().unwrap());
}

#[cfg(unix)]
#[test]
fn a_directory_behind_a_link_that_leads_out_is_told() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("links");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("given")).unwrap();
    std::fs::create_dir_all(folder.join("outside")).unwrap();
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n";
    std::fs::write(folder.join("given/a.yaml"), namespace).unwrap();
    std::fs::write(folder.join("outside/b.yaml"), namespace).unwrap();
    std::os::unix::fs::symlink("../outside", folder.join("given/more")).unwrap();
    let (status, output) = run(&["lint", folder.join("given").to_str().unwrap()]);
    assert_eq!(status, 2, "{output}");
    assert!(
        output.contains("given/more leads out of the directory that was given"),
        "{output}"
    );
}

/// What lies under `crds/` is no template. Nothing is wrong with what a subchart that is off holds.
#[test]
fn a_crd_that_is_no_yaml_is_found_whether_it_is_printed_or_not() {
    let chart = "fixtures/cli/crds";
    let found = "crds/models.yaml:10:3: error[yaml-syntax] YAML parse error on \
                 crds/crds/models.yaml: error converting YAML to JSON: yaml: line 6: \
                 could not find expected ':'\n";
    for arguments in [vec![], vec!["--include-crds"]] {
        let all = [vec!["lint", "--format", "concise", chart], arguments].concat();
        let (status, output) = run(&all);
        assert_eq!(
            (status, output.matches("error[").count()),
            (2, 1),
            "{output}"
        );
        assert!(output.ends_with(found), "{output}");
    }
    case(
        &["render", "--include-crds", chart],
        0,
        "{{- if .Values.labels }}",
    );
}

#[test]
fn an_unknown_option_is_refused() {
    let message = refused(&["aiplat", "lint", "--formt", "json"]);
    assert!(message.contains("--format"), "{message}");
}

#[track_caller]
fn case(arguments: &[&str], status: u8, says: &str) {
    let (found, output) = run(arguments);
    assert_eq!(found, status, "{arguments:?}: {output}");
    assert!(output.contains(says), "{arguments:?}: {output}");
}

#[test]
fn render_takes_the_name_as_helm_does() {
    let chart = "fixtures/charts/crds";
    let twice = "and also specify a name";
    case(&["render", "-g", "n", chart], 2, twice);
    case(&["render", "--name-template", "x", "n", chart], 2, twice);
    let parse = "template: name-template:1: missing value for if";
    case(&["render", "--name-template", "{{ if }}", chart], 2, parse);
    let none = "template: name-template:1: function \"toYaml\" not defined";
    case(
        &["render", "--name-template", "{{ toYaml 1 }}", chart],
        2,
        none,
    );
    let name = "release name check failed: release name \"A\"";
    case(
        &["render", "--name-template", "{{ upper \"a\" }}", chart],
        2,
        name,
    );
    let fine = [
        "--skip-tests=false",
        "--wait",
        "--labels",
        "a=b",
        "--dry-run=client",
    ];
    case(&[&["render", "-g", chart], &fine[..]].concat(), 0, "---");
}

#[test]
fn render_says_what_it_cannot_do_without_a_network_and_a_cluster() {
    for (flag, why) in [
        ("--validate", "there is no cluster to ask"),
        ("--dependency-update", "charts are not fetched"),
        ("--repo=https://example.com", "charts are not fetched"),
        ("--output-dir=x", "nothing is written to disk"),
    ] {
        let message = refused(&["aiplat", "render", "fixtures/charts/crds", flag]);
        assert!(message.contains(why), "{message}");
    }
}

#[test]
fn a_list_is_a_record() {
    let chart = "fixtures/cli/stdin";
    for flag in ["-f", "-a"] {
        let message = refused(&["aiplat", "render", chart, flag, "b\"c"]);
        let why = "parse error on line 1, column 2: bare \" in non-quoted-field";
        assert!(message.contains(why), "{message}");
    }
}

/// As Helm's flags, which take what follows them, whatever it is.
#[test]
fn an_argument_may_begin_with_a_hyphen() {
    let chart = "fixtures/cli/stdin";
    let (status, output) = run(&["render", chart, "--set", "-a=1", "-n", "--x"]);
    assert_eq!(status, 0, "{output}");
    assert!(output.contains(r#"a: {"-a":1}"#), "{output}");
    let (status, output) = run(&["render", chart, "-s", "-x"]);
    assert_eq!(status, 2, "{output}");
    assert!(
        output.contains("could not find template -x in chart"),
        "{output}"
    );
}

/// Recorded from Helm 4.3.1: who asks for standard input again finds it at its end, and the files of
/// `-f` are read before those of `--set-file`.
#[test]
fn values_come_from_standard_input() {
    let chart = "fixtures/cli/stdin";
    let plain = r#"{"k":{"a":1}}"#;
    for (arguments, want) in [
        (&["-f", "-"][..], plain),
        (&["-f", " - "], plain),
        (&["-f", "-", "-f", "-"], plain),
        (
            &["-f", "fixtures/cli/stdin/z.yaml,-"],
            r#"{"k":{"a":1},"z":2}"#,
        ),
        (
            &["-f", "-,\"fixtures/cli/stdin/z.yaml\""],
            r#"{"k":{"a":1},"z":2}"#,
        ),
        (&["--set-file", "x=-", "-f", "-"], r#"{"k":{"a":1},"x":""}"#),
        (&["--set-file", "x=-,y=-"], r#"{"x":"k: {a: 1}\n","y":""}"#),
        (
            &["--set-file", "x=-", "--set-file", "y=-"],
            r#"{"x":"k: {a: 1}\n","y":""}"#,
        ),
        (
            &["--set-file", "x={-,fixtures/cli/stdin/z.yaml}"],
            r#"{"x":["k: {a: 1}\n","z: 2\n"]}"#,
        ),
        (&[], "{}"),
    ] {
        let arguments = [&["render", chart], arguments].concat();
        let (status, output) = run_on_input(100, b"k: {a: 1}\n", &arguments);
        assert_eq!(status, 0, "{output}");
        let want = format!("---\n# Source: stdin/templates/a.yaml\na: {want}\n");
        assert_eq!(output, want, "{arguments:?}");
    }
}

#[test]
fn standard_input_is_a_place_of_findings() {
    let chart = "fixtures/cli/stdin";
    let (status, output) = run_on_input(
        100,
        b"k: {a: 1\n",
        &["lint", "--format", "concise", chart, "-f", "-"],
    );
    assert_eq!(status, 2, "{output}");
    let said = "error converting YAML to JSON: yaml: line 1: did not find expected ',' or '}'";
    assert!(
        output.starts_with("-:2:1: error[values-invalid]"),
        "{output}"
    );
    assert!(output.contains(said), "{output}");
    let arguments = ["render", chart, "-f", "-", "--format", "json"];
    let (_, output) = run_on_input(100, b"k: {a: 1}\n", &arguments);
    let place = r#""kind":"values","file":"-","start":"#;
    assert!(output.contains(place), "{output}");
    // Manifests or values: it cannot be both.
    let arguments = ["lint", "--format", "concise", "-", chart, "-f", "-"];
    let (status, output) = run_on_input(100, b"k: {a: 1}\n", &arguments);
    assert_eq!(status, 2, "{output}");
    assert!(output.contains("standard input is read once"), "{output}");
    let large = vec![b'#'; 6 << 20];
    let (status, output) = run_on_input(100, &large, &["render", chart, "-f", "-"]);
    assert_eq!(status, 2, "{output}");
    assert!(
        output.contains("- is larger than the 5242880 bytes"),
        "{output}"
    );
}

/// By design: nothing outside of the chart is read, where Helm follows the link.
#[cfg(unix)]
#[test]
fn a_link_out_of_the_chart_is_not_followed() {
    let folder = format!("{}/link-out", env!("CARGO_TARGET_TMPDIR"));
    let _ = std::fs::remove_dir_all(&folder);
    let chart = format!("{folder}/c");
    std::fs::create_dir_all(format!("{chart}/templates")).unwrap();
    std::fs::write(format!("{folder}/secret"), "a: 1\n").unwrap();
    std::fs::write(format!("{chart}/Chart.yaml"), "name: c\nversion: 1.0.0\n").unwrap();
    std::fs::write(format!("{chart}/inside"), "b: 2\n").unwrap();
    for (name, to) in [("a.yaml", "../../secret"), ("b.yaml", "../inside")] {
        std::os::unix::fs::symlink(to, format!("{chart}/templates/{name}")).unwrap();
    }
    for command in ["lint", "render"] {
        let (status, output) = run(&[command, &chart, "--format", "json"]);
        assert_eq!(status, 2, "{output}");
        let said = "templates/a.yaml leads out of the directory that was given";
        assert!(output.contains(said), "{output}");
        assert!(output.contains("Helm would follow such a link"), "{output}");
        assert!(!output.contains("b.yaml leads"), "{output}");
    }
}

/// As Helm's own, of which the last one given counts; and no file is none.
#[test]
fn a_flag_may_be_given_again() {
    let chart = "fixtures/charts/capabilities";
    let once = run(&[
        "render",
        "a",
        chart,
        "-n",
        "b",
        "--kube-version",
        "1.30",
        "--no-hooks",
    ]);
    let again = run(&[
        "render",
        "a",
        chart,
        "-n",
        "x",
        "-n",
        "b",
        "--kube-version",
        "1.29",
        "--kube-version",
        "1.30",
        "--no-hooks=false",
        "--no-hooks",
        "--is-upgrade",
        "--is-upgrade=false",
        "-f",
        "",
        "--burst-limit",
        "3",
        "--burst-limit",
        "4",
        "--render-subchart-notes",
        "--debug",
        "--debug",
    ]);
    assert_eq!(again, once);
    assert_eq!(once.0, 0);
    // Those that gather go on to.
    let both = run(&["render", "a", chart, "-a", "x/v1", "-a", "y/v1"]);
    let comma = run(&["render", "a", chart, "-a", "x/v1,y/v1"]);
    assert_eq!(both, comma);
    assert_eq!(
        run(&[
            "lint",
            "--format",
            "json",
            "--format",
            "concise",
            "fixtures/cli/clean"
        ])
        .0,
        0
    );
}
