package release

import (
	"errors"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// Releases are those of a group.
type Releases struct {
	All      []Release          // in the order of the releases file
	Warnings []*problem.Problem // about the releases file
	Strays   []*problem.Problem // about releases in the file of what is no group of the fleet

	file   string
	line   int
	group  string
	listed bool // the group is in the file, if only with an empty list
}

// Names returns the types of the releases.
func (r Releases) Names() []string {
	names := make([]string, len(r.All))
	for i, release := range r.All {
		names[i] = release.Type
	}
	return names
}

// has tells whether there is a release of a type.
func (r Releases) has(name string) bool { return r.index(name) >= 0 }

// index returns where the release of a type is; -1 if there is none.
func (r Releases) index(name string) int {
	return slices.IndexFunc(r.All, func(known Release) bool { return known.Type == name })
}

// A Choice is a release that a hub renders.
type Choice struct {
	Release  string
	Labelled bool // only clusters whose label names the release are on it
}

// choose returns the releases that a hub renders. hub is the value of its label GROUPRelease, "" for none. others are
// the values of the clusters that the group can reach, nil if those are not known. With the releases a (the first) and
// b:
//
//	releases  version    label of  label of a        releases that  clusters
//	          selectors  the hub   cluster in reach  are rendered   on them
//	--------  ---------  --------  ----------------  -------------  ----------------------
//	none      any        any       any               none
//	a         off        any       any               a              all
//	a         on         a         any               a              those with the label a
//	a         on         none      any               a              all
//	a         on         other     any               a              all
//	a, b      off        any       any               a              all
//	a, b      on         a or b    any               a, b           those with its label
//	a, b      on         none      some have a       a              those with the label a
//	a, b      on         none      none has a label  a              all (1)
//	a, b      on         none      others only       a              those with the label a (2)
//	a, b      on         other     the same three rows, where the hub's own label counts as none
//	any       on         other     of a spoke with an Argo CD of its own: a, those with the label a, which it is not
//
// These are the rows of rule release-choice in docs/rules/releases.md, without those in which nothing was deployed and
// nothing said:
//
//  1. The label a was passed, which no cluster had. A cluster without a label is on the first release.
//  2. The same, but the others are on b, which a hub renders only if its label names a release: here check fails.
//
// Types count as they are written: a cluster with the label Canary is on release Canary, and not on canary. (They were
// compared as written, and then passed in lower case, which no cluster had.)
func (r Releases) choose(hub string, others []string, versionSelectors bool) []Choice {
	var choices []Choice
	for _, release := range r.All {
		choices = append(choices, Choice{Release: release.Type, Labelled: versionSelectors &&
			(hub == release.Type || len(r.All) > 1)})
	}
	if len(choices) > 1 && (!versionSelectors || !r.has(hub)) {
		choices = choices[:1]
		named := func(label string) bool { return label != "" && (label == choices[0].Release || label != hub) }
		if len(others) > 0 && !slices.ContainsFunc(others, named) {
			choices[0].Labelled = false
		}
	}
	return choices
}

// ErrNoCluster is the cause where all releases of a group are for labelled clusters, of which there are none.
var ErrNoCluster = errors.New("no cluster can be on release")

// check fails if all releases of the choices are for labelled clusters, of which the fleet has none: nothing would be
// deployed. One empty release beside others is none of its business: clusters come to a release and leave it. With
// fewer than two clusters the fleet counts as unknown, as in a plugin that only knows its own.
func (r Releases) check(choices []Choice, clusters []cluster.Cluster,
	placeOf func(cluster.Cluster) (file string, line int)) error {
	if len(clusters) < 2 {
		return nil
	}
	label := wellknown.ReleaseLabel(r.group)
	var empty []string
	for _, choice := range choices {
		if !choice.Labelled || slices.ContainsFunc(clusters,
			func(c cluster.Cluster) bool { return c.Labels[label] == choice.Release }) {
			return nil
		}
		empty = append(empty, choice.Release)
	}
	if len(empty) == 0 {
		return nil
	}
	return problem.New(r.file, r.lineOf(empty[0]),
		"%w %q of group %s: none has the label %s=%s", ErrNoCluster, empty[0], r.group, label, empty[0]).
		WithHint("%slabel a cluster, or remove the release", cluster.NearlyLabelled(clusters, label, empty[0], placeOf))
}

// Of returns the release that a cluster is on, and whether there is one: that of its label, without a label the first.
// A label that names no release is returned as it is.
func (r Releases) Of(c cluster.Cluster) (release string, exists bool) {
	label := c.Labels[wellknown.ReleaseLabel(r.group)]
	switch {
	case r.has(label):
		return label, true
	case label == "" && len(r.All) > 0:
		return r.All[0].Type, true
	}
	return label, false
}

// On returns the release that a cluster is on by an Argo CD that renders some: the one that is for all of its clusters,
// whatever their labels say, or else that of [Releases.Of]. It is "" if the group has none.
func (r Releases) On(choices []Choice, c cluster.Cluster) string {
	for _, choice := range choices {
		if !choice.Labelled {
			return choice.Release
		}
	}
	name, _ := r.Of(c)
	return name
}

// layerOf returns the settings of a release: its releaseType, in lower case since it becomes part of names. With
// version selectors, if the cluster's label names the release or there are several, it is also the label of the
// clusters on it, as it is written in the file. It fails for a release that does not exist, if any do.
func (r Releases) layerOf(release, label string, versionSelectors bool) (hierarchy.Layer, error) {
	if len(r.All) > 0 && !r.has(release) {
		return hierarchy.Layer{}, r.unknownRelease(release)
	}
	return r.layer(Choice{Release: release, Labelled: versionSelectors && r.group != "" &&
		(label == release || len(r.All) > 1)}), nil
}

// layer returns the settings of a release that a hub renders.
func (r Releases) layer(choice Choice) hierarchy.Layer {
	values := map[string]any{wellknown.SettingReleaseType: strings.ToLower(choice.Release)}
	if choice.Labelled {
		values[wellknown.SettingReleases] = map[string]any{wellknown.ReleaseLabel(r.group): choice.Release}
	}
	layer := hierarchy.Layer{Source: hierarchy.SourceFlags, File: "release " + choice.Release, Values: values}
	if line := r.lineOf(choice.Release); line > 0 {
		layer.File = r.file
		return layer.WithLines(func(...string) int { return line })
	}
	return layer
}

// Place returns the file and line of a release, or of its group if it is none.
func (r Releases) Place(release string) (file string, line int) { return r.file, r.lineOf(release) }

// lineOf returns the line of a release, or of its group, in the releases file.
func (r Releases) lineOf(release string) int {
	for _, known := range r.All {
		if known.Type == release && known.line > 0 {
			return known.line
		}
	}
	return r.line
}
