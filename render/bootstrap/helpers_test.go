package bootstrap_test

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/plugin"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/bootstrap"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const testdata = "../../testdata"

var exampleFleet = os.DirFS(filepath.Join(testdata, "fleet"))

// build makes the objects for a cluster of a repository.
func build(fsys fs.FS, name string, options bootstrap.Options) ([]bootstrap.Object, []*problem.Problem, error) {
	repo := hierarchy.NewRepository(fsys)
	f, err := fleet.Load(repo)
	if err != nil {
		return nil, nil, err
	}
	clusters, _, err := member.Clusters(f, repo, nil)
	if err != nil {
		return nil, nil, err
	}
	i := slices.IndexFunc(clusters, func(c cluster.Cluster) bool { return c.Name == name })
	in, warnings, err := bootstrap.Load(repo, f, clusters, clusters[i], options)
	if err != nil {
		return nil, nil, err
	}
	built, err := bootstrap.Build(in)
	if err != nil {
		return nil, warnings, err
	}
	return built.Objects, append(warnings, built.Warnings...), nil
}

func mustBuild(t *testing.T, fsys fs.FS, c string, options bootstrap.Options) []bootstrap.Object {
	t.Helper()
	objects, _, err := build(fsys, c, options)
	require.NoError(t, err)
	checkObjects(t, objects)
	return objects
}

// checkObjects requires what holds for all output.
func checkObjects(t *testing.T, objects []bootstrap.Object) {
	t.Helper()
	seen := map[string]bool{}
	for _, object := range objects {
		name := at(object, "metadata/name").(string)
		require.Empty(t, validation.IsDNS1123Subdomain(name), name)
		require.NotEmpty(t, at(object, "metadata/namespace"))
		require.Nil(t, at(object, "metadata/finalizers"), "deleting one of these deletes nothing else")
		id := fmt.Sprint(object["kind"], " ", name)
		require.False(t, seen[id], id)
		seen[id] = true
		source := at(object, "spec/source")
		if object["kind"] == "ApplicationSet" {
			require.Equal(t, true, at(object, "spec/syncPolicy/preserveResourcesOnDeletion"))
			source = at(object, "spec/template/spec/source")
		}
		if source == nil {
			continue
		}
		require.Equal(t, plugin.Name, at(source, "plugin/name"))
		for _, p := range at(source, "plugin/parameters").([]any) {
			require.Contains(t, parameters(t), at(p, "name"), "the plugin knows the parameter")
		}
	}
	data, err := render.Encode(objects, "yaml")
	require.NoError(t, err)
	require.NotContains(t, string(data), "<no value>")
}

func at(value any, path string) any {
	for key := range strings.SplitSeq(path, "/") {
		switch v := value.(type) {
		case map[string]any:
			value = v[key]
		case []any:
			value = v[key[0]-'0']
		default:
			return nil
		}
	}
	return value
}

func find(t *testing.T, objects []bootstrap.Object, name string) bootstrap.Object {
	t.Helper()
	i := slices.IndexFunc(objects, func(o bootstrap.Object) bool { return at(o, "metadata/name") == name })
	require.GreaterOrEqual(t, i, 0, "%s in %v", name, names(objects))
	return objects[i]
}

func names(objects []bootstrap.Object) []string {
	list := []string{}
	for _, object := range objects {
		list = append(list, fmt.Sprint(object["kind"], " ", at(object, "metadata/name")))
	}
	return list
}

// parametersOf returns the plugin's parameters of an Application.
func parametersOf(t *testing.T, application bootstrap.Object) map[string]any {
	t.Helper()
	all := map[string]any{}
	for _, p := range at(application, "spec/source/plugin/parameters").([]any) {
		p := p.(map[string]any)
		all[p["name"].(string)] = p["string"]
		if p["map"] != nil {
			all[p["name"].(string)] = p["map"]
		}
	}
	return all
}

func requireYAML(t *testing.T, want string, got any) {
	t.Helper()
	data, err := yaml.Marshal(got)
	require.NoError(t, err)
	require.YAMLEq(t, want, string(data))
}

// fleet returns a small fleet with a hub, the groups of the defaults, and the spoke spoke-dev-workload1; a file in an
// archive replaces or adds one.
func smallFleet(archives ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for _, archive := range append([]string{sample}, archives...) {
		for _, f := range txtar.Parse([]byte(archive)).Files {
			name := map[string]string{
				"spoke":    "fleet/fleet-bootstrap/fleet-members/hub-np/spoke-dev-workload1.yaml",
				"releases": "fleet/bootstrap/versions/applicationSets.yaml",
			}[f.Name]
			if name == "" {
				name = f.Name
			}
			fsys[name] = &fstest.MapFile{Data: f.Data, Mode: 0o644}
		}
	}
	return fsys
}

const sample = `
-- fleet.yaml --
apiVersion: fleet.cmp/v1alpha1
kind: Fleet
spec:
  clusters:
    - name: hub-np
      labels: {fleet_member: hub-cluster, tenant: control-plane, environment: np}
      annotations: {addons_repo_url: "https://git.example.com/fleet.git", addons_repo_revision: main,
        resources_repo_url: "https://git.example.com/fleet.git", resources_repo_revision: main,
        fleet_repo_url: "https://git.example.com/fleet.git", fleet_repo_revision: main, fleet_repo_basepath: fleet}
-- spoke --
tenant: tenant1
environment: np
addons_repo_basepath: addons/tenants
secretManagerSecretName: fleet/spoke-dev-workload1
use_remote_argo: "true"
enable_remote_resources: "true"
enable_remote_addons: "true"
-- charts/application-sets/values.yaml --
useVersionSelectors: true
-- charts/application-sets/values/addons.yaml --
argocd: {enabled: true}
external-secrets: {enabled: true}
reloader: {enabled: true}
-- charts/application-sets/values/ack.yaml --
{}
-- charts/application-sets/values/monitoring.yaml --
monitoring: {enabled: true}
-- charts/application-sets/values/resources.yaml --
resources: {enabled: true}
-- charts/application-sets/values/fleetBootstrap.yaml --
fleetbootstrap: {enabled: true}
-- addons/tenants/tenant1/defaults/fleet/fleet-secret/values.yaml --
{}
-- addons/control-plane/.keep --
-- resources/.keep --
-- releases --
releases:
  globals: {chartRepoPath: charts/application-sets}
`

// parameters returns the names of the parameters that the plugin knows.
func parameters(t *testing.T) []string {
	t.Helper()
	announced, err := new(plugin.Invocation).Announce(hierarchy.NewRepository(fstest.MapFS{}), ".", fleet.Load)
	require.NoError(t, err)
	names := make([]string, len(announced))
	for i, a := range announced {
		names[i] = a.Name
	}
	return names
}
