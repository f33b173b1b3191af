data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

data "aws_caller_identity" "secrets" {
  provider = aws.secrets
}

data "aws_eks_cluster" "spoke" {
  name = var.eks_cluster_name
}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  # The name of a role has at most 64 characters.
  role = length(var.name) <= 41 ? "fleet-${var.name}" : "fleet-${substr(var.name, 0, 32)}-${substr(sha256(var.name), 0, 8)}"
  # Who reads the secret. A spoke with an Argo CD of its own registers itself there.
  readers = concat(var.hub_reader_role_arns, aws_iam_role.external_secrets[*].arn)
  region  = split(":", data.aws_eks_cluster.spoke.arn)[3]
  key     = var.kms_key_arn == null ? aws_kms_key.secret[0].arn : var.kms_key_arn
}

module "identity" {
  source                = "../identity"
  name                  = var.name
  server                = data.aws_eks_cluster.spoke.endpoint
  certificate_authority = data.aws_eks_cluster.spoke.certificate_authority[0].data
  eks_cluster_name      = var.eks_cluster_name
  role_arn              = aws_iam_role.argocd.arn
  account_id            = local.account
  region                = local.region
  vpc_id                = data.aws_eks_cluster.spoke.vpc_config[0].vpc_id
  metadata              = var.metadata
  addons                = var.addons
}

resource "aws_secretsmanager_secret" "spoke" {
  provider                = aws.secrets
  name                    = var.secret_name
  description             = "The cluster ${var.name}, for the hub's External Secrets and cmp."
  kms_key_id              = local.key
  recovery_window_in_days = var.recovery_window_in_days
  tags                    = var.tags
}

resource "aws_secretsmanager_secret_version" "spoke" {
  provider      = aws.secrets
  secret_id     = aws_secretsmanager_secret.spoke.id
  secret_string = module.identity.secret
}

resource "aws_secretsmanager_secret_policy" "spoke" {
  provider            = aws.secrets
  secret_arn          = aws_secretsmanager_secret.spoke.arn
  block_public_policy = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Readers"
      Effect    = "Allow"
      Principal = { AWS = local.readers }
      Action    = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
      Resource  = aws_secretsmanager_secret.spoke.arn
    }]
  })
}

resource "aws_kms_key" "secret" {
  provider                = aws.secrets
  count                   = var.kms_key_arn == null ? 1 : 0
  description             = "Secret of the cluster ${var.name}."
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Account" # its policies of IAM decide; without this, nobody could change the key
        Effect    = "Allow"
        Principal = { AWS = "arn:${local.partition}:iam::${data.aws_caller_identity.secrets.account_id}:root" }
        Action    = "kms:*"
        Resource  = "*" # in the policy of a key, the key
      },
      {
        Sid       = "Readers"
        Effect    = "Allow"
        Principal = { AWS = local.readers }
        Action    = ["kms:Decrypt", "kms:DescribeKey"]
        Resource  = "*"
        Condition = { StringLike = { "kms:ViaService" = ["secretsmanager.*"] } }
      },
    ]
  })
  tags = var.tags
}

# For other configurations of the spoke's account.
resource "aws_ssm_parameter" "spoke" {
  for_each = {
    argocd-role-arn = aws_iam_role.argocd.arn
    secret-arn      = aws_secretsmanager_secret.spoke.arn
  }
  name  = "/fleet/${var.name}/${each.key}"
  type  = "String"
  value = each.value
  tags  = var.tags
}
