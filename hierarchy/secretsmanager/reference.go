package secretsmanager

import (
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// A Reference is where a file names a secret, for example the key secretManagerSecretName of a member.
type Reference struct {
	ID   string // name or ARN; the ARN may lack the six random characters at its end
	File string // for messages; may be empty
	Line int
	Hub  bool // of a hub: Config.Prefix does not go before the name, and one that cannot be read is no error
}

// A target is a secret to be read: its full name or its ARN, and the region that it is in.
type target struct {
	Reference
	name   string
	region string
}

// secretName has the form of a secret's name (Secrets Manager API reference, CreateSecret). One name of another form in
// a batch would make the service refuse all of it. The length is not in the form: a repetition of 512 is a program of
// 512 parts, made whenever cmp-stages starts.
var secretName = regexp.MustCompile(`^[A-Za-z0-9/_+=.@!-]+$`)

const maxSecretName = 512

func isSecretName(s string) bool { return len(s) <= maxSecretName && secretName.MatchString(s) }

// locate finds out what a reference means. An ARN says its region itself.
func (c *Client) locate(ref Reference) (target, *problem.Problem) {
	t := target{Reference: ref, name: c.config.Prefix + ref.ID, region: c.aws.Region}
	if ref.Hub {
		t.name = ref.ID
	}
	if strings.HasPrefix(ref.ID, "arn:") {
		parsed, err := arn.Parse(ref.ID)
		resource, is := strings.CutPrefix(parsed.Resource, "secret:")
		if err != nil || !is || parsed.Service != "secretsmanager" || !cluster.IsRegion(parsed.Region) ||
			!isSecretName(resource) {
			return t, problem.New(ref.File, ref.Line, "secret %q is no ARN of a secret", ref.ID).
				WithHint("write arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME")
		}
		t.name, t.region = ref.ID, parsed.Region
		return t, nil
	}
	if ref.ID == "" || !isSecretName(t.name) {
		return t, problem.New(ref.File, ref.Line, "%q is neither name nor ARN of a secret", t.name).
			WithHint("a name has letters, digits and /_+=.@!- only")
	}
	if t.region == "" {
		return t, problem.New(ref.File, ref.Line, "secret %q has a name, and no AWS region is known", t.name).
			WithHint("set spec.secretsManager.region in fleet.yaml or AWS_REGION, or write its ARN")
	}
	return t, nil
}

// is tells whether the service means this secret by a name and an ARN in its answer.
func (t target) is(name, secretARN string) bool {
	if t.name == name || t.name == secretARN {
		return true
	}
	// The service adds a hyphen and six random characters to the name in an ARN.
	random, found := strings.CutPrefix(secretARN, t.name+"-")
	if !strings.HasPrefix(t.name, "arn:") {
		_, resource, _ := strings.Cut(secretARN, ":secret:")
		random, found = strings.CutPrefix(resource, t.name+"-")
	}
	return found && len(random) == 6
}
