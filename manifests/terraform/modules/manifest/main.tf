# The objects of a manifest of several documents. It needs no provider, so that it can be evaluated anywhere.
terraform {
  required_version = ">= 1.6"
}

variable "text" {
  description = "YAML documents, as cmp render writes them."
  type        = string
  validation {
    condition = try(alltrue([for document in split("\n---\n", trimprefix(var.text, "---\n")) :
      yamldecode(document).metadata.name != "" && yamldecode(document).kind != ""
    ]), false)
    error_message = "Each document is an object of Kubernetes. Is it what cmp render --stage bootstrap writes, and not empty?"
  }
}

output "objects" {
  description = "The documents, decoded."
  value       = [for document in split("\n---\n", trimprefix(var.text, "---\n")) : yamldecode(document)]
}
