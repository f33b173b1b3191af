package manifests_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"text/template"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/plugin"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

const (
	fleetDirectory = "../testdata/fleet"
	repoURL        = "https://git.example.com/platform/fleet.git"
	lastApplied    = "kubectl.kubernetes.io/last-applied-configuration"
)

// TestApplications renders each example Application as the plugin does.
func TestApplications(t *testing.T) {
	var groups []string
	for name, app := range applications(t) {
		t.Run(name, func(t *testing.T) {
			require.NotEmpty(t, renderApplication(t, app.Spec))
		})
		groups = append(groups, parameter(app.Spec.Source, "group"))
		require.Equal(t, "argocd", app.Namespace)
		require.Equal(t, "hub-prod", parameter(app.Spec.Source, "cluster"))
	}
	require.ElementsMatch(t, []string{"addons", "monitoring", "resources"}, groups)
}

// TestApplicationSet makes the Application of one cluster, as the ApplicationSet controller does, and renders it: with
// the identity that fleet.yaml has for the hub, the result is that of the example Application, under any name.
func TestApplicationSet(t *testing.T) {
	var set v1alpha1.ApplicationSet
	parse(t, read(t, "examples/applicationset.yaml"), &set)
	require.Equal(t, "ApplicationSet", set.Kind)
	require.True(t, set.Spec.GoTemplate)
	require.True(t, set.Spec.SyncPolicy.PreserveResourcesOnDeletion)
	require.Len(t, set.Spec.Generators, 1)

	hub := exampleCluster(t, "hub-prod")
	for key, value := range set.Spec.Generators[0].Clusters.Selector.MatchLabels {
		require.Equal(t, value, hub.Labels[key])
	}
	annotations := maps.Clone(hub.Annotations)
	annotations[lastApplied] = `{"stringData":{"config":"{\"bearerToken\":\"…\"}"}}`
	labels := maps.Clone(hub.Labels)
	labels["argocd.argoproj.io/secret-type"] = "cluster"
	metadata := map[string]any{"labels": labels, "annotations": annotations}

	example := applications(t)["hub-prod-addons"]
	app := generate(t, set, map[string]any{"name": "hub-prod", "nameNormalized": "hub-prod",
		"server": example.Spec.Destination.Server, "metadata": metadata})
	require.Equal(t, "hub-prod-addons", app.Name)
	require.Equal(t, example.Spec.Destination, app.Spec.Destination)
	require.Equal(t, renderApplication(t, example.Spec), renderApplication(t, app.Spec))
	text, err := json.Marshal(app)
	require.NoError(t, err)
	require.NotContains(t, string(text), "bearerToken", "credentials of the cluster Secret")

	t.Run("unknown to fleet.yaml", func(t *testing.T) {
		app := generate(t, set, map[string]any{"name": "new.hub", "nameNormalized": "new-hub",
			"server": "https://hub.example.com", "metadata": metadata})
		require.Equal(t, "new-hub-addons", app.Name)
		require.NotEmpty(t, renderApplication(t, app.Spec))
	})
	t.Run("without annotations", func(t *testing.T) {
		app := generate(t, set, map[string]any{"name": "hub-prod", "nameNormalized": "hub-prod",
			"server": "https://hub.example.com", "metadata": map[string]any{"labels": labels}})
		require.NotEmpty(t, renderApplication(t, app.Spec))
	})
}

// applications returns the example Applications, by name.
func applications(t *testing.T) map[string]v1alpha1.Application {
	t.Helper()
	all := map[string]v1alpha1.Application{}
	for _, document := range documents(read(t, "examples/applications.yaml")) {
		var app v1alpha1.Application
		parse(t, document, &app)
		require.Equal(t, "Application", app.Kind)
		all[app.Name] = app
	}
	require.Len(t, all, 3)
	return all
}

// renderApplication renders an Application from the example fleet, with the environment that Argo CD would give the
// plugin.
func renderApplication(t *testing.T, spec v1alpha1.ApplicationSpec) string {
	t.Helper()
	source := spec.Source
	require.Equal(t, plugin.Name, source.Plugin.Name)
	require.Equal(t, repoURL, source.RepoURL)
	for _, p := range source.Plugin.Parameters {
		require.Contains(t, parameters(t), p.Name)
	}
	environ, err := source.Plugin.Parameters.Environ()
	require.NoError(t, err)
	invocation, err := plugin.Read(append(environ, "ARGOCD_APP_SOURCE_PATH="+source.Path))
	require.NoError(t, err)
	tree := os.DirFS(fleetDirectory)
	request, err := invocation.Request(tree, source.Path)
	require.NoError(t, err)
	options, err := invocation.Options()
	require.NoError(t, err)
	session, err := render.Open(tree, options)
	require.NoError(t, err)
	result, err := session.Render(request)
	require.NoError(t, err)
	require.NotEmpty(t, result.Objects)
	data, err := render.Encode(result.Objects, "yaml")
	require.NoError(t, err)
	return string(data)
}

func parameter(source *v1alpha1.ApplicationSource, name string) string {
	for _, p := range source.Plugin.Parameters {
		if p.Name == name && p.String_ != nil {
			return *p.String_
		}
	}
	return ""
}

// cluster returns a cluster of the example fleet.
func exampleCluster(t *testing.T, name string) cluster.Cluster {
	t.Helper()
	session, err := render.Open(os.DirFS(fleetDirectory), render.Options{})
	require.NoError(t, err)
	clusters, _, err := session.Clusters(render.Request{})
	require.NoError(t, err)
	n := slices.IndexFunc(clusters, func(c cluster.Cluster) bool { return c.Name == name })
	require.GreaterOrEqual(t, n, 0)
	return clusters[n]
}

// generate executes every string of the ApplicationSet's template.
func generate(t *testing.T, set v1alpha1.ApplicationSet, cluster map[string]any) v1alpha1.Application {
	t.Helper()
	data, err := json.Marshal(set.Spec.Template)
	require.NoError(t, err)
	var tree any
	require.NoError(t, json.Unmarshal(data, &tree))
	data, err = json.Marshal(execute(t, tree, set.Spec.GoTemplateOptions, cluster))
	require.NoError(t, err)
	var app v1alpha1.Application
	parse(t, data, &app)
	return app
}

func execute(t *testing.T, node any, options []string, cluster map[string]any) any {
	t.Helper()
	switch node := node.(type) {
	case map[string]any:
		for key, value := range node {
			node[key] = execute(t, value, options, cluster)
		}
	case []any:
		for n, value := range node {
			node[n] = execute(t, value, options, cluster)
		}
	case string:
		parsed, err := template.New("").Option(options...).Funcs(functions).Parse(node)
		require.NoError(t, err)
		var out strings.Builder
		require.NoError(t, parsed.Execute(&out, cluster))
		return out.String()
	}
	return node
}

// functions are those of Sprig that the example uses, which the ApplicationSet controller has.
var functions = template.FuncMap{
	"toJson": func(value any) string {
		data, _ := json.Marshal(value)
		return string(data)
	},
	"fromJson": func(text string) (value any) {
		_ = json.Unmarshal([]byte(text), &value)
		return value
	},
	"omit": func(dict map[string]any, keys ...string) map[string]any {
		rest := map[string]any{}
		for key, value := range dict {
			if !slices.Contains(keys, key) {
				rest[key] = value
			}
		}
		return rest
	},
}

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
