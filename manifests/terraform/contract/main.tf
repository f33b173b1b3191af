# Evaluates the JSON of a hub and of a spoke, and the objects of a bootstrap, without any provider. make terraform
# compares the outputs with the files that the tests of hierarchy/secretsmanager read.
module "hub" {
  source           = "../modules/identity"
  name             = "hub-prod"
  server           = "https://kubernetes.default.svc"
  eks_cluster_name = "hub-prod"
  account_id       = "012345678901"
  region           = "eu-west-1"
  vpc_id           = "vpc-0aa00000000000001"
  addons           = { fleet_member = "hub-cluster", tenant = "control-plane", environment = "prod" }
}

module "spoke" {
  source                = "../modules/identity"
  name                  = "data-prod-1"
  server                = "https://0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com"
  certificate_authority = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg=="
  eks_cluster_name      = "data-prod-1-eks"
  role_arn              = "arn:aws:iam::400000000001:role/fleet-data-prod-1-argocd-spoke"
  account_id            = "400000000001"
  region                = "eu-west-1"
  vpc_id                = "vpc-0dd00000000000001"
  metadata              = { karpenter_queue = "a \"quoted\" <name> & more", aws_vpc_id = "vpc-other" }
  addons                = { enable_karpenter = "true", environment = "prod", on_call = "007", empty = "", none = null }
}

output "hub" {
  value = module.hub.secret
}

output "spoke" {
  value = module.spoke.secret
}

# What make terraform renders with cmp.
module "manifest" {
  source = "../modules/manifest"
  text   = file("${path.module}/bootstrap.yaml")
}

output "bootstrap" {
  value = jsonencode(module.manifest.objects)
}
