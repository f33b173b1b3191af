terraform {
  required_version = ">= 1.6"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.40"
      # aws.secrets is the account that holds the secret: the spoke's own, or the hub's.
      configuration_aliases = [aws, aws.secrets]
    }
  }
}
