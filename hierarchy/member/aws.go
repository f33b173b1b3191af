package member

import (
	"cmp"
	"strconv"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member/secretname"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// readSecrets reads the secrets of members and hubs, if the fleet has a reader for them.
func (s *metadataSources) readSecrets(members []Member) error {
	if s.fleet.Secrets == nil {
		return nil
	}
	references, hubs, err := s.hubSecrets()
	if err != nil {
		return err
	}
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
			s.of(m.Name).remote, s.of(m.Name).secret = &c, m.SecretName
		}
	}
	for name, secret := range hubs {
		if c, ok := found[secret]; ok {
			s.of(name).remote, s.of(name).secret = &c, secret
		}
	}
	return nil
}

// hubSecrets returns the secrets of the hubs in fleet.yaml, by the names of the hubs as well. External Secrets merges
// them into the hubs' cluster Secrets (rule cluster-secret in docs/rules/registration.md), unless that is off.
func (s *metadataSources) hubSecrets() ([]cluster.SecretReference, map[string]string, error) {
	var references []cluster.SecretReference
	byHub := map[string]string{}
	values := NewValuesReader(s.fleet, s.repo)
	for i, c := range s.fleet.Clusters {
		known := s.byName[c.Name]
		if role := c.Labels[wellknown.LabelFleetMember]; role != wellknown.FleetMemberHub || known.member != nil {
			continue
		}
		if err := s.resolve(c.Name); err != nil {
			return nil, nil, err
		}
		identity := *known.identity
		known.identity = nil // to be resolved again, with the secret
		if identity.Levels == nil {
			continue // of a name that is no directory
		}
		own, err := values.Of(identity)
		if err != nil {
			return nil, nil, err
		}
		named := secretname.NamedBy(identity.Cluster, identity.Metadata(), own, "")
		r := hierarchy.Reader(own, "externalSecret", "externalSecret")
		if r.Text("enabled") == "false" || cluster.IsPlaceholder(named.Name) {
			continue
		}
		if named.Name == "" {
			named.File, named.Line = hierarchy.FleetFile, s.fleet.Line("spec", "clusters", strconv.Itoa(i), "name")
		}
		byHub[c.Name] = cmp.Or(named.Name, "hub/"+c.Name)
		references = append(references,
			cluster.SecretReference{ID: byHub[c.Name], File: named.File, Line: named.Line, Hub: true})
	}
	return references, byHub, nil
}
