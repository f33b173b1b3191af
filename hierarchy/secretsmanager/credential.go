package secretsmanager

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"github.com/eks-fleet-management/fleet-cmp/internal/address"
)

// credentialKeys are the ends of keys that name credentials, in lower case without punctuation: bearerToken and
// bearer_token both end in "token". "secret" alone is not among them: addons_repo_secret is the name of a Secret.
var credentialKeys = []string{
	"token", "tokens", "bearer", "jwt",
	"password", "passwords", "passwd", "passphrase", "credential", "credentials", "kubeconfig", "authconfig",
	"certificate", "certificates", "cert", "certs", "pem", "cadata", "certdata", "keydata", "authoritydata",
	"clientconfig",
	"privatekey", "accesskey", "accesskeyid", "secretkey", "clientkey", "apikey", "sshkey", "clientsecret",
}

// credentialValue matches what is a credential under any key: PEM, as it is or in base64, JSON Web Tokens, tokens of
// EKS and of GitHub, and AWS access keys.
var credentialValue = regexp.MustCompile(`-----BEGIN |LS0tLS1CRUdJTi|\beyJ[\w-]{8,}\.[\w-]{8,}\.|k8s-aws-v1\.|` +
	`\bgithub_pat_\w{20}|\bgh[pousr]_\w{20}|\b(AKIA|ASIA)[A-Z0-9]{16}\b`)

// isCredential tells whether an entry of metadata or addons holds a credential by its value, or may hold one by its
// key. A switch such as enable_token: "true", or an ARN such as that of a certificate, is none.
func isCredential(key, value string) bool {
	switch {
	case value == "true" || value == "false":
		return false
	case credentialValue.MatchString(value), address.CheckURL(value) != nil:
		return true
	case arn.IsARN(value):
		return false
	}
	plain := strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, key))
	for _, end := range credentialKeys {
		if strings.HasSuffix(plain, end) {
			return true
		}
	}
	return false
}
