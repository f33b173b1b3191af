variable "name" {
  description = "Name of the cluster in the fleet."
  type        = string
  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.name))
    error_message = "The name has lower case letters, digits and hyphens, at most 63."
  }
}

variable "server" {
  description = "URL of the API server, as Argo CD reaches it."
  type        = string
  validation {
    condition     = can(regex("^https://[^/@?#]+$", var.server))
    error_message = "The server is https://HOST, without user, path and query."
  }
}

variable "certificate_authority" {
  description = "Certificate authority of the API server in base64, as EKS has it. Null: that of the system or of the pod."
  type        = string
  default     = null
}

variable "eks_cluster_name" {
  description = "Name of the cluster in EKS."
  type        = string
}

variable "role_arn" {
  description = "Role that Argo CD assumes to reach the cluster. Null for the cluster that Argo CD runs in."
  type        = string
  default     = null
  validation {
    condition     = var.role_arn == null || can(regex("^arn:[^:]+:iam::[0-9]{12}:role/", var.role_arn))
    error_message = "The role is the ARN of a role."
  }
}

variable "account_id" {
  description = "AWS account of the cluster."
  type        = string
}

variable "region" {
  description = "AWS region of the cluster."
  type        = string
}

variable "vpc_id" {
  description = "VPC of the cluster."
  type        = string
}

variable "metadata" {
  description = "Further annotations of the cluster Secret. A key that the module sets is overridden."
  type        = map(string)
  default     = {}
}

variable "addons" {
  description = "Labels of the cluster Secret, for example {enable_cert_manager = \"true\"}."
  type        = map(string)
  default     = {}
  validation {
    condition = alltrue([for key, value in var.addons :
      length(value) <= 63 && can(regex("^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$", value))
    ])
    error_message = "The value of a label has at most 63 letters, digits, hyphens, underscores and dots."
  }
}
