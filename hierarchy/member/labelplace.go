package member

import (
	"slices"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
)

// LabelPlace returns the file and line where a label of a cluster is set, for messages: in fleet.yaml, in the member's
// file, or in a level. Of a label that comes from elsewhere, it is the file of the cluster, and line 0.
func LabelPlace(f *fleet.Fleet, repo *hierarchy.Repository, c cluster.Cluster, label string) (file string, line int) {
	s := newMetadataSources(f, repo)
	s.of(c.Name) // also of one that only a cluster Secret describes
	if i := slices.IndexFunc(f.Clusters, func(known cluster.Cluster) bool { return known.Name == c.Name }); i >= 0 {
		s.of(c.Name).fleet, s.of(c.Name).index = &f.Clusters[i], i
	}
	if c.Hub != "" {
		if d, err := repo.Document(c.File); err == nil && d != nil {
			m, _, _ := parse(d, c.Hub)
			s.of(c.Name).member = &m
		}
	}
	if err := s.resolve(c.Name); err != nil || s.byName[c.Name].identity == nil {
		return c.File, 0
	}
	identity := s.byName[c.Name].identity
	if value, is := c.Labels[label]; is && identity.Labels[label] != value {
		return c.File, 0 // it is given on the command line, or in a Secret
	}
	if file, line := identity.Metadata().Locate("labels", label); line > 0 {
		return file, line
	}
	return c.File, 0
}
