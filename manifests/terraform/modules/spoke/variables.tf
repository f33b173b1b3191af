variable "name" {
  description = "Name of the member: clusterName in its file."
  type        = string
}

variable "eks_cluster_name" {
  description = "Name of the existing cluster in EKS."
  type        = string
}

variable "secret_name" {
  description = "Whole name of the secret: spec.secretsManager.prefix and secretManagerSecretName of the member."
  type        = string
  validation {
    condition     = can(regex("^[A-Za-z0-9/_+=.@-]+$", var.secret_name))
    error_message = "The name has letters, digits and /_+=.@- only."
  }
}

variable "hub_argocd_role_arn" {
  description = "Role of the hub's Argo CD."
  type        = string
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
}

variable "access_policy" {
  description = "Name of the access policy of EKS that Argo CD gets in the whole cluster."
  type        = string
  default     = "AmazonEKSClusterAdminPolicy"
}

variable "external_secrets_service_account" {
  description = "Service account of the spoke's External Secrets, as {namespace, name}. Null: no role for it."
  type        = object({ namespace = string, name = string })
  default     = null
}

variable "external_secrets_secret_arns" {
  description = "Secrets that the spoke's External Secrets reads."
  type        = list(string)
  default     = []
}

variable "external_secrets_kms_key_arns" {
  description = "KMS keys of these secrets."
  type        = list(string)
  default     = []
}

variable "external_secrets_central_role_arns" {
  description = "Roles of the central account that the spoke's External Secrets assumes: external_secrets_cross_account_role."
  type        = list(string)
  default     = []
}

variable "metadata" {
  description = "Annotations of the cluster Secret, besides account, region, VPC and name in EKS."
  type        = map(string)
  default     = {}
}

variable "addons" {
  description = "Labels of the cluster Secret. What the levels and the member's file say need not be repeated."
  type        = map(string)
  default     = {}
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
