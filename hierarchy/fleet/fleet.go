package fleet

import (
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet/levelpath"
	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/internal/cmpversion"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/gotemplate"
	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// A Fleet is what fleet.yaml says. All paths are relative to the root of the repository.
type Fleet struct {
	Catalog  Chart  // with the catalog: a directory (Path), or a chart in a chart repository
	Members  string // directory with HUB/SPOKE.yaml
	Releases string // file with the releases
	Levels   []Level
	Groups   map[string]*Group
	Clusters []cluster.Cluster // identities that are no members: the hub itself

	ChartRepositories []string // that Helm charts may come from; empty: all
	// under which Argo CD knows this repository; empty: every Git source is this repository
	RepositoryURLs []string
	// other repositories with files of the fleet, sorted by name; one called fleet is the fleet's own
	Repositories   []Repository
	SecretsManager *SecretsManager // nil: clusters are not completed from AWS Secrets Manager

	// by tenant: how the names of its members' secrets start, as templates over a member
	SecretPrefixes map[string]string

	Bootstrap Bootstrap // how the groups are started
	Ignores   []Ignore  // findings that the fleet really wants
	FileSize  int64     // in bytes, that files which people write may have
	Limits    limits.Limits

	ArgoCDVersion     argocd.Version // whose rules the later stages follow; zero: the newest that is known
	KubernetesVersion string         // of clusters whose label does not say it; "": as the version of Argo CD has it

	// Loading a fleet sets none of these.

	Secrets cluster.SecretReader // completes the members; nil: nothing does
	// of a cluster that two hubs have as a member, the file of this hub counts; "" for the first
	ForHub string
	Charts ChartReader // reads catalogs that are charts in chart repositories; nil: they are errors
	Git    GitReader   // reads catalogs in Git; nil: releases with such have that of the fleet
	// Branch is the branch that the repository's files are of; "" if that is not known.
	Branch string

	templates      *levelpath.Templates // of its levels and prefixes; copies share them
	document       *hierarchy.Document  // nil without a fleet.yaml
	Warnings       []*problem.Problem   // about the clusters
	ignored        map[ignoredPath]bool // what the Ignores say
	versionWarning *problem.Problem
	catalogIn      Repository // of a group, the repository that its catalog is in; zero for the fleet's own
	// the keys catalog, members and releases, if fleet.yaml has them: what they name must exist
	named map[string]bool
}

// A Level is one step of the hierarchy.
type Level struct {
	Name  string
	Paths []string // directories relative to the app path, as Go templates over the cluster; a later one overrides
}

// A Group is what one Application renders.
type Group struct {
	Name       string
	Path       string   // app path
	PathNamed  bool     // fleet.yaml says the path: it is that one, wherever a render is asked for
	Components []string // component files of the catalog
	// app paths that hold the group's files, in place of the one rendered; a later one overrides
	RepoNames []string
	// where its settings are, below the directories of the levels; a later one overrides; nil for the usual places
	SettingsFiles []string
	Settings      map[string]any // keys that are settings
	// what the group says of components, by their names: over all levels
	ApplicationSets map[string]any
	Bootstrap       Bootstrap // how it is started
}

const apiVersion = "fleet.cmp/v1alpha1"

// What one fleet may have, each part of which a render looks at for each cluster.
const (
	maxLevels     = 100
	maxLevelPaths = 20 // of one level
	maxGroups     = 1000
	maxRepoNames  = 100 // of one group
)

// Load reads fleet.yaml at the root of the repository. Without one, the defaults apply that the reference has,
// as they do for each part of spec that the file leaves out. From then on, the repository reads files up to the fleet's
// FileSize. It fails, with file and line, on unknown keys and wrong values.
func Load(repo *hierarchy.Repository) (*Fleet, error) { return LoadFor(repo, cmpversion.Any) }

// LoadFor is Load by a version of cmp. It fails first if that is none of those that fleet.yaml wants, which may have
// keys that this one does not know.
func LoadFor(repo *hierarchy.Repository, version string) (*Fleet, error) {
	fleet := defaultFleet()
	d, err := repo.Document(hierarchy.FleetFile)
	if err != nil {
		return nil, err
	}
	if d == nil {
		return fleet, checkFileName(repo)
	}
	if err := d.Exact(); err != nil {
		return nil, err
	}
	fleet.document = d
	if err := checkVersion(d, version); err != nil {
		return nil, err
	}
	if err := fleet.read(d); err != nil {
		return nil, err
	}
	repo.LimitFiles(fleet.FileSize)
	return fleet, nil
}

// checkFileName fails if the file that describes the fleet has another name, under which nothing reads it.
func checkFileName(repo *hierarchy.Repository) error {
	for _, name := range hierarchy.OtherFleetFiles {
		d, err := repo.Document(name)
		if err != nil || d == nil || d.Values["apiVersion"] != apiVersion {
			continue // of another program, whatever is wrong with it
		}
		return problem.New(name, 0, "describes the fleet, but nothing reads a file of this name").
			WithHint("rename it to %s", hierarchy.FleetFile)
	}
	return nil
}

func (f *Fleet) read(d *hierarchy.Document) error {
	if len(d.Values) == 0 {
		return problem.New(d.Name, 0, "is empty, or has comments only").
			WithHint("begin it with apiVersion: %s and kind: Fleet", apiVersion)
	}
	top := d.Reader(d.Values, "")
	if v := top.Text("apiVersion"); v != apiVersion {
		top.Fail("apiVersion", "apiVersion must be %s, not %q", apiVersion, v)
	}
	if kind := top.Text("kind"); kind != "Fleet" {
		top.Fail("kind", "kind must be Fleet, not %q", kind)
	}
	top.Map("metadata") // allowed, and without meaning here
	spec := d.Reader(top.Map("spec"), "spec", "spec")
	if err := top.Finish(); err != nil {
		return err
	}
	f.Catalog = readCatalog(spec, f.Catalog.Path)
	f.named = map[string]bool{"catalog": spec.Text("catalog") != "", "members": spec.Text("members") != "",
		"releases": spec.Text("releases") != ""}
	f.Members = checkPath(spec, "members", spec.TextOr("members", f.Members))
	f.Releases = checkPath(spec, "releases", spec.TextOr("releases", f.Releases))
	if spec.Has("levels") {
		if err := f.readLevels(d, spec); err != nil {
			return err
		}
	}
	if groups := spec.Map("groups"); groups != nil {
		if len(groups) > maxGroups {
			return spec.Problem("groups", "there are %d groups, more than %d", len(groups), maxGroups)
		}
		f.Groups = make(map[string]*Group, len(groups))
		for _, name := range slices.Sorted(maps.Keys(groups)) {
			if err := f.readGroup(d, spec, name, groups[name]); err != nil {
				return err
			}
		}
	}
	if err := f.readClusters(d, spec); err != nil {
		return err
	}
	if err := f.readSources(d, spec); err != nil {
		return err
	}
	if err := f.readRepositories(d, spec); err != nil {
		return err
	}
	f.readVersions(d, spec)
	if err := f.readIgnores(d, spec); err != nil {
		return err
	}
	if err := f.readLimits(d, spec); err != nil {
		return err
	}
	var err error
	if f.Bootstrap, err = readBootstrap(d, spec, true, "spec"); err != nil {
		return err
	}
	return spec.Finish()
}

func (f *Fleet) readLevels(d *hierarchy.Document, spec *fields.Reader) error {
	f.Levels = nil
	list, names := spec.List("levels"), map[string]bool{}
	if len(list) > maxLevels {
		return spec.Problem("levels", "there are %d levels, more than %d", len(list), maxLevels)
	}
	for i, item := range list {
		m, ok := item.(map[string]any)
		if !ok {
			return spec.Problem("levels", "levels[%d] must be a map with name and paths, not %s", i,
				fields.TypeName(item))
		}
		r := d.Reader(m, "level", "spec", "levels")
		level := Level{Name: r.Text("name"), Paths: r.Texts("paths")}
		if level.Name == "" || len(level.Paths) == 0 {
			r.Fail("", "levels[%d] needs a name and paths", i)
		}
		if names[level.Name] {
			r.Fail("", "there are two levels named %q", level.Name)
		}
		names[level.Name] = true
		if len(level.Paths) > maxLevelPaths {
			return r.Problem("paths", "levels[%d] has %d paths, more than %d", i, len(level.Paths), maxLevelPaths)
		}
		for _, p := range level.Paths {
			if err := address.Check(p); err != nil {
				r.Fail("paths", "a path %w", err)
			}
			if _, err := gotemplate.Rename(p, nil); err != nil {
				r.Fail("paths", "%w", err)
			}
		}
		if err := r.Finish(); err != nil {
			return err
		}
		f.Levels = append(f.Levels, level)
	}
	if len(f.Levels) == 0 && spec.Err() == nil {
		return spec.Problem("levels", "levels is empty").WithHint("leave it out to have the five levels")
	}
	return spec.Err()
}

func (f *Fleet) readGroup(d *hierarchy.Document, spec *fields.Reader, name string, value any) error {
	m, ok := value.(map[string]any)
	if !ok {
		return spec.Problem("groups", "group %q must be a map, not %s", name, fields.TypeName(value))
	}
	r := d.Reader(m, "group "+name, "spec", "groups", name)
	if err := cluster.CheckSegment(name); err != nil {
		r.Fail("", "the name of the group %w", err)
	}
	g := &Group{Name: name, Path: r.TextOr("path", "."), PathNamed: r.Text("path") != "",
		Components: r.Texts("components"), RepoNames: r.Texts("repoNames"),
		Settings: map[string]any{}}
	g.Path = checkPath(r, "path", g.Path)
	if len(g.RepoNames) > maxRepoNames {
		return r.Problem("repoNames", "there are %d repoNames, more than %d", len(g.RepoNames), maxRepoNames)
	}
	for i, p := range g.RepoNames {
		g.RepoNames[i] = checkPath(r, "repoNames", p)
	}
	g.SettingsFiles = readSettingsFiles(r, name)
	for key := range m {
		if wellknown.IsSetting(key) {
			g.Settings[key] = r.Any(key)
		}
		if key == wellknown.SettingMergeValues {
			r.Map(key) // over which components are laid
		}
	}
	var err error
	if g.ApplicationSets, err = readApplicationSets(d, r, name); err != nil {
		return err
	}
	if g.Bootstrap, err = readBootstrap(d, r, false, "spec", "groups", name); err != nil {
		return err
	}
	f.Groups[name] = g
	if unknown := r.Unknown(); len(unknown) > 0 && problem.Likely(unknown[0], r.Known()) == "" {
		if meant := problem.Likely(unknown[0], wellknown.Settings()); meant != "" {
			r.FailWith(r.Problem(unknown[0], "unknown key %q", unknown[0]).WithHint("did you mean %s?", meant))
		}
	}
	return r.Finish()
}

func (f *Fleet) readClusters(d *hierarchy.Document, spec *fields.Reader) error {
	names := map[string]bool{}
	for i, item := range spec.List("clusters") {
		m, ok := item.(map[string]any)
		if !ok {
			return spec.Problem("clusters", "clusters[%d] must be a map with a name, not %s", i,
				fields.TypeName(item))
		}
		r := d.Reader(clusterAsWritten(d, m, i), "cluster", "spec", "clusters", strconv.Itoa(i))
		c := cluster.Cluster{Name: r.Text("name"), Server: r.Text("server"), Labels: r.TextMap("labels"),
			Annotations: r.TextMap("annotations"), File: d.Name}
		if c.Name == "" {
			r.Fail("name", "clusters[%d] has no name", i)
		}
		for _, key := range []string{"name", "server"} {
			if err := address.CheckURL(r.Text(key)); err != nil {
				r.Fail(key, "%s %w", key, err)
			}
		}
		if names[c.Name] {
			r.Fail("name", "there are two clusters named %q", c.Name)
		}
		names[c.Name] = true
		if err := r.Finish(); err != nil {
			return err
		}
		found, err := cluster.CheckMetadata(d, cluster.MetadataValues(c.Labels, c.Annotations), "spec", "clusters",
			strconv.Itoa(i))
		if err != nil {
			return err
		}
		f.Warnings = append(f.Warnings, found...)
		f.Clusters = append(f.Clusters, c)
	}
	return spec.Err()
}

// clusterAsWritten returns a cluster of fleet.yaml with the numbers among its name, labels and annotations as they are
// written.
func clusterAsWritten(d *hierarchy.Document, m map[string]any, i int) map[string]any {
	keys := []string{"spec", "clusters", strconv.Itoa(i)}
	m = maps.Clone(m)
	if number, isNumber := m["name"].(float64); isNumber {
		m["name"] = d.Written(number, append(keys, "name")...)
	}
	for _, kind := range []string{"labels", "annotations"} {
		if mapping, isMap := m[kind].(map[string]any); isMap {
			m[kind] = d.AsWritten(mapping, append(keys, kind)...)
		}
	}
	return m
}

// describesGroups tells whether there is a fleet.yaml that says which groups there are.
func (f *Fleet) describesGroups() bool {
	return f.document != nil && fields.AsMap(fields.AsMap(f.document.Values["spec"])["groups"]) != nil
}

// ErrNoGroup is the cause when a group is asked for that the fleet does not have.
var ErrNoGroup = errors.New("there is no group")

// Group returns the group with a name. The error for an unknown one lists those that there are.
func (f *Fleet) Group(name string) (*Group, error) {
	if g, ok := f.Groups[name]; ok {
		return g, nil
	}
	groups := slices.Sorted(maps.Keys(f.Groups))
	return nil, problem.New(f.file(), f.Line("spec", "groups"), "%w %q", ErrNoGroup, name).
		WithHint("%s", problem.Suggest(name, groups, "the groups are "+strings.Join(groups, ", ")))
}

// readCatalog returns where the catalog is: in a directory, or as an address with a version,
// oci://HOST/PATH/NAME:VERSION.
func readCatalog(spec *fields.Reader, otherwise string) Chart {
	text := spec.TextOr("catalog", otherwise)
	if err := address.CheckURL(text); err != nil {
		spec.Fail("catalog", "catalog %w", err)
	}
	scheme, rest, remote := strings.Cut(text, "://")
	if !remote {
		return Chart{Path: checkPath(spec, "catalog", text)}
	}
	directory, name := path.Split(rest)
	name, version, _ := strings.Cut(name, ":")
	if (scheme != "oci" && scheme != "https") || directory == "" || name == "" || version == "" ||
		strings.ContainsAny(rest, "@?# ") {
		spec.Fail("catalog",
			"catalog must be a directory of the repository, or oci:// or https://HOST/PATH/NAME:VERSION, not %q", text)
	}
	return Chart{Repository: scheme + "://" + strings.TrimSuffix(directory, "/"), Name: name, Version: version}
}

// checkPath returns the path in its shortest form, and refuses one that is not inside the repository.
func checkPath(r *fields.Reader, key, p string) string {
	clean := path.Clean(p)
	if err := address.Check(p); err != nil {
		r.Fail(key, "%s %w", key, err)
	}
	if !fs.ValidPath(clean) || strings.ContainsFunc(p, unicode.IsControl) {
		r.Fail(key, "%s must be a path inside the repository, not %q", key, p)
	}
	return clean
}
