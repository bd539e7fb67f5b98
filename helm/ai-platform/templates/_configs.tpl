{{/*
The contents of the five ConfigMaps: each template renders the entries of one
ConfigMap's data. All take the top-level scope.
*/}}

{{/* ------------------------------------------------------ agent-router-config */}}
{{- define "ai-platform.config.agentRouter" -}}
{{- $ := . -}}
{{- $on := include "ai-platform.modelKeys" . | fromJsonArray -}}
{{- $intents := dict -}}
{{- range $intent, $spec := .Values.agentRouter.routing.intents }}
{{- $chain := list }}
{{- range $spec.models }}
{{- if has . $on }}{{ $chain = append $chain (index $.Values .).model.servedName }}{{ end }}
{{- end }}
{{- if $chain }}{{ $_ := set $intents $intent $chain }}{{ end }}
{{- end }}
config.yaml: |
  # Configuration of the Agent Router.
  models:
    {{- range $on }}
    {{- $values := index $.Values . }}
    - name: {{ $values.model.servedName }}
      provider: openai-compatible
      base_url: http://{{ include "ai-platform.address" (list $ .) }}/v1
      health_url: http://{{ include "ai-platform.address" (list $ .) }}/health
      capabilities:
        {{- toYaml $values.model.capabilities | nindent 8 }}
      max_tokens: {{ int $values.model.maxLength }}
      max_concurrent_requests: {{ mul $values.model.maxBatchSize (int $values.replicas) }}
    {{- else }}
    []
    {{- end }}
  {{- with .Values.agentRouter.routing }}

  # What a request is about. Keywords are matched as whole words, whatever
  # their case; the intent with the highest score wins, the one with the higher
  # priority on a tie.
  intent_classification:
    default_intent: {{ ternary .defaultIntent (default "" (first (append (keys $intents | sortAlpha) ""))) (hasKey $intents .defaultIntent) | quote }}
    confidence_threshold: {{ .confidenceThreshold }}
    intents:
      {{- range $intent, $chain := $intents }}
      {{- $spec := get $.Values.agentRouter.routing.intents $intent }}
      - name: {{ $intent }}
        priority: {{ int $spec.priority }}
        keywords:
          {{- range $spec.keywords }}
          - {{ . | quote }}
          {{- end }}
      {{- else }}
      []
      {{- end }}

  # Where requests of an intent go.
  routing_rules:
    {{- range $intent, $chain := $intents }}
    {{- $spec := get $.Values.agentRouter.routing.intents $intent }}
    - name: {{ $intent }}-to-{{ first $chain }}
      intent: {{ $intent }}
      model: {{ first $chain }}
      priority: {{ int $spec.priority }}
      parameters:
        temperature: {{ $spec.temperature }}
    {{- else }}
    []
    {{- end }}

  # What is tried, in this order, when the model of an intent fails.
  fallback_chains:
    {{- range $intent, $chain := $intents }}
    {{ $intent }}:
      {{- range $chain }}
      - {{ . }}
      {{- end }}
    {{- else }}
    {}
    {{- end }}

  resilience:
    timeout_seconds: {{ .timeoutSeconds }}
    max_retries: {{ .maxRetries }}
    circuit_breaker:
      failure_threshold: {{ .circuitBreaker.failureThreshold }}
      reset_seconds: {{ .circuitBreaker.resetSeconds }}
  {{- end }}

  health_checks:
    interval_seconds: 15
    timeout_seconds: 5

  features:
    cache: {{ .Values.redis.enabled }}
    retrieval: {{ .Values.qdrant.enabled }}
    knowledge_graph: {{ .Values.neo4j.enabled }}
    memory: {{ .Values.mem0.enabled }}
    tools: {{ .Values.mcpjungle.enabled }}
    feedback: {{ .Values.postgres.enabled }}
    tracing: {{ .Values.jaeger.enabled }}
{{- end -}}

{{/* --------------------------------------------------------------- mcp-config */}}
{{- define "ai-platform.config.mcp" -}}
{{- $servers := list -}}
{{- with .Values.mcpjungle }}
{{- range $name, $server := .servers }}
{{- if $server.enabled }}
{{- $servers = append $servers $name }}
{{ $name }}.json: |
  {{- $definition := dict "name" $name "transport" "stdio" "description" $server.description "command" $server.command "args" $server.args }}
  {{- toPrettyJson $definition | nindent 2 }}
{{- end }}
{{- end }}
acl.yaml: |
  # Who may use which tools. A tool is called <server>__<tool>; an asterisk
  # stands for anything; what is denied is denied whatever else allows it.
  default_policy: {{ .acl.defaultPolicy }}
  servers:
    {{- range $servers }}
    - {{ . }}
    {{- else }}
    []
    {{- end }}
  roles:
    {{- range $name, $role := .acl.roles }}
    {{- $allow := list }}
    {{- $deny := list }}
    {{- /* Patterns for servers that are off are left out. */}}
    {{- range $role.allow }}
    {{- if or (eq . "*") (has (first (splitList "__" .)) $servers) }}{{ $allow = append $allow . }}{{ end }}
    {{- end }}
    {{- range $role.deny }}
    {{- if or (eq . "*") (has (first (splitList "__" .)) $servers) }}{{ $deny = append $deny . }}{{ end }}
    {{- end }}
    - name: {{ $name }}
      description: {{ $role.description | quote }}
      policies:
        allow: {{ toJson $allow }}
        deny: {{ toJson $deny }}
    {{- end }}
  users:
    {{- range .acl.users }}
    - name: {{ .name }}
      roles: {{ toJson .roles }}
    {{- end }}
register.sh: |
  # Registers the servers with MCPJungle, once it answers. Servers that are
  # registered already, or do not start, are reported and passed over.
  registry=http://127.0.0.1:{{ .ports.http }}
  tries=0
  until /mcpjungle list servers --registry "$registry" >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -ge 150 ]; then
      echo "register: $registry does not answer"
      exit 1
    fi
    sleep 2
  done
  for name in {{ join " " $servers }}; do
    if /mcpjungle register -c "/etc/mcpjungle/$name.json" --registry "$registry"; then
      echo "register: $name is registered"
    else
      echo "register: $name is not registered, or was before"
    fi
  done
{{- end }}
{{- end -}}

{{/* -------------------------------------------------------- prometheus-config */}}

{{/*
The endpoints that have metrics, of components that are on: a list of dicts
with the job, the key of the component, the name of the port and the path.
*/}}
{{- define "ai-platform.scrapeTargets" -}}
{{- if .Values.prometheus.enabled }}
- {job: prometheus, key: prometheus, port: http, path: /metrics}
{{- end }}
{{- if .Values.agentRouter.enabled }}
- {job: agent-router, key: agentRouter, port: metrics, path: /metrics}
{{- end }}
{{- if .Values.gateway.enabled }}
- {job: gateway, key: gateway, port: http, path: /metrics}
{{- end }}
{{- if .Values.learningEngine.enabled }}
- {job: learning-engine, key: learningEngine, port: http, path: /metrics}
{{- end }}
{{- if and .Values.mcpjungle.enabled .Values.mcpjungle.telemetry }}
- {job: mcpjungle, key: mcpjungle, port: http, path: /metrics}
{{- end }}
{{- if .Values.qdrant.enabled }}
- {job: qdrant, key: qdrant, port: http, path: /metrics}
{{- end }}
{{- if and .Values.minio.enabled (eq .Values.minio.config.prometheusAuthType "public") }}
- {job: minio, key: minio, port: api, path: /minio/v2/metrics/cluster}
{{- end }}
{{- if .Values.grafana.enabled }}
- {job: grafana, key: grafana, port: http, path: /metrics}
{{- end }}
{{- if .Values.jaeger.enabled }}
- {job: jaeger, key: jaeger, port: admin, path: /metrics}
{{- end }}
{{- end -}}

{{- define "ai-platform.config.prometheus" -}}
{{- $ := . -}}
{{- $models := include "ai-platform.modelKeys" . | fromJsonArray -}}
{{- with .Values.prometheus }}
prometheus.yml: |
  global:
    scrape_interval: {{ .scrapeInterval }}
    evaluation_interval: {{ .evaluationInterval }}
    external_labels:
      platform: {{ include "ai-platform.name" $ }}
      namespace: {{ include "ai-platform.namespace" $ }}
      {{- with .externalLabels }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
  {{- if .alerts.enabled }}
  rule_files:
    - /etc/prometheus/alerts.yml
  {{- end }}
  {{- with .alertmanagers }}
  alerting:
    alertmanagers:
      - static_configs:
          - targets:
              {{- range . }}
              - {{ . | quote }}
              {{- end }}
  {{- end }}
  scrape_configs:
    {{- range include "ai-platform.scrapeTargets" $ | fromYamlArray }}
    - job_name: {{ .job }}
      metrics_path: {{ .path }}
      static_configs:
        - targets:
            - {{ include "ai-platform.address" (list $ .key .port) }}
          labels:
            service: {{ .job }}
    {{- end }}
    {{- with $models }}
    - job_name: max-serve
      metrics_path: /metrics
      static_configs:
        {{- range . }}
        - targets:
            - {{ include "ai-platform.address" (list $ . "metrics") }}
          labels:
            service: {{ (include "ai-platform.component" . | fromYaml).name }}
            model: {{ (index $.Values .).model.servedName }}
        {{- end }}
    {{- end }}
    {{- with .extraScrapeConfigs }}
    {{- tpl (toYaml .) $ | nindent 4 }}
    {{- end }}
{{- if .alerts.enabled }}
alerts.yml: |
  groups:
    - name: availability
      rules:
        - alert: TargetDown
          expr: up == 0
          for: 5m
          labels:
            severity: critical
          annotations:
            summary: '{{ "{{ $labels.service }}" }} has not answered Prometheus for 5 minutes'
        - alert: TargetFlapping
          expr: changes(up[30m]) > 4
          labels:
            severity: warning
          annotations:
            summary: '{{ "{{ $labels.service }}" }} went up and down {{ "{{ $value }}" }} times in half an hour'
    {{- if $models }}
    - name: inference
      rules:
        - alert: SlowFirstToken
          expr: |
            histogram_quantile(0.95,
              sum by (le, model) (rate(maxserve_time_to_first_token_milliseconds_bucket{job="max-serve"}[10m]))
            ) > 5000
          for: 10m
          labels:
            severity: warning
          annotations:
            summary: 'One in twenty requests to {{ "{{ $labels.model }}" }} waits {{ "{{ $value }}" }} ms for its first token'
        - alert: ModelServerErrors
          expr: |
            sum by (model) (rate(maxserve_request_count_total{job="max-serve",code=~"5.."}[10m]))
              / sum by (model) (rate(maxserve_request_count_total{job="max-serve"}[10m])) > 0.05
          for: 10m
          labels:
            severity: critical
          annotations:
            summary: 'More than 5% of the requests to {{ "{{ $labels.model }}" }} fail'
    {{- end }}
    {{- if and $.Values.mcpjungle.enabled $.Values.mcpjungle.telemetry }}
    - name: tools
      rules:
        - alert: ToolCallErrors
          expr: |
            sum by (mcp_server_name) (rate(mcpjungle_tool_calls_total{outcome="error"}[15m]))
              / sum by (mcp_server_name) (rate(mcpjungle_tool_calls_total[15m])) > 0.2
          for: 15m
          labels:
            severity: warning
          annotations:
            summary: 'More than 20% of the tool calls to {{ "{{ $labels.mcp_server_name }}" }} fail'
    {{- end }}
    {{- if and $.Values.minio.enabled (eq $.Values.minio.config.prometheusAuthType "public") }}
    - name: storage
      rules:
        - alert: ObjectStorageAlmostFull
          expr: minio_cluster_capacity_usable_free_bytes / minio_cluster_capacity_usable_total_bytes < 0.1
          for: 15m
          labels:
            severity: warning
          annotations:
            summary: MinIO has less than 10% of its space left
    {{- end }}
    - name: prometheus
      rules:
        - alert: PrometheusConfigurationNotLoaded
          expr: prometheus_config_last_reload_successful == 0
          for: 5m
          labels:
            severity: critical
          annotations:
            summary: Prometheus runs with an older configuration than it was given
        - alert: PrometheusNotIngestingSamples
          expr: rate(prometheus_tsdb_head_samples_appended_total[5m]) == 0
          for: 10m
          labels:
            severity: critical
          annotations:
            summary: Prometheus stores no samples
{{- end }}
{{- end }}
{{- end -}}

{{/* ----------------------------------------------------- grafana-provisioning */}}
{{- define "ai-platform.config.grafana" -}}
{{- $ := . -}}
{{- $dashboards := include "ai-platform.dashboards" . | fromYamlArray -}}
datasources.yaml: |
  apiVersion: 1
  datasources:
    {{- if .Values.prometheus.enabled }}
    - name: Prometheus
      uid: prometheus
      type: prometheus
      access: proxy
      url: http://{{ include "ai-platform.address" (list . "prometheus") }}
      isDefault: true
      editable: false
      jsonData:
        httpMethod: POST
        timeInterval: {{ .Values.prometheus.scrapeInterval }}
    {{- end }}
    {{- if .Values.postgres.enabled }}
    - name: PostgreSQL
      uid: postgres
      type: postgres
      access: proxy
      url: {{ include "ai-platform.address" (list . "postgres") }}
      user: {{ .Values.postgres.auth.username }}
      editable: false
      jsonData:
        database: {{ .Values.postgres.auth.database }}
        sslmode: disable
        postgresVersion: 1500
        maxOpenConns: 10
      secureJsonData:
        # From the environment, where the Secret puts it.
        password: ${POSTGRES_PASSWORD}
    {{- end }}
    {{- if .Values.jaeger.enabled }}
    - name: Jaeger
      uid: jaeger
      type: jaeger
      access: proxy
      url: http://{{ include "ai-platform.address" (list . "jaeger" "query") }}
      editable: false
    {{- end }}
    {{- if not (or .Values.prometheus.enabled .Values.postgres.enabled .Values.jaeger.enabled) }}
    []
    {{- end }}
dashboards.yaml: |
  apiVersion: 1
  providers:
    {{- if $dashboards }}
    - name: ai-platform
      folder: AI Platform
      type: file
      disableDeletion: true
      allowUiUpdates: false
      updateIntervalSeconds: 60
      options:
        path: /etc/grafana/dashboards
    {{- else }}
    []
    {{- end }}
{{- range $dashboards }}
ai-platform-{{ . }}.json: |
  {{- include (printf "ai-platform.dashboard.%s" .) $ | nindent 2 }}
{{- end }}
{{- end -}}

{{/* ---------------------------------------------------- postgres-init-scripts */}}
{{- define "ai-platform.config.postgres" -}}
{{- $ := . -}}
{{- $models := include "ai-platform.modelKeys" . | fromJsonArray -}}
01-databases.sql: |
  -- Databases of other services on the same server.
  {{- if .Values.mcpjungle.enabled }}
  SELECT 'CREATE DATABASE "{{ .Values.mcpjungle.database }}"'
  WHERE NOT EXISTS (
    SELECT FROM pg_database WHERE datname = '{{ .Values.mcpjungle.database }}'
  )\gexec
  {{- end }}
02-schema.sql: |
  -- Feedback, model accuracy and LoRA adapters.
  CREATE SCHEMA IF NOT EXISTS platform;
  ALTER DATABASE "{{ .Values.postgres.auth.database }}" SET search_path TO platform, public;
  SET search_path TO platform, public;

  CREATE TABLE IF NOT EXISTS models (
    name         text PRIMARY KEY,
    source       text NOT NULL,
    capabilities text[] NOT NULL DEFAULT '{}',
    max_tokens   integer NOT NULL CHECK (max_tokens > 0),
    active       boolean NOT NULL DEFAULT true,
    created_at   timestamptz NOT NULL DEFAULT now()
  );

  CREATE TABLE IF NOT EXISTS intents (
    name        text PRIMARY KEY,
    description text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
  );

  -- A request and its answer, with what the user thought of it.
  CREATE TABLE IF NOT EXISTS feedback (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    request_id  uuid NOT NULL,
    user_id     text NOT NULL,
    model       text NOT NULL REFERENCES models (name),
    intent      text REFERENCES intents (name),
    prompt      text NOT NULL,
    response    text NOT NULL,
    rating      smallint CHECK (rating BETWEEN 1 AND 5),
    correction  text,
    latency_ms  integer CHECK (latency_ms >= 0),
    used_at     timestamptz,
    created_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (request_id, user_id)
  );
  COMMENT ON COLUMN feedback.used_at IS 'When training made use of it';

  -- How well a model did on an intent, over a window of time.
  CREATE TABLE IF NOT EXISTS model_accuracy (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    model          text NOT NULL REFERENCES models (name),
    intent         text NOT NULL REFERENCES intents (name),
    window_start   timestamptz NOT NULL,
    window_end     timestamptz NOT NULL,
    requests       integer NOT NULL DEFAULT 0 CHECK (requests >= 0),
    positive       integer NOT NULL DEFAULT 0 CHECK (positive >= 0),
    negative       integer NOT NULL DEFAULT 0 CHECK (negative >= 0),
    accuracy       double precision CHECK (accuracy BETWEEN 0 AND 1),
    avg_latency_ms double precision,
    created_at     timestamptz NOT NULL DEFAULT now(),
    CHECK (window_end > window_start),
    UNIQUE (model, intent, window_start)
  );

  CREATE TABLE IF NOT EXISTS lora_adapters (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name         text NOT NULL,
    version      integer NOT NULL DEFAULT 1 CHECK (version > 0),
    base_model   text NOT NULL,
    intent       text REFERENCES intents (name),
    rank         integer NOT NULL CHECK (rank > 0),
    alpha        integer NOT NULL CHECK (alpha > 0),
    storage_path text NOT NULL,
    fisher_path  text,
    status       text NOT NULL DEFAULT 'training'
                 CHECK (status IN ('training', 'evaluating', 'active', 'retired', 'failed')),
    metrics      jsonb NOT NULL DEFAULT '{}',
    created_at   timestamptz NOT NULL DEFAULT now(),
    activated_at timestamptz,
    UNIQUE (name, version)
  );

  CREATE TABLE IF NOT EXISTS training_runs (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    adapter_id  uuid REFERENCES lora_adapters (id) ON DELETE SET NULL,
    reason      text NOT NULL DEFAULT 'scheduled'
                CHECK (reason IN ('scheduled', 'manual', 'threshold')),
    status      text NOT NULL DEFAULT 'queued'
                CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    samples     integer NOT NULL DEFAULT 0 CHECK (samples >= 0),
    ewc_lambda  double precision,
    loss        double precision,
    error       text,
    started_at  timestamptz,
    finished_at timestamptz,
    created_at  timestamptz NOT NULL DEFAULT now()
  );
03-indexes.sql: |
  SET search_path TO platform, public;

  CREATE INDEX IF NOT EXISTS feedback_created_at ON feedback (created_at DESC);
  CREATE INDEX IF NOT EXISTS feedback_model_intent ON feedback (model, intent, created_at DESC);
  CREATE INDEX IF NOT EXISTS feedback_user ON feedback (user_id, created_at DESC);
  CREATE INDEX IF NOT EXISTS feedback_unused ON feedback (created_at) WHERE used_at IS NULL;
  CREATE INDEX IF NOT EXISTS model_accuracy_window ON model_accuracy (intent, window_start DESC);
  CREATE UNIQUE INDEX IF NOT EXISTS lora_adapters_one_active
    ON lora_adapters (base_model, intent) WHERE status = 'active';
  CREATE INDEX IF NOT EXISTS lora_adapters_metrics ON lora_adapters USING gin (metrics);
  CREATE INDEX IF NOT EXISTS training_runs_status ON training_runs (status, created_at DESC);
04-data.sql: |
  SET search_path TO platform, public;
  {{- with .Values.agentRouter.routing.intents }}

  INSERT INTO intents (name, description) VALUES
    {{- $rows := list }}
    {{- range $intent, $spec := . }}
    {{- $rows = append $rows (printf "('%s', 'Requests about: %s')" $intent (join ", " $spec.keywords | trunc 200 | replace "'" "''")) }}
    {{- end }}
    {{- join ",\n" $rows | nindent 4 }}
  ON CONFLICT (name) DO NOTHING;
  {{- end }}
  {{- with $models }}

  INSERT INTO models (name, source, capabilities, max_tokens) VALUES
    {{- $rows := list }}
    {{- range . }}
    {{- with (index $.Values .).model }}
    {{- $rows = append $rows (printf "('%s', '%s', ARRAY['%s'], %d)" .servedName .id (join "', '" .capabilities) (int .maxLength)) }}
    {{- end }}
    {{- end }}
    {{- join ",\n" $rows | nindent 4 }}
  ON CONFLICT (name) DO NOTHING;
  {{- end }}
{{- end -}}
