resource "aws_kms_key" "fleet" {
  description             = "Secrets of the clusters of ${var.name}."
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat([local.key_of_account], local.key_of_spokes)
  })
  tags = var.tags
}

resource "aws_kms_alias" "fleet" {
  name          = "alias/fleet-${var.name}"
  target_key_id = aws_kms_key.fleet.key_id
}

locals {
  # The account's own policies of IAM decide; without this, nobody could change the key.
  key_of_account = {
    Sid       = "Account"
    Effect    = "Allow"
    Principal = { AWS = ["arn:${local.partition}:iam::${local.account}:root"] }
    Action    = ["kms:*"]
    Resource  = ["*"] # in the policy of a key, the key
  }

  # A spoke of another account only uses the key through Secrets Manager.
  key_of_spokes = [for account in var.spoke_account_ids : {
    Sid       = "Spoke${account}"
    Effect    = "Allow"
    Principal = { AWS = ["arn:${local.partition}:iam::${account}:root"] }
    Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
    Resource  = ["*"]
    Condition = { StringLike = { "kms:ViaService" = ["secretsmanager.${local.region}.*"] } }
  }]
}
