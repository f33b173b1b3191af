package bootstrap

import (
	"cmp"
	"encoding/json"
	"maps"
	"path"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render/applicationset"
)

const (
	apiVersion = "argoproj.io/v1alpha1"
	inCluster  = "https://kubernetes.default.svc"
)

// parameters are those of the plugin: strings, and maps of strings.
type parameters map[string]any

// list returns the parameters in the form of Argo CD, sorted by name.
func (p parameters) list() []any {
	var all []any
	for _, name := range slices.Sorted(maps.Keys(p)) {
		kind := "string"
		value := p[name]
		if texts, isMap := value.(map[string]string); isMap {
			mapping := Object{}
			for key, text := range texts {
				mapping[key] = text
			}
			kind, value = "map", mapping
		}
		all = append(all, Object{"name": name, kind: value})
	}
	return all
}

// A repository is where an Application has its files.
type repository struct {
	url, revision, path string
	name                string // in fleet.yaml; "" for the fleet's own
}

func (r repository) source(p parameters) Object {
	return Object{"repoURL": r.url, "targetRevision": r.revision, "path": r.path,
		"plugin": Object{"name": applicationset.PluginName, "parameters": p.list()}}
}

// annotated returns a repository as the cluster's annotations have it: addons, resources or fleet. Without a revision,
// it is the default branch.
func (b *builder) annotated(name string) repository {
	text := func(part string) string { return b.Cluster.Annotations[wellknown.RepositoryAnnotation(name, part)] }
	return repository{url: text("url"), revision: cmp.Or(text("revision"), "HEAD"), path: text("basepath")}
}

// repositoryOf returns the repository of a group's release: its own, or the one that the cluster's annotations name as
// the app path.
func (b *builder) repositoryOf(group Group, release Release) (repository, error) {
	repo := b.repositoryAt(group.Path)
	for _, other := range group.RepoNames {
		if found := b.repositoryAt(other); release.RepoURL == "" &&
			(found.url != repo.url || found.revision != repo.revision) {
			return repo, problem.New(b.Cluster.File, 0,
				"the files of group %s are in two repositories, %s@%s and %s@%s, of which the plugin sees one",
				group.Name, repo.url, repo.revision, found.url, found.revision).
				WithHint("keep the directories %s in one repository", strings.Join(group.RepoNames, ", "))
		}
	}
	if release.RepoURL != "" {
		repo.url = release.RepoURL
	}
	if release.TargetRevision != "" {
		repo.revision = release.TargetRevision
	}
	if release.Basepath != "" {
		repo.path = path.Clean(release.Basepath)
	}
	if repo.url == "" {
		return repo, b.noRepository(path.Base(group.Path))
	}
	return repo, nil
}

// repositoryAt returns the repository with an app path. In the fleet's own, fleet.yaml says where that is; in another
// one, the annotation REPO_repo_basepath of a hub. (That of a spoke is the directory of the tenants, as the wrapper
// chart wanted it.)
func (b *builder) repositoryAt(appPath string) repository {
	if other, is := b.otherAt(appPath); is {
		return other
	}
	repo, fleet := b.annotated(path.Base(appPath)), b.annotated(wellknown.GroupFleet)
	if repo.url == "" {
		repo = fleet
	}
	if b.spoke || repo.path == "" || repo.url == fleet.url || fleet.url == "" {
		repo.path = appPath
	}
	repo.path = path.Clean(repo.path)
	return repo
}

func (b *builder) noRepository(name string) error {
	return problem.New(b.Cluster.File, 0,
		"cluster %q: the annotation %s_repo_url is missing, the repository of the fleet",
		b.Cluster.Name, name).
		WithHint("add it, and %s_repo_revision, to the cluster in %s", name, hierarchy.FleetFile)
}

func (b *builder) inCluster() Object { return Object{"server": inCluster, "namespace": b.namespace} }

// defaultSyncPolicy lies below the sync policy of each Application. A fresh cluster has neither the custom resources of
// External Secrets nor of Argo CD, until the Applications that bring them are through: it is tried again until it
// works.
func defaultSyncPolicy(syncOptions ...any) Object {
	return Object{
		"retry": Object{"limit": float64(-1),
			"backoff": Object{"duration": "10s", "factor": float64(2), "maxDuration": "3m"}},
		"syncOptions": append([]any{"SkipDryRunOnMissingResource=true"}, syncOptions...),
	}
}

// spec returns that of an Application with the options of its group.
func (b *builder) spec(o GroupOptions, repo repository, p parameters, destination, automated Object,
	syncOptions ...any) Object {
	project := o.Project
	if project == "" {
		project = defaultProject
	}
	b.projects[project] = append(b.projects[project], repo.url)
	policy := hierarchy.MergeMaps(defaultSyncPolicy(syncOptions...), Object{"automated": automated})
	return Object{
		"project":     project,
		"source":      repo.source(p),
		"destination": destination,
		"syncPolicy":  withoutNull(hierarchy.MergeMaps(policy, o.SyncPolicy)),
	}
}

func (b *builder) add(kind, name, source string, spec Object) {
	b.items = append(b.items, item{source: source, object: Object{
		"apiVersion": apiVersion,
		"kind":       kind,
		"metadata": Object{"name": name, "namespace": b.namespace,
			"labels": Object{wellknown.LabelManagedBy: applicationset.PluginName}},
		"spec": spec,
	}})
}

// withoutNull removes the keys that are null, at any depth.
func withoutNull(m Object) Object {
	out := Object{}
	for key, value := range m {
		if child, isMap := value.(Object); isMap {
			value = withoutNull(child)
		}
		if value != nil {
			out[key] = value
		}
	}
	return out
}

// addProjects adds the projects other than Argo CD's own. They allow what is made here, and no more.
func (b *builder) addProjects() {
	for _, name := range slices.Sorted(maps.Keys(b.projects)) {
		if name == defaultProject {
			continue
		}
		var repos []any
		for _, url := range slices.Compact(slices.Sorted(slices.Values(b.projects[name]))) {
			repos = append(repos, url)
		}
		destinations := []any{b.inCluster()}
		if name == b.Options.All.Project && !b.spoke {
			destinations = append(destinations, Object{"server": "*", "namespace": b.Options.namespace(true)})
		}
		b.add("AppProject", name, hierarchy.FleetFile+", bootstrap", Object{
			"description":  "What starts the fleet",
			"sourceRepos":  repos,
			"destinations": destinations,
			"clusterResourceWhitelist": []any{
				Object{"group": "", "kind": "Namespace"},
				Object{"group": "external-secrets.io", "kind": "ClusterSecretStore"},
			},
		})
	}
}

// switchedOff returns values that switch components off.
func switchedOff(components []string) string {
	values := Object{}
	for _, name := range components {
		values[name] = Object{"enabled": false}
	}
	data, err := yaml.Marshal(values)
	if err != nil { // of strings and booleans, never
		return ""
	}
	return string(data)
}

// toJSON returns strings as JSON, which the plugin takes for a map.
func toJSON(texts map[string]string) string {
	if texts == nil {
		texts = map[string]string{}
	}
	data, err := json.Marshal(texts)
	if err != nil { // of a map of strings, never
		return ""
	}
	return string(data)
}
