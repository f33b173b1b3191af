package bootstrap_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/bootstrap"
	"github.com/eks-fleet-management/fleet-cmp/render/internal/testfleet"
)

// TestHandover renders the groups of the example fleet on its hub and on a spoke, for all combinations of the spoke's
// flags. It requires that exactly one Argo CD has the Applications for the spoke: the one that the flags say.
func TestHandover(t *testing.T) {
	const spoke = "retail-np-1"
	for _, argo := range []string{"true", "false"} {
		for _, addons := range []string{"true", "false"} {
			for _, resources := range []string{"true", "false"} {
				t.Run(fmt.Sprintf("argo=%s,addons=%s,resources=%s", argo, addons, resources), func(t *testing.T) {
					fsys := withFlags(t, spoke, argo, addons, resources)
					for _, group := range []string{"addons", "monitoring", "resources"} {
						onHub, hub, clusters := applicationSets(t, fsys, group, "hub-prod", nil)
						onSpoke, self, _ := applicationSets(t, fsys, group, spoke, spokeSettings(t, spoke, group))
						byHub, bySpoke := components(t, onHub, clusters[spoke]), components(t, onSpoke, clusters[spoke])
						if self.Manages(group) {
							require.Empty(t, byHub, group)
							require.NotEmpty(t, bySpoke, group)
						} else {
							require.NotEmpty(t, byHub, group)
							require.Empty(t, bySpoke, group)
						}
						require.NotEmpty(t, components(t, onHub, hub), "the hub still deploys to itself")
					}
				})
			}
		}
	}
}

// TestOwnRelease: what a laptop renders with is what the Application tells the plugin.
func TestOwnRelease(t *testing.T) {
	const two = "-- releases --\nreleases: {addons: [{type: a}, {type: b}]}\n"
	const labelled = "-- addons/tenants/tenant1/defaults/fleet/fleet-secret/values.yaml --\nexternalSecret: {labels: " +
		"{addonsRelease: b}}\n"
	const without = "-- charts/application-sets/values/addons.yaml --\nreloader: {enabled: true}\n"
	const off = "argocd:\n  enabled: false\nexternal-secrets:\n  enabled: false\n"
	for name, test := range map[string]struct {
		fleet fs.FS
		want  map[string]any // of the addons of spoke-dev-workload1
	}{
		"the example fleet":                    {exampleFleet, nil},
		"a spoke on the first of two releases": {smallFleet(two), map[string]any{"release": "a", "values": off}},
		"on the one that its label names": {smallFleet(two, labelled),
			map[string]any{"release": "b", "values": off}},
		"without releases":                       {smallFleet(), map[string]any{"release": "", "values": off}},
		"without what the hub installs on it":    {smallFleet(two, labelled, without), map[string]any{"release": "b"}},
		"without a group that installs anything": {smallFleet(two, reachAll), map[string]any{"release": "a"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := requireOwnReleases(t, test.fleet)["addons of spoke-dev-workload1"]
			delete(got, "settings")
			require.Equal(t, test.want, got)
		})
	}
}

// requireOwnReleases compares the own releases of all spokes with what their Applications say, and returns them.
func requireOwnReleases(t *testing.T, fsys fs.FS) map[string]map[string]any {
	t.Helper()
	repo := hierarchy.NewRepository(fsys)
	f, err := fleet.Load(repo)
	require.NoError(t, err)
	clusters, _, err := member.Clusters(f, repo, nil)
	require.NoError(t, err)
	all := map[string]map[string]any{}
	for _, c := range clusters {
		for group := range f.Groups {
			if !c.Manages(group) {
				continue
			}
			release, settings, values, err := bootstrap.OwnRelease(repo, f, c, group)
			require.NoError(t, err)
			got := map[string]any{"release": release, "settings": settings}
			if values != "" {
				got["values"] = values
			}
			want := map[string]any{"release": ""}
			for _, object := range mustBuild(t, fsys, c.Name, bootstrap.OptionsOf(f)) {
				if p := parametersOf(t, object); p["group"] == group {
					want["settings"] = map[string]string{}
					for key, value := range p["settings"].(map[string]any) {
						want["settings"].(map[string]string)[key] = value.(string)
					}
					for _, key := range []string{"release", "values"} {
						if p[key] != nil {
							want[key] = p[key]
						}
					}
				}
			}
			require.Equal(t, want, got, "%s of %s", group, c.Name)
			all[group+" of "+c.Name] = got
		}
	}
	require.NotEmpty(t, all)
	return all
}

// spokeSettings returns the settings that the spoke's Application of a group has, while it is the spoke that manages
// it.
func spokeSettings(t *testing.T, spoke, group string) map[string]string {
	t.Helper()
	settings := map[string]string{}
	for _, object := range mustBuild(t, exampleFleet, spoke, bootstrap.Options{}) {
		if p := parametersOf(t, object); p["group"] == group {
			settings[wellknown.SettingGlobalSelectors] = at(p, "settings/globalSelectors").(string)
		}
	}
	require.NotEmpty(t, settings)
	return settings
}

// withFlags returns the example fleet with other flags of a member. Its hub selects clusters by nothing but handover.
func withFlags(t *testing.T, m, argo, addons, resources string) fs.FS {
	t.Helper()
	fsys := testfleet.Load(t, "../../testdata/fleet")
	file := fsys["fleet/fleet-bootstrap/fleet-members/hub-prod/"+m+".yaml"]
	lines := strings.Split(string(file.Data), "\n")
	for i, line := range lines {
		key, _, _ := strings.Cut(line, ":")
		if value, ok := map[string]string{"use_remote_argo": argo, "enable_remote_addons": addons,
			"enable_remote_resources": resources}[key]; ok {
			lines[i] = key + `: "` + value + `"`
		}
	}
	file.Data = []byte(strings.Join(lines, "\n"))
	for path, file := range fsys {
		if strings.HasPrefix(path, "addons/control-plane/defaults/application-sets/") ||
			strings.HasPrefix(path, "resources/control-plane/defaults/application-sets/") {
			file.Data = []byte(strings.ReplaceAll(string(file.Data), "globalSelectors:", "commonLabels:"))
		}
	}
	return fsys
}

// applicationSets renders a group for a cluster as its Application does, and hands over.
func applicationSets(t *testing.T, fsys fs.FS, group, on string, settings map[string]string) ([]bootstrap.Object,
	cluster.Cluster, map[string]cluster.Cluster) {
	t.Helper()
	session, err := render.Open(fsys, render.Options{})
	require.NoError(t, err)
	r := render.Request{Group: group, Cluster: on, Settings: settings}
	result, err := session.Render(r)
	require.NoError(t, err)
	clusters, _, err := session.Clusters(r)
	require.NoError(t, err)
	byName := map[string]cluster.Cluster{}
	for _, c := range clusters {
		byName[c.Name] = c
	}
	objects, warnings := bootstrap.Handover(result.Objects, nil, group, byName[on])
	require.Empty(t, warnings)
	return objects, byName[on], byName
}

// components returns the names of the ApplicationSets that select a cluster. None selects it twice.
func components(t *testing.T, objects []bootstrap.Object, c cluster.Cluster) []string {
	t.Helper()
	found := []string{}
	for _, object := range objects {
		times := 0
		for _, generator := range at(object, "spec/generators").([]any) {
			if selects(t, generator, c) {
				times++
			}
		}
		require.LessOrEqual(t, times, 1)
		if times > 0 {
			found = append(found, at(object, "metadata/name").(string))
		}
	}
	return found
}

// selects tells whether a generator, or the first one in it, selects a cluster.
func selects(t *testing.T, generator any, c cluster.Cluster) bool {
	t.Helper()
	for _, kind := range []string{"matrix", "merge"} {
		if inner, ok := at(generator, kind+"/generators").([]any); ok {
			return selects(t, inner[0], c)
		}
	}
	var selector metav1.LabelSelector
	require.NoError(t, runtime.DefaultUnstructuredConverter.FromUnstructured(
		at(generator, "clusters/selector").(map[string]any), &selector))
	compiled, err := metav1.LabelSelectorAsSelector(&selector)
	require.NoError(t, err)
	return compiled.Matches(c.AllLabels())
}

func applicationSet(generators ...any) bootstrap.Object {
	return bootstrap.Object{"kind": "ApplicationSet", "metadata": map[string]any{"name": "x"}, "spec": map[string]any{
		"generators": generators, "syncPolicy": map[string]any{"preserveResourcesOnDeletion": true}}}
}

func clustersGenerator(matchLabels map[string]any) map[string]any {
	return map[string]any{"clusters": map[string]any{"selector": map[string]any{"matchLabels": matchLabels},
		"values": map[string]any{"v": "1"}}}
}

// TestHandoverOfGenerators: each kind of generator is restricted where its clusters come from, and nothing else
// changes.
func TestHandoverOfGenerators(t *testing.T) {
	hub := cluster.Cluster{Name: "hub", Labels: map[string]string{"fleet_member": "hub-cluster"}}
	list := map[string]any{"list": map[string]any{"elements": []any{}}}
	plain, second := clustersGenerator(map[string]any{"a": "b"}), clustersGenerator(map[string]any{"env": "prod"})
	object := applicationSet(
		plain, list,
		map[string]any{"matrix": map[string]any{"generators": []any{list, plain}}},
		map[string]any{"merge": map[string]any{"mergeKeys": []any{"server"}, "generators": []any{plain, second}}},
		map[string]any{"clusters": map[string]any{}},
		clustersGenerator(map[string]any{"enable_remote_addons": "false"}),
		clustersGenerator(map[string]any{"use_remote_argo": "false"}),
		clustersGenerator(map[string]any{"fleet_member": "hub-cluster"}),
		clustersGenerator(map[string]any{"fleet_member": "spoke"}),
		map[string]any{"clusters": map[string]any{"selector": map[string]any{
			"matchExpressions": []any{map[string]any{"key": "env", "operator": "In", "values": []any{"prod"}}}}}},
	)
	before, err := render.Encode([]bootstrap.Object{object}, "yaml")
	require.NoError(t, err)
	got, warnings := bootstrap.Handover([]bootstrap.Object{object}, nil, "addons", hub)
	require.Empty(t, warnings)
	after, err := render.Encode([]bootstrap.Object{object}, "yaml")
	require.NoError(t, err)
	require.Equal(t, string(before), string(after), "the argument is not changed")
	const (
		central = `matchExpressions: [{key: use_remote_argo, operator: NotIn, values: ["true"]}]`
		left    = `matchExpressions: [{key: use_remote_argo, operator: In, values: ["true"]}, {key: enable_remote_addons, operator: NotIn, values: ["true"]}]`
	)
	requireYAML(t, `
- clusters: {values: {v: "1"}, selector: {matchLabels: {a: b}, `+central+`}}
- clusters: {values: {v: "1"}, selector: {matchLabels: {a: b}, `+left+`}}
- list: {elements: []}
- matrix: {generators: [{list: {elements: []}}, {clusters: {values: {v: "1"}, selector: {matchLabels: {a: b}, `+central+`}}}]}
- matrix: {generators: [{list: {elements: []}}, {clusters: {values: {v: "1"}, selector: {matchLabels: {a: b}, `+left+`}}}]}
- merge: {mergeKeys: [server], generators: [{clusters: {values: {v: "1"}, selector: {matchLabels: {a: b}, `+central+`}}}, {clusters: {values: {v: "1"}, selector: {matchLabels: {env: prod}}}}]}
- merge: {mergeKeys: [server], generators: [{clusters: {values: {v: "1"}, selector: {matchLabels: {a: b}, `+left+`}}}, {clusters: {values: {v: "1"}, selector: {matchLabels: {env: prod}}}}]}
- clusters: {selector: {`+central+`}}
- clusters: {selector: {`+left+`}}
- clusters: {values: {v: "1"}, selector: {matchLabels: {enable_remote_addons: "false"}}}
- clusters: {values: {v: "1"}, selector: {matchLabels: {use_remote_argo: "false"}}}
- clusters: {values: {v: "1"}, selector: {matchLabels: {fleet_member: hub-cluster}}}
- clusters: {values: {v: "1"}, selector: {matchLabels: {fleet_member: spoke}, `+central+`}}
- clusters: {values: {v: "1"}, selector: {matchLabels: {fleet_member: spoke}, `+left+`}}
- clusters: {selector: {`+strings.Replace(central, "[", "[{key: env, operator: In, values: [prod]}, ", 1)+`}}
- clusters: {selector: {`+strings.Replace(left, "[", "[{key: env, operator: In, values: [prod]}, ", 1)+`}}
`, at(got[0], "spec/generators"))

	// What the group fleet installs on spokes with an Argo CD of their own is nowhere else on these.
	twice := applicationSet(plain, clustersGenerator(map[string]any{"enable_remote_addons": "false"}))
	both, _ := bootstrap.Handover([]bootstrap.Object{twice, twice}, []string{"external-secrets", "karpenter"}, "addons",
		hub)
	requireYAML(t, `
- clusters: {values: {v: "1"}, selector: {matchLabels: {a: b}, `+central+`}}
- clusters: {values: {v: "1"}, selector: {matchLabels: {enable_remote_addons: "false"}, `+central+`}}
`, at(both[0], "spec/generators"))
	require.Len(t, at(both[1], "spec/generators"), 3)

	unchanged, _ := bootstrap.Handover([]bootstrap.Object{object}, nil, "fleet", hub)
	require.Equal(t, []bootstrap.Object{object}, unchanged, "the group fleet is the hub's alone")
	resources, _ := bootstrap.Handover([]bootstrap.Object{object}, nil, "resources", hub)
	require.Equal(t, "enable_remote_resources",
		at(resources[0], "spec/generators/1/clusters/selector/matchExpressions/1/key"))
	other := bootstrap.Object{"kind": "ConfigMap"}
	unchanged, _ = bootstrap.Handover([]bootstrap.Object{other}, nil, "addons", hub)
	require.Equal(t, []bootstrap.Object{other}, unchanged)
}

// TestHandoverDeletesNothing: ApplicationSets whose Applications take their objects with them are warned about.
func TestHandoverDeletesNothing(t *testing.T) {
	hub := cluster.Cluster{Name: "hub", File: "fleet.yaml"}
	for name, change := range map[string]func(spec map[string]any){
		"not preserved": func(spec map[string]any) {
			spec["syncPolicy"] = map[string]any{"preserveResourcesOnDeletion": false}
		},
		"no policy": func(spec map[string]any) { delete(spec, "syncPolicy") },
		"finalizer": func(spec map[string]any) {
			spec["template"] = map[string]any{"metadata": map[string]any{
				"finalizers": []any{"resources-finalizer.argocd.argoproj.io/background"}}}
		},
	} {
		object := applicationSet(clustersGenerator(nil))
		change(object["spec"].(map[string]any))
		_, warnings := bootstrap.Handover([]bootstrap.Object{object}, nil, "addons", hub)
		require.Len(t, warnings, 1, name)
		require.ErrorContains(t, warnings[0],
			`fleet.yaml: ApplicationSet "x" deletes the objects of a cluster that begins or ends to deploy group addons itself; set syncPolicyAppSet`)
	}
}

// TestFlagsHandOverFromGit: each step of switching a flag, as the two sides see it: the repository at once, labels
// later.
func TestFlagsHandOverFromGit(t *testing.T) {
	const spoke = "retail-np-1"
	before := withFlags(t, spoke, "true", "true", "true")
	after := withFlags(t, spoke, "false", "false", "false")
	_, _, old := applicationSets(t, before, "addons", "hub-prod", nil)
	onHub, _, _ := applicationSets(t, after, "addons", "hub-prod", nil)
	require.Empty(t, components(t, onHub, old[spoke]), "the hub does not take over before the labels say so")
	onSpoke, _, _ := applicationSets(t, after, "addons", spoke, spokeSettings(t, spoke, "addons"))
	require.Empty(t, onSpoke, "the spoke lets go, though nobody changes its labels any more")
}

// FuzzHandover: no ApplicationSet makes it panic, or is itself changed.
func FuzzHandover(f *testing.F) {
	f.Add("{kind: ApplicationSet, spec: {generators: [{clusters: {}}, {matrix: {generators: [{list: {}}, {clusters: " +
		"{selector: {matchLabels: {a: b}}}}]}}]}}")
	f.Add("{kind: ApplicationSet}")
	f.Add("{kind: ApplicationSet, spec: {generators: [{merge: {generators: [{matrix: {generators: [{clusters: " +
		"{selector: x}}]}}]}}, 1], template: {metadata: {finalizers: [1]}}}}")
	f.Fuzz(func(t *testing.T, text string) {
		object, before := map[string]any{}, map[string]any{}
		if yaml.Unmarshal([]byte(text), &object) != nil || yaml.Unmarshal([]byte(text), &before) != nil {
			return
		}
		for _, group := range []string{"addons", "resources"} {
			got, _ := bootstrap.Handover([]bootstrap.Object{object}, nil, group, cluster.Cluster{Name: "hub"})
			require.Len(t, got, 1)
		}
		require.Equal(t, before, object)
	})
}
