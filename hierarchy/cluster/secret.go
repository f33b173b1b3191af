package cluster

import (
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// A SecretReference says which secret of AWS Secrets Manager a member or a hub has, and where that is written.
type SecretReference struct {
	ID   string // name or ARN
	File string
	Line int
	Hub  bool // of a hub: no prefix goes before the name, and without the secret there is a warning
}

// A SecretReader reads what secrets know of their clusters: server, labels and annotations, by the ID of the secret. It
// never returns credentials. Package secretsmanager has one.
type SecretReader func(references []SecretReference) (map[string]Cluster, []*problem.Problem, error)

// IsRegion tells whether a string can be the name of a region of AWS. New regions appear all the time, so that only the
// form counts: a region comes from files of the repository, and becomes part of a host name.
func IsRegion(text string) bool {
	return len(validation.IsDNS1123Label(text)) == 0 && !strings.Contains(text, "--")
}

var region = regexp.MustCompile(`^[a-z]{2}(-[a-z]+){1,2}-[0-9]+$`)

// IsUsualRegion tells whether a string has the form that the names of all regions of AWS have had so far: eu-west-1.
func IsUsualRegion(text string) bool { return region.MatchString(text) }
