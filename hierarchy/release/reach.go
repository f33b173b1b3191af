package release

import (
	"slices"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// reachable returns the clusters that the group's globalSelectors let through.
func (s *Layers) reachable() []cluster.Cluster {
	if s.inputs.Group == nil {
		return nil
	}
	selects := labels.SelectorFromSet(hierarchy.Reader(s.base, "").TextMap(wellknown.SettingGlobalSelectors))
	var clusters []cluster.Cluster
	for _, c := range s.inputs.Clusters {
		if selects.Matches(c.AllLabels()) {
			clusters = append(clusters, c)
		}
	}
	return clusters
}

// onNone tells whether the cluster is a spoke whose label names no release, where labels choose them.
func (s *Layers) onNone() bool {
	return s.inputs.Cluster.IsSpoke() && s.Releases.unknown(s.inputs.Cluster) && s.versionSelectors()
}

// unknownLabels warns about the cluster if its label names no release. Of a hub, it also warns about those of its
// spokes that the group concerns. Everybody who looks at such a cluster says the same.
func (s *Layers) unknownLabels() []*problem.Problem {
	in := s.inputs
	if in.Group == nil {
		return nil
	}
	concerned := []cluster.Cluster{in.Cluster}
	if knows, ok := cluster.KnownTo(in.Cluster.Name, in.Clusters); ok && in.Release == "" && !in.Cluster.IsSpoke() {
		reaches := labels.SelectorFromSet(hierarchy.Reader(s.base, "").TextMap(wellknown.SettingGlobalSelectors))
		for _, c := range in.Clusters {
			if c.Name != in.Cluster.Name && knows(c) && (c.Manages(in.Group.Name) || reaches.Matches(c.AllLabels())) {
				concerned = append(concerned, c)
			}
		}
	}
	var warnings []*problem.Problem
	for _, c := range concerned {
		if s.Releases.unknown(c) {
			file, line := in.labelPlace(c)
			warnings = append(warnings, s.Releases.UnknownLabel(c, file, line))
		}
	}
	return warnings
}

// unreached warns about those of the clusters that are a hub's, and that none of its releases is for. The clusters that
// deploy the group themselves choose their release themselves.
func (s *Layers) unreached(clusters []cluster.Cluster) []*problem.Problem {
	in := s.inputs
	if in.Group == nil || in.Release != "" || in.Cluster.IsSpoke() {
		return nil
	}
	knows, ok := cluster.KnownTo(in.Cluster.Name, in.Clusters)
	if !ok {
		return nil
	}
	others := func(c cluster.Cluster) bool { return !knows(c) || c.Manages(in.Group.Name) }
	return s.Releases.unreached(s.choices, in.Cluster, slices.DeleteFunc(clusters, others), in.labelPlace)
}
