package releases

import (
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/release"
)

// Names returns what says on which releases a cluster is by its labels: "stable", or if groups differ, first that of
// most groups, and then the others with their groups: "stable,next(addons)". It fails as [release.Read] does.
func Names(repository *hierarchy.Repository, f *fleet.Fleet) (func(cluster.Cluster) string, error) {
	groups, err := release.Groups(f, repository)
	if err != nil {
		return nil, err
	}
	var all []release.Releases
	for _, group := range groups {
		of, err := release.Read(f, repository, group)
		if err != nil {
			return nil, err
		}
		all = append(all, of)
	}
	return func(c cluster.Cluster) string {
		on := map[string][]string{} // groups by release
		var names []string
		for i, of := range all {
			name, exists := of.Of(c)
			if name == "" {
				continue
			}
			if !exists {
				name += "(no such release)"
			}
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
			on[name] = append(on[name], groups[i])
		}
		slices.SortStableFunc(names, func(a, b string) int { return len(on[b]) - len(on[a]) })
		for i, name := range names {
			if i > 0 {
				names[i] = name + "(" + strings.Join(on[name], ",") + ")"
			}
		}
		return strings.Join(names, ",")
	}, nil
}
