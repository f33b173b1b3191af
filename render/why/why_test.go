package why_test

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/internal/testfleet"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
	"github.com/eks-fleet-management/fleet-cmp/render/why"
)

// example is the example fleet.
var example = os.DirFS("../../testdata/fleet")

// Files of it that the tests change.
const (
	ofResources = "charts/application-sets/values/resources.yaml"
	components  = "charts/application-sets/values/addons.yaml"
	member      = "fleet/fleet-bootstrap/fleet-members/hub-prod/data-prod-1.yaml"
	ofData      = "addons/tenants/data/clusters/data-prod-1/fleet/fleet-secret/values.yaml"
	hubAddons   = "addons/control-plane/environments/prod/clusters/hub-prod/application-sets/addons.yaml"
)

func open(t testing.TB, tree fs.FS) why.Fleet {
	t.Helper()
	open := func(tree fs.FS) (*stages.Session, error) {
		return stages.Config{}.Open(t.Context(), tree, render.Options{}, stages.Charts{Offline: true})
	}
	session, err := open(tree)
	require.NoError(t, err)
	return why.Fleet{Tree: tree, Session: session, Open: open}
}

// replaced returns the example fleet with text of files replaced, see [testfleet.Replaced].
func replaced(t *testing.T, edits ...string) fs.FS {
	t.Helper()
	return testfleet.Replaced(t, example, edits...)
}

// printed returns an answer as text. In it, a line has its own whole place, so that parts of lines can be compared.
func printed(t *testing.T, answer *why.Answer) string {
	t.Helper()
	var out strings.Builder
	require.NoError(t, answer.Print(&out, "text"))
	return out.String()
}

func TestReasons(t *testing.T) {
	for name, test := range map[string]struct {
		edits    []string
		question why.Question
		there    bool
		says     []string // lines, or parts of them
	}{
		"a missing label": {
			question: why.Question{Component: "karpenter", Cluster: "payments-prod-1"},
			says: []string{
				"karpenter is not on payments-prod-1 (group addons)\n",
				"the Argo CD of payments-prod-1 has no Application of the ApplicationSet karpenter-stable for it\n",
				`  no    the label enable_karpenter is missing, and its selector wants "true"  # ` + components + ":132\n",
				`to have it: set the label enable_karpenter to "true" in addons/tenants/payments/clusters/payments-prod-1/` +
					"fleet/fleet-secret/values.yaml:1\n",
				"tried: the Application stable-payments-prod-1-karpenter-1.5.1 appears on payments-prod-1\n",
			},
		},
		"a label that is false": {
			question: why.Question{Component: "fluent-bit", Cluster: "data-prod-1"},
			says: []string{
				`  no    the label enable_fluent_bit is "false" (` + ofData + `:3), and its selector wants "true"`,
				`to have it: set the label enable_fluent_bit to "true" in ` + ofData + ":3\n",
			},
		},
		"a label of a level that others have too": {
			question: why.Question{Component: "karpenter", Cluster: "data-prod-1"}, there: true,
			says: []string{
				"has the Application stable-data-prod-1-karpenter-1.5.1 of the ApplicationSet karpenter-stable, " +
					"version " +
					"1.5.1, release stable\n",
				"  yes   enabled is true, set by the component file  # " + components + ":124\n",
				`  yes   the label enable_karpenter is "true" (addons/tenants/data/defaults/fleet/fleet-secret/values.yaml:6)`,
				`to be without it: set the label enable_karpenter to "false" in ` + ofData + ":2\n",
				"tried: the Application stable-data-prod-1-karpenter-1.5.1 goes from hub-prod\n",
			},
		},
		"a label of fleet.yaml": {
			question: why.Question{Component: "loki", Cluster: "hub-prod"}, there: true,
			says: []string{
				"  yes   enabled is true, set by the level tenant, over false " +
					"(charts/application-sets/values/monitoring." +
					"yaml:42)",
				`  yes   the label fleet_member is "hub-cluster" (fleet.yaml:39), as its selectorMatchLabels wants`,
				"        it is the Argo CD of the cluster itself  # fleet.yaml\n",
				`to be without it: set the label enable_loki to "false" in fleet.yaml:58`,
			},
		},
		"a level turns it off": {
			question: why.Question{Component: "reloader", Cluster: "retail-np-1"},
			says: []string{
				"the Argo CD of retail-np-1 has no ApplicationSet of it\n",
				"  no    enabled is false, set by the level cluster, over true " +
					"(addons/bootstrap/defaults/application-sets/" +
					"addons.yaml:6) over false (" + components + ":183)",
				"to have it: set reloader.enabled to true in " +
					"addons/tenants/retail/environments/np/clusters/retail-np-1/" +
					"application-sets/addons.yaml:3\n",
			},
		},
		"a null turns it off": {
			edits: []string{"addons/tenants/retail/environments/np/clusters/retail-np-1/application-sets/addons.yaml",
				"",
				"reloader: {enabled: null}\n"},
			question: why.Question{Component: "reloader", Cluster: "retail-np-1"},
			says:     []string{"  no    enabled is null, set by the level cluster, over true ("},
		},
		"nothing turns it on": {
			edits: []string{components, "reloader:\n  enabled: false\n", "reloader:\n",
				"addons/bootstrap/defaults/application-sets/addons.yaml", "", "{}"},
			question: why.Question{Component: "reloader", Cluster: "data-prod-1"},
			says: []string{"  no    enabled is not set, and counts as false  # " + components + ":182",
				"to have it: set reloader.enabled to true for all clusters that hub-prod deploys to, in " + hubAddons},
		},
		"without a selector, only the key enabled takes it away": {
			edits: []string{components, "      - {key: enable_reloader, operator: In, values: [\"true\"]}\n",
				"      - {key: tenant, operator: In, values: [data]}\n"},
			question: why.Question{Component: "reloader", Cluster: "data-prod-1"}, there: true,
			says: []string{
				"to be without it: set reloader.enabled to false for all clusters that hub-prod deploys to, in " +
					hubAddons},
		},
		"two steps": {
			edits:    []string{components, "kyverno:\n  enabled: true", "kyverno:\n  enabled: false"},
			question: why.Question{Component: "kyverno", Cluster: "hub-prod"},
			says: []string{"to have it: set kyverno.enabled to true for all clusters that hub-prod deploys to, in " +
				hubAddons + ":1\n",
				"and: set the label enable_kyverno to \"true\" in fleet.yaml:38\n"},
		},
		"a new file of a level": {
			question: why.Question{Component: "opentelemetry-operator", Cluster: "retail-prod-1"}, there: true,
			says: []string{"  yes   enabled is true, set by the level tenant",
				`to be without it: set the label enable_opentelemetry to "false" in addons/tenants/retail/environments/prod/` +
					"clusters/retail-prod-1/fleet/fleet-secret/values.yaml:1\n"},
		},
		"a new file": {
			edits:    []string{ofResources, "storage-classes:\n  enabled: true", "storage-classes:\n  enabled: false"},
			question: why.Question{Component: "storage-classes", Cluster: "hub-prod"},
			says: []string{"deploys to, in the new file resources/control-plane/environments/prod/clusters/hub-prod/" +
				"application-sets/resources.yaml\n"},
		},
		"a level above that of the cluster": {
			edits:    []string{ofResources, "storage-classes:\n  enabled: true", "storage-classes:\n  enabled: false"},
			question: why.Question{Component: "storage-classes", Cluster: "retail-prod-1"},
			says: []string{
				"set storage-classes.enabled to true for all clusters of the level tenant, in resources/tenants/" +
					"retail/defaults/"},
		},
		"a label that no cluster can have": {
			edits:    []string{components, "    fleet_member: hub-cluster\n", "    tier: 'not one'\n"},
			question: why.Question{Component: "argocd", Cluster: "hub-prod"},
			says: []string{`  no    the label tier is missing, and its selectorMatchLabels wants "not one"`,
				"to have it: remove argocd.selectorMatchLabels.tier, for all clusters, in " + components + ":15\n"},
		},
		"a template fails": {
			edits:    []string{ofData, "  labels:\n", "  labels:\n    enable_external_dns: 'true'\n"},
			question: why.Question{Component: "external-dns", Cluster: "data-prod-1"},
			says: []string{"\n  no    ", "dns_zone",
				"to have it: set the annotation dns_zone, which a template needs, in " + ofData + ":5\n"},
		},
		"a label that says what the cluster is": {
			question: why.Question{Component: "argocd", Cluster: "retail-np-1"},
			says: []string{
				`the label fleet_member is "spoke" (fleet/fleet-bootstrap/fleet-members/hub-prod/retail-np-1.yaml), and its ` +
					`selectorMatchLabels wants "hub-cluster"`,
				"\nand: remove argocd.selectorMatchLabels.fleet_member, for all clusters, in " + components + ":15\n",
			},
		},
		"a value of the selector that says what the cluster is": {
			edits: []string{components, "{key: enable_kyverno, operator: In, values: [\"true\"]}",
				"{key: environment, operator: In, values: [np]}"},
			question: why.Question{Component: "kyverno", Cluster: "data-prod-1"},
			says: []string{`the label environment is "prod" (` + member + `:4), and its selector wants "np"`,
				`to have it: add "prod" to the values of environment in kyverno.selector.matchExpressions, for all such ` +
					"clusters, in " + components + ":"},
		},
		"a template needs an annotation": {
			question: why.Question{Component: "external-dns", Cluster: "data-prod-1"},
			says: []string{`to have it: set the label enable_external_dns to "true" in ` + ofData + ":2\n",
				"and: set the annotation dns_zone, which a template needs, in " + ofData + ":5\n", "tried: "},
		},
		"a release that does not exist": {
			edits:    []string{ofData, "  labels:\n", "  labels:\n    addonsRelease: canary\n"},
			question: why.Question{Component: "reloader", Cluster: "data-prod-1"},
			says: []string{`  no    the label addonsRelease is "canary" (` + ofData +
				":3), which is no release of the group: these are stable, next  # fleet/bootstrap/versions/",
				`  no    the label addonsRelease is "canary" (` + ofData + `:3), and the release wants "stable"`,
				`to have it: set the label addonsRelease to "stable" in ` + ofData + ":3\n"},
		},
		"a release that is for all clusters": {
			edits:    []string{"charts/application-sets/values.yaml", `Selectors: "true"`, `Selectors: "false"`},
			question: why.Question{Component: "karpenter", Cluster: "payments-np-1"},
			says: []string{`        the cluster is on release stable, which is for all clusters: its label addonsRelease, ` +
				`which is "next" (`, `  no    the label enable_karpenter is missing`},
		},
		"a version of environments": {
			question: why.Question{Component: "cert_manager", Cluster: "payments-np-1"}, there: true,
			says: []string{"version v1.18.2, release next\n",
				"version v1.18.2 by the entry of environments for environment=np " +
					"(fleet/fleet-bootstrap/fleet-members/hub-prod/payments-np-1.yaml:4)  # " + components + ":36"},
		},
		"a version of a patch": {
			edits: []string{components, "    - --metric-resolution=30s\n", "    - --metric-resolution=30s\n" +
				"  templatePatch: |\n    spec: {sources: [{repoURL: 'https://a.example', chart: a, " +
				"targetRevision: 9.9.9}]}\n"},
			question: why.Question{Component: "metrics-server", Cluster: "data-prod-1"}, there: true,
			says: []string{"version 9.9.9, release stable\n",
				"version 9.9.9 in its Application, in place of version 3.12.1 by defaultVersion  # " + components +
					":89"},
		},
		"a version of the hub's level": {
			question: why.Question{Component: "argocd", Cluster: "hub-prod"}, there: true,
			says: []string{"version 8.2.6 by defaultVersion  # " + hubAddons + ":2"},
		},
		"globalSelectors keep the hub from it": {
			edits:    []string{member, `enable_remote_addons: "false"`, `enable_remote_addons: "true"`},
			question: why.Question{Component: "reloader", Cluster: "data-prod-1"},
			says: []string{
				`its hub deploys group addons to it: use_remote_argo is "false" (` + member + ":20)",
				`  no    the label enable_remote_addons is "true" (` + member + `:21), and globalSelectors wants "false"`,
				`to have it: set the label enable_remote_addons to "false" in ` + member + ":21\n",
			},
		},
		"the cluster deploys it itself": {
			question: why.Question{Component: "external-secrets", Cluster: "retail-np-1"}, there: true,
			says: []string{"the cluster deploys group addons itself: use_remote_argo is \"true\"",
				"\nthe Argo CD of hub-prod has no Application of the ApplicationSet external-secrets-next for it\n"},
		},
		"selectors are off": {
			edits: []string{"fleet.yaml", "components: [addons, ack]\n      useSelectors: true",
				"components: [addons, ack]\n      useSelectors: false"},
			question: why.Question{Component: "karpenter", Cluster: "payments-prod-1"}, there: true,
			says: []string{"useSelectors is off: the key selector has no effect",
				"to be without it: set karpenter.enabled to false in " +
					"addons/tenants/payments/clusters/payments-prod-1/"},
		},
		"no group lists its component file": {
			edits:    []string{"fleet.yaml", "components: [addons, ack]", "components: [addons]"},
			question: why.Question{Component: "ack-s3", Cluster: "data-prod-1"},
			says: []string{
				"  no    no group of the fleet lists the component file that describes it  # charts/application-" +
					"sets/values/ack.yaml:",
				"to have it: add ack to the components of group addons in fleet.yaml:24\n", "tried: "},
		},
		"the plugin delivers it": {
			question: why.Question{Component: "team-namespaces", Cluster: "retail-np-1"}, there: true,
			says: []string{`to be without it: set the label enable_team_namespaces to "false" in `, "version 0.1.0"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := open(t, replaced(t, test.edits...))
			answer, err := why.Ask(t.Context(), f, test.question)
			require.NoError(t, err)
			text := printed(t, answer)
			require.Equal(t, test.there, answer.There, text)
			for _, part := range test.says {
				require.Contains(t, text, part)
			}
			require.True(t, answer.Turn.Proven, text)
		})
	}
}

// TestAnotherClusterFails proves that a component is not there where Argo CD makes no Application for any cluster,
// since the ApplicationSet fails for another one.
func TestAnotherClusterFails(t *testing.T) {
	answer, err := why.Ask(t.Context(), open(t, replaced(t, components, "    - --metric-resolution=30s\n",
		"    - --metric-resolution=30s\n      - '{{.metadata.annotations.karpenter_queue}}'\n")),
		why.Question{Component: "metrics-server", Cluster: "data-prod-1"}) // which has the annotation
	require.NoError(t, err)
	require.False(t, answer.There)
	require.Contains(t, printed(t, answer), "  no    fleet.yaml: ApplicationSet \"metrics-server-stable\": cluster "+
		"\"hub-prod\" lacks annotation karpenter_queue")
}

func TestQuestionsWithoutAnAnswer(t *testing.T) {
	twice := replaced(t, "charts/application-sets/values/monitoring.yaml", "loki:", "karpenter:")
	for name, test := range map[string]struct {
		tree     fs.FS
		question why.Question
		cause    error
		message  string
	}{
		"component": {example, why.Question{Component: "karpentr", Cluster: "hub-prod"}, why.ErrUnknown,
			`there is no component "karpentr" in the fleet; did you mean karpenter? The components are ack-eks, `},
		"setting": {example, why.Question{Component: "syncPolicy", Cluster: "hub-prod"}, why.ErrUnknown,
			`there is no component "syncPolicy" in the fleet; `},
		"component of another group": {example, why.Question{Component: "loki", Cluster: "hub-prod", Group: "addons"},
			why.ErrUnknown, `there is no component "loki" in group addons; give --group monitoring`},
		"cluster": {example, why.Question{Component: "loki", Cluster: "hub-prd"}, why.ErrUnknown,
			`there is no cluster "hub-prd" in the fleet; did you mean hub-prod? The clusters are data-prod-1, `},
		"group": {example, why.Question{Component: "loki", Cluster: "hub-prod", Group: "addon"}, why.ErrUnknown,
			`there is no group "addon" in the fleet; did you mean addons? The groups are addons, monitoring, resources`},
		"several groups": {twice, why.Question{Component: "karpenter", Cluster: "hub-prod"}, why.ErrSeveral,
			`several groups have the component "karpenter": addons, monitoring; give one of them (--group)`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := why.Ask(t.Context(), open(t, test.tree), test.question)
			require.ErrorIs(t, err, test.cause)
			require.Contains(t, err.Error(), test.message)
		})
	}
	// What cannot be read lacks no component for sure.
	for _, file := range []string{components, "fleet/bootstrap/versions/applicationSets.yaml"} {
		_, err := why.Ask(t.Context(), open(t, replaced(t, file, "", "a: [")),
			why.Question{Component: "karpenter", Cluster: "hub-prod"})
		require.ErrorContains(t, err, file)
	}
}

// TestLabelsFromElsewhere: what a cluster Secret says is not changed by a file of the repository.
func TestLabelsFromElsewhere(t *testing.T) {
	secret := render.File{Name: "secret.yaml", Data: []byte(`
apiVersion: v1
kind: Secret
metadata:
  name: data
  labels: {argocd.argoproj.io/secret-type: cluster, enable_reloader: "false"}
stringData: {name: data-prod-1, server: https://data.example.com}
`)}
	open := func(tree fs.FS) (*stages.Session, error) {
		return stages.Config{}.Open(t.Context(), tree, render.Options{ClusterSecrets: []render.File{secret}},
			stages.Charts{Offline: true})
	}
	session, err := open(example)
	require.NoError(t, err)
	answer, err := why.Ask(t.Context(), why.Fleet{Tree: example, Session: session, Open: open},
		why.Question{Component: "reloader", Cluster: "data-prod-1"})
	require.NoError(t, err)
	text := printed(t, answer)
	require.False(t, answer.There)
	require.Contains(t, text, "to have it: set the label enable_reloader to \"true\" in secret.yaml\n"+
		"not proven: what is outside of the repository cannot be tried\n")
}

// TestComponentOfOneRelease: the catalog of one release has it, that of the other has not.
func TestComponentOfOneRelease(t *testing.T) {
	tree := testfleet.Load(t, "../../testdata/fleet")
	for _, file := range []string{"values.yaml", "values/addons.yaml", "values/ack.yaml"} {
		tree["charts/next/"+file] = tree["charts/application-sets/"+file]
	}
	const newcomer = "\nnewcomer: {enabled: true, namespace: new, path: charts/storage-classes, defaultVersion: " +
		"'1',\n" +
		"  selectorMatchLabels: {enable_newcomer: 'true'}}\n"
	addons := append(slices.Clone(tree["charts/next/values/addons.yaml"].Data), newcomer...)
	tree["charts/next/values/addons.yaml"] = &fstest.MapFile{Data: addons, Mode: 0o644}
	releases := "fleet/bootstrap/versions/applicationSets.yaml"
	tree[releases] = &fstest.MapFile{Mode: 0o644, Data: []byte(strings.ReplaceAll(string(tree[releases].Data),
		"chartRepoRevision: next", "chartRepoPath: charts/next"))}
	answer, err := why.Ask(t.Context(), open(t, tree), why.Question{Component: "newcomer", Cluster: "data-prod-1"})
	require.NoError(t, err)
	text := printed(t, answer)
	require.Contains(t, text, `and the release wants "next"  # `+releases+":11\n")
	require.Contains(t, text, `to have it: set the label addonsRelease to "next" in `+ofData+":2\n"+
		`and: set the label enable_newcomer to "true" in `+ofData+":2\n")
	require.True(t, answer.Turn.Proven, text)
}
