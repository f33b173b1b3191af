package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/reposerver/apiclient"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// selection is what a render is for: parameters to the plugin, flags to `cmp render`.
type selection struct {
	group, cluster, release string
	labels                  map[string]string
}

func (s selection) String() string {
	return strings.Trim(strings.Join([]string{s.group, s.cluster, s.release}, " "), " ")
}

// path is the app path of the group in the example fleet.
func (s selection) path() string {
	if s.group == "resources" {
		return "resources"
	}
	return "addons"
}

func (s selection) parameters() v1alpha1.ApplicationSourcePluginParameters {
	var parameters v1alpha1.ApplicationSourcePluginParameters
	for _, p := range [][2]string{{"group", s.group}, {"cluster", s.cluster}, {"release", s.release}} {
		if p[1] != "" {
			parameters = append(parameters, text(p[0], p[1]))
		}
	}
	if s.labels != nil {
		parameters = append(parameters, v1alpha1.ApplicationSourcePluginParameter{Name: "labels",
			OptionalMap: &v1alpha1.OptionalMap{Map: s.labels}})
	}
	return parameters
}

func (s selection) flags() []string {
	args := []string{"--group", s.group, "--cluster", s.cluster}
	if s.release != "" {
		args = append(args, "--release", s.release)
	}
	for _, label := range slices.Sorted(maps.Keys(s.labels)) {
		args = append(args, "--labels", label+"="+s.labels[label])
	}
	return args
}

// text is a parameter with a string.
func text(name, value string) v1alpha1.ApplicationSourcePluginParameter {
	return v1alpha1.ApplicationSourcePluginParameter{Name: name, String_: &value}
}

// request asks for the same as `cmp render`.
func (s selection) request(r *repository) request {
	return request{repository: r.url, path: s.path(), parameters: s.parameters()}
}

// rendered returns the objects that `cmp render` prints.
func (s selection) rendered(t *testing.T, r *repository) []any {
	t.Helper()
	output, message := r.cmp(t, s.path(), append([]string{"render", "-o", "json"}, s.flags()...)...)
	require.Empty(t, message)
	var list struct{ Items []any }
	require.NoError(t, json.Unmarshal(output, &list))
	require.NotEmpty(t, list.Items)
	return list.Items
}

// parse parses the objects that Argo CD got.
func parse(t *testing.T, texts []string) []any {
	t.Helper()
	objects := make([]any, len(texts))
	for i := range texts {
		require.NoError(t, json.Unmarshal([]byte(texts[i]), &objects[i]))
	}
	return objects
}

// selections are the groups of the example fleet for its hub and two spokes, in each release.
func selections() []selection {
	var all []selection
	for _, group := range []string{"addons", "monitoring", "resources"} {
		for _, cluster := range []string{"hub-prod", "retail-np-1", "payments-prod-1"} {
			releases := []string{"", "stable"}
			if group == "addons" {
				releases = append(releases, "next")
			}
			for _, release := range releases {
				all = append(all, selection{group: group, cluster: cluster, release: release})
			}
		}
	}
	return all
}

// What Argo CD gets is what `cmp render` prints, object for object and in this order.
func TestSameAsRender(t *testing.T) {
	for _, files := range []int{0, 3000} {
		repository := newFleet(t)
		if files > 0 {
			repository.fill(t, "extra", files)
		}
		t.Run(fmt.Sprintf("%d more files", files), func(t *testing.T) {
			each(t, func(t *testing.T, argo *argoCD) {
				for _, s := range selections() {
					t.Run(s.String(), func(t *testing.T) {
						objects, err := argo.generate(t, s.request(repository))
						require.NoError(t, err)
						require.Equal(t, s.rendered(t, repository), parse(t, objects))
					})
				}
			})
		})
	}
}

// An Application can say which files it is made of. Argo CD then sends the directory that they have in common, and no
// others.
func TestGeneratePaths(t *testing.T) {
	repository := newFleet(t)
	s := selection{group: "addons", cluster: "hub-prod"}
	each(t, func(t *testing.T, argo *argoCD) {
		r := s.request(repository)
		r.paths = "/addons;/charts/application-sets;/fleet;/fleet.yaml"
		objects, err := argo.generate(t, r)
		require.NoError(t, err)
		require.Equal(t, s.rendered(t, repository), parse(t, objects))

		r.paths = "." // no catalog, no fleet.yaml
		argo.refused(t, r)
	})
}

// A fleet that is a directory of its repository renders the same, also if that directory is all that Argo CD hands
// over.
func TestSubdirectory(t *testing.T) {
	repository := newFleet(t)
	s := selection{group: "addons", cluster: "hub-prod"}
	expected := s.rendered(t, repository)
	git(t, repository.checkout, "checkout", "--quiet", "-b", "moved")
	require.NoError(t, os.Mkdir(filepath.Join(repository.checkout, "team"), 0o755))
	for _, name := range []string{"addons", "charts", "fleet", "fleet.yaml", "manifests", "resources"} {
		git(t, repository.checkout, "mv", name, "team/"+name)
	}
	git(t, repository.checkout, "commit", "--quiet", "--message", "a directory of its own")
	git(t, repository.checkout, "push", "--quiet", "origin", "moved:main")
	each(t, func(t *testing.T, argo *argoCD) {
		r := s.request(repository)
		r.path = "team/" + r.path
		for _, r.paths = range []string{"", "/team"} {
			t.Run("paths "+r.paths, func(t *testing.T) {
				objects, err := argo.generate(t, r)
				require.NoError(t, err)
				require.Equal(t, expected, parse(t, objects))
			})
		}
	})
}

// A cluster that only its labels describe, in each way that an ApplicationSet can hand them over.
func TestLabels(t *testing.T) {
	repository := newFleet(t)
	labels := map[string]string{"tenant": "retail", "environment": "np", "addonsRelease": "next", "ring": "0"}
	s := selection{group: "addons", cluster: "new-1", labels: labels}
	asJSON, err := json.Marshal(labels)
	require.NoError(t, err)
	bare := selection{group: s.group, cluster: s.cluster}.parameters()

	each(t, func(t *testing.T, argo *argoCD) {
		expected := s.rendered(t, repository)
		for name, r := range map[string]request{
			"map":         {parameters: s.parameters()},
			"JSON string": {parameters: append(slices.Clone(bare), text("labels", string(asJSON)))},
			"environment": {env: v1alpha1.Env{{Name: "GROUP", Value: s.group}, {Name: "CLUSTER", Value: s.cluster},
				{Name: "LABELS", Value: string(asJSON)}}},
		} {
			t.Run(name, func(t *testing.T) {
				r.repository, r.path = repository.url, s.path()
				objects, err := argo.generate(t, r)
				require.NoError(t, err)
				require.Equal(t, expected, parse(t, objects))
			})
		}
	})
}

// Argo CD's UI is told the parameters, with the values that count.
func TestAnnouncement(t *testing.T) {
	repository := newFleet(t)
	s := selection{group: "addons", cluster: "hub-prod", release: "next", labels: map[string]string{"ring": "0"}}
	each(t, func(t *testing.T, argo *argoCD) {
		announced, err := argo.announced(t, s.request(repository))
		require.NoError(t, err)
		byName := map[string]*apiclient.ParameterAnnouncement{}
		for _, parameter := range announced {
			assert.NotEmpty(t, parameter.Title, parameter.Name)
			assert.NotEmpty(t, parameter.Tooltip, parameter.Name)
			assert.Contains(t, []string{"string", "array", "map"}, parameter.CollectionType, parameter.Name)
			byName[parameter.Name] = parameter
		}
		require.Len(t, announced, len(byName),
			"announced twice: Argo CD adds parameters.static of plugin.yaml to what `cmp parameters` prints, and the "+
				"static one, without a value, wins")
		for _, name := range []string{
			"group", "cluster", "labels", "annotations", "release", "component", "components", "stage", "catalog",
			"value-files", "values", "settings", "allow-empty", "strict",
		} {
			require.Contains(t, byName, name)
		}
		assert.Equal(t, "addons", byName["group"].String_)
		assert.Equal(t, "hub-prod", byName["cluster"].String_)
		assert.Equal(t, "next", byName["release"].String_)
		assert.Equal(t, map[string]string{"ring": "0"}, byName["labels"].Map)
	})
}

// Many calls at once, each for something else: nobody gets anything of another one.
func TestConcurrent(t *testing.T) {
	repository := newFleet(t)
	var all []selection
	for _, group := range []string{"addons", "monitoring", "resources"} {
		for _, cluster := range []string{"hub-prod", "data-prod-1", "payments-np-1", "payments-prod-1", "retail-np-1",
			"retail-prod-1"} {
			all = append(all, selection{group: group, cluster: cluster})
		}
	}
	for n := len(all); n < 32; n++ {
		all = append(all, selection{group: "addons", cluster: fmt.Sprintf("new-%d", n), release: []string{"stable",
			"next"}[n%2], labels: map[string]string{
			"tenant": []string{"retail", "payments", "data"}[n%3], "environment": []string{"np", "prod"}[n/2%2],
		}})
	}
	expected := make([][]any, len(all))
	for i, s := range all {
		expected[i] = s.rendered(t, repository)
	}
	require.Len(t, all, 32)

	each(t, func(t *testing.T, argo *argoCD) {
		answers := make([][]string, len(all))
		failures := make([]error, len(all))
		var done sync.WaitGroup
		start := make(chan struct{})
		for i, s := range all {
			done.Go(func() {
				r := s.request(repository)
				r.app = fmt.Sprintf("app-%d", i)
				<-start
				answers[i], failures[i] = argo.generate(t, r)
			})
		}
		close(start)
		done.Wait()
		for i, s := range all {
			if assert.NoError(t, failures[i], s) {
				assert.Equal(t, expected[i], parse(t, answers[i]), s)
			}
		}
	})
}
