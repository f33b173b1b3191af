{{- define "library.labels" -}}
region: {{ .Values.global.region | default "none" | quote }}
{{- end }}
