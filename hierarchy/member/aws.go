package member

import (
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// readSecrets reads the members' secrets, if the fleet has a reader for them.
func (s *metadataSources) readSecrets(members []Member) error {
	if s.fleet.Secrets == nil {
		return nil
	}
	var references []cluster.SecretReference
	for _, m := range members {
		if m.SecretName == "" {
			continue
		}
		d, err := s.repo.Document(m.File)
		if err != nil {
			return err
		}
		reference := cluster.SecretReference{ID: m.SecretName, File: m.File}
		if d != nil {
			reference.Line = d.Line("secretManagerSecretName")
		}
		if cluster.IsPlaceholder(m.SecretName) {
			s.warnings = append(s.warnings,
				problem.New(m.File, reference.Line, "secret %q of cluster %q is not read: this is a placeholder",
					m.SecretName, m.Name).WithHint("fill it in").WithRule(problem.RulePlaceholder))
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
