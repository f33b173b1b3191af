// Package secretsmanager completes what is known of a fleet's clusters from their secrets in AWS Secrets Manager: the
// name, the server, and the labels and annotations of a spoke, as Terraform wrote them. The credentials that lie in the
// same secrets are dropped on reading, and reach no result, cache entry or message.
//
// Where AWS is and who asks it is decided by the standard AWS configuration: AWS_* variables, shared configuration
// files, AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_SECRETS_MANAGER, IAM roles for service accounts and EKS Pod Identity.
package secretsmanager
