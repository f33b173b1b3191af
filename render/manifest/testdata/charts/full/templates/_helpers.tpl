{{- define "full.name" -}}
{{ .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- define "full.labels" -}}
app.kubernetes.io/name: {{ include "full.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- with .Chart.AppVersion }}
app.kubernetes.io/version: {{ . | quote }}
{{- end }}
{{- end -}}
{{- define "full.walk" -}}
{{- range $key, $value := . }}
{{- if kindIs "map" $value }}{{ $key }}({{ template "full.walk" $value }}){{ else }}{{ $key }}={{ $value }};{{ end }}
{{- end }}
{{- end -}}
{{- define "full.count" -}}
{{- if gt (int .) 0 }}{{ . }} {{ include "full.count" (sub (int .) 1) }}{{ end -}}
{{- end -}}
{{- define "full.empty" -}}{{- end -}}
