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

{{/* The account as text of 12 digits, also where a values file has it as a number. */}}
{{- define "pod-identity.account" -}}
{{- with .Values.accountId }}{{ if kindIs "string" . }}{{ . }}{{ else }}{{ printf "%012d" (int64 .) }}{{ end }}{{ end -}}
{{- end -}}

{{/* The partition that the region is in. */}}
{{- define "pod-identity.partition" -}}
{{- if hasPrefix "cn-" .Values.region }}aws-cn{{ else if hasPrefix "us-gov-" .Values.region }}aws-us-gov{{ else }}aws{{ end -}}
{{- end -}}

{{/* ARN of one statement: some services have no region, some no account either. */}}
{{- define "pod-identity.arn" -}}
{{- $s := .statement -}}
{{- $region := .root.Values.region -}}
{{- $account := include "pod-identity.account" .root -}}
{{- if has $s.resourceType (list "cloudfront" "iam" "route53" "s3" "sts") }}{{ $region = "" }}{{ end -}}
{{- if has $s.resourceType (list "route53" "s3") }}{{ $account = "" }}{{ end -}}
{{- $name := required "podIdentityPolicy.policies: a policy has resourceName or customArn" $s.resourceName -}}
{{- if eq $name "*" -}}
*
{{- else -}}
{{- $type := required "podIdentityPolicy.policies: a policy with resourceName has resourceType" $s.resourceType -}}
{{- printf "arn:%s:%s:%s:%s:%s" (include "pod-identity.partition" .root) $type $region $account $name -}}
{{- end -}}
{{- end -}}
