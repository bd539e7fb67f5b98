{{/*
The Deployment of a MAX model server. The three differ in their values only.
Takes dict "root" $ "key" "maxServeLlama".
*/}}
{{- define "ai-platform.maxServe" -}}
{{- $ := .root -}}
{{- $component := include "ai-platform.component" .key | fromYaml -}}
{{- with index $.Values .key }}
{{- $volumes := list "models" "configs" "logs" }}
{{- $c := dict "root" $ "name" $component.name "role" $component.role "values" . "persistences" .persistence }}
{{- include "ai-platform.checkReplicas" $c }}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "ai-platform.metadata" $c | nindent 2 }}
spec:
  replicas: {{ .replicas }}
  {{- include "ai-platform.recreateStrategy" . | nindent 2 }}
  # Longer than the startup probe allows.
  progressDeadlineSeconds: 4500
  selector:
    matchLabels:
      {{- include "ai-platform.selectorLabels" $c | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "ai-platform.podLabels" $c | nindent 8 }}
      {{- with include "ai-platform.podAnnotations" $c | trim }}
      {{- . | nindent 6 }}
      {{- end }}
    spec:
      {{- include "ai-platform.podSpec" $c | nindent 6 }}
      containers:
        - name: max-serve
          image: {{ include "ai-platform.image" (dict "root" $ "image" .image) | quote }}
          imagePullPolicy: {{ .image.pullPolicy }}
          args:
            - --model
            - {{ required (printf "%s.model.id must not be empty" $component.name) .model.id | quote }}
            - --served-model-name
            - {{ .model.servedName | quote }}
            - --max-batch-size
            - {{ int .model.maxBatchSize | quote }}
            - --max-length
            - {{ int .model.maxLength | quote }}
            {{- with .extraArgs }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
          env:
            - name: MAX_SERVE_HOST
              value: 0.0.0.0
            - name: MAX_SERVE_PORT
              value: {{ .ports.http | quote }}
            - name: MAX_SERVE_METRICS_ENDPOINT_PORT
              value: {{ .ports.metrics | quote }}
            - name: MAX_SERVE_LOGS_CONSOLE_LEVEL
              value: {{ .logLevel }}
            - name: MAX_SERVE_LOGS_FILE_LEVEL
              value: {{ .logLevel }}
            - name: MAX_SERVE_LOGS_FILE_PATH
              value: /logs/max-serve.log
            - name: HF_HOME
              value: /models/huggingface
            {{- if $.Values.jaeger.enabled }}
            - name: OTEL_SERVICE_NAME
              value: {{ $component.name }}
            - name: OTEL_EXPORTER_OTLP_TRACES_ENDPOINT
              value: {{ printf "http://%s/v1/traces" (include "ai-platform.address" (list $ "jaeger" "otlp-http")) | quote }}
            {{- end }}
            {{- with include "ai-platform.env.huggingFace" $c | trim }}
            {{- . | nindent 12 }}
            {{- end }}
            {{- with include "ai-platform.extraEnv" $c | trim }}
            {{- . | nindent 12 }}
            {{- end }}
          {{- include "ai-platform.containerRest" $c | nindent 10 }}
          volumeMounts:
            - name: models
              mountPath: /models
            # Compiled models: the next start of the same model is quick.
            - name: models
              mountPath: /opt/venv/share/max/.max_cache
              subPath: max-cache
            - name: configs
              mountPath: /configs
            - name: logs
              mountPath: /logs
            - name: shm
              mountPath: /dev/shm
      volumes:
        {{- range $volumes }}
        {{- include "ai-platform.deploymentVolume" (dict "root" $ "volume" . "claim" (printf "%s-%s" $component.name .) "persistence" (get $c.persistences .)) | nindent 8 }}
        {{- end }}
        - name: shm
          emptyDir:
            medium: Memory
            sizeLimit: {{ .shm.sizeLimit }}
{{- end }}
{{- end -}}
