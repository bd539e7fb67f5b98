//! What is absent is shown at the values key that brings it about: the idioms of charts.

use aiplat::engine::{self, Request};
use aiplat::vfs::MemoryFs;

const LIVENESS: &str = "liveness-probe-missing";
const GPU: &str = "gpu-request-missing";

/// The chart of [`with`] has no liveness probe.
#[track_caller]
fn live(values: &str, container: &str, expected: &str) {
    with(LIVENESS, values, container, "", &[], expected);
}

/// The same with helpers and `--set`.
#[track_caller]
fn live_with(values: &str, container: &str, helpers: &str, set: &[&str], expected: &str) {
    with(LIVENESS, values, container, helpers, set, expected);
}

/// The chart of [`with`] asks for no GPU.
#[track_caller]
fn gpu(values: &str, container: &str, expected: &str) {
    with(GPU, values, container, "", &[], expected);
}

/// Lints a chart of one Deployment. `container` is the template of its container behind the name
/// and the image, `values` those of the chart. The finding of `rule` must be at the line
/// `expected`, as `FILE: LINE`.
#[track_caller]
fn with(rule: &str, values: &str, container: &str, helpers: &str, set: &[&str], expected: &str) {
    let head = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: api\nspec:\n  selector:\n    matchLabels: {app: api}\n  template:\n    metadata:\n      labels: {app: api}\n    spec:\n      containers:\n        - name: vllm\n          image: vllm/vllm-openai:v0.9.0\n";
    let tail = "\n        - name: proxy\n          image: {{ .Values.proxy | default \"envoy\" }}\n          livenessProbe: {tcpSocket: {port: 1}}\n";
    let template = format!("{head}{container}{tail}");
    let files = [
        ("values.yaml", values),
        ("templates/api.yaml", &template),
        ("templates/_helpers.tpl", helpers),
    ];
    let mut memory = MemoryFs::new();
    memory.insert("c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 0.1.0\n");
    for (name, text) in files {
        memory.insert(format!("c/{name}"), text);
    }
    let request = Request {
        paths: vec!["c".to_owned()],
        values: set
            .iter()
            .map(|text| aiplat::chart::ValuesInput::Set((*text).to_owned()))
            .collect(),
        ..Request::default()
    };
    let report = engine::run(&memory, &request);
    let failed = report.diagnostics.iter().find(|found| found.is_failure);
    assert!(failed.is_none(), "{failed:?}");
    let found: Vec<String> = report
        .diagnostics
        .iter()
        .filter(|found| found.rule == rule)
        .map(|found| {
            let at = found.primary().unwrap();
            let text = String::from_utf8_lossy(at.file.bytes()).into_owned();
            let line = text.lines().nth(at.start_place().line - 1).unwrap();
            let name = at.file.name().trim_start_matches("c/");
            format!("{name}: {}", line.trim())
        })
        .collect();
    assert_eq!(found, [expected]);
}

#[test]
fn a_switch_that_is_off() {
    let container = "
          {{- if .Values.livenessProbe.enabled }}
          livenessProbe:
            {{- omit .Values.livenessProbe \"enabled\" | toYaml | nindent 12 }}
          {{- end }}";
    let values = "livenessProbe:\n  enabled: false\n  tcpSocket: {port: 1}\n";
    live(values, container, "values.yaml: enabled: false");
    // The switch is gone, or nulled.
    let values = "livenessProbe:\n  tcpSocket: {port: 1}\n";
    live(values, container, "values.yaml: livenessProbe:");
    // What was given on the command line is what has to change.
    let values = "livenessProbe:\n  enabled: true\n  tcpSocket: {port: 1}\n";
    live_with(
        values,
        container,
        "",
        &["livenessProbe.enabled=false"],
        "--set[0]: livenessProbe.enabled=false",
    );
}

#[test]
fn a_switch_of_another_name() {
    let container = "
          {{- if not .Values.debug }}
          ports: [{containerPort: 1}]
          livenessProbe: {tcpSocket: {port: 1}}
          {{- end }}";
    live("debug: true\n", container, "values.yaml: debug: true");
    let container = "
          {{- if and .Values.checks.active .Values.checks.health.liveness }}
          livenessProbe: {{ toYaml .Values.checks.health.liveness | nindent 12 }}
          {{- end }}";
    let values = "checks:\n  active: true\n  health:\n    liveness: {}\n";
    live(values, container, "values.yaml: liveness: {}");
    let values = "checks:\n  active: false\n  health:\n    liveness: {tcpSocket: {port: 1}}\n";
    live(values, container, "values.yaml: active: false");
    let values = "checks:\n  active: true\n  health:\n    readiness: {}\n";
    live(values, container, "values.yaml: health:");
}

#[test]
fn a_probe_that_is_empty_nulled_or_gone() {
    let container = "
          {{- with .Values.livenessProbe }}
          livenessProbe:
            {{- toYaml . | nindent 12 }}
          {{- end }}";
    live(
        "livenessProbe: {}\n",
        container,
        "values.yaml: livenessProbe: {}",
    );
    // At the root there is no key around it to point at.
    live(
        "replicas: 1\n",
        container,
        "templates/api.yaml: - name: vllm",
    );
    let container = "
          {{ if .Values.probes.liveness }}
          livenessProbe: {{ toYaml .Values.probes.liveness | nindent 12 }}
          {{ end }}";
    let values = "probes:\n  readiness: {}\n  liveness: {}\n";
    live(values, container, "values.yaml: liveness: {}");
    let values = "probes:\n  readiness: {}\n  liveness:\n";
    live(values, container, "values.yaml: liveness:");
    let values = "probes:\n  readiness: {}\n";
    live(values, container, "values.yaml: probes:");
    let values = "probes:\n  liveness: {tcpSocket: {port: 1}}\n";
    live_with(
        values,
        container,
        "",
        &["probes.liveness=null"],
        "--set[0]: probes.liveness=null",
    );
    // What adds another probe is not at fault.
    live_with(
        "probes:\n  startup: {}\n",
        container,
        "",
        &["a=1,probes.readiness.tcpSocket.port=1"],
        "values.yaml: probes:",
    );
}

#[test]
fn the_last_of_a_chain() {
    let container = "
          {{- if .Values.customLivenessProbe }}
          livenessProbe: {{ toYaml .Values.customLivenessProbe | nindent 12 }}
          {{- else if .Values.livenessProbe.enabled }}
          livenessProbe: {{ toYaml (omit .Values.livenessProbe \"enabled\") | nindent 12 }}
          {{- end }}";
    let values = "customLivenessProbe: {}\nlivenessProbe:\n  enabled: false\n";
    live(values, container, "values.yaml: enabled: false");
}

#[test]
fn an_else_that_writes_something_else() {
    let container = "
          {{- if .Values.checks.alive }}
          livenessProbe: {{ toYaml .Values.checks.alive | nindent 12 }}
          {{- else }}
          lifecycle: {}
          {{- end }}";
    let values = "checks:\n  alive: {}\n";
    live(values, container, "values.yaml: alive: {}");
}

#[test]
fn a_loop_over_the_probes_that_are_set() {
    let container = "
          {{- range $kind, $probe := .Values.probes }}
          {{- if $probe.enabled }}
          {{ $kind }}Probe: {{ toYaml $probe.check | nindent 12 }}
          {{- end }}
          {{- end }}";
    let values = "probes:\n  readiness: {enabled: false}\n  liveness:\n    enabled: !!bool false\n";
    live(values, container, "values.yaml: enabled: !!bool false");
    let values = "probes:\n  readiness:\n    enabled: false\n";
    live(values, container, "values.yaml: probes:");
    live("probes: {}\n", container, "values.yaml: probes: {}");
}

#[test]
fn containers_that_the_values_write() {
    let container = "
        {{- with .Values.more }}
        {{- toYaml . | nindent 8 }}
        {{- end }}";
    let container = format!("          livenessProbe: {{tcpSocket: {{port: 1}}}}{container}");
    let case = |values, expected| live_with(values, &container, "", &[], expected);
    let values = "more:\n  - image: a\n    name: more\n";
    case(values, "values.yaml: - image: a");
    // What is printed first is not what is written first.
    let values = "more:\n  - name: more\n    image: a\n    args:\n      - b\n";
    case(values, "values.yaml: - name: more");
}

#[test]
fn probes_that_a_helper_writes() {
    let helpers = r#"
{{- define "probes" -}}
{{- range $kind := list "startup" "liveness" "readiness" }}
{{- with get (default dict $.probes) $kind }}
{{ $kind }}Probe:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end -}}
{{- define "liveness" }}
livenessProbe:
  {{- toYaml .Values.check | nindent 2 }}
{{- end }}"#;
    let container = "          {{- include \"probes\" .Values | nindent 10 }}";
    let values = "probes:\n  startup: {}\n  liveness: {}\n";
    live_with(values, container, helpers, &[], "values.yaml: liveness: {}");
    let values = "probes:\n  startup: {}\n";
    live_with(values, container, helpers, &[], "values.yaml: probes:");
    let container = "
          {{- if .Values.checked }}
          {{- include \"liveness\" . | nindent 10 }}
          {{- end }}";
    live_with(
        "checked: false\n",
        container,
        helpers,
        &[],
        "values.yaml: checked: false",
    );
}

#[test]
fn a_probe_that_is_printed_empty() {
    let container = "
          livenessProbe: {{ toYaml .Values.livenessProbe | nindent 12 }}";
    live(
        "livenessProbe: {}\n",
        container,
        "values.yaml: livenessProbe: {}",
    );
    let container = "
          livenessProbe:
            {{- toYaml .Values.probes.alive | nindent 12 }}";
    live(
        "probes:\n  alive: {}\n",
        container,
        "values.yaml: alive: {}",
    );
    let values = "probes:\n  alive:\n    periodSeconds: 5\n";
    live(values, container, "values.yaml: alive:");
}

#[test]
fn the_values_are_not_at_fault() {
    // The template writes the probe of another container only.
    let container = "
        {{- if .Values.sidecar.enabled }}
        - name: sidecar
          image: sidecar
          livenessProbe: {tcpSocket: {port: 1}}
        {{- end }}";
    let values = "sidecar:\n  enabled: false\n";
    live(values, container, "templates/api.yaml: - name: vllm");
    // The values have the probe, and the template drops it.
    let container = "
          {{- with get (omit .Values.probes \"liveness\") \"liveness\" }}
          livenessProbe: {{ toYaml . | nindent 12 }}
          {{- end }}";
    let values = "probes:\n  liveness: {tcpSocket: {port: 1}}\n";
    live(values, container, "templates/api.yaml: - name: vllm");
    // The key of the probe's name holds something else.
    let container = "
          args: [\"--sidecar={{ .Values.images.livenessProbe }}\"]";
    let values = "images:\n  livenessProbe: csi-livenessprobe:1\n";
    live(values, container, "templates/api.yaml: - name: vllm");
    let container = "
          args: [\"--sidecar={{ .Values.images.livenessProbe.name }}\"]";
    let values = "images:\n  livenessProbe:\n    name: csi-livenessprobe:1\n";
    live(values, container, "templates/api.yaml: - name: vllm");
    // What was not taken writes something else.
    let container = "
          {{- if .Values.alive }}
          env: [{name: livenessProbe, value: none}]
          {{- end }}";
    live(
        "alive: false\n",
        container,
        "templates/api.yaml: - name: vllm",
    );
}

#[test]
fn gpus_that_the_values_leave_out() {
    let container = "
          resources: {{ toYaml .Values.resources | nindent 12 }}";
    gpu("resources: {}\n", container, "values.yaml: resources: {}");
    let container = "
          resources: {{ toYaml .Values.vllm.resources | nindent 12 }}";
    let values = "vllm:\n  resources:\n";
    gpu(values, container, "values.yaml: resources:");
    gpu("vllm:\n  replicas: 1\n", container, "values.yaml: vllm:");
    let container = "
          {{- with .Values.compute }}
          resources:
            {{- toYaml . | nindent 12 }}
          {{- end }}";
    gpu("compute: {}\n", container, "values.yaml: compute: {}");
    let values = "compute:\n  requests: {cpu: 1}\n";
    gpu(values, container, "values.yaml: compute:");
    let container = "
          resources:
            limits:
              cpu: {{ .Values.cpu }}
              {{- if .Values.gpu.enabled }}
              nvidia.com/gpu: {{ .Values.gpu.count }}
              {{- end }}";
    let values = "cpu: 1\ngpu:\n  enabled: false\n  count: 1\n";
    gpu(values, container, "values.yaml: enabled: false");
    let container = "
          resources:
            limits:
              cpu: {{ .Values.cpu }}";
    gpu("cpu: 1\n", container, "templates/api.yaml: resources:");
}

#[test]
fn a_resource_whose_name_has_a_default() {
    let container = "
          resources:
            limits:
              memory: 1Gi
              {{- if gt (int .Values.number) 0 }}
              {{ default \"nvidia.com/gpu\" .Values.kind }}: {{ .Values.number }}
              {{- end }}";
    let values = "number: 0\nkind: \"\"\n";
    gpu(values, container, "values.yaml: number: 0");
}

#[test]
fn what_decided_on_something_else_in_the_map_that_was_asked() {
    let container = "
          {{- $container := dict \"image\" \"a\" }}
          {{- if .Values.env }}
          {{- $_ := set $container \"env\" .Values.env }}
          {{- end }}
          {{- if $container.livenessProbe }}
          livenessProbe: {{ toYaml $container.livenessProbe | nindent 12 }}
          {{- end }}";
    live("env: {}\n", container, "templates/api.yaml: - name: vllm");
}
