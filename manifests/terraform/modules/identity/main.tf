# The JSON of the secret that describes a cluster. It needs no provider, so that it can be evaluated anywhere.
terraform {
  required_version = ">= 1.6"
}

locals {
  # Argo CD gets a token of EKS for the role. There is no password, key or token in the secret.
  authentication = var.role_arn == null ? {} : {
    awsAuthConfig = { clusterName = var.eks_cluster_name, roleARN = var.role_arn }
  }
  certificate = var.certificate_authority == null ? {} : { caData = var.certificate_authority }

  config = merge(local.authentication, {
    tlsClientConfig = merge({ insecure = false }, local.certificate)
  })

  # External Secrets would write "<nil>" or nothing for a null, depending on its version.
  metadata = { for key, value in merge({
    aws_account_id   = var.account_id
    aws_cluster_name = var.eks_cluster_name
    aws_region       = var.region
    aws_vpc_id       = var.vpc_id
  }, var.metadata) : key => value if value != null }
  addons = { for key, value in var.addons : key => value if value != null }

  # Text, as External Secrets puts it into the templates of the cluster Secret.
  secret = jsonencode({
    cluster_name = var.name
    server       = var.server
    config       = jsonencode(local.config)
    metadata     = jsonencode(local.metadata)
    addons       = jsonencode(local.addons)
  })
}
