package release

import (
	"cmp"
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/reference"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// A Release is one of those of a group, filled up with releases.globals: what the release itself has counts, unless it
// is empty (rule release-globals-fill-up in docs/rules/releases.md).
type Release struct {
	Type  string      `json:"type"`
	Chart fleet.Chart `json:"chart,omitzero"` // with the release's catalog; the zero value for the fleet's own

	// In place of what the cluster says of itself, for the values of the group; "" for that.
	RepoURL        string `json:"repoUrl,omitempty"`
	TargetRevision string `json:"targetRevision,omitempty"`
	Basepath       string `json:"basepath,omitempty"`
	Tenant         string `json:"tenant,omitempty"`
	ClusterName    string `json:"clusterName,omitempty"`

	line int
}

// maxReleases is how many releases a group may have: each is a version lane, of which a group has a few.
const maxReleases = 1000

// Read reads the releases of a group (releases.GROUP in the file that fleet.yaml names). Without such a file where
// fleet.yaml names none, or without the group in it, there are none. It fails, with the line, on a file that is missing
// or empty, one that has the releases of what is no group in place of these, and wrong types. It also fails on a
// release without a type, two of one type, and one whose chart cannot be told. Keys that are not known are warnings.
func Read(f *fleet.Fleet, repo *hierarchy.Repository, group string) (Releases, error) {
	releases := Releases{file: f.Releases, group: group}
	d, err := readFile(f, repo)
	if err != nil || d == nil {
		return releases, err
	}
	releases.Warnings = slices.Clone(d.Warnings)
	top := d.Reader(d.Values, "")
	section := d.Reader(top.Map("releases"), "releases", "releases")
	globals := d.Reader(asWritten(d, section.Map("globals"), "releases", "globals"), "releases.globals", "releases",
		"globals")
	list := section.List(group)
	releases.line = d.Line("releases", group)
	if err := cmp.Or(top.Err(), section.Err()); err != nil {
		return releases, err
	}
	releases.listed = section.Has(group)
	if releases.Strays, err = checkListed(f, section, group); err != nil {
		return releases, err
	}
	for _, key := range reference.Names("releases", "releases.globals") {
		globals.Has(key)
	}
	releases.Warnings = append(releases.Warnings, unknownKeys(globals)...)
	if len(list) > maxReleases {
		return releases, section.Problem(group, "group %s has %d releases, more than %d", group, len(list), maxReleases)
	}
	types := map[string]bool{}
	for i, item := range list {
		keys := []string{"releases", group, strconv.Itoa(i)}
		values := asWritten(d, fields.AsMap(item), keys...)
		own := d.Reader(values, "releases of "+group, keys...)
		release, err := readRelease(own, filled(values, globals), i)
		if err == nil && types[release.Type] {
			err = own.Problem("type", "there are two releases of type %q", release.Type)
		}
		if err != nil {
			return releases, err
		}
		types[release.Type], release.line = true, d.Line(keys...)
		releases.All = append(releases.All, release)
		releases.Warnings = append(releases.Warnings, unknownKeys(own)...)
	}
	return releases, nil
}

// readFile reads the releases file; nil if fleet.yaml names none, and there is none. Without what is in it, each
// ApplicationSet would have another name, and select every cluster.
func readFile(f *fleet.Fleet, repo *hierarchy.Repository) (*hierarchy.Document, error) {
	d, err := repo.Document(f.Releases)
	switch {
	case err != nil:
		return nil, err
	case d == nil && f.Names("releases"):
		file, line := f.PlaceOf("spec", "releases")
		return nil, problem.New(file, line, "the releases file %s does not exist", f.Releases).
			WithHint("correct spec.releases, add the file, or remove the key if the fleet has no releases")
	case d == nil:
		return nil, nil
	case d.Values["releases"] == nil: // an empty map is meant
		return nil, problem.New(d.Name, d.Line("releases"), "there are no releases in the file").
			WithHint("write releases.GROUP, or remove the file (and spec.releases) if the fleet has none")
	}
	if err := d.Single(); err != nil {
		return nil, err
	}
	return d, nil
}

// wellKnownGroups are those that most fleets have: of two names, theirs is probably right.
var wellKnownGroups = []string{wellknown.GroupAddons, wellknown.GroupMonitoring, wellknown.GroupResources}

// checkListed fails if the file has nothing of the group, and the releases of something that is no group under a name
// like it: that is mistyped. Other releases of no group are warnings.
func checkListed(f *fleet.Fleet, section *fields.Reader, group string) ([]*problem.Problem, error) {
	groups := append([]string{"globals"}, slices.Sorted(maps.Keys(f.Groups))...)
	var strays []string
	var warnings []*problem.Problem
	all := "the groups are " + strings.Join(groups[1:], ", ")
	for _, name := range slices.Sorted(maps.Keys(section.Values())) {
		if name != "globals" && f.Groups[name] == nil {
			strays = append(strays, name)
			warnings = append(warnings, section.Problem(name,
				"the fleet has no group %q, so that nothing renders its releases", name).
				WithHint("%s", problem.Suggest(name, groups, all)).
				WithRule(problem.RuleUnknownKey))
		}
	}
	if _, given := section.Values()[group]; given || f.Groups[group] == nil {
		return warnings, nil
	}
	stray := problem.Likely(group, strays)
	file, line := f.PlaceOf("spec", "groups", group)
	if stray != "" && line > 0 && slices.Contains(wellKnownGroups, stray) {
		return nil, problem.New(file, line, "there is no group %q, and group %s has no releases", stray, group).
			WithHint("did you mean %s? Or write %s: [] in %s if the group has none", stray, group, f.Releases)
	}
	if stray != "" {
		return nil, section.Problem(stray, "there is no group %q, and group %s has no releases", stray, group).
			WithHint("correct the name, or write %s: [] if the group has none", group)
	}
	return warnings, nil
}

// asWritten returns a release, or releases.globals, with its type and versions as they are written: 1.10 is not 1.1.
// Other numbers stay, since 0 counts as empty.
func asWritten(d *hierarchy.Document, values map[string]any, keys ...string) map[string]any {
	for _, key := range []string{"type", "version", "targetRevision", "chartRepoRevision"} {
		if number, isNumber := values[key].(float64); isNumber {
			values = maps.Clone(values)
			values[key] = d.Written(number, slices.Concat(keys, []string{key})...)
		}
	}
	return values
}

// Groups returns the names of the groups in the releases file, sorted; none without the file. It fails for a file that
// cannot be read, or has wrong types.
func Groups(f *fleet.Fleet, repo *hierarchy.Repository) ([]string, error) {
	d, err := readFile(f, repo)
	if err != nil || d == nil {
		return nil, err
	}
	top := d.Reader(d.Values, "")
	groups := maps.Clone(top.Map("releases"))
	delete(groups, "globals")
	return slices.Sorted(maps.Keys(groups)), top.Err()
}

// filled returns a reader of a release's key, and of that of releases.globals where the release's own is empty.
func filled(values map[string]any, globals *fields.Reader) func(own *fields.Reader, key string) string {
	return func(own *fields.Reader, key string) string {
		text := own.Text(key)
		if !fields.Empty(values[key]) || text == "false" { // the switch, which false is a value of
			return text
		}
		text = globals.Text(key)
		own.FailWith(globals.Err())
		return text
	}
}

func readRelease(own *fields.Reader, fill func(*fields.Reader, string) string, i int) (Release, error) {
	release := Release{Type: own.Text("type")}
	text := func(key string) string {
		value := fill(own, key)
		if err := address.Check(value); err != nil {
			own.Fail(key, "%s %w", key, err)
		}
		return value
	}
	if release.Type == "" {
		own.Fail("", "release %d has no type", i+1)
	} else if err := cluster.CheckLabelValue(release.Type); err != nil {
		own.Fail("type", "type %w", err)
	}
	release.RepoURL, release.TargetRevision, release.Tenant, release.ClusterName = text("repoUrl"),
		text("targetRevision"), text("tenant"), text("clusterName")
	for _, key := range []string{"addons_repo_basepath", "resources_repo_basepath", "fleet_repo_basepath"} {
		if value := text(key); value != "" {
			release.Basepath = value
		}
	}
	for _, key := range []string{"repoUrl", "chartRepoUrl", "chartRepo"} {
		if err := fields.CheckURL(text(key)); err != nil {
			own.Fail(key, "%s %w", key, err)
		}
	}
	directory := fleet.Chart{RepoURL: text("chartRepoUrl"), Path: text("chartRepoPath"),
		Revision: text("chartRepoRevision")}
	repository := fleet.Chart{Repository: text("chartRepo"), Name: text("ecrChartName"), Version: text("version")}
	if strings.Contains(repository.Repository, "@") {
		own.Fail("chartRepo", "chartRepo must be an address without a user or a password")
	}
	release.Chart = directory
	switch use := text("use_helm_repo_path"); {
	case use == "false", use == "" && directory == fleet.Chart{} && repository.Repository != "" &&
		repository.Name != "":
		release.Chart = repository
		for _, part := range []struct{ key, value string }{
			{"chartRepo", repository.Repository}, {"ecrChartName", repository.Name}, {"version", repository.Version},
		} {
			if part.value == "" {
				own.Fail("use_helm_repo_path", "release %q takes its chart from a chart repository, but there is no %s",
					release.Type, part.key)
			}
		}
	case use != "" && use != "true":
		own.Fail("use_helm_repo_path", `use_helm_repo_path must be "true" or "false", not %q`, use)
	case directory.Path != "" && !fs.ValidPath(path.Clean(directory.Path)):
		own.Fail("chartRepoPath", "chartRepoPath must be a directory inside the repository, not %q", directory.Path)
	}
	return release, own.Err()
}

// unknownKeys are warnings about the keys that were not asked for.
func unknownKeys(r *fields.Reader) []*problem.Problem {
	var warnings []*problem.Problem
	for _, key := range r.Unknown() {
		hint := "the keys are " + strings.Join(r.Known(), ", ")
		if meant := problem.Likely(key, r.Known()); meant != "" {
			hint = "did you mean " + meant + "?"
		}
		warnings = append(warnings, r.Problem(key, "unknown key %q, which has no effect", key).WithHint("%s", hint).
			WithRule(problem.RuleUnknownKey))
	}
	return warnings
}

// unknown tells whether a cluster's label names none of the releases, of which there are some.
func (r Releases) unknown(c cluster.Cluster) bool {
	label := c.Labels[wellknown.ReleaseLabel(r.group)]
	return label != "" && len(r.All) > 0 && !r.has(label)
}

// UnknownLabel is the warning about a cluster whose label names no release; file and line say where the label is set.
func (r Releases) UnknownLabel(c cluster.Cluster, file string, line int) *problem.Problem {
	label := wellknown.ReleaseLabel(r.group)
	return problem.New(file, line, "cluster %q: its label %s=%s names no release of group %s", c.Name, label,
		c.Labels[label], r.group).
		WithHint("%s", r.suggest(c.Labels[label])).WithRule(problem.RuleNoRelease, r.file)
}

// noneFor is the finding about a cluster whose label names a release of a group that has none: where these are lost,
// each ApplicationSet has another name, and selects every cluster. A group without releases on purpose is in the file
// with an empty list.
func (r Releases) noneFor(c cluster.Cluster, named bool) (*problem.Problem, error) {
	label := wellknown.ReleaseLabel(r.group)
	if r.listed || len(r.All) > 0 || c.Labels[label] == "" {
		return nil, nil
	}
	p := problem.New(r.file, r.line, "group %s has no releases, but cluster %q has the label %s=%s", r.group, c.Name,
		label, c.Labels[label]).
		WithHint("add the releases of the group, or write %s: [] if it has none", r.group).
		WithRule(problem.RuleNoRelease, c.File)
	if named {
		return nil, p
	}
	return p, nil
}

// labelsOf returns the values of the release label of clusters.
func (r Releases) labelsOf(clusters []cluster.Cluster) []string {
	values := make([]string, len(clusters))
	for i, c := range clusters {
		values[i] = c.Labels[wellknown.ReleaseLabel(r.group)]
	}
	return values
}

// unreached are the warnings about clusters that none of the releases that their hub renders is for, one for each
// label.
func (r Releases) unreached(choices []Choice, hub cluster.Cluster, clusters []cluster.Cluster,
	placeOf func(cluster.Cluster) (file string, line int)) []*problem.Problem {
	if len(choices) == 0 {
		return nil
	}
	byLabel, first := map[string][]string{}, map[string]cluster.Cluster{}
	for i, label := range r.labelsOf(clusters) {
		warned := r.unknown(clusters[i]) // by UnknownLabel
		if !warned && !slices.ContainsFunc(choices, func(c Choice) bool { return !c.Labelled || c.Release == label }) {
			byLabel[label] = append(byLabel[label], clusters[i].Name)
			if first[label].File == "" {
				first[label] = clusters[i]
			}
		}
	}
	var rendered []string
	for _, choice := range choices {
		rendered = append(rendered, choice.Release)
	}
	var warnings []*problem.Problem
	for _, label := range slices.Sorted(maps.Keys(byLabel)) {
		why := "there is no label " + wellknown.ReleaseLabel(r.group)
		file, line := first[label].File, 0
		if label != "" {
			file, line = placeOf(first[label])
			why = "the label " + wellknown.ReleaseLabel(r.group) + " is " + label
		}
		warnings = append(warnings, problem.New(file, line,
			"nothing of group %s is deployed to %s: %s, and the hub %q renders %s "+
				"for the clusters with that label only",
			r.group, problem.Few(byLabel[label]), why, hub.Name, strings.Join(rendered, ", ")).
			WithHint("correct the label in externalSecret.labels of a level, or the releases in %s", r.file).
			WithRule(problem.RuleNoRelease, r.file))
	}
	return warnings
}

// suggest says which release an unknown one was probably meant to be, and which there are.
func (r Releases) suggest(unknown string) string {
	return problem.Suggest(unknown, r.Names(), "the releases are "+strings.Join(r.Names(), ", "))
}

// ErrNoRelease is the cause when a release is asked for that the group does not have.
var ErrNoRelease = errors.New("there is no release")

// unknownRelease is the error for a release that a group does not have, with [ErrNoRelease] as its cause.
func (r Releases) unknownRelease(release string) error {
	p := problem.New(r.file, r.line, "group %s has no release %q", r.group, release).
		WithHint("%s", r.suggest(release))
	p.Err = ErrNoRelease
	return p
}
