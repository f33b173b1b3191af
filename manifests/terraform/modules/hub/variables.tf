variable "name" {
  description = "Name of the hub in the fleet."
  type        = string
}

variable "eks_cluster_name" {
  description = "Name of the existing cluster in EKS."
  type        = string
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
}

variable "secret_kms_key_arns" {
  description = "KMS keys of the secrets in other accounts."
  type        = list(string)
  default     = []
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
}

variable "argocd_namespace" {
  description = "Namespace of Argo CD, as spec.bootstrap.namespace in fleet.yaml has it."
  type        = string
  default     = "argocd"
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
}

variable "external_secrets_service_account" {
  description = "Service account of External Secrets, as {namespace, name}."
  type        = object({ namespace = string, name = string })
  default     = { namespace = "external-secrets", name = "external-secrets" }
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
}

variable "addons" {
  description = "Labels of the hub's cluster Secret, as cmp clusters prints them."
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
