//! Small charts: what is read, and what is read bare.

use super::{Reads, Root};
use crate::source::{FileKind, Sources};
use crate::template::eval::Program;

/// The reads of one template file.
fn reads(template: &str) -> Reads {
    reads_of(&[("a.yaml", template)], &[])
}

/// The reads of the files of a chart that has its values under the keys `base`.
fn reads_of(files: &[(&str, &str)], base: &[&str]) -> Reads {
    let mut sources = Sources::new();
    let mut add = |(name, text): &(&str, &str)| {
        let name = format!("c/templates/{name}");
        let bytes = text.as_bytes().to_vec();
        let file = sources.add(name.as_str(), FileKind::Template, bytes);
        (name, file)
    };
    let files: Vec<_> = files.iter().map(&mut add).collect();
    let program = Program::new(&sources, &files);
    assert!(program.errors().is_empty(), "{:?}", program.errors());
    let names = files.into_iter().map(|(name, _)| name);
    let root = Root {
        // The chart around it is another one.
        name: if base.is_empty() { "c" } else { "a" }.to_owned(),
        base: base.iter().map(|key| (*key).to_owned()).collect(),
        parent: None,
        files: names.filter(|name| !name.contains("/_")).collect(),
    };
    let reads = Reads::of(&program, &[root], &[], &[]);
    assert!(!reads.is_partial);
    reads
}

/// Which of `paths` are read: `a` looked at, `a*` with all that is in it.
#[track_caller]
fn case(template: &str, paths: &[(&str, &str)]) {
    check(&reads(template), template, paths);
}

#[track_caller]
fn check(reads: &Reads, template: &str, paths: &[(&str, &str)]) {
    for (path, expected) in paths {
        let mut places = vec![super::Place::ROOT];
        let mut is_whole = reads.places.is_read_whole(&places);
        for key in path.split('.') {
            places = reads.places.entry(&places, key);
            is_whole |= reads.places.is_read_whole(&places);
        }
        let got = match (is_whole, reads.places.is_read(&places)) {
            (true, _) => "whole",
            (false, true) => "read",
            (false, false) => "no",
        };
        assert_eq!(got, *expected, "{path} in {template}");
    }
}

#[test]
fn fields_are_read_whichever_way_a_branch_goes() {
    case(
        "{{ if .Values.a.on }}{{ .Values.a.b }}{{ else }}{{ .Values.c }}{{ end }}",
        &[
            ("a.on", "read"),
            ("a.b", "whole"),
            ("c", "whole"),
            ("a.x", "no"),
            ("d", "no"),
        ],
    );
}

#[test]
fn a_map_that_is_printed_is_read_with_all_that_is_in_it() {
    case("{{ toYaml .Values.a }}", &[("a.b.c", "whole"), ("b", "no")]);
    case("{{ $x := .Values.a }}", &[("a.b", "no"), ("a", "read")]);
    case(
        "{{ $x := .Values.a }}{{ $x.b | quote }}",
        &[("a.b", "whole"), ("a.c", "no")],
    );
    case(
        "{{ unknown .Values }}"
            .replace("unknown", "toJson")
            .as_str(),
        &[("a", "whole")],
    );
    case(
        "{{ with .Values.a }}{{ .b }}{{ end }}",
        &[("a.b", "whole"), ("a.c", "no")],
    );
}

#[test]
fn values_are_followed_through_templates_and_dicts() {
    case(
        r#"{{ define "x" }}{{ .v.b }}{{ .root.Values.z }}{{ end }}{{ include "x" (dict "v" .Values.a "root" $) }}"#,
        &[("a.b", "whole"), ("a.c", "no"), ("z", "whole")],
    );
    case(
        r#"{{ define "x" }}{{ (index . 1).b }}{{ end }}{{ include "x" (list $ .Values.a) }}"#,
        &[("a.b", "whole"), ("a.c", "no")],
    );
    case(
        r#"{{ $d := dict }}{{ $_ := set $d "k" .Values.a }}{{ $d.k.b }}"#,
        &[("a.b", "whole"), ("a.c", "no")],
    );
    case(
        r#"{{ $m := merge (dict) .Values.a .Values.b }}{{ $m.x }}"#,
        &[("a.x", "whole"), ("b.x", "whole"), ("a.y", "no")],
    );
}

#[test]
fn what_nobody_calls_is_given_what_nobody_knows() {
    let paths: &[(&str, &str)] = &[("a.b", "whole"), ("a.c", "no"), ("d", "no")];
    for whole in [
        "{{ printf \"%d\" . }}",
        "{{ toYaml . }}",
        "{{ range . }}{{ . }}{{ end }}",
        "{{ include \"lib.x\" . }}",
        "{{ include \"y\" . }}",
    ] {
        let y = "{{ define \"y\" }}{{ toYaml . }}{{ end }}";
        case(
            &format!("{y}{{{{ define \"x\" }}}}{{{{ .Values.a.b }}}}{whole}{{{{ end }}}}"),
            paths,
        );
    }
    // It may be a list or a map that has the root.
    for root in ["(first .)", "(index . 0)", ".root", "(get . \"root\")"] {
        let x = format!(
            "{{{{ define \"x\" }}}}{{{{ $r := {root} }}}}{{{{ $r.Values.a.b }}}}{{{{ end }}}}"
        );
        case(&x, paths);
    }
    case(
        "{{ define \"x\" }}{{ range . }}{{ .Values.a.b }}{{ end }}{{ end }}",
        paths,
    );
    // A helper that is called with the root as well knows it.
    case(
        "{{ define \"y\" }}{{ toYaml . }}{{ end }}{{ define \"x\" }}{{ include \"y\" . }}{{ end }}{{ include \"y\" . }}",
        &[("a", "whole"), ("d", "whole")],
    );
}

#[test]
fn a_template_that_is_not_there_may_read_anything() {
    let define = "{{ define \"own-1.x\" }}{{ .Values.a }}{{ end }}";
    let whole: &[(&str, &str)] = &[("a", "whole"), ("b.c", "whole")];
    let calls = [
        "{{ include \"lib.x\" . }}",
        "{{ include (printf \"lib-%s.x\" .Chart.Version) . }}",
        "{{ $name := printf \"lib-%s.x\" .Chart.Version }}{{ include $name . }}",
    ];
    for call in calls {
        case(&format!("{define}{call}"), whole);
    }
    let own = "{{ include (printf \"own-%s.x\" .Chart.Version) . }}";
    case(&format!("{define}{own}"), &[("a", "whole"), ("b.c", "no")]);
    // A checksum of what another file prints.
    let file = "{{ include (print $.Template.BasePath \"/a.yaml\") . | sha256sum }}";
    case(file, &[("a", "no")]);
    // A file that is executed only where another one includes it.
    let caller = "{{ include (print $.Template.BasePath \"/_b.txt\") . }}";
    let files = [("a.yaml", caller), ("_b.txt", "{{ .Values.b }}")];
    let paths = [("s.b", "whole"), ("s.c", "no")];
    check(&reads_of(&files, &["s"]), caller, &paths);
}

#[test]
fn what_a_template_does_to_a_map_it_does_to_another_one_that_holds_the_same() {
    case(
        r#"{{ define "x" }}{{ $_ := set . "k" .v }}{{ end }}{{ $a := dict "v" .Values.a }}{{ include "x" $a }}{{ $b := dict "v" .Values.a }}{{ include "x" $b }}{{ $b.k.y }}"#,
        &[("a.y", "whole"), ("a.x", "no")],
    );
    case(
        r#"{{ define "x" }}{{ toYaml . }}{{ end }}{{ $a := dict "v" .Values.a }}{{ include "x" $a }}{{ $b := dict "v" .Values.a }}{{ include "x" $b }}{{ $_ := set $b "w" .Values.c }}"#,
        &[("a.y", "whole"), ("c.z", "whole")],
    );
    case(
        r#"{{ define "y" }}{{ $_ := set .m.in "k" $.Values.c }}{{ end }}{{ define "x" }}{{ include "y" (dict "m" . "Values" $.Values) }}{{ end }}{{ $a := dict "in" (dict) "Values" $.Values }}{{ include "x" $a }}{{ $b := dict "in" (dict) "Values" $.Values }}{{ include "x" $b }}{{ $b.in.k.z }}"#,
        &[("c.z", "whole"), ("c.y", "no")],
    );
}

#[test]
fn keys_may_be_computed() {
    case(
        r#"{{ range $k := list "a" "b" }}{{ (index $.Values $k).x }}{{ end }}"#,
        &[
            ("a.x", "whole"),
            ("a.y", "no"),
            ("b.x", "whole"),
            ("c.x", "no"),
        ],
    );
    case(
        r#"{{ index .Values .Release.Name "x" }}"#,
        &[("a.x", "whole"), ("a.y", "no")],
    );
    case(
        r#"{{ $at := .Values }}{{ range $k := splitList "." "a.b" }}{{ $at = index $at $k }}{{ end }}{{ $at }}"#,
        &[("a.b", "whole"), ("c", "no")],
    );
    case(
        r#"{{ dig "a" "b" "none" .Values }}"#,
        &[("a.b", "whole"), ("a.c", "no")],
    );
    case(
        r#"{{ get .Values.a "b" }}{{ hasKey .Values.a "h" }}"#,
        &[("a.b", "whole"), ("a.h", "read")],
    );
}

#[test]
fn loops_read_what_they_look_at_in_each_item() {
    case(
        "{{ range $k, $v := .Values.a }}{{ $v.b }}{{ end }}",
        &[("a.one.b", "whole"), ("a.one.c", "no"), ("a.one", "read")],
    );
    case(
        "{{ range .Values.a }}{{ . }}{{ end }}",
        &[("a.one.c", "whole")],
    );
}

/// The bare reads, as `path` or `path/guarded`.
#[track_caller]
fn bare(template: &str, expected: &[&str]) {
    let reads = reads(template);
    let got: Vec<String> = reads
        .bare
        .iter()
        .map(|bare| {
            let path = reads.places.keys(bare.place).unwrap_or_default();
            format!("{}/{}", path.join("."), bare.guarded)
        })
        .collect();
    assert_eq!(got, expected, "{template}");
}

#[test]
fn a_read_is_bare_unless_something_provides_for_it() {
    bare("{{ .Values.a.b }}", &["a.b/0"]);
    bare("{{ .Values.a.b | quote }}", &["a.b/0"]);
    bare("{{ .Values.a.b | default \"x\" }}", &[]);
    bare("{{ default \"x\" .Values.a.b | quote }}", &[]);
    bare("{{ .Values.a.b | quote | default \"x\" }}", &["a.b/0"]);
    bare("{{ if .Values.a.b }}{{ .Values.a.b }}{{ end }}", &["a.b/2"]);
    bare(
        "{{ if .Values.a.on }}{{ .Values.a.b }}{{ end }}",
        &["a.b/1"],
    );
    bare("{{ with .Values.a }}{{ .b }}{{ end }}", &["a.b/1"]);
    bare(
        "{{ if hasKey .Values.a \"b\" }}{{ .Values.a.b }}{{ end }}",
        &["a.b/2"],
    );
    bare(
        "{{ coalesce .Values.a .Values.b }}{{ or .Values.c \"x\" }}",
        &[],
    );
    bare(
        "{{ ternary \"a\" \"b\" .Values.a }}{{ required \"x\" .Values.b }}",
        &[],
    );
    bare("{{ $x := .Values.a }}{{ range .Values.b }}{{ end }}", &[]);
}

#[test]
fn a_read_in_a_template_is_guarded_by_its_callers() {
    bare(
        r#"{{ define "x" }}{{ .Values.a.b }}{{ end }}{{ if .Values.a.b }}{{ include "x" . }}{{ end }}"#,
        &["a.b/2"],
    );
    bare(
        r#"{{ define "x" }}{{ .Values.a.b }}{{ end }}{{ if .Values.a.b }}{{ include "x" . }}{{ end }}{{ include "x" . }}"#,
        &["a.b/0"],
    );
}

#[test]
fn a_map_that_every_turn_makes_anew_is_each_of_them() {
    case(
        "{{ define \"x\" }}{{ .v.k }}{{ end }}\
         {{ range $v := list .Values.a .Values.b }}{{ include \"x\" (dict \"v\" $v) }}{{ end }}",
        &[("a.k", "whole"), ("b.k", "whole"), ("a.x", "no")],
    );
}

#[test]
fn what_is_put_somewhere_after_it_was_looked_at_counts() {
    case(
        "{{ define \"x\" }}{{ .late.k }}{{ end }}{{ include \"x\" . }}\
         {{ $_ := set . \"late\" .Values.a }}",
        &[("a.k", "whole"), ("a.x", "no")],
    );
    case(
        "{{ define \"x\" }}{{ .m.late.k }}{{ end }}{{ $m := dict }}{{ include \"x\" (dict \"m\" $m) }}\
         {{ $_ := set $m \"late\" .Values.a }}",
        &[("a.k", "whole"), ("a.x", "no")],
    );
    case(
        "{{ .Values.m.late.k }}{{ $_ := set .Values.m \"late\" .Values.a }}",
        &[("a.k", "whole"), ("a.x", "no")],
    );
    case(
        "{{ toYaml .Values.m.late }}{{ $_ := set .Values.m \"late\" .Values.a }}",
        &[("a", "whole")],
    );
}

#[test]
fn a_map_that_something_else_holds_is_each_of_them_too() {
    case(
        "{{ define \"x\" }}{{ .held.v.k }}{{ end }}\
         {{ range $v := list .Values.a .Values.b }}\
         {{ $_ := set $ \"held\" (dict \"v\" $v) }}{{ include \"x\" $ }}{{ end }}",
        &[("a.k", "whole"), ("b.k", "whole"), ("a.x", "no")],
    );
    case(
        "{{ define \"x\" }}{{ .outer.v.k }}{{ end }}\
         {{ range $v := list .Values.a .Values.b }}\
         {{ include \"x\" (dict \"outer\" (dict \"v\" $v)) }}{{ end }}",
        &[("a.k", "whole"), ("b.k", "whole"), ("a.x", "no")],
    );
}

#[test]
fn texts_that_are_made_of_each_other_come_to_an_end() {
    case(
        "{{ $x := dict }}{{ $all := list }}{{ range .Values.l }}\
         {{ $x = dict \"v\" (printf \"%s,%s\" (get $x \"v\") \"a\") }}\
         {{ $all = append $all $x }}{{ end }}{{ range $all }}{{ .v }}{{ end }}",
        &[("l", "read"), ("n", "no")],
    );
}

#[test]
fn what_is_set_in_values_is_met_by_whoever_goes_through_them() {
    let set = "{{ $_ := set .Values.s.a \"k\" (omit .Values.s \"a\") }}";
    let computed = "{{ $_ := set .Values.s.a .Values.key .Values.s }}";
    let through = "{{ range $k, $v := .Values.s.a }}{{ $v.d }}{{ end }}";
    let one = "{{ .Values.s.a.k.d }}";
    let any = "{{ (index .Values.s.a .Values.name).d }}";
    let expected = [("s.d", "whole"), ("s.e", "no")];
    for set in [set, computed] {
        for read in [through, one, any] {
            case(&format!("{set}{read}"), &expected);
            // A loop may come back to where it was read before it was set.
            case(&format!("{read}{set}"), &expected);
        }
    }
    let other = "{{ .Values.s.a.x.d }}";
    case(&format!("{set}{other}"), &[("s.d", "no")]);
    case(&format!("{computed}{other}"), &expected);
    let set = "{{ $_ := set .Values.s.a \"k\" .Values.c }}";
    let computed = "{{ $_ := set .Values.s.a .Values.key .Values.c }}";
    for set in [set, computed] {
        for whole in ["{{ toYaml .Values.s.a }}", "{{ toYaml .Values.s }}"] {
            case(&format!("{set}{whole}"), &[("c.d", "whole")]);
            case(&format!("{whole}{set}"), &[("c.d", "whole")]);
        }
    }
}
