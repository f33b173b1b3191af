package directories

import (
	"path"
	"slices"
	"strconv"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// KeepFile is the name of a file that says nothing: Git keeps no directory without files, and the directory of a hub is
// to stay when its last member goes.
const KeepFile = ".keep"

// IsFile tells whether a file has the name of a member's.
func IsFile(name string) bool {
	extension := path.Ext(name)
	return extension == ".yaml" || extension == ".yml"
}

// Hubs returns the clusters that can be the hub of a member: those of fleet.yaml with the label fleet_member:
// hub-cluster, or that have a directory for members. If it describes none, they are all directories for members. It
// fails for a directory that cannot be read.
func Hubs(f *fleet.Fleet, repo *hierarchy.Repository) ([]string, error) {
	entries, err := repo.Entries(f.Members)
	if err != nil {
		return nil, err
	}
	directories := map[string]bool{}
	for _, entry := range entries {
		if directories[entry.Name()], err = repo.HasDirectory(f.MemberDirectory(entry.Name())); err != nil {
			return nil, err
		}
	}
	var hubs []string
	for _, c := range f.Clusters {
		if c.Labels[wellknown.LabelFleetMember] == wellknown.FleetMemberHub || directories[c.Name] {
			hubs = append(hubs, c.Name)
		}
	}
	if len(hubs) == 0 {
		for name, is := range directories {
			if is {
				hubs = append(hubs, name)
			}
		}
	}
	slices.Sort(hubs)
	return hubs, nil
}

// A HubName is the name of a hub, and where that is said.
type HubName struct{ Name, Place string }

// HubNames returns the names that belong to hubs: the clusters of fleet.yaml that their label does not call a spoke,
// and the directories for members. It fails for a directory that cannot be read.
func HubNames(f *fleet.Fleet, repo *hierarchy.Repository) ([]HubName, error) {
	var hubs []HubName
	for i, c := range f.Clusters {
		line := f.Line("spec", "clusters", strconv.Itoa(i), "name")
		if role := c.Labels[wellknown.LabelFleetMember]; role != "" && role != wellknown.FleetMemberSpoke {
			hubs = append(hubs, HubName{c.Name, hierarchy.FleetFile + ":" + strconv.Itoa(line)})
		}
	}
	entries, err := repo.Entries(f.Members)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if slices.ContainsFunc(hubs, func(h HubName) bool { return h.Name == entry.Name() }) {
			continue
		}
		directory := f.MemberDirectory(entry.Name())
		if is, err := repo.HasDirectory(directory); err != nil {
			return nil, err
		} else if is {
			hubs = append(hubs, HubName{entry.Name(), directory + ", where its members are"})
		}
	}
	return hubs, nil
}
