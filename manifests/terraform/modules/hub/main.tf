data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

data "aws_eks_cluster" "hub" {
  name = var.eks_cluster_name
}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  # arn:PARTITION:eks:REGION:ACCOUNT:cluster/NAME. The data source of the region has another argument in each major
  # version.
  region = split(":", data.aws_eks_cluster.hub.arn)[3]

  secrets     = "arn:${local.partition}:secretsmanager:${local.region}:${local.account}:secret"
  secret_name = "hub/${var.name}"
  # The name of a role has at most 64 characters.
  role     = length(var.name) <= 41 ? "fleet-${var.name}" : "fleet-${substr(var.name, 0, 32)}-${substr(sha256(var.name), 0, 8)}"
  readable = concat(["${local.secrets}:${var.secret_prefix}*", aws_secretsmanager_secret.hub.arn], var.secret_arns)
  keys     = concat([aws_kms_key.fleet.arn], var.secret_kms_key_arns)
}

module "identity" {
  source           = "../identity"
  name             = var.name
  server           = "https://kubernetes.default.svc"
  eks_cluster_name = var.eks_cluster_name
  account_id       = local.account
  region           = local.region
  vpc_id           = data.aws_eks_cluster.hub.vpc_config[0].vpc_id
  metadata         = var.metadata
  addons           = var.addons
}

resource "aws_secretsmanager_secret" "hub" {
  name                    = local.secret_name
  description             = "The hub ${var.name}, for External Secrets and cmp."
  kms_key_id              = aws_kms_key.fleet.arn
  recovery_window_in_days = var.recovery_window_in_days
  tags                    = var.tags
}

resource "aws_secretsmanager_secret_version" "hub" {
  secret_id     = aws_secretsmanager_secret.hub.id
  secret_string = module.identity.secret
}

resource "aws_secretsmanager_secret_policy" "hub" {
  secret_arn          = aws_secretsmanager_secret.hub.arn
  block_public_policy = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Readers"
      Effect    = "Allow"
      Principal = { AWS = [aws_iam_role.external_secrets.arn, aws_iam_role.cmp.arn] }
      Action    = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
      Resource  = aws_secretsmanager_secret.hub.arn
    }]
  })
}

# What the modules of the spokes take as their variables, for configurations that cannot read this state.
resource "aws_ssm_parameter" "hub" {
  for_each = {
    argocd-role-arn           = aws_iam_role.argocd.arn
    external-secrets-role-arn = aws_iam_role.external_secrets.arn
    cmp-role-arn              = aws_iam_role.cmp.arn
    kms-key-arn               = aws_kms_key.fleet.arn
    secret-prefix             = var.secret_prefix
  }
  name  = "/fleet/${var.name}/${each.key}"
  type  = "String"
  value = each.value
  tags  = var.tags
}
