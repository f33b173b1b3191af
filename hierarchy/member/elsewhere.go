package member

import (
	"path"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// findElsewhere adds a finding for each annotation of a cluster that says other than spec.repositories where a
// repository is. ApplicationSets read value files as the annotations say, and ignore those that are missing, so that
// their values would be lost. Clusters that have the annotation of one place are one finding.
func (s *metadataSources) findElsewhere(identities []Identity) {
	type place struct {
		file string
		line int
		key  string
	}
	found := map[place]bool{}
	for i := range identities {
		var metadata *hierarchy.Values
		for _, r := range s.fleet.Repositories {
			for _, part := range []string{"url", "revision", "basepath"} {
				key := wellknown.RepositoryAnnotation(r.Name, part)
				said := identities[i].Annotations[key]
				want := otherThan(r, part, said)
				if want == "" || r.Name == wellknown.GroupFleet {
					continue
				}
				if metadata == nil {
					metadata = identities[i].Metadata()
				}
				at := place{key: key}
				if at.file, at.line = metadata.Locate("annotations", key); found[at] {
					continue
				}
				found[at] = true
				file, line := s.fleet.PlaceOf("spec", "repositories", r.Name)
				s.warnings = append(s.warnings, problem.New(at.file, at.line,
					"cluster %q: its annotation %s is %s, but %s says %s: what Applications read there is not what is "+
						"here", identities[i].Name, key, address.Redact(said), problem.Place(file, line), want).
					WithHint("make them the same").WithRule(problem.RuleOtherRepository, file))
			}
		}
	}
}

// otherThan returns what fleet.yaml says of a part of a repository, if an annotation says something else; "" if it does
// not. An annotation that is missing is for those to miss who need it.
func otherThan(r fleet.Repository, part, said string) string {
	switch {
	case said == "":
	case part == "url" && !address.SameRepository(said, r.URL):
		return r.URL
	case part == "revision" && r.Revision != "" && said != r.Revision:
		return r.Revision
	case part == "basepath" && r.Path != ".": // of a spoke, it can be the directory of the tenants
		if at := path.Clean(said); at != r.Path && !strings.HasPrefix(at, r.Path+"/") {
			return r.Path
		}
	}
	return ""
}
