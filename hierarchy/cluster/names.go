package cluster

import (
	"errors"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

var placeholder = regexp.MustCompile(`^<[^<>]*>$`)

// ErrPlaceholder marks the warnings about text that nobody has filled in. It matters where somebody checks or registers
// clusters; other renders do without these warnings.
var ErrPlaceholder = errors.New("still the placeholder")

// IsPlaceholder tells whether a string is one that somebody has to fill in, such as <secret-arn>.
func IsPlaceholder(text string) bool { return placeholder.MatchString(text) }

// CheckLabelValue fails for a text that cannot be the value of a label (documentation of Kubernetes, Labels and
// Selectors).
func CheckLabelValue(s string) error {
	if found := validation.IsValidLabelValue(s); len(found) > 0 {
		reason, _, _ := strings.Cut(found[0], " (e.g.")
		return problem.New("", 0, "%q cannot be the value of a label: %s", s, reason)
	}
	return nil
}

// The forms of a name and an ARN of AWS Secrets Manager (its API reference, CreateSecret and ARN formats). In the names
// that AWS services give there is a ! (User Guide, Secrets managed by other AWS services). The length is not in the
// form: a repetition of 512 is a program of 512 parts, made whenever cmp starts.
const maxSecretName = 512

var (
	secretName = regexp.MustCompile(`^[A-Za-z0-9/_+=.@!-]+$`)
	secretARN  = regexp.MustCompile(`^arn:aws[a-z-]*:secretsmanager:[^:]+:\d{12}:secret:[A-Za-z0-9/_+=.@!-]+$`)
)

// IsSecretName tells whether a string has the characters of a secret's name.
func IsSecretName(text string) bool { return secretName.MatchString(text) }

// CheckSecretName fails for what can be neither the name nor the ARN of a secret.
func CheckSecretName(s string) error {
	switch {
	case strings.HasPrefix(s, "arn:"):
		parts := strings.Split(s, ":")
		if len(parts) > 3 && parts[2] == "secretsmanager" && parts[3] == "" {
			return problem.New("", 0, "%q has no region", s)
		}
		if !secretARN.MatchString(s) || !IsRegion(parts[3]) {
			return problem.New("", 0, "%q is no ARN of a secret", s).
				WithHint("the form is arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME")
		}
	case !secretName.MatchString(s), len(s) > maxSecretName:
		return problem.New("", 0, "%q is no name of a secret: up to %d letters, digits and /_+=.@!-", s, maxSecretName)
	}
	return nil
}
