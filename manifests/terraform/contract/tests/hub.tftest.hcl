# Wrong inputs of the module hub, of which only the variables are evaluated: each differs in one place from those that are right, and fails there.

variables {
  name              = "hub-prod"
  eks_cluster_name  = "hub-prod"
  fleet_cmp_version = "v0.1.0"
  labels            = { fleet_member = "hub-cluster", tenant = "control-plane", environment = "prod" }
}

run "right" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
}

run "secret_of_another_account" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
  variables {
    secret_arns = ["arn:aws:secretsmanager:eu-west-1:400000000001:secret:fleet/data-prod-1-AbCdEf"]
  }
}

run "key_of_another_account" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
  variables {
    secret_kms_key_arns = ["arn:aws:kms:eu-west-1:400000000001:key/0aa0aa0a-0000-4000-8000-000000000001"]
  }
}

run "registry" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
  variables {
    external_secrets_ecr_repository_arns = ["arn:aws:ecr:eu-west-1:400000000001:repository/charts/*"]
  }
}

run "cmp_in_a_job" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
  variables {
    cmp_service_account = { namespace = "argocd", name = "cmp" }
  }
}

run "name_in_upper_case" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
  variables {
    name = "Data"
  }
  expect_failures = [var.name]
}

run "name_with_underscore" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
  variables {
    name = "data_prod"
  }
  expect_failures = [var.name]
}

run "long_name" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
  variables {
    name = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  }
  expect_failures = [var.name]
}

run "name_in_eks_is_an_arn" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
  variables {
    eks_cluster_name = "arn:aws:eks:eu-west-1:400000000001:cluster/hub"
  }
  expect_failures = [var.eks_cluster_name]
}

run "prefix_without_slash" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
  variables {
    secret_prefix = "fleet"
  }
  expect_failures = [var.secret_prefix]
}

run "prefix_with_wildcard" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
  variables {
    secret_prefix = "fleet/*/"
  }
  expect_failures = [var.secret_prefix]
}

run "no_prefix" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
  variables {
    secret_prefix = ""
  }
  expect_failures = [var.secret_prefix]
}

run "secret_without_six_characters" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
  variables {
    secret_arns = ["arn:aws:secretsmanager:eu-west-1:400000000001:secret:fleet/data-prod-1"]
  }
  expect_failures = [var.secret_arns]
}

run "secret_with_wildcard" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
  variables {
    secret_arns = ["arn:aws:secretsmanager:eu-west-1:400000000001:secret:fleet/data-prod-1*-AbCdEf"]
  }
  expect_failures = [var.secret_arns]
}

run "secret_by_name" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
  variables {
    external_secrets_secret_arns = ["github"]
  }
  expect_failures = [var.external_secrets_secret_arns]
}

run "key_by_alias" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
  variables {
    secret_kms_key_arns = ["arn:aws:kms:eu-west-1:400000000001:alias/fleet"]
  }
  expect_failures = [var.secret_kms_key_arns]
}

run "key_with_wildcard" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
  variables {
    external_secrets_kms_key_arns = ["arn:aws:kms:*:*:key/*"]
  }
  expect_failures = [var.external_secrets_kms_key_arns]
}

run "registry_by_url" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
  variables {
    external_secrets_ecr_repository_arns = ["400000000001.dkr.ecr.eu-west-1.amazonaws.com"]
  }
  expect_failures = [var.external_secrets_ecr_repository_arns]
}

run "account_without_its_zeros" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
  variables {
    spoke_account_ids = ["12345678901"]
  }
  expect_failures = [var.spoke_account_ids]
}

run "roles_by_wildcard" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
  variables {
    spoke_role_arns = ["arn:aws:iam::*:role/*-argocd-spoke"]
  }
  expect_failures = [var.spoke_role_arns]
}

run "role_is_a_user" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
  variables {
    spoke_role_arns = ["arn:aws:iam::400000000001:user/data"]
  }
  expect_failures = [var.spoke_role_arns]
}

run "anybody_is_cmp" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
  variables {
    cmp_principal_arns = ["*"]
  }
  expect_failures = [var.cmp_principal_arns]
}

run "service_account_without_name" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
  variables {
    cmp_service_account = { namespace = "argocd", name = "" }
  }
  expect_failures = [var.cmp_service_account]
}

run "any_service_account" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
  variables {
    external_secrets_service_account = { namespace = "*", name = "external-secrets" }
  }
  expect_failures = [var.external_secrets_service_account]
}

run "namespace" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
  variables {
    argocd_namespace = "Argo CD"
  }
  expect_failures = [var.argocd_namespace]
}

run "image_for_version" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
  variables {
    fleet_cmp_version = "ghcr.io/eks-fleet-management/fleet-cmp:v0.1.0"
  }
  expect_failures = [var.fleet_cmp_version]
}

run "no_tenant" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
  variables {
    labels = { fleet_member = "hub-cluster", environment = "prod" }
  }
  expect_failures = [var.labels]
}

run "empty_tenant" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
  variables {
    labels = { fleet_member = "hub-cluster", tenant = "", environment = "prod" }
  }
  expect_failures = [var.labels]
}

run "no_environment" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
  variables {
    labels = { fleet_member = "hub-cluster", tenant = "control-plane" }
  }
  expect_failures = [var.labels]
}

run "window" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
  variables {
    recovery_window_in_days = 0
  }
  expect_failures = [var.recovery_window_in_days]
}

run "key_of_an_annotation" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
  variables {
    metadata = { "queue name" = "a" }
  }
  expect_failures = [var.metadata]
}

run "long_annotation" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
  variables {
    metadata = { queue = join("", [for i in range(1024) : "aaaaa"]) }
  }
  expect_failures = [var.metadata]
}

run "key_of_labels" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
  variables {
    labels = { "Team/on call" = "a", fleet_member = "m", tenant = "t", environment = "e" }
  }
  expect_failures = [var.labels]
}

run "value_of_labels" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
  variables {
    labels = { team = "a b", fleet_member = "m", tenant = "t", environment = "e" }
  }
  expect_failures = [var.labels]
}

run "key_of_addons" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
  variables {
    addons = { "Team/on call" = "a", fleet_member = "m", tenant = "t", environment = "e" }
  }
  expect_failures = [var.addons]
}

run "value_of_addons" {
  command = plan
  module {
    source = "./variables-of-hub"
  }
  variables {
    addons = { team = "a b", fleet_member = "m", tenant = "t", environment = "e" }
  }
  expect_failures = [var.addons]
}
