package compare_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/compare"
)

// chart is a chart whose values the levels have.
const chart = `
-- catalog/values/base.yaml --
web:
  enabled: true
  namespace: web
  path: charts/web
  chartName: web
  defaultVersion: '1'
  selector: {matchExpressions: [{key: fleet_member, operator: In, values: [spoke]}]}
-- charts/web/Chart.yaml --
apiVersion: v2
name: web
version: 1.0.0
-- charts/web/values.yaml --
size: 1
password: none
-- charts/web/templates/web.yaml --
apiVersion: v1
kind: ConfigMap
metadata: {name: web-{{ .Values.cluster }}}
data: {size: {{ .Values.size | quote }}, zone: {{ .Values.zone | quote }}}
---
apiVersion: v1
kind: Secret
metadata: {name: secret}
stringData: {password: {{ .Values.password | quote }}, user: admin-of-all}
-- apps/tenants/defaults/core/web/values.yaml --
# the default
size: 2
`

// many returns a fleet with as many members, each with a value file of its own.
func many(count int) fstest.MapFS {
	files := small("", chart)
	delete(files, "members/hub/east-1.yaml")
	delete(files, "members/hub/west-1.yaml")
	for i := range count {
		name := fmt.Sprintf("spoke-%03d", i)
		environment := []string{"live", "test"}[i%2]
		write(files, "members/hub/"+name+".yaml", "tenant: shops\nenvironment: "+environment+"\n")
		write(files, valuesOf(name), "cluster: "+name+"\n")
	}
	write(files, "apps/tenants/shops/environments/test/.keep", "")
	return files
}

func valuesOf(cluster string) string {
	return "apps/tenants/shops/clusters/" + cluster + "/core/web/values.yaml"
}

func write(files fstest.MapFS, name, text string) {
	files[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
}

// with returns files with others.
func with(files fstest.MapFS, pairs ...string) fstest.MapFS {
	files = maps.Clone(files)
	for i := 0; i < len(pairs); i += 2 {
		write(files, pairs[i], pairs[i+1])
	}
	return files
}

const atTenants = "apps/tenants/defaults/core/web/values.yaml"

// TestOneChangeInManyClusters: it is one change, with the clusters that have another value by name.
func TestOneChangeInManyClusters(t *testing.T) {
	before := many(40)
	for i := range 3 {
		name := fmt.Sprintf("spoke-%03d", 7*i)
		write(before, valuesOf(name), "cluster: "+name+"\nsize: 9\n")
	}
	after := with(before, atTenants, "# the default\nsize: 3\n")
	result := compareTrees(t, before, after, compare.Options{Stage: render.StageManifests})
	require.Empty(t, result.Failures)
	require.Len(t, result.Changes, 1)
	change := result.Changes[0]
	require.Equal(t, compare.Changed, change.Sides)
	require.Equal(t, "web-{{.name}}", change.Name)
	require.Len(t, change.Clusters.Names, 37)
	require.Equal(t, 40, change.Clusters.Of, "that the component selects")
	require.Equal(t, []string{"spoke-000", "spoke-007", "spoke-014"}, change.Clusters.Without)
	require.Equal(t, []compare.Cause{{File: atTenants, Line: 2, End: 2, Side: compare.Changed}}, change.Causes)
	require.Contains(t, change.Diff, "-  size: \"2\"\n+  size: \"3\"\n")
	require.Equal(t, [2]int{1, 1}, [2]int{change.Added, change.Deleted})
	require.Len(t, result.Applications, 37)
	require.False(t, result.Dangerous())
}

// TestClustersBySelector: where a label selects just the clusters, it is what they are called by.
func TestClustersBySelector(t *testing.T) {
	before := many(12)
	after := with(before, "apps/tenants/shops/environments/test/core/web/values.yaml", "zone: north\n")
	result := compareTrees(t, before, after, compare.Options{Stage: render.StageManifests})
	require.Len(t, result.Changes, 1)
	require.Equal(t, "environment=test", result.Changes[0].Clusters.Selector)
	require.Equal(t, compare.Added, result.Changes[0].Causes[0].Side)
	require.Len(t, result.Applications, 6, "that look for the file")
}

// TestWhatChangesNothing: comments, order and files that nobody reads concern no Application.
func TestWhatChangesNothing(t *testing.T) {
	before := many(3)
	for name, after := range map[string]fstest.MapFS{
		"nothing":   maps.Clone(before),
		"a comment": with(before, atTenants, "# another word\nsize: 2 # two\n"),
		"a page":    with(before, "docs/README.md", "read"),
		"a form":    with(before, atTenants, "{\"size\": 2}"),
	} {
		t.Run(name, func(t *testing.T) {
			for _, stage := range []string{render.StageApplicationSets, render.StageApplications,
				render.StageManifests} {
				result := compareTrees(t, before, after, compare.Options{Stage: stage})
				require.Empty(t, result.Applications)
				require.Empty(t, result.Changes)
				require.Empty(t, result.Failures)
			}
		})
	}
}

// TestOverriddenValues: a value that a later file overrides concerns no Application that reads that file.
func TestOverriddenValues(t *testing.T) {
	before := with(many(3), valuesOf("spoke-001"), "cluster: spoke-001\nsize: 9\n")
	after := with(before, atTenants, "size: 3\n")
	result := compareTrees(t, before, after, compare.Options{Stage: render.StageManifests, Only: true})
	require.Len(t, result.Applications, 2)
	for _, app := range result.Applications {
		require.NotEqual(t, "spoke-001", app.Cluster)
	}
	null := with(before, valuesOf("spoke-001"), "cluster: spoke-001\nsize: null\n")
	result = compareTrees(t, before, null, compare.Options{Stage: render.StageManifests, Only: true})
	require.Len(t, result.Applications, 1, "a null is a value")
}

// TestSecretsAreHidden: of a Secret, only whether a value changes is shown.
func TestSecretsAreHidden(t *testing.T) {
	before := many(2)
	after := with(before, atTenants, "size: 2\npassword: hunter2\n")
	result := compareTrees(t, before, after, compare.Options{Stage: render.StageManifests})
	require.Len(t, result.Changes, 1)
	text := fmt.Sprintf("%+v", result)
	require.Contains(t, result.Changes[0].Diff, "-  password: (hidden, before)\n+  password: (hidden, after)\n")
	require.NotContains(t, text, "hunter2")
	require.NotContains(t, text, "admin-of-all")

	added := compareTrees(t, with(before, "charts/web/templates/web.yaml", ""), before,
		compare.Options{Stage: render.StageManifests})
	require.NotContains(t, fmt.Sprintf("%+v", added), "admin-of-all")
}

// TestSecretsOfAnyForm: also what is no Secret that Kubernetes would take shows none of its values.
func TestSecretsOfAnyForm(t *testing.T) {
	secret := func(n string) string {
		return `apiVersion: v1
kind: Secret
metadata:
  name: secret
  annotations: {note: seen, kubectl.kubernetes.io/last-applied-configuration: '{"data": {"a": "canary` + n + `"}}'}
data: [canary` + n + `, {a: canary` + n + `}]
stringData: {map: {a: canary` + n + `}, list: [canary` + n + `], same: canary, empty: ""}
dataFrom: {a: canary` + n + `}
`
	}
	before, after := small(secret("1")), small(secret("2"))
	for _, pair := range [][2]fstest.MapFS{{before, after}, {before, small(keptObject)}, {small(keptObject), before}} {
		for _, stage := range []string{render.StageManifests, render.StageApplications} {
			result := compareTrees(t, pair[0], pair[1], compare.Options{Stage: stage})
			require.Empty(t, result.Failures)
			require.NotContains(t, fmt.Sprintf("%+v", result), "canary")
		}
	}
	result := compareTrees(t, before, after, compare.Options{Stage: render.StageManifests})
	require.Len(t, result.Changes, 1)
	require.Equal(t, 5, result.Changes[0].Added, "each value that is another")
	require.Contains(t, result.Changes[0].Diff, "same: (hidden)")
}

// TestCountsAllOfAComponent: the clusters that a component is for are those of all Argo CDs.
func TestCountsAllOfAComponent(t *testing.T) {
	before := many(4)
	write(before, "members/hub/own.yaml", "tenant: shops\nenvironment: live\nuse_remote_argo: \"true\"\n"+
		"enable_remote_addons: \"true\"\n")
	after := with(before, valuesOf("own"), "size: 7\n")
	result := compareTrees(t, before, after, compare.Options{Stage: render.StageManifests})
	require.Len(t, result.Changes, 1)
	require.Equal(t, []string{"own"}, result.Changes[0].Clusters.Names)
	require.Equal(t, 5, result.Changes[0].Clusters.Of)
}

// TestValuesOfClustersByChance: a tenant that is called as a key or a word of the objects, or of the templates, does
// not keep its clusters apart, and its name does not get into what is put in for another value.
func TestValuesOfClustersByChance(t *testing.T) {
	for _, tenant := range []string{"data", "size", "zone", "none", "labels", "metadata", "name"} {
		t.Run(tenant, func(t *testing.T) {
			before := many(6)
			delete(before, valuesOf("spoke-000"))
			write(before, "members/hub/spoke-000.yaml", "tenant: "+tenant+"\nenvironment: live\n")
			write(before, "apps/tenants/"+tenant+"/environments/live/.keep", "")
			write(before, "apps/tenants/"+tenant+"/clusters/spoke-000/core/web/values.yaml", "cluster: spoke-000\n")
			write(before, atTenants, "zone: none\n")
			after := with(before, atTenants, "size: 3\nzone: none\n")
			result := compareTrees(t, before, after, compare.Options{Stage: render.StageManifests})
			require.Empty(t, result.Failures)
			require.NotContains(t, fmt.Sprintf("%+v", result.Changes), "{{.metadata.{{")
			if tenant != "none" { // which all have in a value
				require.Len(t, result.Changes, 1)
			}
		})
	}
}

// TestBrokenValueFile: it fails whoever reads it, and nobody else, also where a valuesObject is laid over it.
func TestBrokenValueFile(t *testing.T) {
	before := many(4)
	write(before, "catalog/values/base.yaml", string(before["catalog/values/base.yaml"].Data)+
		"  valuesObject: {zone: south}\n")
	after := with(before, valuesOf("spoke-001"), "size: [\n", atTenants, "size: 3\n")
	result := compareTrees(t, before, after, compare.Options{Stage: render.StageManifests})
	require.Len(t, result.Failures, 1)
	require.Contains(t, result.Failures[0].Message, valuesOf("spoke-001"))
	require.Len(t, result.Changes, 1)
	require.Equal(t, []string{"spoke-000", "spoke-002", "spoke-003"}, result.Changes[0].Clusters.Names)
}

// TestFailures: what fails on one side is said, and neither added nor removed; the rest is compared.
func TestFailures(t *testing.T) {
	before := many(4)
	broken := with(before, valuesOf("spoke-001"), "size: [\n", atTenants, "size: 3\n")
	for _, direction := range []struct {
		before, after fstest.MapFS
		side          string
	}{{before, broken, "after"}, {broken, before, "before"}} {
		result := compareTrees(t, direction.before, direction.after, compare.Options{Stage: render.StageManifests})
		require.Len(t, result.Failures, 1)
		require.Equal(t, direction.side, result.Failures[0].Side)
		require.Contains(t, result.Failures[0].Message, valuesOf("spoke-001")+":1")
		require.False(t, result.Failures[0].Known)
		require.Len(t, result.Changes, 1)
		require.Equal(t, []string{"spoke-000", "spoke-002", "spoke-003"}, result.Changes[0].Clusters.Names)
		require.Len(t, result.Applications, 4)
	}
	for name, text := range map[string]string{"fleet.yaml": "kind: [", "catalog/values/base.yaml": "web: ["} {
		result := compareTrees(t, before, with(before, name, text), compare.Options{Stage: render.StageManifests})
		require.NotEmpty(t, result.Failures)
		require.Empty(t, result.Changes, "nobody knows what is removed")
		require.Empty(t, result.Dangers)
	}
	both := with(broken, atTenants, "size: 4\n")
	result := compareTrees(t, broken, both, compare.Options{Stage: render.StageManifests})
	require.Len(t, result.Failures, 1)
	require.True(t, result.Failures[0].Known)
	require.Equal(t, []string{"spoke-001-web-1"}, result.Failures[0].Applications)
}

// TestFailuresOfOneCause: Applications that fail in the same way are one failure.
func TestFailuresOfOneCause(t *testing.T) {
	const template = "charts/web/templates/web.yaml"
	before := many(4)
	broken := with(before, template, "{{ if }}")
	require.Contains(t, before, template)
	result := compareTrees(t, before, broken, compare.Options{Stage: render.StageManifests})
	require.Len(t, result.Failures, 1)
	require.Equal(t, "after", result.Failures[0].Side)
	require.Len(t, result.Failures[0].Applications, 4)
	require.Contains(t, result.Failures[0].Message, "Application \""+result.Failures[0].Applications[0]+"\": ")
	require.Contains(t, result.Failures[0].Message, "cluster spoke-000")

	result = compareTrees(t, broken, with(broken, atTenants, "size: 4\n"),
		compare.Options{Stage: render.StageManifests})
	require.Len(t, result.Failures, 1)
	require.True(t, result.Failures[0].Known)
	require.Len(t, result.Failures[0].Applications, 4)

	failing := func(size string) fstest.MapFS {
		return with(before, template, `{{ if eq (.Values.size | toString) "`+size+`" }}{{ fail "no" }}{{ end }}`,
			valuesOf("spoke-001"), "size: 8\n", valuesOf("spoke-002"), "size: 9\n")
	}
	result = compareTrees(t, failing("8"), failing("9"), compare.Options{Stage: render.StageManifests})
	require.Len(t, result.Failures, 2, "one on each side")
	require.Len(t, result.Failures[0].Applications, 1)
	require.NotEqual(t, result.Failures[0].Side, result.Failures[1].Side)
}

// TestFilter: what is not asked for is left out, and what does not exist is an error.
func TestFilter(t *testing.T) {
	before := many(4)
	after := with(before, atTenants, "size: 3\n", "members/hub/new-1.yaml", "tenant: shops\nenvironment: live\n")
	for _, test := range []struct {
		filter compare.Filter
		want   int
	}{
		{compare.Filter{}, 5}, {compare.Filter{Group: "core"}, 5}, {compare.Filter{Components: []string{"web"}}, 5},
		{compare.Filter{Cluster: "spoke-002"}, 1}, {compare.Filter{Cluster: "new-1"}, 1},
		{compare.Filter{Selector: "environment=test"}, 2}, {compare.Filter{Cluster: "hub"}, 0},
	} {
		result := compareTrees(t, before, after, compare.Options{Stage: render.StageManifests, Filter: test.filter})
		require.Len(t, result.Applications, test.want, "%+v", test.filter)
	}
	for hint, filter := range map[string]compare.Filter{
		"did you mean spoke-001":           {Cluster: "spoke-01"},
		"did you mean core":                {Group: "cor"},
		"did you mean web":                 {Components: []string{"webb"}},
		`no cluster of either side matche`: {Selector: "a=b"},
		"selector":                         {Selector: "a=b=c"},
	} {
		session, err := open(t, before)
		require.NoError(t, err)
		side := compare.Side{Name: "a", Tree: before, Session: session, Request: request(render.StageManifests)}
		_, err = compare.Run(t.Context(), side, side, compare.Options{Stage: render.StageManifests, Filter: filter})
		require.ErrorIs(t, err, render.ErrIncomplete)
		require.ErrorContains(t, err, hint)
		require.False(t, strings.Contains(err.Error(), "\n"))
	}
}

// TestStages: the ApplicationSets and Applications are compared likewise.
func TestStages(t *testing.T) {
	before := many(3)
	text := string(before["catalog/values/base.yaml"].Data)
	after := with(before, "catalog/values/base.yaml", strings.Replace(text, "namespace: web", "namespace: web\n  "+
		"annotationsApp: {note: new}", 1))
	sets := compareTrees(t, before, after, compare.Options{Stage: render.StageApplicationSets})
	require.Len(t, sets.Changes, 1)
	require.Equal(t, "ApplicationSet", sets.Changes[0].Kind)
	require.Equal(t, []compare.Object{{Cluster: "hub", Application: "web", Namespace: "argocd",
		Name: sets.Changes[0].Name}},
		sets.Changes[0].Objects)
	applications := compareTrees(t, before, after, compare.Options{Stage: render.StageApplications})
	require.Len(t, applications.Changes, 1)
	require.Equal(t, "Application", applications.Changes[0].Kind)
	require.Len(t, applications.Changes[0].Objects, 3)
	require.Contains(t, applications.Changes[0].Causes, compare.Cause{File: "catalog/values/base.yaml", Line: 4, End: 4,
		Side: compare.Changed})
	manifests := compareTrees(t, before, after, compare.Options{Stage: render.StageManifests})
	require.Empty(t, manifests.Changes)
}

// TestVersions: the same files are compared for two versions of Kubernetes.
func TestVersions(t *testing.T) {
	files := with(many(2), "charts/web/templates/web.yaml",
		"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {version: {{ .Capabilities.KubeVersion.Minor "+
			"| quote }}}\n")
	var sides [2]compare.Side
	for i, version := range []string{"1.33", "1.34"} {
		session, err := open(t, files)
		require.NoError(t, err)
		r := request(render.StageManifests)
		r.Versions.Kubernetes = version
		sides[i] = compare.Side{Name: version, Tree: files, Session: session, Request: r}
	}
	result, err := compare.Run(t.Context(), sides[0], sides[1], compare.Options{Stage: render.StageManifests,
		Whole: true})
	require.NoError(t, err)
	require.Len(t, result.Changes, 1)
	require.Contains(t, result.Changes[0].Diff, "-  version: \"33\"\n+  version: \"34\"\n")
}

// TestApplicationsBesideOneThatFails: Argo CD updates none of an ApplicationSet of which one cluster fails, which holds
// for clusters that the change does not concern, too.
func TestApplicationsBesideOneThatFails(t *testing.T) {
	before := exampleFleet(t)
	after := maps.Clone(before)
	delete(after, "addons/tenants/data/defaults/fleet/fleet-secret/values.yaml")
	result := compareTrees(t, before, after, compare.Options{Stage: render.StageManifests})
	require.Contains(t, fmt.Sprint(result.Failures), "left out are also stable-hub-prod-aws-ebs-csi-driver-2.45.1")
	require.Contains(t, fmt.Sprint(result.Applications), "stable-hub-prod-aws-ebs-csi-driver-2.45.1")
}

// TestFindingsThatStopARender: what would fail on a side is a failure of it, and takes nothing away.
func TestFindingsThatStopARender(t *testing.T) {
	before := exampleFleet(t)
	after := maps.Clone(before)
	delete(after, "charts/application-sets/values/resources.yaml")
	result := compareTrees(t, before, after, compare.Options{Stage: render.StageManifests})
	require.Contains(t, fmt.Sprint(result.Failures), "has no component file values/resources.yaml")
	require.Empty(t, result.Changes)
	require.Empty(t, result.Dangers)
}
