# Wrong inputs of the module spoke, of which only the variables are evaluated: each differs in one place from those that are right, and fails there.

variables {
  name                 = "data-prod-1"
  eks_cluster_name     = "data-prod-1-eks"
  secret_name          = "fleet/hub-prod/data-prod-1"
  hub_argocd_role_arn  = "arn:aws:iam::012345678901:role/fleet-hub-prod-argocd"
  hub_reader_role_arns = ["arn:aws:iam::012345678901:role/fleet-hub-prod-external-secrets"]
}

run "right" {
  command = plan
  module {
    source = "./variables-of-spoke"
  }
}

run "key_of_the_hub" {
  command = plan
  module {
    source = "./variables-of-spoke"
  }
  variables {
    kms_key_arn = "arn:aws:kms:eu-west-1:400000000001:key/0aa0aa0a-0000-4000-8000-000000000001"
  }
}

run "external_secrets" {
  command = plan
  module {
    source = "./variables-of-spoke"
  }
  variables {
    external_secrets_service_account = { namespace = "external-secrets", name = "external-secrets" }
  }
}

run "name_in_upper_case" {
  command = plan
  module {
    source = "./variables-of-spoke"
  }
  variables {
    name = "Data"
  }
  expect_failures = [var.name]
}

run "name_with_underscore" {
  command = plan
  module {
    source = "./variables-of-spoke"
  }
  variables {
    name = "data_prod"
  }
  expect_failures = [var.name]
}

run "long_name" {
  command = plan
  module {
    source = "./variables-of-spoke"
  }
  variables {
    name = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  }
  expect_failures = [var.name]
}

run "name_in_eks_is_an_arn" {
  command = plan
  module {
    source = "./variables-of-spoke"
  }
  variables {
    eks_cluster_name = "arn:aws:eks:eu-west-1:400000000001:cluster/data"
  }
  expect_failures = [var.eks_cluster_name]
}

run "secret_is_an_arn" {
  command = plan
  module {
    source = "./variables-of-spoke"
  }
  variables {
    secret_name = "arn:aws:secretsmanager:eu-west-1:400000000001:secret:fleet/data-prod-1-AbCdEf"
  }
  expect_failures = [var.secret_name]
}

run "secret_of_a_hub" {
  command = plan
  module {
    source = "./variables-of-spoke"
  }
  variables {
    secret_name = "hub/hub-prod"
  }
  expect_failures = [var.secret_name]
}

run "long_secret" {
  command = plan
  module {
    source = "./variables-of-spoke"
  }
  variables {
    secret_name = join("", [for i in range(513) : "a"])
  }
  expect_failures = [var.secret_name]
}

run "role_with_wildcard" {
  command = plan
  module {
    source = "./variables-of-spoke"
  }
  variables {
    hub_argocd_role_arn = "arn:aws:iam::012345678901:role/*"
  }
  expect_failures = [var.hub_argocd_role_arn]
}

run "role_without_account" {
  command = plan
  module {
    source = "./variables-of-spoke"
  }
  variables {
    hub_argocd_role_arn = "arn:aws:iam:::role/argocd"
  }
  expect_failures = [var.hub_argocd_role_arn]
}

run "no_reader" {
  command = plan
  module {
    source = "./variables-of-spoke"
  }
  variables {
    hub_reader_role_arns = []
  }
  expect_failures = [var.hub_reader_role_arns]
}

run "anybody_reads" {
  command = plan
  module {
    source = "./variables-of-spoke"
  }
  variables {
    hub_reader_role_arns = ["*"]
  }
  expect_failures = [var.hub_reader_role_arns]
}

run "account_reads" {
  command = plan
  module {
    source = "./variables-of-spoke"
  }
  variables {
    hub_reader_role_arns = ["arn:aws:iam::012345678901:root"]
  }
  expect_failures = [var.hub_reader_role_arns]
}

run "key_by_alias" {
  command = plan
  module {
    source = "./variables-of-spoke"
  }
  variables {
    kms_key_arn = "alias/fleet"
  }
  expect_failures = [var.kms_key_arn]
}

run "policy_is_an_arn" {
  command = plan
  module {
    source = "./variables-of-spoke"
  }
  variables {
    access_policy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
  }
  expect_failures = [var.access_policy]
}

run "service_account_without_namespace" {
  command = plan
  module {
    source = "./variables-of-spoke"
  }
  variables {
    external_secrets_service_account = { namespace = "", name = "external-secrets" }
  }
  expect_failures = [var.external_secrets_service_account]
}

run "any_secret" {
  command = plan
  module {
    source = "./variables-of-spoke"
  }
  variables {
    external_secrets_secret_arns = ["*"]
  }
  expect_failures = [var.external_secrets_secret_arns]
}

run "any_key" {
  command = plan
  module {
    source = "./variables-of-spoke"
  }
  variables {
    external_secrets_kms_key_arns = ["*"]
  }
  expect_failures = [var.external_secrets_kms_key_arns]
}

run "registry_by_url" {
  command = plan
  module {
    source = "./variables-of-spoke"
  }
  variables {
    external_secrets_ecr_repository_arns = ["400000000001.dkr.ecr.eu-west-1.amazonaws.com"]
  }
  expect_failures = [var.external_secrets_ecr_repository_arns]
}

run "any_central_role" {
  command = plan
  module {
    source = "./variables-of-spoke"
  }
  variables {
    external_secrets_central_role_arns = ["arn:aws:iam::012345678901:role/*"]
  }
  expect_failures = [var.external_secrets_central_role_arns]
}

run "window" {
  command = plan
  module {
    source = "./variables-of-spoke"
  }
  variables {
    recovery_window_in_days = 31
  }
  expect_failures = [var.recovery_window_in_days]
}

run "key_of_an_annotation" {
  command = plan
  module {
    source = "./variables-of-spoke"
  }
  variables {
    metadata = { "queue name" = "a" }
  }
  expect_failures = [var.metadata]
}

run "long_annotation" {
  command = plan
  module {
    source = "./variables-of-spoke"
  }
  variables {
    metadata = { queue = join("", [for i in range(1024) : "aaaaa"]) }
  }
  expect_failures = [var.metadata]
}

run "key_of_addons" {
  command = plan
  module {
    source = "./variables-of-spoke"
  }
  variables {
    addons = { "Team/on call" = "a", fleet_member = "m", tenant = "t", environment = "e" }
  }
  expect_failures = [var.addons]
}

run "value_of_addons" {
  command = plan
  module {
    source = "./variables-of-spoke"
  }
  variables {
    addons = { team = "a b", fleet_member = "m", tenant = "t", environment = "e" }
  }
  expect_failures = [var.addons]
}
