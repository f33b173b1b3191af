{{- define "child.name" }}{{ .Chart.Name }}/{{ .Values.color }}{{ end -}}
