package bootstrap_test

import (
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/bootstrap"
)

// installing is a file of components that install Argo CD and External Secrets on spokes.
func installing(argoCD, externalSecrets string) string {
	return "-- charts/application-sets/values/fleetBootstrap.yaml --\n" +
		"fleet-argocd: {enabled: true, chartName: argo-cd, " + argoCD + "}\n" +
		"fleet-external-secrets: {enabled: true, chartName: external-secrets, " + externalSecrets + "}\n"
}

const spokesIn = `
-- fleet.yaml --
apiVersion: fleet.cmp/v1alpha1
kind: Fleet
spec:
  bootstrap: {namespace: hub-argocd, spokeNamespace: "%s"}
  clusters:
    - {name: hub-np, labels: {fleet_member: hub-cluster, tenant: control-plane}, annotations: {fleet_repo_url: F}}
`

func spokesNamed(namespace string) string { return fmt.Sprintf(spokesIn, namespace) }

func optionsOf(t *testing.T, fsys fstest.MapFS) bootstrap.Options {
	t.Helper()
	f, err := fleet.Load(hierarchy.NewRepository(fsys))
	require.NoError(t, err)
	return bootstrap.OptionsOf(f)
}

func namespaceOf(fsys fstest.MapFS, name string) (string, error) {
	repo := hierarchy.NewRepository(fsys)
	f, err := fleet.Load(repo)
	if err != nil {
		return "", err
	}
	clusters, _, err := member.Clusters(f, repo, nil)
	if err != nil {
		return "", err
	}
	on := cluster.Cluster{Name: name}
	for _, c := range clusters {
		if c.Name == name {
			on = c
		}
	}
	namespace, err := bootstrap.Namespace(repo, f, clusters, on)
	if err != nil {
		return "", err
	}
	if alone, err := bootstrap.Namespace(repo, f, nil, on); err != nil || alone != namespace {
		return "differs without the other clusters: " + alone, err
	}
	return namespace, nil
}

// TestNamespace: a spoke is registered in the namespace of its Argo CD (rule spoke-namespace in
// docs/rules/bootstrap.md).
func TestNamespace(t *testing.T) {
	const scoped = "namespace: platform-system, valuesObject: {scopedNamespace: platform-system}"
	for name, test := range map[string]struct{ files, hub, spoke string }{
		"of the component": {installing("namespace: platform-system", scoped), "argocd", "platform-system"},
		"nothing says one": {"", "argocd", "argocd"},
		"as fleet.yaml":    {spokesNamed("x"), "hub-argocd", "x"},
		"both say one": {spokesNamed("platform-system") + installing("namespace: platform-system", scoped),
			"hub-argocd",
			"platform-system"},
		"as the hub":        {spokesNamed(""), "hub-argocd", "hub-argocd"},
		"none is installed": {installing("namespace: a, enabled: false", "namespace: b"), "argocd", "argocd"},
		"no scope":          {installing("namespace: a", "namespace: b"), "argocd", "a"},
		"a template": {spokesNamed("x") + installing("namespace: '{{.name}}'", "namespace: b"), "hub-argocd",
			"x"},
	} {
		got, err := namespaceOf(smallFleet(test.files), "hub-np")
		require.NoError(t, err, name)
		require.Equal(t, test.hub, got, name)
		got, err = namespaceOf(smallFleet(test.files), "spoke-dev-workload1")
		require.NoError(t, err, name)
		require.Equal(t, test.spoke, got, name)
	}
}

// TestNamespacesThatDiffer: what registers a spoke would be where nothing looks.
func TestNamespacesThatDiffer(t *testing.T) {
	const at = "charts/application-sets/values/fleetBootstrap.yaml:"
	for files, want := range map[string]string{
		spokesNamed("x") + installing("namespace: platform-system", "namespace: x"): at + `1: component "fleet-argocd" ` +
			"installs the Argo CD of spokes in the namespace platform-system, but fleet.yaml:4 says x: what " +
			"registers a " +
			"spoke would not be seen; make them the same",
		installing("namespace: a", "valuesObject: {scopedNamespace: b}"): at + `2: component "fleet-external-secrets" ` +
			"installs an External Secrets that only reads the namespace b, but " + at + "1 says a: what registers a " +
			"spoke would not be seen; make them the same",
		installing("namespace: '{{.name}}'", ""): at + `1: the namespace of component "fleet-argocd", which installs ` +
			"the Argo CD of spokes, is a template: nobody can tell where their registration belongs; set " +
			"spec.bootstrap.spokeNamespace in fleet.yaml",
	} {
		for _, name := range []string{"hub-np", "spoke-dev-workload1"} {
			_, _, err := build(smallFleet(files), name, optionsOf(t, smallFleet(files)))
			require.EqualError(t, err, want, name)
		}
		_, err := namespaceOf(smallFleet(files), "spoke-dev-workload1")
		require.EqualError(t, err, want)
	}
}

// TestEverythingOfASpokeIsInItsNamespace: what the hub applies to it, and what its own Argo CD has.
func TestEverythingOfASpokeIsInItsNamespace(t *testing.T) {
	fsys := smallFleet(installing("namespace: platform-system", ""))
	hub := mustBuild(t, fsys, "hub-np", bootstrap.Options{})
	for _, name := range []string{"fleet-member-registration-hub-np", "fleet-member-bootstrap-hub-np"} {
		object := find(t, hub, name)
		require.Equal(t, "argocd", object["metadata"].(map[string]any)["namespace"])
		require.Equal(t, "platform-system", at(object, "spec/template/spec/destination/namespace"))
	}
	for _, object := range mustBuild(t, fsys, "spoke-dev-workload1", bootstrap.Options{}) {
		require.Equal(t, "platform-system", at(object, "metadata/namespace"))
		require.Equal(t, "platform-system", at(object, "spec/destination/namespace"))
		require.Equal(t, "platform-system", at(parametersOf(t, object), "settings/namespace"))
	}
}

// TestMonitoringOfSpokesAsBefore: two settings keep the components of monitoring on spokes where they were, among the
// addons (rule monitoring-on-spokes in docs/rules/bootstrap.md).
func TestMonitoringOfSpokesAsBefore(t *testing.T) {
	const before = `
-- fleet.yaml --
apiVersion: fleet.cmp/v1alpha1
kind: Fleet
spec:
  groups:
    addons: {path: addons, components: [addons, ack]}
    monitoring: {path: addons, components: [monitoring], useSelectors: true, bootstrap: {selectors: {fleet_member: hub-cluster}}}
  clusters:
    - {name: hub-np, labels: {fleet_member: hub-cluster, tenant: control-plane}, annotations: {fleet_repo_url: F}}
-- addons/tenants/defaults/application-sets/addons.yaml --
mergeValues: {monitoring: {use: true}}
-- charts/application-sets/values.yaml --
{useVersionSelectors: true, repoURLGit: R, repoURLGitRevision: V, repoURLGitBasePath: "{{.metadata.annotations.addons_repo_basepath}}",
  valueFiles: [defaults]}
-- charts/application-sets/values/monitoring.yaml --
monitoring: {enabled: true, namespace: monitoring, chartName: monitoring, defaultVersion: "1", chartRepository: "https://c"}
-- charts/application-sets/values/addons.yaml --
reloader: {enabled: true, namespace: reloader, defaultVersion: "1", chartRepository: "https://c"}
`
	fsys := smallFleet(before)
	require.Equal(t, []string{"Application cluster-addons-spoke-dev-workload1-default"},
		names(mustBuild(t, fsys, "spoke-dev-workload1", bootstrap.Options{Groups: map[string]bootstrap.GroupOptions{
			"monitoring": {Selectors: map[string]string{"fleet_member": "hub-cluster"}}}})))
	require.Contains(t, names(mustBuild(t, fsys, "hub-np", optionsOf(t, fsys))),
		"Application cluster-monitoring-hub-np-default")

	session, err := render.Open(fsys, render.Options{})
	require.NoError(t, err)
	rendered := map[string]string{}
	for _, on := range []string{"hub-np", "spoke-dev-workload1"} {
		result, err := session.Render(render.Request{Group: "addons", Cluster: on, Stage: render.StageApplicationSets})
		require.NoError(t, err)
		data, err := render.Encode(result.Objects, "yaml")
		require.NoError(t, err)
		rendered[on] = string(data)
	}
	require.NotContains(t, rendered["hub-np"], "name: monitoring")
	require.Contains(t, rendered["spoke-dev-workload1"], "/defaults/addons/monitoring/values.yaml")
}

// TestApplicationsOfTheFormerFleet: each Application that started a part of the former fleet has one that takes its
// place (rule bootstrap-names in docs/rules/bootstrap.md).
func TestApplicationsOfTheFormerFleet(t *testing.T) {
	fsys := smallFleet(installing("namespace: platform-system", ""),
		"-- releases --\nreleases: {addons: [{type: default}], "+
			"monitoring: [{type: default}], resources: [{type: default}], fleet: [{type: default}]}\n")
	hub := mustBuild(t, fsys, "hub-np", optionsOf(t, fsys))
	require.Equal(t, []string{
		"Application cluster-addons-hub-np-default", "Application cluster-fleet-hub-np-default",
		"Application cluster-monitoring-hub-np-default", "Application cluster-resources-hub-np-default",
		"Application fleet-bootstrap-hub-np", "Application fleet-registration-hub-np",
		"ApplicationSet fleet-member-bootstrap-hub-np", "ApplicationSet fleet-member-registration-hub-np"}, names(hub))
	for stage, application := range map[string]string{"bootstrap": "fleet-bootstrap-{{ .nameNormalized }}",
		"registration": "fleet-registration-{{ .nameNormalized }}"} {
		set := find(t, hub, "fleet-member-"+stage+"-hub-np")
		require.Equal(t, application, at(set, "spec/template/metadata/name"))
		require.Equal(t, "{{ .name }}", at(set, "spec/template/spec/destination/name"))
	}
	require.Equal(t, []string{"Application cluster-addons-spoke-dev-workload1-default",
		"Application cluster-monitoring-spoke-dev-workload1-default",
		"Application cluster-resources-spoke-dev-workload1-default"},
		names(mustBuild(t, fsys, "spoke-dev-workload1", optionsOf(t, fsys))))
}
