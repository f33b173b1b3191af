# The role that the hub's Argo CD assumes to reach this cluster.
resource "aws_iam_role" "argocd" {
  name        = "${local.role}-argocd-spoke"
  description = "The hub's Argo CD in the cluster ${var.name}."
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = var.hub_argocd_role_arn }
      Action    = ["sts:AssumeRole", "sts:TagSession"]
    }]
  })
  tags = var.tags
}

resource "aws_eks_access_entry" "argocd" {
  cluster_name  = var.eks_cluster_name
  principal_arn = aws_iam_role.argocd.arn
  tags          = var.tags
}

resource "aws_eks_access_policy_association" "argocd" {
  cluster_name  = var.eks_cluster_name
  principal_arn = aws_eks_access_entry.argocd.principal_arn
  policy_arn    = "arn:${local.partition}:eks::aws:cluster-access-policy/${var.access_policy}"
  access_scope {
    type = "cluster"
  }
}

locals {
  # A statement whose list of resources is empty is none.
  external_secrets = [for statement in [
    {
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
      Resource = concat([aws_secretsmanager_secret.spoke.arn], var.external_secrets_secret_arns)
    },
    {
      Effect    = "Allow"
      Action    = ["kms:Decrypt"]
      Resource  = concat([local.key], var.external_secrets_kms_key_arns)
      Condition = { StringLike = { "kms:ViaService" = ["secretsmanager.*"] } }
    },
    {
      Effect   = "Allow"
      Action   = ["sts:AssumeRole", "sts:TagSession"]
      Resource = var.external_secrets_central_role_arns
    },
    {
      Effect   = "Allow"
      Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      Resource = var.external_secrets_ecr_repository_arns
    },
    {
      Effect   = "Allow"
      Action   = ["ecr:GetAuthorizationToken"]
      Resource = length(var.external_secrets_ecr_repository_arns) > 0 ? ["*"] : [] # the action knows no resources
    },
  ] : statement if length(statement.Resource) > 0]
}

resource "aws_iam_role" "external_secrets" {
  count       = var.external_secrets_service_account == null ? 0 : 1
  name        = "${local.role}-external-secrets"
  description = "External Secrets of the cluster ${var.name}."
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "pods.eks.amazonaws.com" }
      Action    = ["sts:AssumeRole", "sts:TagSession"]
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account }
        ArnEquals    = { "aws:SourceArn" = data.aws_eks_cluster.spoke.arn }
      }
    }]
  })
  tags = var.tags
}

resource "aws_iam_role_policy" "external_secrets" {
  count  = var.external_secrets_service_account == null ? 0 : 1
  name   = "secrets"
  role   = aws_iam_role.external_secrets[0].name
  policy = jsonencode({ Version = "2012-10-17", Statement = local.external_secrets })
}

resource "aws_eks_pod_identity_association" "external_secrets" {
  count           = var.external_secrets_service_account == null ? 0 : 1
  cluster_name    = var.eks_cluster_name
  namespace       = var.external_secrets_service_account.namespace
  service_account = var.external_secrets_service_account.name
  role_arn        = aws_iam_role.external_secrets[0].arn
  tags            = var.tags
}
