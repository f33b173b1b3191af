{{/* Name of all objects: the release, with the chart's name unless it has it already. */}}
{{- define "pod-identity.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* "true" or nothing: values from an ApplicationSet are text, where "false" would count as true. */}}
{{- define "pod-identity.on" -}}
{{- if eq (toString .) "true" }}true{{ end -}}
{{- end -}}

{{/* ARN of one statement: some services have no region, some no account either. */}}
{{- define "pod-identity.arn" -}}
{{- $s := .statement -}}
{{- $region := .root.Values.region -}}
{{- $account := .root.Values.accountId | toString -}}
{{- if has $s.resourceType (list "iam" "route53" "s3") }}{{ $region = "" }}{{ end -}}
{{- if has $s.resourceType (list "route53" "s3") }}{{ $account = "" }}{{ end -}}
{{- if eq $s.resourceName "*" }}*{{ else }}{{ printf "arn:aws:%s:%s:%s:%s" $s.resourceType $region $account $s.resourceName }}{{ end -}}
{{- end -}}
