output "secret" {
  description = "The JSON of the secret."
  value       = local.secret
  precondition {
    condition     = var.role_arn == null ? true : try(split(":", var.role_arn)[4] == var.account_id, false)
    error_message = "The role ${coalesce(var.role_arn, "none")} is of another account than the cluster: ${var.account_id}."
  }
}

output "config" {
  description = "How Argo CD reaches the cluster, as JSON: the config of a cluster Secret."
  value       = jsonencode(local.config)
}

output "metadata" {
  description = "The annotations of the cluster Secret."
  value       = local.metadata
}
