output "argocd_role_arn" {
  description = "Role of the spoke that the hub's Argo CD assumes, for spoke_role_arns of the hub."
  value       = aws_iam_role.argocd.arn
}

output "secret_arn" {
  description = "The secret: secretManagerSecretName of the member, where it lies in another account than the hub."
  value       = aws_secretsmanager_secret.spoke.arn
}

output "kms_key_arn" {
  description = "Key of the secret, for secret_kms_key_arns of the hub where it lies in another account."
  value       = local.key
}

output "external_secrets_role_arn" {
  description = "Role of the spoke's External Secrets, null without."
  value       = one(aws_iam_role.external_secrets[*].arn)
}
