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
	objects, found, err := bootstrap.Build(in)
	return objects, append(warnings, found...), err
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
			require.Contains(t, plugin.Names(), at(p, "name"), "the plugin knows the parameter")
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

func TestExampleFleet(t *testing.T) {
	for _, c := range []string{"hub-prod", "retail-np-1"} {
		t.Run(c, func(t *testing.T) {
			objects, warnings, err := build(exampleFleet, c, bootstrap.Options{})
			require.NoError(t, err)
			require.Empty(t, warnings)
			checkObjects(t, objects)
			data, err := render.Encode(objects, "yaml")
			require.NoError(t, err)
			file := filepath.Join(testdata, "golden", "bootstrap-"+c+".yaml")
			if *update {
				require.NoError(t, os.WriteFile(file, data, 0o644))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, string(want), string(data),
				"run: go test ./render/bootstrap -run TestExampleFleet -update")
		})
	}
}

// TestHub: all that a hub starts, of which nothing has a fixed name.
func TestHub(t *testing.T) {
	objects := mustBuild(t, smallFleet(), "hub-np", bootstrap.Options{})
	require.Equal(t, []string{
		"Application cluster-addons-hub-np-default",
		"Application cluster-fleet-hub-np-default",
		"Application cluster-monitoring-hub-np-default",
		"Application cluster-resources-hub-np-default",
		"Application fleet-bootstrap-hub-np",
		"Application fleet-registration-hub-np",
		"ApplicationSet fleet-member-bootstrap-hub-np",
		"ApplicationSet fleet-member-registration-hub-np",
	}, names(objects))
	requireYAML(t, `
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: cluster-monitoring-hub-np-default, namespace: argocd, labels: {app.kubernetes.io/managed-by: fleet-cmp}}
spec:
  project: default
  destination: {server: https://kubernetes.default.svc, namespace: argocd}
  source:
    repoURL: https://git.example.com/fleet.git
    targetRevision: main
    path: addons
    plugin:
      name: fleet-cmp
      parameters:
      - {name: cluster, string: hub-np}
      - {name: group, string: monitoring}
      - {name: settings, map: {handover: "true"}}
  syncPolicy:
    automated: {prune: true, selfHeal: true}
    retry: {limit: -1, backoff: {duration: 10s, factor: 2, maxDuration: 3m}}
    syncOptions: [SkipDryRunOnMissingResource=true]
`, find(t, objects, "cluster-monitoring-hub-np-default"))
	require.Equal(t, map[string]any{"group": "fleet", "cluster": "hub-np"},
		parametersOf(t, find(t, objects, "cluster-fleet-hub-np-default")))
	require.Equal(t, map[string]any{"stage": "registration", "cluster": "hub-np"},
		parametersOf(t, find(t, objects, "fleet-registration-hub-np")))
	require.Equal(t, "fleet", at(find(t, objects, "fleet-bootstrap-hub-np"), "spec/source/path"))
	requireYAML(t, `
goTemplate: true
goTemplateOptions: [missingkey=error]
generators:
- clusters: {selector: {matchLabels: {argocd.argoproj.io/secret-type: cluster, fleet_member: spoke, use_remote_argo: "true"}}}
syncPolicy: {preserveResourcesOnDeletion: true}
template:
  metadata: {name: 'fleet-bootstrap-{{ .nameNormalized }}'}
  spec:
    project: default
    destination: {name: '{{ .name }}', namespace: argocd}
    source:
      repoURL: https://git.example.com/fleet.git
      targetRevision: main
      path: fleet
      plugin:
        name: fleet-cmp
        parameters:
        - {name: allow-empty, string: "true"}
        - {name: cluster, string: '{{ .name }}'}
        - {name: stage, string: bootstrap}
    syncPolicy:
      automated: {prune: true, selfHeal: true, allowEmpty: true}
      retry: {limit: -1, backoff: {duration: 10s, factor: 2, maxDuration: 3m}}
      syncOptions: [SkipDryRunOnMissingResource=true, CreateNamespace=true]
`, find(t, objects, "fleet-member-bootstrap-hub-np")["spec"])
}

// TestSpoke: a spoke starts the groups that its flags give it, and not what the hub installs on it.
func TestSpoke(t *testing.T) {
	objects := mustBuild(t, smallFleet(), "spoke-dev-workload1", bootstrap.Options{SpokeNamespace: "platform-system"})
	require.Equal(t, []string{
		"Application cluster-addons-spoke-dev-workload1-default",
		"Application cluster-monitoring-spoke-dev-workload1-default",
		"Application cluster-resources-spoke-dev-workload1-default",
	}, names(objects))
	addons := find(t, objects, "cluster-addons-spoke-dev-workload1-default")
	require.Equal(t, "platform-system", at(addons, "metadata/namespace"))
	require.Equal(t, "https://kubernetes.default.svc", at(addons, "spec/destination/server"))
	require.Equal(t, "addons", at(addons, "spec/source/path"), "the app path, and not the directory of the tenants")
	require.Equal(t, map[string]any{
		"group": "addons", "cluster": "spoke-dev-workload1", "allow-empty": "true",
		"values": "argocd:\n  enabled: false\nexternal-secrets:\n  enabled: false\n",
		"settings": map[string]any{"handover": "true", "namespace": "platform-system",
			"globalSelectors": `{"enable_remote_addons":"true","fleet_member":"spoke","use_remote_argo":"true"}`},
	}, parametersOf(t, addons))
	resources := parametersOf(t, find(t, objects, "cluster-resources-spoke-dev-workload1-default"))
	require.Equal(t, `{"enable_remote_resources":"true","fleet_member":"spoke","use_remote_argo":"true"}`,
		at(resources, "settings/globalSelectors"), "by the flag of the resources")
	require.Nil(t, resources["values"])

	for flags, want := range map[string][]string{
		`enable_remote_addons: "true"`: {"Application cluster-addons-spoke-dev-workload1-default",
			"Application cluster-monitoring-spoke-dev-workload1-default"},
		`enable_remote_resources: "true"`: {"Application cluster-resources-spoke-dev-workload1-default"},
		"":                                {},
	} {
		spoke := "-- spoke --\n{tenant: tenant1, environment: np, use_remote_argo: 'true', " + flags + "}\n"
		require.Equal(t, want, names(mustBuild(t, smallFleet(spoke), "spoke-dev-workload1", bootstrap.Options{})),
			flags)
	}
}

// TestTwoHubs: names of two hubs differ, where some of the old ones did not have the hub in them.
func TestTwoHubs(t *testing.T) {
	fsys := smallFleet()
	fsys["fleet.yaml"] = &fstest.MapFile{Data: []byte(string(fsys["fleet.yaml"].Data) +
		"    - {name: hub-live, labels: {fleet_member: hub-cluster}, annotations: {fleet_repo_url: " +
		"'https://git.example.com/fleet.git'}}\n")}
	first, second := names(mustBuild(t, fsys, "hub-np", bootstrap.Options{})),
		names(mustBuild(t, fsys, "hub-live", bootstrap.Options{}))
	require.Len(t, second, len(first))
	for _, name := range first {
		require.NotContains(t, second, name)
	}
}

// TestRepositories: where the files of a group are, by the hub's annotations and the release.
func TestRepositories(t *testing.T) {
	annotations := func(text string) string {
		return "-- fleet.yaml --\napiVersion: fleet.cmp/v1alpha1\nkind: Fleet\nspec:\n  clusters:\n    - {name: " +
			"hub-np, labels: {fleet_member: hub-cluster}, annotations: {" + text + "}}\n"
	}
	const fleetRepo = "fleet_repo_url: F, fleet_repo_revision: FR"
	for _, tt := range []struct{ name, annotations, release, want, labels string }{
		{"one for all", fleetRepo, "", "F@FR//addons", ""},
		{"no revision", "fleet_repo_url: F", "", "F@HEAD//addons", ""},
		{"its own", fleetRepo + ", addons_repo_url: A, addons_repo_revision: AR, addons_repo_basepath: base/", "",
			"A@AR//base",
			`{"fleet_member":"hub-cluster"}`},
		{"only its own",
			"addons_repo_url: A, addons_repo_revision: AR, addons_repo_basepath: base, resources_repo_url: R", "",
			"A@AR//addons", ""},
		{"of the release", fleetRepo, "{type: default, repoUrl: L, targetRevision: LR, addons_repo_basepath: B}",
			"L@LR//B", `{"fleet_member":"hub-cluster"}`},
		{"tenant of the release", fleetRepo, "{type: default, tenant: t}", "F@FR//addons",
			`{"fleet_member":"hub-cluster","tenant":"t"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			objects := mustBuild(t, smallFleet(annotations(tt.annotations),
				"-- releases --\nreleases: {addons: ["+tt.release+"]}\n"), "hub-np", bootstrap.Options{})
			application := find(t, objects, "cluster-addons-hub-np-default")
			source := at(application, "spec/source")
			require.Equal(t, tt.want, fmt.Sprintf("%s@%s//%s", at(source, "repoURL"), at(source, "targetRevision"),
				at(source, "path")))
			if tt.labels == "" {
				require.Nil(t, parametersOf(t, application)["labels"])
			} else {
				require.Equal(t, tt.labels, parametersOf(t, application)["labels"])
				require.Contains(t, parametersOf(t, application)["annotations"], `"fleet_repo_url":"F"`)
			}
			if tt.name == "no revision" {
				for _, name := range []string{"fleet-bootstrap-hub-np", "fleet-registration-hub-np"} {
					require.Equal(t, "HEAD", at(find(t, objects, name), "spec/source/targetRevision"))
				}
				for _, name := range []string{"fleet-member-bootstrap-hub-np", "fleet-member-registration-hub-np"} {
					require.Equal(t, "HEAD", at(find(t, objects, name), "spec/template/spec/source/targetRevision"))
				}
			}
			monitoring := at(find(t, objects, "cluster-monitoring-hub-np-default"), "spec/source/repoURL")
			require.NotEmpty(t, monitoring)
		})
	}
}

// reachAll is a fleet whose hub deploys the addons to all clusters.
const reachAll = `
-- fleet.yaml --
apiVersion: fleet.cmp/v1alpha1
kind: Fleet
spec:
  groups: {addons: {path: addons, components: [addons]}}
  clusters:
    - {name: hub-np, labels: {fleet_member: hub-cluster, tenant: control-plane}, annotations: {fleet_repo_url: F}}
`

// TestReleases: the three cases of the selection of releases, as they reach the plugin.
func TestReleases(t *testing.T) {
	hub := func(label string) string {
		return "-- addons/control-plane/defaults/fleet/fleet-secret/values.yaml --\nexternalSecret: {labels: " +
			"{addonsRelease: '" + label + "'}}\n"
	}
	spoke := func(label string) string {
		return "-- addons/tenants/tenant1/defaults/fleet/fleet-secret/values.yaml --\nexternalSecret: {labels: " +
			"{addonsRelease: '" + label + "'}}\n"
	}
	releases := func(types string) string { return "-- releases --\nreleases: {addons: [" + types + "]}\n" }
	for _, tt := range []struct {
		name    string
		files   []string
		cluster string
		want    map[string]string // name: release and settings.useVersionSelectors
	}{
		{"one release", []string{releases("{type: Stable}")}, "hub-np",
			map[string]string{"cluster-addons-hub-np-stable": "Stable"}},
		{"all releases", []string{releases("{type: a}, {type: b}"), hub("b"), spoke("a"), reachAll}, "hub-np",
			map[string]string{"cluster-addons-hub-np-a": "a", "cluster-addons-hub-np-b": "b"}},
		{"the first, for those with its label", []string{releases("{type: a}, {type: b}"), spoke("a"), reachAll},
			"hub-np",
			map[string]string{"cluster-addons-hub-np-a": "a"}},
		{"the first, for all", []string{releases("{type: a}, {type: b}")}, "hub-np",
			map[string]string{"cluster-addons-hub-np-a": "a false"}},
		{"spoke on a release", []string{releases("{type: a}, {type: b}"), spoke("b")}, "spoke-dev-workload1",
			map[string]string{"cluster-addons-spoke-dev-workload1-b": "b"}},
		{"spoke without a label", []string{releases("{type: a}, {type: b}")}, "spoke-dev-workload1",
			map[string]string{"cluster-addons-spoke-dev-workload1-a": "a false"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := map[string]string{}
			for _, object := range mustBuild(t, smallFleet(tt.files...), tt.cluster, bootstrap.Options{}) {
				name := at(object, "metadata/name").(string)
				if !strings.HasPrefix(name, "cluster-addons-") {
					continue
				}
				p := parametersOf(t, object)
				got[name] = fmt.Sprint(p["release"])
				if selectors := at(p, "settings/useVersionSelectors"); selectors != nil {
					got[name] += fmt.Sprint(" ", selectors)
				}
			}
			require.Equal(t, tt.want, got)
		})
	}
}

// TestForeignCatalog: a fleet whose releases all bring their catalog needs none of its own.
func TestForeignCatalog(t *testing.T) {
	fsys := smallFleet(
		"-- releases --\nreleases: {globals: {chartRepo: oci://r.example.com, ecrChartName: c, version: '1'}, " +
			"addons: [{type: x}], monitoring: [{type: x}], resources: [{type: x}], fleet: [{type: x}]}\n")
	for name := range fsys {
		if strings.HasPrefix(name, "charts/") {
			delete(fsys, name)
		}
	}
	require.Contains(t, names(mustBuild(t, fsys, "hub-np", bootstrap.Options{})), "Application cluster-addons-hub-np-x")
	const releases = "fleet/bootstrap/versions/applicationSets.yaml"
	fsys["own/values.yaml"] = &fstest.MapFile{Data: []byte("useVersionSelectors: \"true\"")}
	fsys[releases] = &fstest.MapFile{Data: []byte(
		"releases: {globals: {chartRepoPath: own}, addons: [{type: z}], monitoring: [{type: z}], resources: [{type: " +
			"z}], fleet: [{type: z}]}\n")}
	require.Contains(t, names(mustBuild(t, fsys, "hub-np", bootstrap.Options{})), "Application cluster-addons-hub-np-z")
	fsys[releases] = &fstest.MapFile{Data: []byte("releases: {}")}
	_, _, err := build(fsys, "hub-np", bootstrap.Options{})
	require.ErrorContains(t, err, "the catalog charts/application-sets does not exist")
}

// TestSyncPolicies: what Argo CD would ignore is said, with its line.
func TestSyncPolicies(t *testing.T) {
	_, warnings, err := build(smallFleet(), "hub-np", bootstrap.Options{
		All: bootstrap.GroupOptions{SyncLine: 7,
			SyncPolicy: map[string]any{"automatd": map[string]any{}, "automated": map[string]any{"prune": false}}},
		Groups: map[string]bootstrap.GroupOptions{"addons": {SyncLine: 9, SyncPolicy: map[string]any{
			"retry": map[string]any{"limit": "many", "backoff": nil}}}},
	})
	require.NoError(t, err)
	var got []string
	for _, w := range warnings {
		got = append(got, w.Error())
	}
	require.Equal(t, []string{
		"fleet.yaml:7: bootstrap: Argo CD does not know the field syncPolicy.automatd; correct it, unless a newer " +
			"Argo CD knows it",
		"fleet.yaml:9: bootstrap: syncPolicy.retry.limit must be a number for Argo CD, not a string; correct it",
	}, got)
}

// TestOptions: what a group says counts, also if it is false; else what is said for all (rule bootstrap-options in
// docs/rules/bootstrap.md).
func TestOptions(t *testing.T) {
	no, yes := false, true
	objects := mustBuild(t, smallFleet(), "hub-np", bootstrap.Options{
		Namespace: "gitops",
		All: bootstrap.GroupOptions{Enabled: &yes, Project: "fleet", SyncPolicy: map[string]any{
			"automated": map[string]any{"selfHeal": false}, "syncOptions": []any{"X=y"}}},
		Groups: map[string]bootstrap.GroupOptions{
			"monitoring": {Enabled: &no},
			"resources":  {Selectors: map[string]string{"environment": "live"}},
			"addons": {Project: "default", Selectors: map[string]string{"environment": "np"},
				SyncPolicy: map[string]any{
					"automated": map[string]any{"prune": false},
					"retry":     map[string]any{"limit": float64(0), "backoff": nil}}},
		},
	})
	require.Equal(t, []string{"AppProject fleet", "Application cluster-addons-hub-np-default",
		"Application cluster-fleet-hub-np-default",
		"Application fleet-bootstrap-hub-np", "Application fleet-registration-hub-np",
		"ApplicationSet fleet-member-bootstrap-hub-np", "ApplicationSet fleet-member-registration-hub-np"},
		names(objects))
	addons := find(t, objects, "cluster-addons-hub-np-default")
	require.Equal(t, "default", at(addons, "spec/project"))
	requireYAML(t, `{automated: {prune: false, selfHeal: false}, retry: {limit: 0}, syncOptions: [X=y]}`,
		at(addons, "spec/syncPolicy"))
	require.Equal(t, "gitops", at(addons, "metadata/namespace"))
	require.Equal(t, "gitops", at(parametersOf(t, addons), "settings/namespace"))
	requireYAML(t,
		`{automated: {prune: true, selfHeal: false, allowEmpty: true}, retry: {limit: -1, backoff: {duration: 10s, factor: 2, maxDuration: 3m}}, syncOptions: [X=y]}`,
		at(find(t, objects, "fleet-member-bootstrap-hub-np"), "spec/template/spec/syncPolicy"))
	requireYAML(t, `
description: What starts the fleet
sourceRepos: [https://git.example.com/fleet.git]
destinations:
- {server: https://kubernetes.default.svc, namespace: gitops}
- {server: "*", namespace: gitops}
clusterResourceWhitelist:
- {group: "", kind: Namespace}
- {group: external-secrets.io, kind: ClusterSecretStore}
`, objects[0]["spec"])
}

// TestHubOfTheRequest: a hub that the repository does not describe is described to the plugin.
func TestHubOfTheRequest(t *testing.T) {
	repo := hierarchy.NewRepository(smallFleet())
	f, err := fleet.Load(repo)
	require.NoError(t, err)
	hub := cluster.Cluster{Name: "new", Labels: map[string]string{"tenant": "control-plane"},
		Annotations: map[string]string{"fleet_repo_url": "F"}}
	in, _, err := bootstrap.Load(repo, f, nil, hub, bootstrap.Options{})
	require.NoError(t, err)
	objects, _, err := bootstrap.Build(in)
	require.NoError(t, err)
	for _, name := range []string{"cluster-addons-new-default", "fleet-bootstrap-new", "fleet-registration-new"} {
		p := parametersOf(t, find(t, objects, name))
		require.Equal(t, `{"tenant":"control-plane"}`, p["labels"])
		require.Equal(t, `{"fleet_repo_url":"F"}`, p["annotations"])
	}
}

func TestWarnings(t *testing.T) {
	_, warnings, err := build(smallFleet(
		"-- spoke --\ntenant: tenant1\nenvironment: np\nenable_remote_addons: 'true'\n"), "hub-np", bootstrap.Options{})
	require.NoError(t, err)
	require.Len(t, warnings, 1)
	require.ErrorContains(t, warnings[0],
		`hub-np/spoke-dev-workload1.yaml: cluster "spoke-dev-workload1": enable_remote_addons is "true", but it has no Argo CD of its own, so that only its hub can deploy`)
}

func TestBadInput(t *testing.T) {
	hub := func(annotations string) string {
		return "-- fleet.yaml --\napiVersion: fleet.cmp/v1alpha1\nkind: Fleet\nspec:\n  groups: {g: {path: addons, " +
			"repoNames: [addons, resources]}}\n  clusters:\n    - {name: hub-np, labels: {fleet_member: " +
			"hub-cluster}, annotations: {" + annotations + "}}\n"
	}
	for _, tt := range []struct{ name, files, cluster, want string }{
		{"no repository", hub(""), "hub-np",
			`fleet.yaml: cluster "hub-np": the annotation addons_repo_url is missing, the repository of the fleet; add it, and addons_repo_revision`},
		{"two repositories", hub("addons_repo_url: A, resources_repo_url: R"), "hub-np",
			`the files of group g are in two repositories, A@HEAD and R@HEAD, of which the plugin sees one`},
		{"releases of one name",
			"-- releases --\nreleases:\n  addons:\n  - {type: a}\n  - {type: A}\n-- " +
				"addons/control-plane/defaults/fleet/fleet-secret/values.yaml --\nexternalSecret: {labels: " +
				"{addonsRelease: a}}\n" +
				"-- addons/tenants/tenant1/defaults/fleet/fleet-secret/values.yaml --\nexternalSecret: {labels: " +
				"{addonsRelease: A}}\n", "hub-np",
			"fleet/bootstrap/versions/applicationSets.yaml:4: there would be two objects for Application " +
				"cluster-addons-hub-np-a; rename a group or a release"},
		{"name of a release", "-- releases --\nreleases:\n  addons:\n  - {type: a_b}\n", "hub-np",
			`fleet/bootstrap/versions/applicationSets.yaml:3: "cluster-addons-hub-np-a_b" cannot be the name of an Application: a lowercase RFC 1123 subdomain must`},
		{"name of a group",
			"-- fleet.yaml --\n{apiVersion: fleet.cmp/v1alpha1, kind: Fleet, spec: {groups: {g_h: {path: addons}}, " +
				"clusters: [{name: hub-np, annotations: {fleet_repo_url: F}}]}}\n",
			"hub-np", `fleet.yaml: "cluster-g_h-hub-np-default" cannot be the name of an Application: a lowercase`},
		{"members of one name",
			"-- spoke --\nclusterName: s_1\n-- fleet/fleet-bootstrap/fleet-members/hub-np/other.yaml " +
				"--\nclusterName: s-1\n", "hub-np",
			`the clusters "s-1" and "s_1" are both "s-1" in names of Applications; give one of them another name`},
		{"central spoke", "-- spoke --\nuse_remote_argo: 'false'\n", "spoke-dev-workload1",
			`cluster "spoke-dev-workload1" has no Argo CD of its own: there is nothing to start on it`},
		{"no cluster on any release", reachAll +
			"-- releases --\nreleases:\n  addons:\n    - type: a\n    - type: b\n" +
			"-- addons/tenants/tenant1/defaults/fleet/fleet-secret/values.yaml --\nexternalSecret: {labels: " +
			"{addonsRelease: b}}\n", "hub-np",
			`applicationSets.yaml:3: no cluster can be on release "a" of group addons`},
		{"wrong setting", "-- addons/bootstrap/defaults/addons.yaml --\nreleases: x\n", "hub-np",
			"releases must be a map"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			objects, _, err := build(smallFleet(tt.files), tt.cluster, bootstrap.Options{})
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "\n")
			require.Nil(t, objects)
		})
	}
}
