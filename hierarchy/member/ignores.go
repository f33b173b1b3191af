package member

import (
	"slices"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet/tenants"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member/directories"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/release"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// UnmatchedIgnores returns a finding for each entry of spec.lint.ignore that matches nothing. found are the findings of
// a render, ignored ones too, and read the files that it read. What only other renders can tell, it leaves to them.
// That is, of a component that is replaced, what those tell that read the file. If some of the members were not read,
// it is all about tenants. It fails for directories that cannot be read.
func UnmatchedIgnores(f *fleet.Fleet, repo *hierarchy.Repository, found []*problem.Problem, read []string,
	allMembers bool) ([]*problem.Problem, error) {
	if len(f.Ignores) == 0 {
		return nil, nil
	}
	missing, err := directories.MissingHubs(f, repo)
	if err != nil {
		return nil, err
	}
	unknown, err := tenants.NewSearch(f, repo).CheckOwn()
	if err != nil {
		return nil, err
	}
	found = slices.Concat(found, missing, unknown)
	covered := fleet.NewCovered(found)
	var unmatched []*problem.Problem
	for _, entry := range f.Ignores {
		known := false // of the other rules, only a look at the whole fleet tells
		switch entry.Rule {
		case problem.RuleMissingMembers:
			known = true
		case problem.RuleUnknownTenant:
			known = allMembers
		case problem.RuleMissingComponentFile:
			known = !release.LacksComponentFile(f, repo, entry)
		case problem.RuleComponentReplaced:
			exists, err := repo.Exists(entry.Path)
			if err != nil {
				return nil, err
			}
			known = !exists || slices.Contains(read, entry.Path) // of a directory, no render reads all
		}
		if known && !covered.By(entry) {
			unmatched = append(unmatched, entry.Unmatched())
		}
	}
	return unmatched, nil
}
