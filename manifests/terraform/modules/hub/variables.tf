variable "name" {
  description = "Name of the hub in the fleet."
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

variable "secret_prefix" {
  description = "Start of the names of the members' secrets, as spec.secretsManager.prefix in fleet.yaml has it. Ends in a slash."
  type        = string
  default     = "fleet/"
  validation {
    condition     = can(regex("^[A-Za-z0-9_+=.@-]+(/[A-Za-z0-9_+=.@-]+)*/$", var.secret_prefix))
    error_message = "The prefix has no wildcards and ends in a slash."
  }
}

variable "secret_arns" {
  description = "Secrets of members that lie in other accounts, by their ARN."
  type        = list(string)
  default     = []
  validation {
    condition     = alltrue([for arn in var.secret_arns : can(regex("^arn:[^:*]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[^*]+-[A-Za-z0-9]{6}$", arn))])
    error_message = "Each is the whole ARN of one secret, with the six characters that AWS adds to its name."
  }
}

variable "secret_kms_key_arns" {
  description = "KMS keys of the secrets in other accounts."
  type        = list(string)
  default     = []
  validation {
    condition     = alltrue([for arn in var.secret_kms_key_arns : can(regex("^arn:[^:*]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", arn))])
    error_message = "Each is the ARN of one key. IAM knows no aliases here."
  }
}

variable "external_secrets_secret_arns" {
  description = "Secrets that External Secrets reads and cmp does not: credentials for Git."
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

variable "spoke_account_ids" {
  description = "Other accounts that may use the hub's KMS key for members' secrets of their own."
  type        = list(string)
  default     = []
  validation {
    condition     = alltrue([for id in var.spoke_account_ids : can(regex("^[0-9]{12}$", id))])
    error_message = "An account has 12 digits."
  }
}

variable "spoke_role_arns" {
  description = "Roles of the spokes that Argo CD may assume, without wildcards: the output argocd_role_arn of each spoke."
  type        = list(string)
  default     = []
  validation {
    condition     = alltrue([for arn in var.spoke_role_arns : can(regex("^arn:[^:*]+:iam::[0-9]{12}:role/[^*]+$", arn))])
    error_message = "Each is the ARN of one role."
  }
}

variable "cmp_principal_arns" {
  description = "Roles, for example of CI, that may assume the role for cmp --secrets-manager."
  type        = list(string)
  default     = []
  validation {
    condition     = alltrue([for arn in var.cmp_principal_arns : can(regex("^arn:[^:*]+:iam::[0-9]{12}:(role|user)/[^*]+$", arn))])
    error_message = "Each is the ARN of one role or user."
  }
}

variable "cmp_service_account" {
  description = "Service account of a job in the hub that runs cmp --secrets-manager, as {namespace, name}. Null: none."
  type        = object({ namespace = string, name = string })
  default     = null
  validation {
    condition     = var.cmp_service_account == null ? true : can(regex("^[a-z0-9][a-z0-9.-]*/[a-z0-9][a-z0-9.-]*$", "${var.cmp_service_account.namespace}/${var.cmp_service_account.name}"))
    error_message = "A service account is in a namespace and has a name: neither is empty or a wildcard."
  }
}

variable "argocd_namespace" {
  description = "Namespace of Argo CD, as spec.bootstrap.namespace in fleet.yaml has it."
  type        = string
  default     = "argocd"
  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.argocd_namespace))
    error_message = "The namespace has lower case letters, digits and hyphens, at most 63."
  }
}

variable "argocd_service_accounts" {
  description = "Service accounts of Argo CD that reach spokes."
  type        = set(string)
  default     = ["argocd-application-controller", "argocd-server"]
}

variable "argocd_chart_version" {
  description = "Version of the chart argo-cd of argo-helm. Null: Argo CD is installed by other means."
  type        = string
  default     = null
}

variable "argocd_values" {
  description = "Further values of the chart, each a YAML document, above the sidecar's."
  type        = list(string)
  default     = []
}

variable "fleet_cmp_version" {
  description = "Tag of the image of the sidecar."
  type        = string
  validation {
    condition     = can(regex("^[0-9A-Za-z_][0-9A-Za-z_.-]{0,127}$", var.fleet_cmp_version))
    error_message = "The version is the tag of an image alone, without the image."
  }
}

variable "external_secrets_service_account" {
  description = "Service account of External Secrets, as {namespace, name}."
  type        = object({ namespace = string, name = string })
  default     = { namespace = "external-secrets", name = "external-secrets" }
  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]*/[a-z0-9][a-z0-9.-]*$", "${var.external_secrets_service_account.namespace}/${var.external_secrets_service_account.name}"))
    error_message = "A service account is in a namespace and has a name: neither is empty or a wildcard."
  }
}

variable "bootstrap" {
  description = "Output of cmp render --stage bootstrap --cluster HUB. Null: it is applied by other means."
  type        = string
  default     = null
}

variable "metadata" {
  description = "Annotations of the hub's cluster Secret, besides account, region, VPC and name in EKS."
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

variable "labels" {
  description = "Labels that the hub's cluster Secret starts with, as cmp clusters prints them. What fleet.yaml and the levels say comes over them."
  type        = map(string)
  validation {
    condition     = alltrue([for key in ["fleet_member", "tenant", "environment"] : try(var.labels[key] != "", false)])
    error_message = "The labels have fleet_member, tenant and environment: without them, the hub has neither levels nor addons."
  }
  validation {
    condition     = alltrue([for key in keys(var.labels) : can(regex("^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$", key))])
    error_message = "A key is that of a label: letters, digits and -_. between them, at most 63, and a prefix before a slash."
  }
  validation {
    condition = alltrue([for value in values(var.labels) :
      value == null ? true : length(value) <= 63 && can(regex("^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$", value))
    ])
    error_message = "The value of a label has at most 63 letters, digits, hyphens, underscores and dots."
  }
}

variable "addons" {
  description = "Labels in the hub's secret. They win over those of the levels for good: leave to these what Git shall say."
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
