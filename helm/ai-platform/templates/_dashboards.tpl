{{/*
The Grafana dashboards. Panels of components that are off are left out, and so
are dashboards without panels.

A panel is written down as title, kind (stat, timeseries, table), unit, and
queries: [expression, legend], or [SQL] for PostgreSQL.
*/}}

{{- define "ai-platform.panels.overview" -}}
- title: Components up
  kind: stat
  queries: [['sum(up)', up]]
- title: Components down
  kind: stat
  queries: [['count(up == 0) or vector(0)', down]]
- title: Components
  kind: timeseries
  queries: [['up', '{{ "{{ service }}" }}']]
- title: Scrape duration
  kind: timeseries
  unit: s
  queries: [['scrape_duration_seconds', '{{ "{{ service }}" }}']]
{{- if include "ai-platform.modelKeys" . | fromJsonArray }}
- title: Requests to models
  kind: timeseries
  unit: reqps
  queries: [['sum by (model) (rate(maxserve_request_count_total{job="max-serve"}[$__rate_interval]))', '{{ "{{ model }}" }}']]
{{- end }}
{{- if and .Values.mcpjungle.enabled .Values.mcpjungle.telemetry }}
- title: Tool calls
  kind: timeseries
  unit: reqps
  queries: [['sum by (mcp_server_name, outcome) (rate(mcpjungle_tool_calls_total[$__rate_interval]))', '{{ "{{ mcp_server_name }} {{ outcome }}" }}']]
- title: Tool call latency, 95th percentile
  kind: timeseries
  unit: s
  queries: [['histogram_quantile(0.95, sum by (le, mcp_server_name) (rate(mcpjungle_tool_call_latency_seconds_bucket[$__rate_interval])))', '{{ "{{ mcp_server_name }}" }}']]
{{- end }}
{{- if .Values.qdrant.enabled }}
- title: Qdrant requests
  kind: timeseries
  unit: reqps
  queries: [['sum by (endpoint) (rate(rest_responses_total{job="qdrant"}[$__rate_interval]))', '{{ "{{ endpoint }}" }}']]
- title: Qdrant collections
  kind: stat
  queries: [['collections_total{job="qdrant"}', collections]]
{{- end }}
{{- if and .Values.minio.enabled (eq .Values.minio.config.prometheusAuthType "public") }}
- title: MinIO space used
  kind: timeseries
  unit: percentunit
  queries: [['1 - minio_cluster_capacity_usable_free_bytes / minio_cluster_capacity_usable_total_bytes', used]]
{{- end }}
{{- if .Values.jaeger.enabled }}
- title: Spans received
  kind: timeseries
  unit: cps
  queries: [['sum by (svc) (rate(jaeger_collector_spans_received_total[$__rate_interval]))', '{{ "{{ svc }}" }}']]
{{- end }}
- title: Memory of processes
  kind: timeseries
  unit: bytes
  queries: [['process_resident_memory_bytes', '{{ "{{ service }}" }}']]
- title: CPU of processes
  kind: timeseries
  unit: short
  queries: [['rate(process_cpu_seconds_total[$__rate_interval])', '{{ "{{ service }}" }}']]
- title: Series in Prometheus
  kind: stat
  queries: [['prometheus_tsdb_head_series', series]]
{{- end -}}

{{- define "ai-platform.panels.inference" -}}
- title: Requests
  kind: timeseries
  unit: reqps
  queries: [['sum by (model) (rate(maxserve_request_count_total{job="max-serve"}[$__rate_interval]))', '{{ "{{ model }}" }}']]
- title: Failed requests
  kind: timeseries
  unit: reqps
  queries: [['sum by (model, code) (rate(maxserve_request_count_total{job="max-serve",code=~"5.."}[$__rate_interval]))', '{{ "{{ model }} {{ code }}" }}']]
- title: Time to first token
  kind: timeseries
  unit: ms
  queries:
    - ['histogram_quantile(0.5, sum by (le, model) (rate(maxserve_time_to_first_token_milliseconds_bucket[$__rate_interval])))', '{{ "{{ model }}" }} median']
    - ['histogram_quantile(0.95, sum by (le, model) (rate(maxserve_time_to_first_token_milliseconds_bucket[$__rate_interval])))', '{{ "{{ model }}" }} 95th percentile']
- title: Request duration, 95th percentile
  kind: timeseries
  unit: ms
  queries: [['histogram_quantile(0.95, sum by (le, model) (rate(maxserve_request_time_milliseconds_bucket[$__rate_interval])))', '{{ "{{ model }}" }}']]
- title: Tokens generated
  kind: timeseries
  unit: cps
  queries: [['sum by (model) (rate(maxserve_num_output_tokens_total[$__rate_interval]))', '{{ "{{ model }}" }}']]
- title: Tokens read
  kind: timeseries
  unit: cps
  queries: [['sum by (model) (rate(maxserve_num_input_tokens_total[$__rate_interval]))', '{{ "{{ model }}" }}']]
- title: Requests running
  kind: timeseries
  queries: [['sum by (model) (maxserve_num_requests_running)', '{{ "{{ model }}" }}']]
- title: Requests queued
  kind: timeseries
  queries: [['sum by (model) (maxserve_num_requests_queued)', '{{ "{{ model }}" }}']]
- title: Batch size, median
  kind: timeseries
  queries: [['histogram_quantile(0.5, sum by (le, model) (rate(maxserve_batch_size_bucket[$__rate_interval])))', '{{ "{{ model }}" }}']]
{{- end -}}

{{- define "ai-platform.panels.learning" -}}
- title: Feedback a day
  kind: timeseries
  queries: [["SELECT date_trunc('day', created_at) AS time, count(*) AS feedback FROM platform.feedback WHERE $__timeFilter(created_at) GROUP BY 1 ORDER BY 1"]]
- title: Rating by model
  kind: table
  queries: [["SELECT model, count(*) AS answers, round(avg(rating), 2) AS rating FROM platform.feedback WHERE $__timeFilter(created_at) GROUP BY model ORDER BY model"]]
- title: Accuracy by model
  kind: timeseries
  unit: percentunit
  queries: [["SELECT window_start AS time, model AS metric, avg(accuracy) AS accuracy FROM platform.model_accuracy WHERE $__timeFilter(window_start) GROUP BY 1, 2 ORDER BY 1"]]
- title: LoRA adapters
  kind: table
  queries: [["SELECT name, version, base_model, intent, status, created_at FROM platform.lora_adapters ORDER BY created_at DESC LIMIT 50"]]
- title: Training runs
  kind: table
  queries: [["SELECT status, reason, samples, loss, started_at, finished_at FROM platform.training_runs ORDER BY created_at DESC LIMIT 50"]]
{{- end -}}

{{/*
A whole dashboard, as JSON. Takes dict "uid" "title" "datasource" "panels":
two panels a row.
*/}}
{{- define "ai-platform.dashboard" -}}
{
  "editable": false,
  "panels": [
    {{- range $i, $panel := .panels }}
    {{- if $i }},{{ end }}
    {
      "datasource": {
        "type": "{{ $.datasource }}",
        "uid": "{{ $.datasource }}"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "{{ default "short" .unit }}"
        },
        "overrides": []
      },
      "gridPos": {
        "h": 8,
        "w": 12,
        "x": {{ mod $i 2 | mul 12 }},
        "y": {{ div $i 2 | mul 8 }}
      },
      "id": {{ add1 $i }},
      "targets": [
        {{- range $j, $query := .queries }}
        {{- if $j }},{{ end }}
        {
          "datasource": {
            "type": "{{ $.datasource }}",
            "uid": "{{ $.datasource }}"
          },
          {{- if eq $.datasource "postgres" }}
          "editorMode": "code",
          "format": "{{ eq $panel.kind "table" | ternary "table" "time_series" }}",
          "rawQuery": true,
          "rawSql": {{ first $query | toJson }},
          {{- else }}
          "expr": {{ first $query | toJson }},
          "legendFormat": {{ last $query | toJson }},
          {{- end }}
          "refId": "{{ add 65 $j | int | printf "%c" }}"
        }
        {{- end }}
      ],
      "title": {{ toJson .title }},
      "type": "{{ .kind }}"
    }
    {{- end }}
  ],
  "refresh": "30s",
  "schemaVersion": 39,
  "tags": [
    "ai-platform"
  ],
  "time": {
    "from": "now-6h",
    "to": "now"
  },
  "timezone": "browser",
  "title": {{ toJson .title }},
  "uid": "{{ .uid }}",
  "version": 1
}
{{- end -}}

{{- define "ai-platform.dashboard.overview" -}}
{{- include "ai-platform.dashboard" (dict "uid" "ai-platform-overview" "title" "AI Platform overview" "datasource" "prometheus" "panels" (include "ai-platform.panels.overview" . | fromYamlArray)) }}
{{- end -}}

{{- define "ai-platform.dashboard.inference" -}}
{{- include "ai-platform.dashboard" (dict "uid" "ai-platform-inference" "title" "Model servers" "datasource" "prometheus" "panels" (include "ai-platform.panels.inference" . | fromYamlArray)) }}
{{- end -}}

{{- define "ai-platform.dashboard.learning" -}}
{{- include "ai-platform.dashboard" (dict "uid" "ai-platform-learning" "title" "Feedback and learning" "datasource" "postgres" "panels" (include "ai-platform.panels.learning" . | fromYamlArray)) }}
{{- end -}}

{{/* The names of the dashboards that there are, as YAML. */}}
{{- define "ai-platform.dashboards" -}}
{{- if and .Values.prometheus.enabled (include "ai-platform.modelKeys" . | fromJsonArray) }}
- inference
{{- end }}
{{- if .Values.postgres.enabled }}
- learning
{{- end }}
{{- if .Values.prometheus.enabled }}
- overview
{{- end }}
{{- end -}}
