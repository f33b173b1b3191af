# Wrong inputs of the module identity: each differs in one place from those that are right, and fails there.

variables {
  name             = "data-prod-1"
  server           = "https://0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com"
  eks_cluster_name = "data-prod-1-eks"
  role_arn         = "arn:aws:iam::400000000001:role/fleet-data-prod-1-argocd-spoke"
  account_id       = "400000000001"
  region           = "eu-west-1"
  vpc_id           = "vpc-0dd00000000000001"
}

run "right" {
  command = plan
  module {
    source = "../modules/identity"
  }
}

run "null_is_left_out" {
  command = plan
  module {
    source = "../modules/identity"
  }
  variables {
    metadata = { queue = null }
  }
}

run "key_with_prefix" {
  command = plan
  module {
    source = "../modules/identity"
  }
  variables {
    addons = { "example.com/team" = "a" }
  }
}

run "region_of_the_government" {
  command = plan
  module {
    source = "../modules/identity"
  }
  variables {
    region = "us-gov-east-1"
  }
}

run "name_in_upper_case" {
  command = plan
  module {
    source = "../modules/identity"
  }
  variables {
    name = "Data"
  }
  expect_failures = [var.name]
}

run "name_with_underscore" {
  command = plan
  module {
    source = "../modules/identity"
  }
  variables {
    name = "data_prod"
  }
  expect_failures = [var.name]
}

run "long_name" {
  command = plan
  module {
    source = "../modules/identity"
  }
  variables {
    name = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  }
  expect_failures = [var.name]
}

run "server_without_tls" {
  command = plan
  module {
    source = "../modules/identity"
  }
  variables {
    server = "http://example.com"
  }
  expect_failures = [var.server]
}

run "server_with_user" {
  command = plan
  module {
    source = "../modules/identity"
  }
  variables {
    server = "https://user@example.com"
  }
  expect_failures = [var.server]
}

run "server_with_path" {
  command = plan
  module {
    source = "../modules/identity"
  }
  variables {
    server = "https://example.com/api"
  }
  expect_failures = [var.server]
}

run "certificate_not_encoded" {
  command = plan
  module {
    source = "../modules/identity"
  }
  variables {
    certificate_authority = "-----BEGIN CERTIFICATE-----"
  }
  expect_failures = [var.certificate_authority]
}

run "name_in_eks_is_an_arn" {
  command = plan
  module {
    source = "../modules/identity"
  }
  variables {
    eks_cluster_name = "arn:aws:eks:eu-west-1:400000000001:cluster/data"
  }
  expect_failures = [var.eks_cluster_name]
}

run "role_is_a_user" {
  command = plan
  module {
    source = "../modules/identity"
  }
  variables {
    role_arn = "arn:aws:iam::400000000001:user/data"
  }
  expect_failures = [var.role_arn]
}

run "role_without_account" {
  command = plan
  module {
    source = "../modules/identity"
  }
  variables {
    role_arn = "arn:aws:iam:::role/data"
  }
  expect_failures = [var.role_arn]
}

run "role_with_wildcard" {
  command = plan
  module {
    source = "../modules/identity"
  }
  variables {
    role_arn = "arn:aws:iam::400000000001:role/*"
  }
  expect_failures = [var.role_arn]
}

run "role_of_another_account" {
  command = plan
  module {
    source = "../modules/identity"
  }
  variables {
    account_id = "400000000002"
  }
  expect_failures = [output.secret]
}

run "account_without_its_zeros" {
  command = plan
  module {
    source = "../modules/identity"
  }
  variables {
    account_id = "12345678901"
  }
  expect_failures = [var.account_id]
}

run "zone_for_region" {
  command = plan
  module {
    source = "../modules/identity"
  }
  variables {
    region = "eu-west-1a"
  }
  expect_failures = [var.region]
}

run "vpc_by_name" {
  command = plan
  module {
    source = "../modules/identity"
  }
  variables {
    vpc_id = "data-prod-1"
  }
  expect_failures = [var.vpc_id]
}

run "key_of_an_annotation" {
  command = plan
  module {
    source = "../modules/identity"
  }
  variables {
    metadata = { "queue name" = "a" }
  }
  expect_failures = [var.metadata]
}

run "long_annotation" {
  command = plan
  module {
    source = "../modules/identity"
  }
  variables {
    metadata = { queue = join("", [for i in range(1024) : "aaaaa"]) }
  }
  expect_failures = [var.metadata]
}

run "key_of_addons" {
  command = plan
  module {
    source = "../modules/identity"
  }
  variables {
    addons = { "Team/on call" = "a", fleet_member = "m", tenant = "t", environment = "e" }
  }
  expect_failures = [var.addons]
}

run "value_of_addons" {
  command = plan
  module {
    source = "../modules/identity"
  }
  variables {
    addons = { team = "a b", fleet_member = "m", tenant = "t", environment = "e" }
  }
  expect_failures = [var.addons]
}
