# A hub with a VPC and a cluster of the community's modules.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.95"
    }
    helm = {
      source  = "hashicorp/helm"
      version = "~> 3.0"
    }
  }
}

provider "aws" {
  region = "eu-west-1"
}

provider "helm" {
  kubernetes = {
    host                   = module.eks.cluster_endpoint
    cluster_ca_certificate = base64decode(module.eks.cluster_certificate_authority_data)
    exec = {
      api_version = "client.authentication.k8s.io/v1beta1"
      command     = "aws"
      args        = ["eks", "get-token", "--cluster-name", module.eks.cluster_name]
    }
  }
}

module "vpc" {
  source             = "terraform-aws-modules/vpc/aws"
  version            = "~> 5.0"
  name               = "hub-prod"
  cidr               = "10.0.0.0/16"
  azs                = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
  private_subnets    = ["10.0.0.0/20", "10.0.16.0/20", "10.0.32.0/20"]
  public_subnets     = ["10.0.48.0/24", "10.0.49.0/24", "10.0.50.0/24"]
  enable_nat_gateway = true
  single_nat_gateway = true
}

module "eks" {
  source          = "terraform-aws-modules/eks/aws"
  version         = "~> 20.31"
  cluster_name    = "hub-prod"
  cluster_version = "1.31"
  vpc_id          = module.vpc.vpc_id
  subnet_ids      = module.vpc.private_subnets

  # The API server is reached from where this runs.
  cluster_endpoint_public_access           = true
  enable_cluster_creator_admin_permissions = true

  # Auto Mode has the agent of EKS Pod Identity.
  cluster_compute_config = {
    enabled    = true
    node_pools = ["general-purpose"]
  }
}

module "hub" {
  source               = "../../modules/hub"
  name                 = "hub-prod"
  eks_cluster_name     = module.eks.cluster_name
  argocd_chart_version = "8.0.0"
  fleet_cmp_version    = "v0.1.0"

  # cmp render --stage bootstrap --cluster hub-prod >bootstrap.yaml
  bootstrap = file("${path.module}/bootstrap.yaml")

  labels = {
    fleet_member = "hub-cluster"
    tenant       = "control-plane"
    environment  = "prod"
  }
}

output "hub" {
  value = module.hub
}
