package directories

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// Missing returns a finding if there is no directory for the members, or with a hub none for those of the hub: Argo
// CD would lose all of them. A directory that fleet.yaml does not name need not exist. It fails for one that cannot be
// read.
func Missing(f *fleet.Fleet, repo *hierarchy.Repository, hub string) (*problem.Problem, error) {
	file, line := f.PlaceOf("spec", "members")
	exists, err := repo.HasDirectory(f.Members)
	switch {
	case err != nil:
		return nil, err
	case !exists && hub == "" && !f.Names("members"):
		return nil, nil // then it is a fleet without members
	case !exists:
		p := problem.New(file, line, "there is no directory %s with the members: all spokes would be lost", f.Members).
			WithHint("correct spec.members, or add the directory; a hub without spokes has %s with a file .keep",
				f.MemberDirectory("HUB")).
			WithRule(problem.RuleMissingMembers, f.Members, f.MemberDirectory(hub))
		if f.Names("members") {
			return p.Stopping(), nil
		}
		return p, nil
	case hub == "":
		return nil, nil
	}
	directory := f.MemberDirectory(hub)
	if exists, err = repo.HasDirectory(directory); err != nil {
		return nil, err
	}
	if exists {
		return withoutMembers(f, repo, hub)
	}
	entries, err := repo.Entries(f.Members)
	var others []string
	for _, entry := range entries {
		others = append(others, entry.Name())
	}
	what, hint := "there is no such directory", "correct the name of the directory, or add it"
	if slices.Contains(others, hub) {
		what, hint = "this is no directory but a file", "move it away, and add the directory"
	} else if meant := problem.Likely(hub, others); meant != "" {
		hint = "rename " + f.MemberDirectory(meant) + ", or add it"
	}
	return problem.New(directory, 0, "%s, so that hub %q has no members: all of its spokes would be lost", what, hub).
		WithHint("%s; a hub without spokes has a file .keep in it", hint).
		WithRule(problem.RuleMissingMembers, f.Members, directory).Stopping(), err
}

// withoutMembers returns a finding if the directory of a hub has no members, and not .keep alone, which says that there
// are none.
func withoutMembers(f *fleet.Fleet, repo *hierarchy.Repository, hub string) (*problem.Problem, error) {
	directory := f.MemberDirectory(hub)
	entries, err := repo.Entries(directory)
	if err != nil {
		return nil, err
	}
	kept, other := false, ""
	for _, entry := range entries {
		switch name := entry.Name(); {
		case IsFile(name):
			return nil, nil
		case strings.HasPrefix(name, "."):
			kept = kept || !entry.IsDir()
		case !strings.HasPrefix(name, "README"):
			other = name
		}
	}
	if kept && other == "" {
		return nil, nil
	}
	what := "nothing that is a member"
	if other != "" {
		what = other + ", and nothing that is a member"
	}
	return problem.New(directory, 0,
		"there is %s in the directory, so that hub %q has no members: all of its spokes would be lost", what, hub).
		WithHint("the files of members are %s/NAME.yaml; a hub without spokes has a file .keep there, and no other",
			directory).
		WithRule(problem.RuleMissingMembers, f.Members, directory).Stopping(), nil
}

// MissingHubs returns the findings of [Missing] about the fleet and the hubs that fleet.yaml describes.
func MissingHubs(f *fleet.Fleet, repo *hierarchy.Repository) ([]*problem.Problem, error) {
	missing, err := Missing(f, repo, "")
	if err != nil || missing != nil {
		return []*problem.Problem{missing}, err
	}
	var found []*problem.Problem
	for _, c := range f.Clusters {
		if c.Labels[wellknown.LabelFleetMember] != wellknown.FleetMemberHub {
			continue
		}
		missing, err := Missing(f, repo, c.Name)
		if err != nil {
			return nil, err
		}
		if missing != nil {
			found = append(found, missing)
		}
	}
	return found, nil
}

// Lost returns findings about members that a list of all lacks, as far as that can be told: those of [Stray], and of
// [Missing] about the fleet and the hubs that fleet.yaml describes. The hubs are those of the list.
func Lost(f *fleet.Fleet, repo *hierarchy.Repository, hubs map[string]bool) ([]*problem.Problem, error) {
	missing, err := MissingHubs(f, repo)
	if err != nil {
		return nil, err
	}
	stray, err := Stray(f, repo, hubs)
	return append(stray, missing...), err
}

// Stray returns findings about what no hub registers: files beside the hubs' directories, deeper in these or of other
// names than members have. So are the members of a hub that is not in fleet.yaml, if others are. The hubs are those
// that have members. It fails for a directory that cannot be read.
func Stray(f *fleet.Fleet, repo *hierarchy.Repository, hubs map[string]bool) ([]*problem.Problem, error) {
	var warnings []*problem.Problem
	entries, err := repo.Entries(f.Members)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		directory := f.MemberDirectory(entry.Name())
		switch {
		case !entry.IsDir() && IsFile(directory):
			warnings = append(warnings, problem.New(directory, 0,
				"member: is in the directory of no hub, and so is no member").
				WithHint("move it to %s/HUB", f.Members).WithRule(problem.RuleUnreadFile))
		case hubs[entry.Name()]:
			warnings = append(warnings, CheckHub(f, entry.Name())...)
		}
		deeper, err := checkDepth(repo, directory)
		if err != nil {
			return nil, err
		}
		warnings = append(warnings, deeper...)
	}
	return warnings, nil
}

// checkDepth warns about directories in the directory of a hub that have files in them which look like members.
func checkDepth(repo *hierarchy.Repository, directory string) ([]*problem.Problem, error) {
	if is, err := repo.HasDirectory(directory); err != nil || !is {
		return nil, err
	}
	entries, err := repo.Entries(directory)
	if err != nil {
		return nil, err
	}
	var warnings []*problem.Problem
	for _, entry := range entries {
		if name := entry.Name(); !entry.IsDir() && !IsFile(name) && !strings.HasPrefix(name, ".") &&
			!strings.HasPrefix(name, "README") {
			warnings = append(warnings, problem.New(path.Join(directory, name), 0,
				"member: is no member, since its name does not end in .yaml").
				WithHint("rename or remove it").WithRule(problem.RuleUnreadFile))
		}
		if !entry.IsDir() {
			continue
		}
		files, err := repo.Entries(path.Join(directory, entry.Name()))
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(files, func(e fs.DirEntry) bool { return IsFile(e.Name()) }) {
			warnings = append(warnings, problem.New(path.Join(directory, entry.Name()), 0,
				"member: the files in this directory are no members").
				WithHint("move them to %s", directory).WithRule(problem.RuleUnreadFile))
		}
	}
	return warnings, nil
}

// CheckHub warns about a hub that fleet.yaml does not describe, if it describes any cluster.
func CheckHub(f *fleet.Fleet, hub string) []*problem.Problem {
	if len(f.Clusters) == 0 || slices.ContainsFunc(f.Clusters, func(c cluster.Cluster) bool { return c.Name == hub }) {
		return nil
	}
	return []*problem.Problem{problem.New(f.MemberDirectory(hub), 0,
		"member: there is no hub %q in %s, so that nothing registers its members", hub, hierarchy.FleetFile).
		WithHint("describe it in spec.clusters, or move the files to another hub").WithRule(problem.RuleUnknownHub)}
}

// CheckNew refuses to make a directory for members beside one whose name is nearly the same: one of the two is
// mistyped.
func CheckNew(f *fleet.Fleet, repo *hierarchy.Repository, hub string) error {
	for _, directory := range []string{f.Members, f.MemberDirectory(hub)} {
		exists, err := repo.HasDirectory(directory)
		if err != nil {
			return err
		}
		if exists {
			continue
		}
		entries, err := repo.Entries(path.Dir(directory))
		if err != nil {
			return err
		}
		var others []string
		for _, entry := range entries {
			if entry.IsDir() && !slices.ContainsFunc(f.Clusters,
				func(c cluster.Cluster) bool { return c.Name == entry.Name() }) {
				others = append(others, entry.Name())
			}
		}
		if meant := problem.Likely(path.Base(directory), others); meant != "" {
			return problem.New(directory, 0, "there is no such directory for members, but %s",
				path.Join(path.Dir(directory), meant)).
				WithHint("correct the name in %s, or that of the directory", hierarchy.FleetFile)
		}
		return nil
	}
	return nil
}
