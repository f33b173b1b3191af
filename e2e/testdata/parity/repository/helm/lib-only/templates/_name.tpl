{{- define "lib-only.name" }}a{{ end }}
