package release

import (
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// Releases are the release lanes of a group.
type Releases struct {
	All      []Release          // in the order of the releases file
	Warnings []*problem.Problem // about the releases file
	Strays   []*problem.Problem // about lanes in the file of what is no group of the fleet

	file   string
	line   int
	group  string
	listed bool // the group is in the file, if only with an empty list
}

// Names returns the types of the lanes.
func (l Releases) Names() []string {
	names := make([]string, len(l.All))
	for i, lane := range l.All {
		names[i] = lane.Type
	}
	return names
}

// A Choice is a lane that a hub renders.
type Choice struct {
	Release  string
	Labelled bool // only clusters whose label names the lane are on it
}

// Choose returns the lanes that a hub renders. hub is the value of its label GROUPRelease, "" for none; others are the
// values of the clusters that the group can reach, nil if those are not known. With the lanes a (the first) and b:
//
//	lanes   version    label of   label of a          lanes that      clusters
//	        selectors  the hub    cluster in reach    are rendered    on them
//	------  ---------  ---------  ------------------  --------------  ----------------------
//	none    any        any        any                 none
//	a       off        any        any                 a               all
//	a       on         a          any                 a               those with the label a
//	a       on         none       any                 a               all
//	a       on         other      any                 a               all
//	a, b    off        any        any                 a               all
//	a, b    on         a or b     any                 a, b            those with its label
//	a, b    on         none       some have a         a               those with the label a
//	a, b    on         none       none has a label    a               all (1)
//	a, b    on         none       others only         a               those with the label a (2)
//	a, b    on         other      the same three rows, where the hub's own label counts as none
//
// These are the rows of rule release-choice in docs/rules/releases.md, without those in which nothing was deployed and
// nothing said:
//
//  1. The label a was passed, which no cluster had. A cluster without a label is on the first lane.
//  2. The same, but the others are on b, which a hub renders only if its label names a lane: here [Releases.Check] fails.
//
// Types count as they are written: a cluster with the label Canary is on the lane Canary, and not on canary. (They were
// compared as written, and then passed in lower case, which no cluster had.)
func (l Releases) Choose(hub string, others []string, versionSelectors bool) []Choice {
	var choices []Choice
	for _, lane := range l.All {
		choices = append(choices, Choice{Release: lane.Type, Labelled: versionSelectors && (hub == lane.Type || len(l.All) > 1)})
	}
	if len(choices) > 1 && (!versionSelectors || !slices.Contains(l.Names(), hub)) {
		choices = choices[:1]
		named := func(label string) bool { return label != "" && (label == choices[0].Release || label != hub) }
		if len(others) > 0 && !slices.ContainsFunc(others, named) {
			choices[0].Labelled = false
		}
	}
	return choices
}

// Check fails if all lanes of the choices are for labelled clusters, of which the fleet has none: nothing would be
// deployed. One empty lane beside others is none of its business: clusters come to a lane and leave it. With fewer than
// two clusters the fleet counts as unknown, as in a plugin that only knows its own.
func (l Releases) Check(choices []Choice, clusters []cluster.Cluster) error {
	if len(clusters) < 2 {
		return nil
	}
	label := wellknown.ReleaseLabel(l.group)
	var empty []string
	for _, choice := range choices {
		if !choice.Labelled || slices.ContainsFunc(clusters, func(c cluster.Cluster) bool { return c.Labels[label] == choice.Release }) {
			return nil
		}
		empty = append(empty, choice.Release)
	}
	if len(empty) == 0 {
		return nil
	}
	return problem.New(l.file, l.lineOf(empty[0]), "no cluster can be on the lane %q of group %s: none has the label %s=%s", empty[0], l.group, label, empty[0]).
		WithHint("label a cluster, or remove the lane")
}

// Of returns the lane that a cluster is on, and whether there is one: that of its label, without a label the first. A
// label that names no lane is returned as it is.
func (l Releases) Of(c cluster.Cluster) (lane string, exists bool) {
	label := c.Labels[wellknown.ReleaseLabel(l.group)]
	switch {
	case slices.Contains(l.Names(), label):
		return label, true
	case label == "" && len(l.All) > 0:
		return l.All[0].Type, true
	}
	return label, false
}

// Layer returns the settings of a lane: its releaseType, in lower case since it becomes part of names; and with version
// selectors, if the cluster's label names the lane or there are several, the label of the clusters on it, as it is
// written in the file. It fails for a lane that does not exist, if any do.
func (l Releases) Layer(lane, label string, versionSelectors bool) (hierarchy.Layer, error) {
	if len(l.All) > 0 && !slices.Contains(l.Names(), lane) {
		return hierarchy.Layer{}, l.unknownRelease(lane)
	}
	return l.layer(Choice{Release: lane, Labelled: versionSelectors && l.group != "" && (label == lane || len(l.All) > 1)}), nil
}

func (l Releases) layer(choice Choice) hierarchy.Layer {
	values := map[string]any{"releaseType": strings.ToLower(choice.Release)}
	if choice.Labelled {
		values["releases"] = map[string]any{wellknown.ReleaseLabel(l.group): choice.Release}
	}
	layer := hierarchy.Layer{Source: hierarchy.SourceFlags, File: "release " + choice.Release, Values: values}
	if line := l.lineOf(choice.Release); line > 0 {
		layer.File = l.file
		return layer.WithLines(func(...string) int { return line })
	}
	return layer
}

// Place returns the file and line of a lane, or of its group if it is none.
func (l Releases) Place(lane string) (file string, line int) { return l.file, l.lineOf(lane) }

// lineOf returns the line of a lane, or of its group, in the releases file.
func (l Releases) lineOf(lane string) int {
	for _, known := range l.All {
		if known.Type == lane && known.line > 0 {
			return known.line
		}
	}
	return l.line
}
