output "argocd_role_arn" {
  description = "Role of Argo CD, which the roles of the spokes trust."
  value       = aws_iam_role.argocd.arn
}

output "external_secrets_role_arn" {
  description = "Role of External Secrets, which the secrets of the spokes admit."
  value       = aws_iam_role.external_secrets.arn
}

output "cmp_role_arn" {
  description = "Role for cmp --secrets-manager: spec.secretsManager.roleARN in fleet.yaml."
  value       = aws_iam_role.cmp.arn
}

output "kms_key_arn" {
  description = "Key of the secrets in the hub's account."
  value       = aws_kms_key.fleet.arn
}

output "secret_arn" {
  description = "The hub's secret."
  value       = aws_secretsmanager_secret.hub.arn
}
