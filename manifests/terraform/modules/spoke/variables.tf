variable "name" {
  description = "Name of the member: clusterName in its file."
  type        = string
  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.name))
    error_message = "The name has lower case letters, digits and hyphens, at most 63."
  }
}

variable "eks_cluster_name" {
  description = "Name of the existing cluster in EKS."
  type        = string
  validation {
    condition     = can(regex("^[0-9A-Za-z][0-9A-Za-z_-]{0,99}$", var.eks_cluster_name))
    error_message = "The name in EKS has letters, digits, hyphens and underscores, at most 100. It is no ARN."
  }
}

variable "secret_name" {
  description = "Whole name of the secret: spec.secretsManager.prefix and secretManagerSecretName of the member."
  type        = string
  validation {
    condition     = length(var.secret_name) <= 512 && can(regex("^[A-Za-z0-9/_+=.@-]+$", var.secret_name))
    error_message = "The name has letters, digits and /_+=.@- only, at most 512, and is no ARN."
  }
  validation {
    condition     = !can(regex("^hub/", var.secret_name))
    error_message = "The names hub/HUB are those of hubs: cmp refuses one as that of a member."
  }
}

variable "hub_argocd_role_arn" {
  description = "Role of the hub's Argo CD."
  type        = string
  validation {
    condition     = can(regex("^arn:[^:*]+:iam::[0-9]{12}:role/[^*]+$", var.hub_argocd_role_arn))
    error_message = "The role is arn:PARTITION:iam::ACCOUNT:role/NAME, without wildcards."
  }
}

variable "hub_reader_role_arns" {
  description = "Roles that read the secret: those of the hub's External Secrets and of cmp."
  type        = list(string)
  validation {
    condition = length(var.hub_reader_role_arns) > 0 && alltrue([for arn in var.hub_reader_role_arns :
      can(regex("^arn:[^:*]+:iam::[0-9]{12}:role/[^*]+$", arn))
    ])
    error_message = "Each is the ARN of one role, and there is one at least."
  }
}

variable "kms_key_arn" {
  description = "Key of the secret, that of the hub where it lies in the hub's account. Null: a key of its own is made."
  type        = string
  default     = null
  validation {
    condition     = var.kms_key_arn == null ? true : can(regex("^arn:[^:*]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.kms_key_arn))
    error_message = "The key is its ARN: an alias or ID would be looked for in the account of the secret."
  }
}

variable "access_policy" {
  description = "Name of the access policy of EKS that Argo CD gets in the whole cluster."
  type        = string
  default     = "AmazonEKSClusterAdminPolicy"
  validation {
    condition     = can(regex("^AmazonEKS[A-Za-z]+Policy$", var.access_policy))
    error_message = "The policy is the name of one of EKS, without the ARN before it."
  }
}

variable "external_secrets_service_account" {
  description = "Service account of the spoke's External Secrets, as {namespace, name}. Null: no role for it."
  type        = object({ namespace = string, name = string })
  default     = null
  validation {
    condition     = var.external_secrets_service_account == null ? true : can(regex("^[a-z0-9][a-z0-9.-]*/[a-z0-9][a-z0-9.-]*$", "${var.external_secrets_service_account.namespace}/${var.external_secrets_service_account.name}"))
    error_message = "A service account is in a namespace and has a name: neither is empty or a wildcard."
  }
}

variable "external_secrets_secret_arns" {
  description = "Secrets that the spoke's External Secrets reads, besides that of this module, with which a spoke registers itself."
  type        = list(string)
  default     = []
  validation {
    condition     = alltrue([for arn in var.external_secrets_secret_arns : can(regex("^arn:[^:*]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[^*]+-[A-Za-z0-9]{6}$", arn))])
    error_message = "Each is the whole ARN of one secret, with the six characters that AWS adds to its name."
  }
}

variable "external_secrets_kms_key_arns" {
  description = "KMS keys of these secrets."
  type        = list(string)
  default     = []
  validation {
    condition     = alltrue([for arn in var.external_secrets_kms_key_arns : can(regex("^arn:[^:*]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", arn))])
    error_message = "Each is the ARN of one key. IAM knows no aliases here."
  }
}

variable "external_secrets_ecr_repository_arns" {
  description = "Registries of AWS that Argo CD pulls charts from: ecrAuthenticationToken of the levels. Tokens are of this role."
  type        = list(string)
  default     = []
  validation {
    condition = alltrue([for arn in var.external_secrets_ecr_repository_arns :
      can(regex("^arn:[^:*]+:ecr:[a-z0-9-]+:[0-9]{12}:repository/.+$", arn))
    ])
    error_message = "Each is the ARN of a repository, arn:PARTITION:ecr:REGION:ACCOUNT:repository/NAME, where NAME may have wildcards."
  }
}

variable "external_secrets_central_role_arns" {
  description = "Roles of the central account that the spoke's External Secrets assumes: external_secrets_cross_account_role."
  type        = list(string)
  default     = []
  validation {
    condition = alltrue([for arn in var.external_secrets_central_role_arns :
      can(regex("^arn:[^:*]+:iam::[0-9]{12}:role/[^*]+$", arn))
    ])
    error_message = "Each is the ARN of one role."
  }
}

variable "metadata" {
  description = "Annotations of the cluster Secret, besides account, region, VPC and name in EKS."
  type        = map(string)
  default     = {}
  validation {
    condition     = alltrue([for key, value in var.metadata : can(regex("^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$", key))])
    error_message = "A key is that of an annotation: letters, digits and -_. between them, at most 63, and a prefix before a slash."
  }
  validation {
    condition     = alltrue([for value in values(var.metadata) : value == null ? true : length(value) <= 4096])
    error_message = "The value of an annotation has at most 4096 characters: cmp reads no longer one."
  }
}

variable "addons" {
  description = "Labels of the cluster Secret. They win over those of the levels for good, not over the member's file."
  type        = map(string)
  default     = {}
  validation {
    condition     = alltrue([for key in keys(var.addons) : can(regex("^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$", key))])
    error_message = "A key is that of a label: letters, digits and -_. between them, at most 63, and a prefix before a slash."
  }
  validation {
    condition = alltrue([for value in values(var.addons) :
      value == null ? true : length(value) <= 63 && can(regex("^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$", value))
    ])
    error_message = "The value of a label has at most 63 letters, digits, hyphens, underscores and dots."
  }
}

variable "recovery_window_in_days" {
  description = "How long a deleted secret can be restored."
  type        = number
  default     = 30
  validation {
    condition     = var.recovery_window_in_days >= 7 && var.recovery_window_in_days <= 30
    error_message = "The window is 7 to 30 days."
  }
}

variable "tags" {
  description = "Tags of all resources."
  type        = map(string)
  default     = {}
}
