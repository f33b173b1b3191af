{{- define "lib.hello" }}hello-{{ .Chart.Name }}{{ end -}}
