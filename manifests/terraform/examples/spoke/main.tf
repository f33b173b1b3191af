# A spoke in an account of its own, whose secret lies in the hub's account.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.95"
    }
  }
}

variable "hub_writer_role_arn" {
  description = "Role in the hub's account that may write the secrets below the prefix and the hub's parameters."
  type        = string
}

provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "hub"
  region = "eu-west-1"
  assume_role {
    role_arn = var.hub_writer_role_arn
  }
}

data "aws_ssm_parameter" "hub" {
  provider = aws.hub
  for_each = toset(["argocd-role-arn", "external-secrets-role-arn", "cmp-role-arn", "kms-key-arn"])
  name     = "/fleet/hub-prod/${each.value}"
}

module "vpc" {
  source             = "terraform-aws-modules/vpc/aws"
  version            = "~> 5.0"
  name               = "data-prod-1"
  cidr               = "10.1.0.0/16"
  azs                = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
  private_subnets    = ["10.1.0.0/20", "10.1.16.0/20", "10.1.32.0/20"]
  public_subnets     = ["10.1.48.0/24", "10.1.49.0/24", "10.1.50.0/24"]
  enable_nat_gateway = true
  single_nat_gateway = true
}

module "eks" {
  source                 = "terraform-aws-modules/eks/aws"
  version                = "~> 20.31"
  cluster_name           = "data-prod-1"
  cluster_version        = "1.31"
  vpc_id                 = module.vpc.vpc_id
  subnet_ids             = module.vpc.private_subnets
  cluster_compute_config = { enabled = true, node_pools = ["general-purpose"] }

  # The hub's Argo CD must reach the API server.
  cluster_endpoint_public_access = true
}

module "spoke" {
  source    = "../../modules/spoke"
  providers = { aws = aws, aws.secrets = aws.hub }

  name                = "data-prod-1"
  eks_cluster_name    = module.eks.cluster_name
  secret_name         = "fleet/hub-prod/data-prod-1"
  kms_key_arn         = data.aws_ssm_parameter.hub["kms-key-arn"].value
  hub_argocd_role_arn = data.aws_ssm_parameter.hub["argocd-role-arn"].value
  hub_reader_role_arns = [
    data.aws_ssm_parameter.hub["external-secrets-role-arn"].value,
    data.aws_ssm_parameter.hub["cmp-role-arn"].value,
  ]

  external_secrets_service_account = { namespace = "external-secrets", name = "external-secrets" }
}

output "argocd_role_arn" {
  value = module.spoke.argocd_role_arn
}
