{{/*
Helpers of the ai-platform chart.

Most of them take a component context:

  dict "root" $ "name" "qdrant" "role" "vector-database" "values" .Values.qdrant

where root is the top-level scope, name the name of the component's objects,
role the value of the app.kubernetes.io/component label, and values the
component's part of the values.
*/}}

{{/* The name of the chart, as the part-of label has it. */}}
{{- define "ai-platform.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* Chart name and version, as the helm.sh/chart label has it. */}}
{{- define "ai-platform.chart" -}}
{{- printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* The namespace of every namespaced object. */}}
{{- define "ai-platform.namespace" -}}
{{- default .Release.Namespace .Values.namespace.name -}}
{{- end -}}

{{/*
The name of an object: as given, with namePrefix before it where one is set.
Takes (list $ "name").
*/}}
{{- define "ai-platform.objectName" -}}
{{- $root := index . 0 -}}
{{- printf "%s%s" $root.Values.namePrefix (index . 1) | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* The in-cluster host name of a component's Service. Takes (list $ "name"). */}}
{{- define "ai-platform.host" -}}
{{- $root := index . 0 -}}
{{- printf "%s.%s.svc" (include "ai-platform.objectName" .) (include "ai-platform.namespace" $root) -}}
{{- end -}}

{{/*
The components, each under its key in the values: name of the objects, role,
and the port that other components use. Everything that goes through all
components (Services, claims, budgets, policies, notes) goes through this table.
*/}}
{{- define "ai-platform.components.qdrant" -}} {name: qdrant, role: vector-database, port: http, kind: StatefulSet} {{- end -}}
{{- define "ai-platform.components.redis" -}} {name: redis, role: cache, port: redis, kind: StatefulSet} {{- end -}}
{{- define "ai-platform.components.postgres" -}} {name: postgres, role: database, port: postgres, kind: StatefulSet} {{- end -}}
{{- define "ai-platform.components.neo4j" -}} {name: neo4j, role: graph-database, port: bolt, kind: StatefulSet} {{- end -}}
{{- define "ai-platform.components.minio" -}} {name: minio, role: object-storage, port: api, kind: StatefulSet} {{- end -}}
{{- define "ai-platform.components.maxServeLlama" -}} {name: max-serve-llama, role: inference, port: http, kind: Deployment} {{- end -}}
{{- define "ai-platform.components.maxServeQwen" -}} {name: max-serve-qwen, role: inference, port: http, kind: Deployment} {{- end -}}
{{- define "ai-platform.components.maxServeDeepseek" -}} {name: max-serve-deepseek, role: inference, port: http, kind: Deployment} {{- end -}}
{{- define "ai-platform.components.agentRouter" -}} {name: agent-router, role: api, port: http, kind: Deployment} {{- end -}}
{{- define "ai-platform.components.gateway" -}} {name: gateway, role: gateway, port: http, kind: Deployment} {{- end -}}
{{- define "ai-platform.components.mcpjungle" -}} {name: mcpjungle, role: mcp-gateway, port: http, kind: Deployment} {{- end -}}
{{- define "ai-platform.components.learningEngine" -}} {name: learning-engine, role: training, port: http, kind: Deployment} {{- end -}}
{{- define "ai-platform.components.mem0" -}} {name: mem0, role: memory, port: http, kind: Deployment} {{- end -}}
{{- define "ai-platform.components.prometheus" -}} {name: prometheus, role: metrics, port: http, kind: Deployment} {{- end -}}
{{- define "ai-platform.components.grafana" -}} {name: grafana, role: dashboards, port: http, kind: Deployment} {{- end -}}
{{- define "ai-platform.components.jaeger" -}} {name: jaeger, role: tracing, port: otlp-grpc, kind: Deployment} {{- end -}}

{{/* One of them. Takes the key. */}}
{{- define "ai-platform.component" -}}
{{- include (printf "ai-platform.components.%s" .) . -}}
{{- end -}}

{{/* All of them, by key. */}}
{{- define "ai-platform.components" -}}
{{- range list "qdrant" "redis" "postgres" "neo4j" "minio"
    "maxServeLlama" "maxServeQwen" "maxServeDeepseek" "agentRouter" "gateway"
    "mcpjungle" "learningEngine" "mem0" "prometheus" "grafana" "jaeger" }}
{{ . }}: {{ include "ai-platform.component" . }}
{{- end }}
{{- end -}}

{{/*
A URL-less address, host:port, of a component. Takes (list $ "key") or
(list $ "key" "port name").
*/}}
{{- define "ai-platform.address" -}}
{{- $root := index . 0 -}}
{{- $key := index . 1 -}}
{{- $component := include "ai-platform.component" $key | fromYaml -}}
{{- $port := $component.port -}}
{{- if gt (len .) 2 }}{{ $port = index . 2 }}{{ end -}}
{{- $values := index $root.Values $key -}}
{{- printf "%s:%v" (include "ai-platform.host" (list $root $component.name)) (get $values.ports $port) -}}
{{- end -}}

{{/* ---------------------------------------------------------------- labels */}}

{{/* What a selector selects by: never changes during a release's life. */}}
{{- define "ai-platform.selectorLabels" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end -}}

{{/* The version label: the image tag of a component. */}}
{{- define "ai-platform.version" -}}
{{- $tag := .root.Chart.AppVersion -}}
{{- with .values }}{{ with .image }}{{ $tag = default $tag .tag }}{{ end }}{{ end -}}
{{- $tag | toString | replace "+" "_" | trunc 63 | trimSuffix "-" | trimSuffix "." -}}
{{- end -}}

{{/* All labels of an object. */}}
{{- define "ai-platform.labels" -}}
helm.sh/chart: {{ include "ai-platform.chart" .root }}
{{ include "ai-platform.selectorLabels" . }}
app.kubernetes.io/component: {{ .role }}
app.kubernetes.io/version: {{ include "ai-platform.version" . | quote }}
app.kubernetes.io/part-of: {{ include "ai-platform.name" .root }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Labels of an object that belongs to no single component. Takes $. */}}
{{- define "ai-platform.releaseLabels" -}}
{{- include "ai-platform.labels" (dict "root" . "name" (include "ai-platform.name" .) "role" "platform" "values" dict) -}}
{{- end -}}

{{/*
Labels of a pod: without the chart version, so that an upgrade of the chart
alone does not restart a database.
*/}}
{{- define "ai-platform.podLabels" -}}
{{ include "ai-platform.selectorLabels" . }}
app.kubernetes.io/component: {{ .role }}
app.kubernetes.io/version: {{ include "ai-platform.version" . | quote }}
app.kubernetes.io/part-of: {{ include "ai-platform.name" .root }}
{{- with .values.podLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* metadata of a component's object, with name, namespace and labels. */}}
{{- define "ai-platform.metadata" -}}
name: {{ include "ai-platform.objectName" (list .root .name) }}
namespace: {{ include "ai-platform.namespace" .root }}
labels:
  {{- include "ai-platform.labels" . | nindent 2 }}
{{- end -}}

{{/* ------------------------------------------------------------------ pods */}}

{{/* The image of a container. Takes dict "root" $ "image" .image. */}}
{{- define "ai-platform.image" -}}
{{- $repository := required "image.repository must not be empty" .image.repository -}}
{{- with .root.Values.global.imageRegistry }}
{{- $repository = printf "%s/%s" (trimSuffix "/" .) $repository -}}
{{- end -}}
{{- if .image.digest -}}
{{- printf "%s@%s" $repository .image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (default .root.Chart.AppVersion .image.tag | toString) -}}
{{- end -}}
{{- end -}}

{{- define "ai-platform.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "ai-platform.objectName" (list . (include "ai-platform.name" .))) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/*
What every pod has in common. No service of the platform calls the Kubernetes
API, so no token is mounted; and the variables of service links would clash
with configuration that software reads from the environment (Neo4j takes every
NEO4J_* variable for a setting, a Service called "neo4j" makes a dozen).
*/}}
{{- define "ai-platform.podSpec" -}}
serviceAccountName: {{ include "ai-platform.serviceAccountName" .root }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .root.Values.global.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.podSecurityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.runtimeClassName }}
runtimeClassName: {{ . }}
{{- end }}
{{- with .values.terminationGracePeriodSeconds }}
terminationGracePeriodSeconds: {{ . }}
{{- end }}
{{- include "ai-platform.scheduling" . }}
{{- end -}}

{{/*
Scheduling: an explicit affinity wins over the anti-affinity preset, and a
spread constraint without a selector is given the component's.
*/}}
{{- define "ai-platform.scheduling" -}}
{{- $c := . -}}
{{- with .values.scheduling }}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if .affinity }}
affinity:
  {{- toYaml .affinity | nindent 2 }}
{{- else if eq (default "none" .podAntiAffinity) "soft" }}
affinity:
  podAntiAffinity:
    preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 100
        podAffinityTerm:
          topologyKey: kubernetes.io/hostname
          labelSelector:
            matchLabels:
              {{- include "ai-platform.selectorLabels" $c | nindent 14 }}
{{- else if eq (default "none" .podAntiAffinity) "hard" }}
affinity:
  podAntiAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      - topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels:
            {{- include "ai-platform.selectorLabels" $c | nindent 12 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .topologySpreadConstraints }}
topologySpreadConstraints:
  {{- range . }}
  {{- $selector := dict "matchLabels" (include "ai-platform.selectorLabels" $c | fromYaml) }}
  - {{- toYaml (merge (deepCopy .) (dict "labelSelector" $selector)) | nindent 4 }}
  {{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* The ports of a container, from the component's ports. */}}
{{- define "ai-platform.containerPorts" -}}
ports:
  {{- range $name, $port := .values.ports }}
  - name: {{ $name }}
    containerPort: {{ $port }}
    protocol: {{ ternary "UDP" "TCP" (hasSuffix "-udp" $name) }}
  {{- end }}
{{- end -}}

{{/* The probes of a container, those that are set. Takes the probes. */}}
{{- define "ai-platform.probes" -}}
{{- range $kind := list "startup" "liveness" "readiness" }}
{{- with get (default dict $.values.probes) $kind }}
{{ $kind }}Probe:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end -}}

{{/*
The tail of every container: ports, probes, resources and security context.
*/}}
{{- define "ai-platform.containerRest" -}}
{{ include "ai-platform.containerPorts" . }}
{{- include "ai-platform.probes" . }}
{{- with .values.resources }}
resources:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.containerSecurityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The user's own variables, which may use templates. */}}
{{- define "ai-platform.extraEnv" -}}
{{- with .values.extraEnv }}
{{ tpl (toYaml .) $.root }}
{{- end }}
{{- end -}}

{{/* The pod annotations of a component: the user's and the given checksums. */}}
{{- define "ai-platform.podAnnotations" -}}
{{- $annotations := dict -}}
{{- range $name, $text := default dict .checksums }}
{{- $_ := set $annotations (printf "checksum/%s" $name) ($text | sha256sum) -}}
{{- end -}}
{{- $annotations = merge (dict) (default dict .values.podAnnotations) $annotations -}}
{{- with $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/*
An init container that waits until the given components accept connections.
Takes dict "root" $ "keys" (list "postgres" ...). Components that are off are
left out; with none left nothing is rendered.
*/}}
{{- define "ai-platform.waitFor" -}}
{{- $addresses := list -}}
{{- range $key := .keys }}
{{- if (index $.root.Values $key).enabled }}
{{- $addresses = append $addresses (include "ai-platform.address" (list $.root $key)) -}}
{{- end }}
{{- end }}
{{- with .root.Values.waitFor }}
{{- if and .enabled $addresses }}
initContainers:
  - name: wait-for
    image: {{ include "ai-platform.image" (dict "root" $.root "image" .image) | quote }}
    imagePullPolicy: {{ .image.pullPolicy }}
    command:
      - sh
      - -c
      - |
        for address in "$@"; do
          until nc -z -w 2 "${address%:*}" "${address##*:}"; do
            echo "waiting for ${address}"
            sleep 2
          done
          echo "${address} is up"
        done
      - wait-for
    args:
      {{- range $addresses }}
      - {{ . | quote }}
      {{- end }}
    {{- with .resources }}
    resources:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with .containerSecurityContext }}
    securityContext:
      {{- toYaml . | nindent 6 }}
    {{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* ------------------------------------------------------------ persistence */}}

{{/* "true" where a claim is to be made for the persistence given. */}}
{{- define "ai-platform.claims" -}}
{{- if and .enabled (not .existingClaim) }}true{{ end -}}
{{- end -}}

{{/* The spec of a claim. Takes dict "root" $ "persistence" ... */}}
{{- define "ai-platform.claimSpec" -}}
accessModes:
  {{- toYaml .persistence.accessModes | nindent 2 }}
{{- $class := default .root.Values.global.storageClass .persistence.storageClass }}
{{- if eq $class "-" }}
storageClassName: ""
{{- else if $class }}
storageClassName: {{ $class }}
{{- end }}
resources:
  requests:
    storage: {{ required "persistence.size must not be empty" .persistence.size }}
{{- with .persistence.selector }}
selector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/*
A volume of a Deployment: the claim made by the chart, an existing claim, or an
emptyDir. Takes dict "root" $ "volume" "data" "claim" "prometheus-data"
"persistence" ...
*/}}
{{- define "ai-platform.deploymentVolume" -}}
- name: {{ .volume }}
{{- if not .persistence.enabled }}
  emptyDir: {}
{{- else }}
  persistentVolumeClaim:
    claimName: {{ default (include "ai-platform.objectName" (list .root .claim)) .persistence.existingClaim }}
{{- end }}
{{- end -}}

{{/*
A volume of a StatefulSet, where it is not made from a claim template: an
existing claim or an emptyDir.
*/}}
{{- define "ai-platform.statefulSetVolume" -}}
{{- if not .persistence.enabled }}
- name: {{ .volume }}
  emptyDir: {}
{{- else if .persistence.existingClaim }}
- name: {{ .volume }}
  persistentVolumeClaim:
    claimName: {{ .persistence.existingClaim }}
{{- end }}
{{- end -}}

{{/*
The claim templates of a StatefulSet. Takes the component context with
"persistences", a dict of volume name and persistence. The API server refuses
changes to them, so they carry the selector labels and nothing that changes.
*/}}
{{- define "ai-platform.claimTemplates" -}}
{{- $templates := list -}}
{{- range $volume, $persistence := .persistences }}
{{- if include "ai-platform.claims" $persistence }}
{{- $templates = append $templates $volume }}
{{- end }}
{{- end }}
{{- with $templates }}
volumeClaimTemplates:
  {{- range . }}
  {{- $persistence := get $.persistences . }}
  - metadata:
      name: {{ . }}
      labels:
        {{- include "ai-platform.selectorLabels" $ | nindent 8 }}
      {{- with $persistence.annotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      {{- include "ai-platform.claimSpec" (dict "root" $.root "persistence" $persistence) | nindent 6 }}
  {{- end }}
{{- end }}
{{- end -}}

{{/*
Refuses more replicas than the claims of a Deployment can be mounted by.
Takes the component context with "persistences".
*/}}
{{- define "ai-platform.checkReplicas" -}}
{{- if gt (int .values.replicas) 1 }}
{{- range $volume, $persistence := .persistences }}
{{- if and $persistence.enabled (not (has "ReadWriteMany" $persistence.accessModes)) }}
{{- fail (printf "%s: %d replicas cannot share the ReadWriteOnce volume %q; use accessModes [ReadWriteMany] or one replica" $.name (int $.values.replicas) $volume) }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/*
The rollout of a Deployment: a ReadWriteOnce volume cannot be mounted by the
old and the new pod at once, so those are recreated.
*/}}
{{- define "ai-platform.recreateStrategy" -}}
strategy:
  type: Recreate
{{- end -}}

{{/* ------------------------------------------------------------ credentials */}}

{{/* The Secret of a component's credentials. Takes (list $ "postgres"). */}}
{{- define "ai-platform.secretName" -}}
{{- $root := index . 0 -}}
{{- $key := index . 1 -}}
{{- default (include "ai-platform.objectName" (list $root (printf "%s-credentials" $key))) (index $root.Values $key).auth.existingSecret -}}
{{- end -}}

{{/* A variable from a Secret. Takes dict "variable" "secret" "key". */}}
{{- define "ai-platform.secretEnv" -}}
- name: {{ .variable }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret }}
      key: {{ .key }}
      {{- if .optional }}
      optional: true
      {{- end }}
{{- end -}}

{{/* Variables to reach PostgreSQL by. Takes dict "root" $ "database" ... */}}
{{- define "ai-platform.env.postgres" -}}
{{- with .root.Values.postgres -}}
- name: POSTGRES_HOST
  value: {{ include "ai-platform.host" (list $.root "postgres") | quote }}
- name: POSTGRES_PORT
  value: {{ .ports.postgres | quote }}
- name: POSTGRES_DB
  value: {{ default .auth.database $.database | quote }}
- name: POSTGRES_USER
  value: {{ .auth.username | quote }}
{{ include "ai-platform.secretEnv" (dict "variable" "POSTGRES_PASSWORD" "secret" (include "ai-platform.secretName" (list $.root "postgres")) "key" .auth.existingSecretKey) }}
{{- end }}
{{- end -}}

{{/* The same as one URL, put together by the kubelet. */}}
{{- define "ai-platform.env.databaseUrl" -}}
{{ include "ai-platform.env.postgres" . }}
- name: DATABASE_URL
  value: "postgresql://$(POSTGRES_USER):$(POSTGRES_PASSWORD)@$(POSTGRES_HOST):$(POSTGRES_PORT)/$(POSTGRES_DB)"
{{- end -}}

{{/* Variables to reach Neo4j by. Takes dict "root" $. */}}
{{- define "ai-platform.env.neo4j" -}}
- name: NEO4J_URI
  value: {{ printf "bolt://%s" (include "ai-platform.address" (list .root "neo4j" "bolt")) | quote }}
- name: NEO4J_USERNAME
  value: neo4j
{{ include "ai-platform.secretEnv" (dict "variable" "NEO4J_PASSWORD" "secret" (include "ai-platform.secretName" (list .root "neo4j")) "key" .root.Values.neo4j.auth.existingSecretKey) }}
{{- end -}}

{{/* Variables to reach MinIO by. Takes dict "root" $. */}}
{{- define "ai-platform.env.minio" -}}
{{- $secret := include "ai-platform.secretName" (list .root "minio") -}}
- name: MINIO_ENDPOINT
  value: {{ printf "http://%s" (include "ai-platform.address" (list .root "minio" "api")) | quote }}
{{ include "ai-platform.secretEnv" (dict "variable" "MINIO_ACCESS_KEY" "secret" $secret "key" .root.Values.minio.auth.existingSecretAccessKey) }}
{{ include "ai-platform.secretEnv" (dict "variable" "MINIO_SECRET_KEY" "secret" $secret "key" .root.Values.minio.auth.existingSecretSecretKey) }}
{{- end -}}

{{/* Variables to reach the MCP gateway by. Takes dict "root" $. */}}
{{- define "ai-platform.env.mcp" -}}
- name: MCP_GATEWAY_URL
  value: {{ printf "http://%s/mcp" (include "ai-platform.address" (list .root "mcpjungle")) | quote }}
{{- with .root.Values.mcpjungle.clientToken }}
{{- if .existingSecret }}
{{ include "ai-platform.secretEnv" (dict "variable" "MCP_GATEWAY_TOKEN" "secret" .existingSecret "key" .existingSecretKey "optional" true) }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Variables that send traces to Jaeger, where it is on. */}}
{{- define "ai-platform.env.tracing" -}}
{{- if .root.Values.jaeger.enabled }}
- name: OTEL_SERVICE_NAME
  value: {{ .name }}
- name: OTEL_EXPORTER_OTLP_PROTOCOL
  value: grpc
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ printf "http://%s" (include "ai-platform.address" (list .root "jaeger" "otlp-grpc")) | quote }}
- name: OTEL_TRACES_EXPORTER
  value: otlp
{{- else }}
- name: OTEL_TRACES_EXPORTER
  value: none
{{- end }}
- name: OTEL_METRICS_EXPORTER
  value: none
- name: OTEL_LOGS_EXPORTER
  value: none
{{- end -}}

{{/* The Hugging Face token, where a Secret with one is named. */}}
{{- define "ai-platform.env.huggingFace" -}}
{{- with .root.Values.global.huggingFace }}
{{- if .existingSecret }}
{{ include "ai-platform.secretEnv" (dict "variable" "HF_TOKEN" "secret" .existingSecret "key" .existingSecretKey "optional" true) }}
{{- end }}
{{- end }}
{{- end -}}

{{/*
The keys of the model servers that are on, best for general use first:
a JSON array.
*/}}
{{- define "ai-platform.modelKeys" -}}
{{- $keys := list -}}
{{- range list "maxServeLlama" "maxServeQwen" "maxServeDeepseek" }}
{{- if (index $.Values .).enabled }}{{ $keys = append $keys . }}{{ end }}
{{- end }}
{{- toJson $keys -}}
{{- end -}}

{{/*
The credentials the chart itself holds of the given components, to restart the
pods that use them when they change: (list $ "postgres" "minio"). Empty for
existing Secrets, whose contents the chart does not know.
*/}}
{{- define "ai-platform.credentials" -}}
{{- $root := index . 0 -}}
{{- $credentials := dict -}}
{{- range $key := rest . }}
{{- $values := index $root.Values $key }}
{{- if and $values.enabled (not $values.auth.existingSecret) }}
{{- $_ := set $credentials $key $values.auth }}
{{- end }}
{{- end }}
{{- toJson $credentials -}}
{{- end -}}
