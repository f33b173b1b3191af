package hierarchy

import (
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// Lanes are the release lanes of a group, in the order of the releases file.
type Lanes struct {
	Names []string // the lanes' types

	file  string
	line  int
	group string
}

// ReleaseLabel returns the name of the label with which a cluster chooses its lane of a group: addonsRelease.
func ReleaseLabel(group string) string { return group + "Release" }

// ReadLanes reads the lanes of a group (releases.GROUP in the file that fleet.yaml names). Without such a file, or the
// group in it, there are none.
func (f *Fleet) ReadLanes(repo *Repository, group string) (Lanes, error) {
	lanes := Lanes{file: f.Releases, group: group}
	d, err := repo.Document(f.Releases)
	if err != nil || d == nil {
		return lanes, err
	}
	top := reader(d, d.Values, "")
	releases := reader(d, top.Map("releases"), "releases", "releases")
	list := releases.List(group)
	lanes.line = d.Line("releases", group)
	if err := firstError(top, releases); err != nil {
		return lanes, err
	}
	for i, item := range list {
		lane := reader(d, asMap(item), "releases of "+group, "releases", group)
		name := lane.Text("type")
		if name == "" {
			lane.Fail("", "lane %d has no type", i+1)
		} else if slices.Contains(lanes.Names, name) {
			lane.Fail("", "there are two lanes of type %q", name)
		}
		if err := lane.Err(); err != nil {
			return lanes, err
		}
		lanes.Names = append(lanes.Names, name)
	}
	return lanes, nil
}

func firstError(readers ...*fields.Reader) error {
	for _, r := range readers {
		if r.Err() != nil {
			return r.Err()
		}
	}
	return nil
}

// Select returns the lanes that a hub renders, by SPEC section 11.1: all of them if the hub's label names one of them, else
// the first; only the first also with version selectors off. No lanes: nothing.
func (l Lanes) Select(label string, versionSelectors bool) []string {
	if len(l.Names) > 1 && (!versionSelectors || !slices.Contains(l.Names, label)) {
		return l.Names[:1]
	}
	return l.Names
}

// Layer returns the settings of a lane: its releaseType, in lower case since it becomes part of names; and with version
// selectors, if the cluster's label names the lane or there are several, the label of the clusters on it, as it is written
// in the file. It fails for a lane that does not exist, if any do.
func (l Lanes) Layer(lane, label string, versionSelectors bool) (Layer, error) {
	if len(l.Names) > 0 && !slices.Contains(l.Names, lane) {
		return Layer{}, problem.New(l.file, l.line, "group %s has no release %q", l.group, lane).
			WithHint("the releases are %s", strings.Join(l.Names, ", "))
	}
	values := map[string]any{"releaseType": strings.ToLower(lane)}
	if versionSelectors && l.group != "" && (label == lane || len(l.Names) > 1) {
		values["releases"] = map[string]any{ReleaseLabel(l.group): lane}
	}
	return Layer{Level: LevelFlags, File: "release " + lane, Values: values}, nil
}
