package matrix_test

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/internal/testfleet"
	"github.com/eks-fleet-management/fleet-cmp/render/matrix"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// example is the example fleet.
var example = os.DirFS("../../testdata/fleet")

// Files of it that the tests change.
const (
	components = "charts/application-sets/values/addons.yaml"
	spoke      = "fleet/fleet-bootstrap/fleet-members/hub-prod/data-prod-1.yaml"
	ofSpoke    = "addons/tenants/data/clusters/data-prod-1/fleet/fleet-secret/values.yaml"
	hubAddons  = "addons/control-plane/defaults/application-sets/addons.yaml"
)

// replaced returns the example fleet with text of files replaced, see [testfleet.Replaced].
func replaced(t testing.TB, edits ...string) fs.FS {
	t.Helper()
	return testfleet.Replaced(t, example, edits...)
}

func open(t testing.TB, tree fs.FS) *stages.Session {
	t.Helper()
	session, err := stages.Config{}.Open(t.Context(), tree, render.Options{}, stages.Charts{Offline: true})
	require.NoError(t, err)
	return session
}

var all = matrix.Options{Request: render.Request{Targets: render.Targets{All: true}}}

func of(t testing.TB, tree fs.FS, o matrix.Options) *matrix.Matrix {
	t.Helper()
	m, err := matrix.Of(t.Context(), open(t, tree), o)
	require.NoError(t, err)
	return m
}

// cell returns a cell of a matrix, which must be there.
func cell(t testing.TB, m *matrix.Matrix, group, component, cluster string) matrix.Cell {
	t.Helper()
	at := slices.IndexFunc(m.Clusters, func(c matrix.Cluster) bool { return c.Name == cluster })
	require.GreaterOrEqual(t, at, 0, cluster)
	for _, row := range m.Rows {
		require.Len(t, row.Cells, len(m.Clusters))
		if row.Group == group && row.Component == component {
			return row.Cells[at]
		}
	}
	require.Fail(t, "no row", "%s %s", group, component)
	return matrix.Cell{}
}

func TestStates(t *testing.T) {
	for name, test := range map[string]struct {
		edits                     []string
		group, component, cluster string // "" for the group addons
		want                      matrix.Cell
		reason                    string // a part of it
		fails                     bool
	}{
		"deployed by the hub": {component: "karpenter", cluster: "data-prod-1",
			want: matrix.Cell{State: matrix.Deployed, Version: "1.5.1", Release: "stable", ArgoCD: "hub-prod"}},
		"deployed by the cluster itself": {component: "external-secrets", cluster: "retail-np-1",
			want: matrix.Cell{State: matrix.Deployed, Version: "0.18.2", Release: "next", ArgoCD: "retail-np-1"}},
		"a missing label": {component: "karpenter", cluster: "payments-prod-1",
			want:   matrix.Cell{State: matrix.NoLabel, Release: "stable", ArgoCD: "payments-prod-1"},
			reason: `the label enable_karpenter is missing, and "true" is wanted`},
		"a label of another value": {group: "monitoring", component: "fluent-bit", cluster: "data-prod-1",
			want:   matrix.Cell{State: matrix.Selector, Release: "stable", ArgoCD: "hub-prod"},
			reason: `the label enable_fluent_bit is "false", and "true" is wanted`},
		"off by a level": {component: "karpenter", cluster: "data-prod-1",
			edits:  []string{hubAddons, "globalSelectors:", "karpenter: {enabled: false}\nglobalSelectors:"},
			want:   matrix.Cell{State: matrix.Off, Release: "stable", ArgoCD: "hub-prod"},
			reason: hubAddons + ":"},
		"left to another Argo CD": {component: "karpenter", cluster: "data-prod-1",
			edits: []string{spoke, `enable_remote_addons: "false"`, `enable_remote_addons: "true"`},
			want:  matrix.Cell{State: matrix.OtherArgoCD, Release: "stable", ArgoCD: "hub-prod"}},
		"handed over by the setting": {component: "kyverno", cluster: "data-prod-1",
			edits: []string{"fleet.yaml", "components: [addons, ack]\n",
				"components: [addons, ack]\n      handover: true\n",
				spoke, `enable_remote_addons: "false"`, `enable_remote_addons: "true"`},
			want:   matrix.Cell{State: matrix.Handover, Release: "stable", ArgoCD: "hub-prod"},
			reason: `the label enable_remote_addons is "true", and "false" is wanted`},
		"a matrix of files that there are none of": {component: "karpenter", cluster: "data-prod-1",
			edits: []string{hubAddons, "globalSelectors:",
				"karpenter: {gitMatrix: true, matrixPath: addons/none/*.yaml}\nglobalSelectors:"},
			want:   matrix.Cell{State: matrix.NothingMade, Release: "stable", ArgoCD: "hub-prod"},
			reason: "the generators of the ApplicationSet karpenter-stable make no Application for it"},
		"a component that only the hub's level describes": {component: "own", cluster: "retail-np-1",
			edits: []string{hubAddons, "globalSelectors:",
				"own: {enabled: true, namespace: own, path: charts/own, defaultVersion: 1.0.0}\nglobalSelectors:"},
			want:   matrix.Cell{State: matrix.NotDescribed, Release: "next", ArgoCD: "retail-np-1"},
			reason: "nothing describes it in the release next"},
		"a component of the hub alone, there": {component: "own", cluster: "hub-prod",
			edits: []string{hubAddons, "globalSelectors:",
				"own: {enabled: true, namespace: own, path: charts/own, defaultVersion: 1.0.0}\nglobalSelectors:"},
			want: matrix.Cell{State: matrix.Deployed, Version: "main", Release: "stable", ArgoCD: "hub-prod"}},
		"a release that does not exist": {component: "karpenter", cluster: "data-prod-1",
			edits: []string{ofSpoke, "labels:", "labels:\n    addonsRelease: nxt"},
			want:  matrix.Cell{State: matrix.NoRelease, Release: "nxt", ArgoCD: "hub-prod"}, reason: `no release "nxt"`},
		"a release that is for all clusters, whatever their labels": {component: "karpenter", cluster: "payments-np-1",
			edits: []string{"charts/application-sets/values.yaml", `useVersionSelectors: "true"`,
				`useVersionSelectors: "false"`},
			want:   matrix.Cell{State: matrix.NoLabel, Release: "stable", ArgoCD: "hub-prod"},
			reason: "the label enable_karpenter is missing"},
		"a template that needs an annotation": {component: "karpenter", cluster: "data-prod-1",
			edits: []string{components, `{{default "" (index .metadata.annotations "karpenter_queue")}}`,
				"{{.metadata.annotations.queue}}"},
			want:  matrix.Cell{State: matrix.Failing, Release: "stable", ArgoCD: "hub-prod"},
			fails: true, reason: "lacks annotation queue"},
		"an Argo CD that cannot be rendered": {component: "karpenter", cluster: "data-prod-1",
			edits: []string{hubAddons, "globalSelectors:", "karpenter: {enabled: [no]}\nglobalSelectors:"},
			want:  matrix.Cell{State: matrix.Failing, Release: "stable", ArgoCD: "hub-prod"}, fails: true,
			reason: "enabled must be"},
	} {
		t.Run(name, func(t *testing.T) {
			m := of(t, replaced(t, test.edits...), all)
			found := cell(t, m, cmp.Or(test.group, "addons"), test.component, test.cluster)
			require.Contains(t, found.Reason, test.reason)
			require.Equal(t, test.fails, len(m.Failures) > 0, m.Failures)
			require.Equal(t, test.want.State == matrix.Deployed, len(found.Deployments) > 0)
			found.Reason, found.Origin, found.Deployments = "", nil, nil
			require.Equal(t, test.want, found)
		})
	}
}

// TestPartOfAnApplicationSetThatFails proves that a cluster has the same whether others are asked for or not: where one
// fails, Argo CD makes no Application for any.
func TestPartOfAnApplicationSetThatFails(t *testing.T) {
	tree := replaced(t, components, "    - --metric-resolution=30s\n",
		"    - --metric-resolution=30s\n      - '{{.metadata.annotations.karpenter_queue}}'\n")
	for name, o := range map[string]matrix.Options{
		"of all": all, "alone": {Request: render.Request{Cluster: "data-prod-1"}},
	} {
		t.Run(name, func(t *testing.T) {
			m := of(t, tree, o)
			found := cell(t, m, "addons", "metrics-server", "data-prod-1") // which has the annotation
			require.Equal(t, matrix.Failing, found.State)
			require.Contains(t, found.Reason, `cluster "hub-prod" lacks annotation karpenter_queue`)
			require.NotEmpty(t, m.Failures)
		})
	}
	m := of(t, tree, matrix.Options{Request: render.Request{Cluster: "retail-prod-1"}})
	require.Equal(t, matrix.Deployed, cell(t, m, "addons", "metrics-server", "retail-prod-1").State)
	require.Empty(t, m.Failures, "of what does not select the cluster")

	o := all
	o.Request.Components = []string{"karpenter"}
	require.Empty(t, of(t, tree, o).Failures, "of a component that is not asked for")
	o.Request.Components = []string{"metrics-server"}
	require.NotEmpty(t, of(t, tree, o).Failures)
}

// TestApplicationOfOneClusterThatFails proves that others are not told about a cluster that takes none with it.
func TestApplicationOfOneClusterThatFails(t *testing.T) {
	tree := replaced(t, components, "metrics-server:\n", "metrics-server:\n"+
		"  applicationName: '{{.name}}{{if eq .name \"hub-prod\"}}_{{end}}-metrics'\n")
	for name, want := range map[string]matrix.State{"data-prod-1": matrix.Deployed, "hub-prod": matrix.Failing} {
		m := of(t, tree, matrix.Options{Request: render.Request{Cluster: name}})
		require.Equal(t, want, cell(t, m, "addons", "metrics-server", name).State)
		require.Equal(t, want == matrix.Failing, len(m.Failures) > 0, m.Failures)
	}
}

// TestClusterOnNoRelease proves that it has its rows also where no other cluster is asked for.
func TestClusterOnNoRelease(t *testing.T) {
	tree := replaced(t, "addons/tenants/retail/environments/prod/clusters/retail-prod-1/fleet/fleet-secret/values.yaml",
		"externalSecret:", "externalSecret:\n  labels: {addonsRelease: nxt}")
	m := of(t, tree, matrix.Options{Request: render.Request{Cluster: "retail-prod-1"}})
	require.Equal(t, matrix.NoRelease, cell(t, m, "addons", "karpenter", "retail-prod-1").State)
}

// TestGroupWithoutComponents proves that a group without a row is said, unless fleet.yaml says why it is empty.
func TestGroupWithoutComponents(t *testing.T) {
	const empty = "    extra:\n      path: addons\n      components: []\n"
	m := of(t, replaced(t, "fleet.yaml", "    monitoring:\n", empty+"    monitoring:\n"), all)
	require.Empty(t, m.Failures)
	require.Equal(t, "fleet.yaml:28: group extra has no components: neither a component file nor a level describes "+
		"one; name component files of the catalog in components, or say why it is empty (bootstrap.allowEmpty: REASON)",
		m.Findings[len(m.Findings)-1].Error())
	before := len(m.Findings)
	m = of(t, replaced(t, "fleet.yaml", "    monitoring:\n",
		empty+"      bootstrap: {allowEmpty: later}\n    monitoring:\n"), all)
	require.Len(t, m.Findings, before-1)
}

// TestTwoArgoCDs proves that a cluster that has a component from two Argo CDs is said.
func TestTwoArgoCDs(t *testing.T) {
	m := of(t, replaced(t, hubAddons, "globalSelectors:", "none:"), all)
	found := cell(t, m, "addons", "karpenter", "retail-prod-1")
	require.Equal(t, "the Argo CD of hub-prod deploys it, too", found.Reason)
	require.Equal(t, "retail-prod-1", found.ArgoCD)
	require.Len(t, found.Deployments, 2)
	require.Empty(t, cell(t, m, "addons", "karpenter", "data-prod-1").Reason)
	texts := ""
	for _, p := range m.Findings {
		texts += p.Error() + "\n"
	}
	require.Contains(t, texts, "charts/application-sets/values/addons.yaml:124: component \"karpenter\": two Argo CDs "+
		"deploy it to the same cluster: retail-np-1, retail-prod-1; leave it to one of them")
}

// TestVersionOfAPatch proves that the version is that of the source that a patch puts in the place of others.
func TestVersionOfAPatch(t *testing.T) {
	m := of(t, replaced(t, components, "    - --metric-resolution=30s\n", "    - --metric-resolution=30s\n"+
		"  templatePatch: |\n    spec: {sources: [{repoURL: 'https://a.example', chart: a, targetRevision: 9.9.9}]}\n"),
		all)
	require.Equal(t, "9.9.9", cell(t, m, "addons", "metrics-server", "data-prod-1").Version)
}

// TestAGroupThatCannotBeRead proves that its place is not empty.
func TestAGroupThatCannotBeRead(t *testing.T) {
	m := of(t, replaced(t, "charts/application-sets/values/monitoring.yaml", "", "a: ["), all)
	require.NotEmpty(t, m.Failures)
	for _, c := range m.Clusters {
		found := cell(t, m, "monitoring", "*", c.Name)
		require.Equal(t, matrix.Failing, found.State, c.Name)
		require.Contains(t, found.Reason, "monitoring.yaml")
	}
	require.Equal(t, matrix.Deployed, cell(t, m, "addons", "karpenter", "data-prod-1").State)
}

func TestDifferences(t *testing.T) {
	type versions = map[string]map[string]string // by release, environment, of clusters
	for name, test := range map[string]struct {
		versions versions
		want     []matrix.Difference
	}{
		"nowhere":  {versions: versions{}},
		"the same": {versions: versions{"a": {"np": "1", "prod": "1 1"}, "b": {"np": "1"}}},
		"by release": {versions: versions{"a": {"np": "1", "prod": "1"}, "b": {"np": "2"}},
			want: []matrix.Difference{matrix.BetweenReleases}},
		"by environment": {versions: versions{"": {"np": "2 2", "prod": "1"}},
			want: []matrix.Difference{matrix.BetweenEnvironments}},
		"by cluster": {versions: versions{"": {"np": "1 2"}}, want: []matrix.Difference{matrix.BetweenClusters}},
		"by all": {versions: versions{"a": {"np": "1 2", "prod": "1"}, "b": {"np": "3"}},
			want: []matrix.Difference{matrix.BetweenReleases, matrix.BetweenEnvironments, matrix.BetweenClusters}},
	} {
		t.Run(name, func(t *testing.T) {
			all := map[string]map[string]map[string]bool{}
			for release, byEnvironment := range test.versions {
				all[release] = map[string]map[string]bool{}
				for environment, of := range byEnvironment {
					all[release][environment] = map[string]bool{}
					for _, version := range strings.Fields(of) {
						all[release][environment][version] = true
					}
				}
			}
			require.Equal(t, test.want, matrix.Differences(all))
		})
	}
	for _, row := range of(t, example, all).Rows {
		if row.Component == "external-secrets" {
			require.Contains(t, row.Differs, matrix.BetweenReleases)
		}
	}
}

func TestParts(t *testing.T) {
	names := func(m *matrix.Matrix) (clusters, rows []string) {
		for _, c := range m.Clusters {
			clusters = append(clusters, c.Name)
		}
		for _, r := range m.Rows {
			rows = append(rows, r.Group+"/"+r.Component)
		}
		return clusters, rows
	}
	o := all
	o.Request.Components = []string{"karpenter", "loki"}
	clusters, rows := names(of(t, example, o))
	require.Len(t, clusters, 6)
	require.Equal(t, []string{"addons/karpenter", "monitoring/loki"}, rows)

	o = all
	o.Release, o.Request.Group = "next", "addons"
	m := of(t, example, o)
	for _, c := range m.Clusters {
		require.Equal(t, "next", c.Releases["addons"])
	}
	o.Request.Group = "" // of which the others have no release next
	for _, row := range of(t, example, o).Rows {
		require.Equal(t, "addons", row.Group)
	}

	o = matrix.Options{Request: render.Request{Cluster: "data-prod-1"}}
	clusters, _ = names(of(t, example, o))
	require.Equal(t, []string{"data-prod-1"}, clusters)

	for _, wrong := range []matrix.Options{
		{Request: render.Request{Targets: render.Targets{All: true}}, Hub: "hub-prd"},
		{Request: render.Request{Targets: render.Targets{All: true}}, Release: "nxt"},
	} {
		_, err := matrix.Of(t.Context(), open(t, example), wrong)
		require.ErrorIs(t, err, matrix.ErrNone)
	}
	o = all
	o.Request.Components = []string{"karpentr"}
	_, err := matrix.Of(t.Context(), open(t, example), o)
	require.ErrorIs(t, err, render.ErrNoComponent)
}

// TestTwoHubs proves that each cluster has its cells from its own hub.
func TestTwoHubs(t *testing.T) {
	directory := t.TempDir()
	require.NoError(t, os.CopyFS(directory, replaced(t, "fleet.yaml", "    - name: hub-prod\n",
		"    - name: hub-np\n      labels: {fleet_member: hub-cluster, tenant: control-plane, environment: np, "+
			"addonsRelease: next, monitoringRelease: stable, resourcesRelease: stable}\n    - name: hub-prod\n")))
	members := filepath.Join(directory, "fleet", "fleet-bootstrap", "fleet-members", "hub-np")
	require.NoError(t, os.Mkdir(members, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(members, "data-np-9.yaml"), []byte("clusterName: data-np-9\n"+
		"tenant: data\nenvironment: prod\nuse_remote_argo: \"false\"\nenable_remote_addons: \"false\"\n"+
		"enable_remote_resources: \"false\"\n"), 0o600))
	m := of(t, os.DirFS(directory), all)
	require.Len(t, m.Clusters, 8)
	require.Equal(t, "hub-np", cell(t, m, "addons", "karpenter", "data-np-9").ArgoCD)
	require.Equal(t, "hub-prod", cell(t, m, "addons", "karpenter", "data-prod-1").ArgoCD)
	o := all
	o.Hub = "hub-np"
	m = of(t, os.DirFS(directory), o)
	require.Len(t, m.Clusters, 2)
	found := cell(t, m, "addons", "karpenter", "data-np-9") // which has the labels of its tenant, and no annotations
	require.Equal(t, matrix.Failing, found.State)
	require.Contains(t, found.Reason, "data-np-9")
}

func BenchmarkMatrix(b *testing.B) {
	for b.Loop() {
		of(b, example, all)
	}
}
