package render

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/release"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/render/applicationset"
)

// The stages that a render can stop at. Applications and manifests are package stages'.
const (
	StageApplicationSets = "applicationsets"
	StageApplications    = "applications"
	StageManifests       = "manifests"

	// Of a hub, or of a spoke with an Argo CD of its own:

	StageRegistration = "registration" // what makes cluster Secrets, and credentials
	StageBootstrap    = "bootstrap"    // the Applications that start all others
)

// Stages are all stages in their order.
var Stages = []string{StageApplicationSets, StageApplications, StageManifests, StageRegistration, StageBootstrap}

// NeedsStages tells whether a stage is rendered by package stages, and not by [Render].
func NeedsStages(stage string) bool {
	return stage == StageApplications || stage == StageManifests
}

// A File is a file that does not belong to the repository.
type File struct {
	Name        string // for messages
	Data        []byte
	InDirectory bool // it was found in a directory that was named, so that it need not be what is looked for
}

// document returns a values file, which may have as many bytes as those of the repository.
func (f File) document(limit int64) (*hierarchy.Document, error) {
	if err := hierarchy.CheckSize(f.Name, int64(len(f.Data)), limit); err != nil {
		return nil, err
	}
	return hierarchy.ParseDocument(f.Name, f.Data)
}

// A Request says what to render. With a group, the values come from the hierarchy of the repository; without one, from
// the catalog and the files alone, as `helm template NAME CATALOG -f FILE…` has them.
type Request struct {
	AppPath  string // in the repository; "" and "." stand for the group's path in fleet.yaml
	Anywhere bool   // the app path is only where the request was made, so that it contradicts no path in fleet.yaml
	Stage    string // one of Stages; "" is the first

	Group       string
	Cluster     string            // name
	Labels      map[string]string // added to, and winning over, what is known of the cluster
	Annotations map[string]string

	// Described says that only a cluster which the fleet describes can be meant: nobody can give labels.
	Described bool

	Release        string   // release; "" for those that the hub's label selects
	Components     []string // only these components; all if empty
	ComponentFiles []string // component files of the catalog in place of the group's; nil for these

	Catalog     *release.Catalog  // nil for the fleet's, and those of releases
	Defaults    *File             // in place of the catalog's values.yaml
	Files       []File            // values files on top of the hierarchy
	Settings    map[string]string // on top of everything
	ReleaseName string            // label app.kubernetes.io/instance; "" for the group

	Strict     bool // findings are errors
	AllowEmpty bool // a result without objects is no error

	// AllFindings returns all findings as warnings, also those that stop a render, that fleet.yaml ignores, or that are
	// about components that are off.
	AllFindings bool

	// Unjudged says that nobody wants the findings about value files, for which those of all clusters are read.
	Unjudged bool

	// Alone says that nothing depends on what other members there are, as for an Application that Argo CD already has.
	Alone bool

	Targets  Targets  // of the stages after StageApplicationSets
	From     []File   // ApplicationSets in place of those of the group
	Versions Versions // of the clusters that the manifests are for
}

// A job is a request with what the session asks for besides.
type job struct {
	Request
	session    *Session
	asked      Request               // of the session, where that asks for a part
	repository *hierarchy.Repository // of the session, as the job sees it
	note       *worktree.Note        // of what is read

	resolve     bool // components that the plugin delivers come with the sources behind it
	knowsItself bool // the cluster's Argo CD knows no other cluster
	partly      bool // of several Argo CDs or groups: that no component is enabled here is no error
}

// Targets are the clusters that the stages after StageApplicationSets render for: all, those that a label selector
// selects, or, if neither is set, the request's cluster. Without a cluster, ApplicationSets of files are for all.
type Targets struct {
	All      bool
	Selector string // as of kubectl
}

// Versions are what Helm templates see in .Capabilities. A Kubernetes of "" is the cluster's own.
type Versions struct {
	Kubernetes    string   // "1.33.0"
	API           []string // that the clusters serve; nil for what such a Kubernetes serves by default
	AdditionalAPI []string // that they serve besides
}

// ErrNoCluster is the cause when a request is for a cluster that is not there.
var ErrNoCluster = errors.New("there is no cluster")

// ErrNoComponent is the cause when a request asks for a component that is not there.
var ErrNoComponent = applicationset.ErrNoComponent

// prepared is a request with all that it names looked up.
type prepared struct {
	session    *Session
	repository *hierarchy.Repository
	fleet      *fleet.Fleet
	group      *fleet.Group // nil: no hierarchy
	appPath    string
	on         cluster.Cluster   // whose Argo CD has the ApplicationSets
	clusters   []cluster.Cluster // of the fleet, with the one asked for
	source     *release.Layers
	levels     map[string][]fleet.ClusterLevel // by the name of the cluster
	warnings   []*problem.Problem
}

func (r job) prepare() (*prepared, error) {
	p := &prepared{session: r.session, repository: r.repository, fleet: r.session.fleet}
	inputs := release.Inputs{Components: r.ComponentFiles}
	if r.Stage != "" && !slices.Contains(Stages, r.Stage) {
		return nil, Incomplete("there is no stage %q; %s", r.Stage,
			problem.Suggest(r.Stage, Stages, "the stages are "+strings.Join(Stages, ", ")))
	}
	if r.Group != "" || r.Cluster != "" {
		if p.repository == nil {
			return nil, Incomplete("a group or a cluster needs a repository: name its root (--repo-root)")
		}
		if err := r.prepareGroup(p, &inputs); err != nil {
			return nil, err
		}
	}
	limit := int64(hierarchy.MaxFileSize)
	if p.fleet != nil {
		limit = p.fleet.FileSize
	}
	switch {
	case r.Catalog != nil:
		inputs.Catalog = *r.Catalog
		inputs.Catalog.FileSize = limit
	case p.group != nil: // of the fleet and its releases
	case p.fleet != nil:
		var err error
		if inputs.Catalog, err = release.OpenCatalog(p.fleet, p.repository); err != nil {
			return nil, err
		}
	default:
		return nil, Incomplete("there is neither a repository nor a catalog: name one (--repo-root, --catalog)")
	}
	if r.Defaults != nil {
		var err error
		if inputs.Defaults, err = r.Defaults.document(limit); err != nil {
			return nil, err
		}
	}
	for _, file := range r.Files {
		d, err := file.document(limit)
		if err != nil {
			return nil, err
		}
		inputs.Files = append(inputs.Files, d)
	}
	if len(r.Settings) > 0 {
		layer, err := settingsLayer(r.Settings)
		if err != nil {
			return nil, err
		}
		inputs.Flags = []hierarchy.Layer{layer}
	}
	var err error
	if p.source, err = inputs.Load(); err != nil {
		return nil, err
	}
	p.warnings = append(p.warnings, p.source.Warnings...)
	return p, nil
}

func (r job) prepareGroup(p *prepared, inputs *release.Inputs) error {
	p.appPath = path.Clean("./" + r.AppPath)
	if !fs.ValidPath(p.appPath) {
		return fmt.Errorf("app path %q is not inside the repository", r.AppPath)
	}
	if err := r.chooseGroup(p); err != nil {
		return err
	}
	err := p.fleet.CheckPath(p.repository, p.group)
	if err != nil {
		return err
	}
	if p.appPath, err = r.appPathOf(p); err != nil {
		return err
	}
	exists, err := p.repository.HasDirectory(p.appPath)
	if err != nil {
		return err
	}
	if !exists {
		return p.fleet.NoAppPath(p.repository, p.group.Name, p.appPath)
	}
	c, err := r.chooseCluster(p)
	if err != nil {
		return err
	}
	p.on = c
	inputs.Repository, inputs.Fleet, inputs.Group, inputs.Cluster = p.repository, p.fleet, p.group, c
	inputs.AppPaths, inputs.Clusters, inputs.Release = p.appPaths(), p.clusters, r.Release
	inputs.LabelPlace = p.labelPlace
	return nil
}

// labelPlace tells where a label of a cluster is set.
func (p *prepared) labelPlace(c cluster.Cluster, label string) (file string, line int) {
	return member.LabelPlace(p.fleet, p.repository, c, label)
}

// appPaths returns the app paths that hold the files of the group.
func (p *prepared) appPaths() []string {
	if len(p.group.RepoNames) > 0 {
		return p.group.RepoNames
	}
	return []string{p.appPath}
}

// pluginOptions sets what delivery by the plugin needs to know of the group.
func (p *prepared) pluginOptions(options *applicationset.Options) error {
	options.AppPath, options.SettingsIn = p.appPath, p.group.SettingsIn
	var directories [][]string // by app path
	for _, appPath := range p.appPaths() {
		entries, err := p.fleet.ValueFiles(p.repository, appPath)
		if err != nil {
			return err
		}
		for i, entry := range entries {
			entries[i] = path.Join(appPath, entry)
		}
		directories = append(directories, entries)
	}
	for i := range directories[0] { // the same level paths in each
		for _, entries := range directories {
			options.LevelFiles = append(options.LevelFiles, entries[i])
		}
	}
	for _, level := range p.source.Levels { // of the cluster whose Argo CD has the ApplicationSets
		for _, directory := range level.Directories {
			files := p.group.SettingsIn(directory)
			if len(p.group.SettingsFiles) == 0 { // a plain one of bootstrap is among those of LevelFiles
				files = files[len(files)-1:]
			}
			options.Inputs = append(options.Inputs, files...)
		}
	}
	options.Inputs = append(options.Inputs, hierarchy.FleetFile, p.fleet.Releases, p.fleet.Members)
	return p.inRepository(options)
}

// catalogInputs returns the files that a release has from a catalog in the repository.
func (p *prepared) catalogInputs(r string) ([]string, error) {
	catalog, _, err := p.source.CatalogOf(r)
	if err != nil || catalog.Directory == "" {
		return nil, err
	}
	inputs := []string{path.Join(catalog.Directory, "values.yaml")}
	for _, name := range p.group.Components {
		inputs = append(inputs, path.Join(catalog.Directory, "values", name+".yaml"))
	}
	if of, _, is := p.fleet.RepositoryOf(p.appPath); is {
		return p.inside(of, inputs), nil
	}
	return inputs, nil
}

// appPathOf returns the app path of a request: the one that fleet.yaml says, wherever the request is made. One that is
// built in, or left out, yields to that of the request. It fails if the request's own contradicts fleet.yaml: the
// levels there are another group's, or none.
func (r job) appPathOf(p *prepared) (string, error) {
	asked, g := path.Clean("./"+r.AppPath), p.group
	switch {
	case asked == ".":
		return g.Path, nil
	case !g.PathNamed:
		return asked, nil
	case r.Anywhere, len(g.RepoNames) > 0, g.Path == ".", asked == g.Path, strings.HasPrefix(asked, g.Path+"/"):
		return g.Path, nil
	}
	file, line := p.fleet.PlaceOf("spec", "groups", g.Name, "path")
	return "", problem.New(file, line, "the path of group %s is %s, which %s contradicts", g.Name, g.Path, asked).
		WithHint("give %s as PATH, or as the Application's path", g.Path)
}

// chooseGroup looks up the group; without a name, the one whose path is the app path, if there is only one.
func (r job) chooseGroup(p *prepared) error {
	if r.Group != "" {
		var err error
		p.group, err = p.fleet.Group(r.Group)
		return err
	}
	candidates := p.fleet.GroupsFor(p.appPath)
	if len(candidates) != 1 {
		if len(candidates) == 0 {
			candidates = slices.Sorted(maps.Keys(p.fleet.Groups))
		}
		return Incomplete("which group? Give one (--group, parameter group): %s",
			strings.Join(candidates, ", "))
	}
	p.group = p.fleet.Groups[candidates[0]]
	return nil
}

// chooseCluster looks up the cluster among those of the fleet. One that is not known there is described by its labels.
func (r job) chooseCluster(p *prepared) (cluster.Cluster, error) {
	all, err := r.allClusters()
	if err != nil {
		return cluster.Cluster{}, err
	}
	p.warnings = append(p.warnings, all.warnings...)
	if r.Cluster == "" {
		return cluster.Cluster{}, Incomplete("for which cluster? Give one (--cluster, parameter cluster): %s",
			fewOf(all.clusters))
	}
	clusters, i, err := withCluster(all.clusters, r.Request)
	if err != nil {
		return cluster.Cluster{}, err
	}
	p.clusters = clusters
	if r.knowsItself {
		p.clusters = clusters[i : i+1]
	}
	return clusters[i], nil
}

// fewOf names the first few clusters.
func fewOf(clusters []cluster.Cluster) string {
	if len(clusters) == 0 {
		return "(no cluster is known)"
	}
	names := make([]string, len(clusters))
	for i, c := range clusters {
		names[i] = c.Name
	}
	return problem.Few(names)
}

// settingsLayer returns settings given as strings as a layer. A string in {} or [] is YAML, for the settings that are
// maps or lists; templatePatch is a string whatever it looks like.
func settingsLayer(settings map[string]string) (hierarchy.Layer, error) {
	const name = "--set-setting"
	values := make(map[string]any, len(settings))
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		value := settings[key]
		if !wellknown.IsSetting(key) {
			return hierarchy.Layer{}, problem.New(name, 0, "there is no setting %q", key).
				WithHint("%s", problem.Suggest(key, wellknown.Settings(),
					"the settings are "+strings.Join(wellknown.Settings(), ", ")))
		}
		values[key] = value
		if key == wellknown.SettingTemplatePatch {
			continue
		}
		if strings.HasPrefix(value, "[") || (strings.HasPrefix(value, "{") && !strings.HasPrefix(value, "{{")) {
			d, err := hierarchy.ParseDocument(name+" "+key, []byte("value: "+value))
			if err != nil {
				return hierarchy.Layer{}, err
			}
			values[key] = d.Values["value"]
		}
	}
	return hierarchy.Layer{Source: hierarchy.SourceFlags, File: name, Values: values}, nil
}
