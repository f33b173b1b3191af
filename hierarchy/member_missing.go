package hierarchy

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// MissingMembers returns a finding if there is no folder for the members, or with a hub none for those of the hub: Argo
// CD would lose all of them. A folder that fleet.yaml does not name need not exist.
func (f *Fleet) MissingMembers(repo *Repository, hub string) (*Problem, error) {
	file, line := f.PlaceOf("spec", "members")
	exists, err := repo.HasFolder(f.Members)
	switch {
	case err != nil:
		return nil, err
	case !exists && hub == "" && !f.Names("members"):
		return nil, nil // then it is a fleet without members
	case !exists:
		p := problem.New(file, line, "there is no folder %s with the members: all spokes would be lost", f.Members).
			WithHint("correct spec.members, or add the folder; a hub without spokes has %s with a file .keep", f.MemberFolder("HUB")).
			WithRule(RuleMissingMembers, f.Members, f.MemberFolder(hub))
		if f.Names("members") {
			return p.Stopping(), nil
		}
		return p, nil
	case hub == "":
		return nil, nil
	}
	folder := f.MemberFolder(hub)
	if exists, err = repo.HasFolder(folder); err != nil {
		return nil, err
	}
	if exists {
		return f.withoutMembers(repo, hub)
	}
	entries, err := repo.entries(f.Members)
	var others []string
	for _, entry := range entries {
		others = append(others, entry.Name())
	}
	what, hint := "there is no such folder", "correct the name of the folder, or add it"
	if slices.Contains(others, hub) {
		what, hint = "this is no folder but a file", "move it away, and add the folder"
	} else if meant := likely(hub, others); meant != "" {
		hint = "rename " + f.MemberFolder(meant) + ", or add it"
	}
	return problem.New(folder, 0, "%s, so that hub %q has no members: all of its spokes would be lost", what, hub).
		WithHint("%s; a hub without spokes has a file .keep in it", hint).
		WithRule(RuleMissingMembers, f.Members, folder).Stopping(), err
}

// withoutMembers returns a finding if the folder of a hub has no members, and not .keep alone, which says that there
// are none.
func (f *Fleet) withoutMembers(repo *Repository, hub string) (*Problem, error) {
	folder := f.MemberFolder(hub)
	entries, err := repo.entries(folder)
	if err != nil {
		return nil, err
	}
	kept, other := false, ""
	for _, entry := range entries {
		switch name := entry.Name(); {
		case isMemberFile(name):
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
	return problem.New(folder, 0, "there is %s in the folder, so that hub %q has no members: all of its spokes would be lost", what, hub).
		WithHint("the files of members are %s/NAME.yaml; a hub without spokes has a file .keep there, and no other", folder).
		WithRule(RuleMissingMembers, f.Members, folder).Stopping(), nil
}

// missingHubs returns the findings of [Fleet.MissingMembers] about the fleet and the hubs that fleet.yaml describes.
func (f *Fleet) missingHubs(repo *Repository) ([]*Problem, error) {
	missing, err := f.MissingMembers(repo, "")
	if err != nil || missing != nil {
		return []*Problem{missing}, err
	}
	var found []*Problem
	for _, c := range f.Clusters {
		if c.Labels[LabelFleetMember] != FleetMemberHub {
			continue
		}
		missing, err := f.MissingMembers(repo, c.Name)
		if err != nil {
			return nil, err
		}
		if missing != nil {
			found = append(found, missing)
		}
	}
	return found, nil
}

// StrayMembers returns findings about what no hub registers: files beside the hubs' folders, deeper in these or of
// other names than members have, and the members of a hub that is not in fleet.yaml, if others are. It fails if members
// cannot be read.
func (f *Fleet) StrayMembers(repo *Repository) ([]*Problem, error) {
	members, _, err := f.ReadMembers(repo)
	if err != nil {
		return nil, err
	}
	return f.checkHubs(repo, members)
}

// checkHubs returns the findings of [Fleet.StrayMembers] with the members that there are.
func (f *Fleet) checkHubs(repo *Repository, members []Member) ([]*Problem, error) {
	var warnings []*Problem
	entries, err := repo.entries(f.Members)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		folder := f.MemberFolder(entry.Name())
		switch {
		case !entry.IsDir() && isMemberFile(folder):
			warnings = append(warnings, problem.New(folder, 0, "member: is in the folder of no hub, and so is no member").
				WithHint("move it to %s/HUB", f.Members))
		case slices.ContainsFunc(members, func(m Member) bool { return m.Hub == entry.Name() }):
			warnings = append(warnings, f.checkHubKnown(entry.Name())...)
		}
		deeper, err := checkDepth(repo, folder)
		if err != nil {
			return nil, err
		}
		warnings = append(warnings, deeper...)
	}
	return warnings, nil
}

// checkDepth warns about folders in the folder of a hub that have files in them which look like members.
func checkDepth(repo *Repository, folder string) ([]*Problem, error) {
	if is, err := repo.HasFolder(folder); err != nil || !is {
		return nil, err
	}
	entries, err := repo.entries(folder)
	if err != nil {
		return nil, err
	}
	var warnings []*Problem
	for _, entry := range entries {
		if name := entry.Name(); !entry.IsDir() && !isMemberFile(name) && !strings.HasPrefix(name, ".") && !strings.HasPrefix(name, "README") {
			warnings = append(warnings, problem.New(path.Join(folder, name), 0, "member: is no member, since its name does not end in .yaml").
				WithHint("rename or remove it"))
		}
		if !entry.IsDir() {
			continue
		}
		files, err := repo.entries(path.Join(folder, entry.Name()))
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(files, func(e fs.DirEntry) bool { return isMemberFile(e.Name()) }) {
			warnings = append(warnings, problem.New(path.Join(folder, entry.Name()), 0, "member: the files in this folder are no members").
				WithHint("move them to %s", folder))
		}
	}
	return warnings, nil
}

// checkHubKnown warns about a hub that fleet.yaml does not describe, if it describes any cluster.
func (f *Fleet) checkHubKnown(hub string) []*Problem {
	if len(f.Clusters) == 0 || slices.ContainsFunc(f.Clusters, func(c Cluster) bool { return c.Name == hub }) {
		return nil
	}
	return []*Problem{problem.New(f.MemberFolder(hub), 0, "member: there is no hub %q in %s, so that nothing registers its members", hub, FleetFile).
		WithHint("describe it in spec.clusters, or move the files to another hub")}
}

// checkNewFolder refuses to make a folder for members beside one whose name is nearly the same: one of the two is
// mistyped.
func (f *Fleet) checkNewFolder(repo *Repository, hub string) error {
	for _, folder := range []string{f.Members, f.MemberFolder(hub)} {
		exists, err := repo.HasFolder(folder)
		if err != nil {
			return err
		}
		if exists {
			continue
		}
		entries, err := repo.entries(path.Dir(folder))
		if err != nil {
			return err
		}
		var others []string
		for _, entry := range entries {
			if entry.IsDir() && !slices.ContainsFunc(f.Clusters, func(c Cluster) bool { return c.Name == entry.Name() }) {
				others = append(others, entry.Name())
			}
		}
		if meant := likely(path.Base(folder), others); meant != "" {
			return problem.New(folder, 0, "there is no such folder for members, but %s", path.Join(path.Dir(folder), meant)).
				WithHint("correct the name in %s, or that of the folder", FleetFile)
		}
		return nil
	}
	return nil
}
