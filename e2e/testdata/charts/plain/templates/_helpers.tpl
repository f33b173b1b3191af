{{- define "plain.name" -}}
{{ .Chart.Name | trunc 20 | trimSuffix "-" }}
{{- end }}
{{- define "plain.labels" -}}
app.kubernetes.io/name: {{ include "plain.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}
