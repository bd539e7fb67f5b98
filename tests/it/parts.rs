//! What is wrong within a longer text is shown where that text was written: in a block of a values
//! file, in a file that the chart reads, in what was encoded.

use aiplat::engine::{self, Request};
use aiplat::vfs::MemoryFs;

/// Lints a chart whose files are given by name. Each `=>` in them stands before the first byte of a
/// finding of the rule, and is no part of the file.
#[track_caller]
fn case(rule: &str, files: &[(&str, &str)]) {
    let mut memory = MemoryFs::new();
    memory.insert("c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 0.1.0\n");
    let mut expected = Vec::new();
    for (name, text) in files {
        let mut clean = String::new();
        for piece in text.split_inclusive("=>") {
            clean.push_str(piece.trim_end_matches("=>"));
            if piece.ends_with("=>") {
                let line = clean.matches('\n').count() + 1;
                let column = clean.len() - clean.rfind('\n').map_or(0, |at| at + 1) + 1;
                expected.push(format!("c/{name}:{line}:{column}"));
            }
        }
        memory.insert(format!("c/{name}"), clean);
    }
    let request = Request {
        paths: vec!["c".to_owned()],
        ..Request::default()
    };
    let report = engine::run(&memory, &request);
    let found = report.diagnostics.iter().filter(|found| found.rule == rule);
    let mut found: Vec<String> = found
        .map(|found| {
            let at = &found.locations[0];
            let place = at.start_place();
            format!("{}:{}:{}", at.file.name(), place.line, place.column)
        })
        .collect();
    found.sort();
    found.dedup();
    expected.sort();
    assert_eq!(found, expected, "{:#?}", report.diagnostics);
}

fn config_map(data: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata:\n{data}")
}

fn secret(data: &str) -> String {
    format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: a}}\n{data}")
}

const BLOCK: &str = "config: |
  # password: changeme is no good
  db:
    user: changeme
    password: =>changeme
";

#[test]
fn in_a_block_of_a_values_file() {
    for data in [
        "  app.yaml: |\n    {{- .Values.config | nindent 4 }}\n",
        "  app.yaml: |\n{{ .Values.config | indent 4 }}\n",
        "  app.yaml: {{ .Values.config | quote }}\n",
        "  app.yaml: {{ .Values.config | toJson }}\n",
        "  app.yaml: |\n    {{- tpl .Values.config . | nindent 4 }}\n",
        "{{ dict \"app.yaml\" .Values.config | toYaml | indent 2 }}\n",
    ] {
        let template = config_map(data);
        case(
            "default-secret",
            &[("values.yaml", BLOCK), ("templates/a.yaml", &template)],
        );
    }
}

#[test]
fn in_text_of_other_styles() {
    let template = config_map("  app.yaml: |\n    {{- .Values.config | nindent 4 }}\n");
    for values in [
        "config: \"user: a\\npassword: =>changeme\\n\"\n",
        "config: \"user: a\\n\\\n  password: =>changeme\\n\"\n",
        "config: >\n  user: a\n\n  password: =>changeme\n",
        "config: |2\n    user: a\n    password: =>changeme\n",
    ] {
        // One line is shown whole.
        let values = match values.matches('\n').count() {
            1 => values.replace("=>", "").replace("config: ", "config: =>"),
            _ => values.to_owned(),
        };
        case(
            "default-secret",
            &[("values.yaml", &values), ("templates/a.yaml", &template)],
        );
    }
}

#[test]
fn in_what_is_encoded() {
    let template = secret("data:\n  app.yaml: {{ .Values.config | b64enc }}\n");
    case(
        "default-secret",
        &[("values.yaml", BLOCK), ("templates/a.yaml", &template)],
    );
    // Of the values that are encoded together, the one with the text that is wrong.
    let template = secret(
        "data:\n  app.yaml: {{ printf \"%s\\n%s\" .Values.first .Values.config | b64enc }}\n",
    );
    let values = format!("first: |\n  user: app\n  port: 1\n{BLOCK}");
    case(
        "default-secret",
        &[("values.yaml", &values), ("templates/a.yaml", &template)],
    );
}

#[test]
fn in_a_file_that_the_chart_reads() {
    let file = "db:\n  password: =>changeme\n";
    for data in [
        "data:\n  app.yaml: {{ .Files.Get \"conf/app.yaml\" | b64enc }}\n",
        "stringData:\n  app.yaml: |\n    {{- .Files.Get \"conf/app.yaml\" | nindent 4 }}\n",
        "data:\n{{ (.Files.Glob \"conf/*\").AsSecrets | indent 2 }}\n",
        "stringData:\n{{ (.Files.Glob \"conf/*\").AsConfig | indent 2 }}\n",
    ] {
        let template = secret(data);
        case(
            "default-secret",
            &[("conf/app.yaml", file), ("templates/a.yaml", &template)],
        );
    }
}

#[test]
fn a_scrape_target_in_a_block_of_a_values_file() {
    let values = "prometheus: |
  # nowhere:80
  scrape_configs:
    - job_name: a
      static_configs:
        - targets: [=>nowhere:80]
    - job_name: b
      static_configs:
        - targets:
            - =>nothing:80
";
    let map = config_map("  prometheus.yml: |\n    {{- .Values.prometheus | nindent 4 }}\n");
    let service =
        "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n";
    let template = format!("{map}---\n{service}");
    case(
        "scrape-target-unknown",
        &[("values.yaml", values), ("templates/a.yaml", &template)],
    );
}

#[test]
fn of_values_that_are_alike_the_one_with_the_name_of_a_secret() {
    let values = "db: {name: postgres, user: postgres, password: =>postgres}\n";
    let url = "postgres://%s:%s@db/%s\" .Values.db.user .Values.db.password .Values.db.name";
    for data in [
        format!("stringData:\n  url: {{{{ printf \"{url} }}}}\n"),
        format!("stringData:\n  url: {{{{ printf \"{url} | quote }}}}\n"),
        format!("data:\n  url: {{{{ printf \"{url} | b64enc }}}}\n"),
    ] {
        let template = secret(&data);
        case(
            "default-secret",
            &[("values.yaml", values), ("templates/a.yaml", &template)],
        );
    }
}

#[test]
fn a_literal_of_a_template_that_is_encoded() {
    for data in [
        "data:\n  password: {{ .Values.pw | default \"=>Zk3vQ9x21\" | b64enc }}\n",
        "data:\n  password: {{ \"=>Zk3vQ9x21\" | b64enc | quote }}\n",
        "data:\n  password: =>WmszdlE5eDIx\n",
        "stringData:\n  password: {{ .Values.pw | default \"=>Zk3vQ9x21\" }}\n",
        // Nobody knows the whole of it.
        "data:\n  password: {{ printf \"%s-%s\" \"Zk3vQ9x21\" .Values.pw | b64enc }}\n",
    ] {
        let template = secret(data);
        case(
            "default-secret",
            &[
                ("values.yaml", "pw: \"\"\n"),
                ("templates/a.yaml", &template),
            ],
        );
    }
}
