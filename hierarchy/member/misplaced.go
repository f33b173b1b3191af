package member

import (
	"path"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// findMisplaced adds a finding for each fleet-secret/values.yaml directly in a directory of a level, where the wrapper
// chart's documentation has the values of clusters and nothing reads them. A file is known by what it holds: it may as
// well be of a chart that is called fleet-secret.
func (s *metadataSources) findMisplaced(levels []fleet.ClusterLevel) {
	for _, level := range levels {
		for _, directory := range level.Directories {
			if s.lookedInto[directory] {
				continue
			}
			s.lookedInto[directory] = true
			file := path.Join(directory, "fleet-secret", "values.yaml")
			d, err := s.repo.Document(file)
			if d == nil && err == nil {
				continue
			}
			line := 0
			if err == nil {
				if d.Values["externalSecret"] == nil && d.Values["secretStore"] == nil {
					continue
				}
				line = max(d.Line("externalSecret"), d.Line("secretStore"))
			}
			s.warnings = append(s.warnings, problem.New(file, line, "the values of clusters are not read from here").
				WithHint("move them to %s", path.Join(directory, wellknown.GroupFleet, "fleet-secret", "values.yaml")).
				WithRule(problem.RuleUnreadFile))
		}
	}
}
