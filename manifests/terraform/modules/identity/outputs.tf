output "secret" {
  description = "The JSON of the secret."
  value       = local.secret
}

output "config" {
  description = "How Argo CD reaches the cluster, as JSON: the config of a cluster Secret."
  value       = jsonencode(local.config)
}

output "metadata" {
  description = "The annotations of the cluster Secret."
  value       = local.metadata
}
