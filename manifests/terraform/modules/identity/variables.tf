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
    condition     = can(regex("^https://[^/@?#\\s]+$", var.server))
    error_message = "The server is https://HOST, without user, path and query."
  }
}

variable "certificate_authority" {
  description = "Certificate authority of the API server in base64, as EKS has it. Null: that of the system or of the pod."
  type        = string
  default     = null
  validation {
    condition     = var.certificate_authority == null || can(regex("^-----BEGIN ", base64decode(var.certificate_authority)))
    error_message = "The certificate is PEM in base64, as EKS gives it."
  }
}

variable "eks_cluster_name" {
  description = "Name of the cluster in EKS."
  type        = string
  validation {
    condition     = can(regex("^[0-9A-Za-z][0-9A-Za-z_-]{0,99}$", var.eks_cluster_name))
    error_message = "The name in EKS has letters, digits, hyphens and underscores, at most 100. It is no ARN."
  }
}

variable "role_arn" {
  description = "Role that Argo CD assumes to reach the cluster. Null for the cluster that Argo CD runs in."
  type        = string
  default     = null
  validation {
    condition     = var.role_arn == null || can(regex("^arn:[^:*]+:iam::[0-9]{12}:role/[^*]+$", var.role_arn))
    error_message = "The role is arn:PARTITION:iam::ACCOUNT:role/NAME."
  }
}

variable "account_id" {
  description = "AWS account of the cluster."
  type        = string
  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "An account has 12 digits. Write it in quotes, which keep the zeros at its start."
  }
}

variable "region" {
  description = "AWS region of the cluster."
  type        = string
  validation {
    condition     = can(regex("^[a-z]+(-[a-z]+)+-[0-9]+$", var.region))
    error_message = "A region is like eu-west-1."
  }
}

variable "vpc_id" {
  description = "VPC of the cluster."
  type        = string
  validation {
    condition     = can(regex("^vpc-[0-9a-f]+$", var.vpc_id))
    error_message = "The VPC is its ID: vpc- and hexadecimal digits."
  }
}

variable "metadata" {
  description = "Further annotations of the cluster Secret. A key that the module sets is overridden, one of null left out."
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
  description = "Labels of the cluster Secret, for example {enable_cert_manager = \"true\"}. One of null is left out."
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
