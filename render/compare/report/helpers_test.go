package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render/compare"
)

var formats = []string{Text, Summary, Markdown, HTML, JSON, Name}

func printed(t testing.TB, r *compare.Result, o Options) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, Print(&out, r, o))
	return out.String()
}

// clusterNames returns so many names of clusters.
func clusterNames(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("payments-prod-%04d", i+1)
	}
	return all
}

// objectsIn returns an object of an Application in each cluster.
func objectsIn(clusters []string, component, name string) []compare.Object {
	all := make([]compare.Object, len(clusters))
	for i, cluster := range clusters {
		all[i] = compare.Object{Cluster: cluster, Application: "stable-" + cluster + "-" + component,
			Namespace: component,
			Name:      name}
	}
	return all
}

// oneLine is a result in which one line of values changes a Deployment in all clusters but the last few, where another
// value wins.
func oneLineChanged(clusters, without int) *compare.Result {
	all := clusterNames(clusters)
	var applications []compare.Application
	for _, name := range all {
		applications = append(applications, compare.Application{Name: "stable-" + name + "-karpenter", Cluster: name,
			Group: "addons", Component: "karpenter", ArgoCD: "hub-prod", Sides: compare.Changed})
	}
	names := all[:clusters-without]
	return &compare.Result{Before: "main", After: "working tree", Stage: "manifests", Clusters: clusters,
		Applications: applications, Files: []string{"addons/tenants/defaults/addons/karpenter/values.yaml"},
		Changes: []compare.Change{{Sides: compare.Changed, Group: "addons", Component: "karpenter",
			APIVersion: "apps/v1",
			Kind:       "Deployment", Namespace: "karpenter", Name: "karpenter", Added: 1, Deleted: 1,
			Diff:     "@@ -7,3 +7,3 @@\n spec:\n-  replicas: 2\n+  replicas: 3\n   strategy:\n",
			Clusters: compare.Clusters{Names: names, Of: clusters, Without: all[clusters-without:]},
			Objects:  objectsIn(names, "karpenter", "karpenter"),
			Causes: []compare.Cause{{File: "addons/tenants/defaults/addons/karpenter/values.yaml", Line: 3, End: 3,
				Side: compare.Changed}}}}}
}

// example is a result with everything, and with text of the input that is not harmless.
func example() *compare.Result {
	r := oneLineChanged(12, 3)
	r.Labels = map[string]map[string]string{}
	for _, name := range clusterNames(12) {
		r.Labels[name] = map[string]string{"tenant": "payments"}
	}
	deleted := compare.Danger{Kind: compare.DangerDeleted, Message: "Argo CD deletes it"}
	one := []string{"retail-np-1"}
	r.Clusters, r.Labels["retail-np-1"] = 13, map[string]string{"tenant": "retail"}
	gone := compare.Change{Sides: compare.Removed, Group: "addons", Component: "old", APIVersion: "v1",
		Kind:      "ConfigMap",
		Namespace: "old", Name: "settings", Object: "apiVersion: v1\nkind: ConfigMap\n", Deleted: 2,
		Clusters: compare.Clusters{Names: one, Of: 13}, Objects: objectsIn(one, "old", "settings"),
		Causes:  []compare.Cause{{File: "addons/tenants/retail/old.yaml", Side: compare.Removed}},
		Dangers: []compare.Danger{deleted}}
	other := gone
	other.Kind, other.Object = "Service", "apiVersion: v1\nkind: Service\n"
	hostile := compare.Change{Sides: compare.Added, Group: "addons", Component: "h<b>&\x1b[31m", APIVersion: "v1",
		Kind: "ConfigMap", Namespace: "@team", Name: "</summary></details><script>alert(1)</script>", Added: 9,
		Object: "a: |\n  ```\n  # not a heading\n  ````\n  </script><script>alert(1)</script>\n" +
			"  https://me:CANARY@git.example.com\n  \x1b[31mred\r\u202e\n  " + strings.Repeat("x", 9000) + "\n",
		Clusters: compare.Clusters{Names: []string{"`a`", "b\nc"}, Of: 13, Selector: "environment=`prod`"},
		Objects:  objectsIn([]string{"`a`", "b\nc"}, "hostile", "x"),
		Causes:   []compare.Cause{{File: "a`b\n# c.yaml", Line: 3, End: 5, Side: compare.Changed}}}
	same := r.Changes[0]
	same.Kind, same.Diff = "PodDisruptionBudget", "@@ -1,2 +1,2 @@\n metadata:\n-  replicas: 2\n+  replicas: 3\n"
	for i := range r.Changes {
		r.Changes[i].Clusters.Of = 13
	}
	same.Clusters.Of = 13
	r.Changes = []compare.Change{gone, other, r.Changes[0], same, hostile}
	r.Applications = append(r.Applications, compare.Application{Name: "stable-retail-np-1-old", Cluster: "retail-np-1",
		Group: "addons", Component: "old", ArgoCD: "hub-np", Sides: compare.Removed},
		compare.Application{Name: "new", Was: "was", Cluster: "retail-np-1", Group: "resources", Component: "quotas",
			ArgoCD: "hub-np", Sides: compare.Changed})
	r.Dangers = []compare.Danger{{Kind: compare.DangerRenamed,
		Message: "component quotas of group resources: Application " +
			"was is deleted, and created as new", Clusters: one, Group: "resources", Component: "quotas"}}
	r.Failures = []compare.Failure{{Side: "after",
		Message: "x.yaml:3: `broken`\n<b>\x1b[31m https://me:CANARY@git.example.com"},
		{Side: "before", Message: "the same", Known: true,
			Applications: []string{"a-web", "b-web\x1b[31m", "c-web"}},
		{Side: "before", Message: "one", Applications: []string{"a-web", "b-web"}}}
	return r
}
