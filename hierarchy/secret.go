package hierarchy

import (
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// A SecretReference says which secret of AWS Secrets Manager a member has, and where that is written.
type SecretReference struct {
	ID   string // name or ARN
	File string
	Line int
}

// A SecretReader reads what secrets know of their clusters: server, labels and annotations, by the ID of the secret. It
// never returns credentials. Package secretsmanager has one.
type SecretReader func(references []SecretReference) (map[string]Cluster, []*Problem, error)

// IsRegion tells whether a text can be the name of a region of AWS. New regions appear all the time, so that only the
// form counts: a region comes from files of the repository, and becomes part of a host name.
func IsRegion(text string) bool {
	return len(validation.IsDNS1123Label(text)) == 0 && !strings.Contains(text, "--")
}

// readSecrets reads the members' secrets, if the fleet has a reader for them.
func (s *metadataSources) readSecrets(members []Member) error {
	if s.fleet.Secrets == nil {
		return nil
	}
	var references []SecretReference
	for _, m := range members {
		if m.SecretName == "" {
			continue
		}
		d, err := s.repo.Document(m.File)
		if err != nil {
			return err
		}
		reference := SecretReference{ID: m.SecretName, File: m.File}
		if d != nil {
			reference.Line = d.Line("secretManagerSecretName")
		}
		if IsPlaceholder(m.SecretName) {
			s.warnings = append(s.warnings, problem.New(m.File, reference.Line, "secret %q of cluster %q is not read: this is a placeholder",
				m.SecretName, m.Name).WithHint("fill it in"))
			continue
		}
		references = append(references, reference)
	}
	if len(references) == 0 {
		return nil
	}
	found, warnings, err := s.fleet.Secrets(references)
	if err != nil {
		return err
	}
	s.warnings = append(s.warnings, warnings...)
	for _, m := range members {
		if c, ok := found[m.SecretName]; ok && m.SecretName != "" {
			s.of(m.Name).remote = &c
		}
	}
	return nil
}
