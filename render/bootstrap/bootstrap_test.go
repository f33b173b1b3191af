package bootstrap_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/bootstrap"
)

func TestExampleFleet(t *testing.T) {
	for _, c := range []string{"hub-prod", "retail-np-1"} {
		t.Run(c, func(t *testing.T) {
			objects, warnings, err := build(exampleFleet, c, bootstrap.Options{})
			require.NoError(t, err)
			require.Len(t, warnings, 1) // which fleet.yaml ignores
			require.ErrorContains(t, warnings[0], `release "next": its catalog`)
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
