locals {
  # Pods of this cluster alone.
  pods = jsonencode({
    Version   = "2012-10-17"
    Statement = [local.pods_statement]
  })
  pods_statement = {
    Effect    = "Allow"
    Principal = { Service = "pods.eks.amazonaws.com" }
    Action    = ["sts:AssumeRole", "sts:TagSession"]
    Condition = {
      StringEquals = { "aws:SourceAccount" = local.account }
      ArnEquals    = { "aws:SourceArn" = data.aws_eks_cluster.hub.arn }
    }
  }

  read_secrets = [
    {
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
      Resource = local.readable
    },
    {
      Effect    = "Allow"
      Action    = ["kms:Decrypt"]
      Resource  = local.keys
      Condition = { StringLike = { "kms:ViaService" = ["secretsmanager.*"] } }
    },
  ]

  # A statement whose list of resources is empty is none.
  external_secrets = [for statement in [
    {
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
      Resource = var.external_secrets_secret_arns
    },
    {
      Effect    = "Allow"
      Action    = ["kms:Decrypt"]
      Resource  = var.external_secrets_kms_key_arns
      Condition = { StringLike = { "kms:ViaService" = ["secretsmanager.*"] } }
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

resource "aws_iam_role" "argocd" {
  name               = "${local.role}-argocd"
  description        = "Argo CD of the hub ${var.name}: assumes the roles of the spokes."
  assume_role_policy = local.pods
  tags               = var.tags
}

resource "aws_iam_role_policy" "argocd" {
  count = length(var.spoke_role_arns) > 0 ? 1 : 0
  name  = "spokes"
  role  = aws_iam_role.argocd.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["sts:AssumeRole", "sts:TagSession"]
      Resource = var.spoke_role_arns
    }]
  })
}

resource "aws_eks_pod_identity_association" "argocd" {
  for_each        = var.argocd_service_accounts
  cluster_name    = var.eks_cluster_name
  namespace       = var.argocd_namespace
  service_account = each.value
  role_arn        = aws_iam_role.argocd.arn
  tags            = var.tags
}

resource "aws_iam_role" "external_secrets" {
  name               = "${local.role}-external-secrets"
  description        = "External Secrets of the hub ${var.name}: reads the secrets of the clusters."
  assume_role_policy = local.pods
  tags               = var.tags
}

resource "aws_iam_role_policy" "external_secrets" {
  name   = "secrets"
  role   = aws_iam_role.external_secrets.name
  policy = jsonencode({ Version = "2012-10-17", Statement = concat(local.read_secrets, local.external_secrets) })
}

resource "aws_eks_pod_identity_association" "external_secrets" {
  cluster_name    = var.eks_cluster_name
  namespace       = var.external_secrets_service_account.namespace
  service_account = var.external_secrets_service_account.name
  role_arn        = aws_iam_role.external_secrets.arn
  tags            = var.tags
}

resource "aws_iam_role" "cmp" {
  name        = "${local.role}-cmp"
  description = "cmp --secrets-manager: reads the secrets of the clusters."
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([local.pods_statement], [for arn in var.cmp_principal_arns : {
      Effect    = "Allow"
      Principal = { AWS = arn }
      Action    = ["sts:AssumeRole"]
    }])
  })
  tags = var.tags
}

resource "aws_iam_role_policy" "cmp" {
  name = "secrets"
  role = aws_iam_role.cmp.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.read_secrets, [{
      Effect   = "Allow"
      Action   = ["secretsmanager:BatchGetSecretValue"]
      Resource = ["*"] # the action knows no resources; each secret also needs GetSecretValue
    }])
  })
}

resource "aws_eks_pod_identity_association" "cmp" {
  count           = var.cmp_service_account == null ? 0 : 1
  cluster_name    = var.eks_cluster_name
  namespace       = var.cmp_service_account.namespace
  service_account = var.cmp_service_account.name
  role_arn        = aws_iam_role.cmp.arn
  tags            = var.tags
}
