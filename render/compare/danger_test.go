package compare_test

import (
	"maps"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/compare"
)

// smallFleet has three clusters and a component whose objects are a directory of manifests.
const smallFleet = `
-- fleet.yaml --
apiVersion: fleet.cmp/v1alpha1
kind: Fleet
spec:
  catalog: catalog
  members: members
  groups:
    core: {path: apps, components: [base], useSelectors: true}
  clusters:
  - {name: hub, server: https://hub.example, labels: {fleet_member: hub-cluster, tenant: house, environment: live}}
-- members/hub/east-1.yaml --
tenant: shops
environment: live
-- members/hub/west-1.yaml --
tenant: shops
environment: live
-- catalog/values.yaml --
repoURLGit: https://git.example/fleet
repoURLGitRevision: main
syncPolicy: {automated: {prune: true}}
-- catalog/values/base.yaml --
web:
  enabled: true
  namespace: web
  path: manifests/web
  type: manifest
  defaultVersion: '1'
  selector: {matchExpressions: [{key: tenant, operator: Exists}]}
-- apps/tenants/shops/environments/live/.keep --
-- apps/tenants/house/environments/live/.keep --
-- manifests/web/object.yaml --
`

// small returns the small fleet with objects in the place of its own.
func small(objects string, more ...string) fstest.MapFS {
	files := fstest.MapFS{}
	for _, archive := range append([]string{smallFleet}, more...) {
		for _, f := range txtar.Parse([]byte(archive)).Files {
			files[f.Name] = &fstest.MapFile{Data: f.Data, Mode: 0o644}
		}
	}
	if objects != "" {
		files["manifests/web/object.yaml"] = &fstest.MapFile{Data: []byte(objects), Mode: 0o644}
	}
	return files
}

const keptObject = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: kept}\ndata: {a: b}\n"

// annotated returns an object with an annotation.
func annotated(object, annotation string) string {
	return regexp.MustCompile(`(name: [\w.]+)}`).ReplaceAllString(object, "$1, annotations: {"+annotation+"}}")
}

// TestDangers: what is dangerous is said, and nothing else.
func TestDangers(t *testing.T) {
	deployment := "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 1\n" +
		"  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n" +
		"    spec: {containers: [{name: web, image: 'web:1'}]}\n"
	set := "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\nspec:\n  serviceName: db\n" +
		"  selector: {matchLabels: {app: db}}\n  volumeClaimTemplates: [{metadata: {name: data}, spec: {size: 1}}]\n"
	service := "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {clusterIP: None, ports: [{port: 80}]}\n"
	job := "apiVersion: batch/v1\nkind: Job\nmetadata: {name: once}\nspec: {template: {spec: {containers: [{image: " +
		"a}]}}}\n"
	class := "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: fast}\nparameters: {type: gp2}\n"
	config := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {key: one}\n"
	hook := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web, annotations: {argocd.argoproj.io/hook: " +
		"PreSync}}\n" +
		"data: {key: one}\n"
	definition := "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a.example}\n" +
		"spec: {scope: Namespaced, versions: [{name: v1, served: true}, {name: v1beta1, served: true}]}\n"
	for name, test := range map[string]struct {
		object, old, now string // in the object, what becomes what; all of it goes if now is "-"
		kinds            []string
	}{
		"selector": {deployment, "matchLabels: {app: web}", "matchLabels: {app: shop}",
			[]string{"immutable"}},
		"claims":             {set, "size: 1", "size: 2", []string{"immutable"}},
		"service name":       {set, "serviceName: db", "serviceName: data", []string{"immutable"}},
		"cluster IP":         {service, "clusterIP: None, ", "", []string{"immutable"}},
		"job":                {job, "image: a", "image: b", []string{"immutable"}},
		"storage class":      {class, "gp2", "gp3", []string{"immutable"}},
		"hook":               {hook, "one", "two", []string{"hook"}},
		"version of a CRD":   {definition, ", {name: v1beta1, served: true}", "", []string{"definition"}},
		"version not served": {definition, "v1beta1, served: true", "v1beta1, served: false", []string{"definition"}},
		"CRD":                {definition, "", "-", []string{"definition"}},
		"an object":          {config, "", "-", []string{"deleted"}},
		"another name":       {config, "name: web", "name: shop", []string{"renamed"}},
		"another namespace":  {config, "name: web", "name: web, namespace: shop", []string{"moved"}},
		"scaling":            {deployment, "replicas: 1", "replicas: 3", nil},
		"image":              {deployment, "web:1", "web:2", nil},
		"labels of a pod":    {deployment, "labels: {app: web}}", "labels: {app: web, a: b}}", nil},
		"data":               {config, "one", "two", nil},
		"port":               {service, "80", "81", nil},
		"what is kept":       {annotated(config, "argocd.argoproj.io/sync-options: Prune=false"), "", "-", nil},
		// Argo CD heeds these where it deletes an Application, and prunes all the same.
		"what Helm keeps": {annotated(config, "helm.sh/resource-policy: keep"), "", "-", []string{"deleted"}},
		"what is not deleted": {annotated(config, "argocd.argoproj.io/sync-options: Delete=false"), "", "-",
			[]string{"deleted"}},
		"a hook that goes": {annotated(config, "argocd.argoproj.io/hook: PreSync"), "", "-", nil},
		"image of a hook": {annotated(job, "helm.sh/hook: 'post-install,pre-upgrade'"), "image: a", "image: b",
			[]string{"hook"}},
		"hook of a deletion": {annotated(job, "helm.sh/hook: pre-delete"), "image: a", "image: b", nil},
		"hook that is none": {annotated(definition, "helm.sh/hook: crd-install"), "versions: [",
			"versions: [{name: v2}, ", nil},
		"replaced by force": {annotated(job, "argocd.argoproj.io/sync-options: 'Force=true,Replace=true'"), "image: a",
			"image: b", []string{"immutable"}},
		"immutable data":      {config + "immutable: true\n", "one", "two", []string{"immutable"}},
		"label of immutable":  {config + "immutable: true\n", "name: web", "name: web, labels: {a: b}", nil},
		"no parameters":       {class, "parameters: {type: gp2}", "", []string{"immutable"}},
		"empty parameters":    {strings.Replace(class, "type: gp2", "", 1), "parameters: {}\n", "", nil},
		"a version more":      {definition, "versions: [", "versions: [{name: v2, served: true}, ", nil},
		"hash of a generator": {config, "name: web", "name: web-5b2kgm6h7c", []string{"renamed"}},
		"hash to hash":        {strings.Replace(config, "web", "web-5b2kgm6h7c", 1), "5b2kgm", "6h7ctg", nil},
	} {
		t.Run(name, func(t *testing.T) {
			now := strings.Replace(test.object, test.old, test.now, 1)
			if test.now == "-" {
				now = ""
			}
			result := compareTrees(t, small(keptObject+"---\n"+test.object), small(keptObject+"---\n"+now),
				compare.Options{Stage: render.StageManifests})
			require.Empty(t, result.Failures)
			require.NotEmpty(t, result.Changes)
			var kinds []string
			for _, change := range result.Changes {
				for _, danger := range change.Dangers {
					kinds = append(kinds, danger.Kind)
				}
				require.Len(t, change.Objects, 3, "in each cluster")
				require.Equal(t, []compare.Cause{{File: "manifests/web/object.yaml"}},
					[]compare.Cause{{File: change.Causes[0].File}})
			}
			require.Equal(t, test.kinds, kinds)
			require.Equal(t, test.kinds != nil, result.Dangerous())
		})
	}
}

// TestDangersOfApplications: what happens to whole Applications and clusters.
func TestDangersOfApplications(t *testing.T) {
	before := small(keptObject)
	edit := func(name, old, now string) fstest.MapFS {
		files := maps.Clone(before)
		text := string(files[name].Data)
		require.Contains(t, text, old)
		files[name] = &fstest.MapFile{Data: []byte(strings.Replace(text, old, now, 1)), Mode: 0o644}
		return files
	}
	gone := maps.Clone(before)
	delete(gone, "members/hub/west-1.yaml")
	const ofWeb = "component web of group core: "
	for name, test := range map[string]struct {
		after fstest.MapFS
		want  []compare.Danger
	}{
		"a version, and with it the names": {edit("catalog/values/base.yaml", "'1'", "'2'"), []compare.Danger{
			{Kind: "renamed", Message: ofWeb + "Application {{.name}}-web-1 is deleted, with all of its objects, and " +
				"created as {{.name}}-web-2", Clusters: []string{"east-1", "hub", "west-1"}}}},
		"the namespace": {edit("catalog/values/base.yaml", "namespace: web", "namespace: shop"), []compare.Danger{
			{Kind: "moved", Message: ofWeb +
				"the namespace of the destination becomes shop, from web: what was there is " +
				"left behind or deleted", Clusters: []string{"east-1", "hub", "west-1"}}}},
		"a member": {gone, []compare.Danger{
			{Kind: "deleted", Message: ofWeb + "Application west-1-web-1 is deleted, with all of its objects",
				Clusters: []string{"west-1"}},
			{Kind: "cluster-gone", Message: "of group core nothing is left in the cluster",
				Clusters: []string{"west-1"}}}},
		"a label that selects": {edit("catalog/values/base.yaml", "operator: Exists",
			"operator: NotIn, values: [house]"),
			[]compare.Danger{{Kind: "deleted", Message: ofWeb + "Application hub-web-1 is deleted, with all of " +
				"its objects", Clusters: []string{"hub"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			result := compareTrees(t, before, test.after, compare.Options{Stage: render.StageManifests})
			require.Empty(t, result.Failures)
			for i := range result.Dangers {
				require.Equal(t, "core", result.Dangers[i].Group)
				result.Dangers[i].Group, result.Dangers[i].Component = "", ""
			}
			require.Equal(t, test.want, result.Dangers)
			require.True(t, result.Dangerous())
		})
	}
}

// TestDangersOfSomeClusters: what is dangerous in some clusters only is a change of its own there.
func TestDangersOfSomeClusters(t *testing.T) {
	const gone = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: gone}\n"
	for _, notPruned := range []string{"east-1", "west-1"} { // the first, and the last
		before := small(keptObject + "---\n" + gone)
		write(before, "catalog/values/base.yaml", string(before["catalog/values/base.yaml"].Data)+
			`  templatePatch: '{{ if eq .name "`+notPruned+`" }}`+
			`{"spec": {"syncPolicy": {"automated": {"prune": false}}}}{{ end }}'`+"\n")
		after := with(before, "manifests/web/object.yaml", keptObject)
		result := compareTrees(t, before, after, compare.Options{Stage: render.StageManifests})
		require.Empty(t, result.Failures)
		require.Len(t, result.Changes, 2)
		require.Len(t, result.Changes[0].Dangers, 1)
		require.Len(t, result.Changes[0].Clusters.Names, 2)
		require.Empty(t, result.Changes[1].Dangers)
		require.Equal(t, []string{notPruned}, result.Changes[1].Clusters.Names)
	}
}

// TestDangersOfDeletedApplications: neither definitions nor what Helm keeps go with an Application, but what a sync
// leaves does.
func TestDangersOfDeletedApplications(t *testing.T) {
	const definition = "---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n" +
		"metadata: {name: a.example}\nspec: {group: example}\n"
	object := func(name, annotation string) string {
		return "---\napiVersion: v1\nkind: ConfigMap\n" +
			"metadata: {name: " + name + ", annotations: {" + annotation + "}}\n"
	}
	before := small(definition + object("helm", "helm.sh/resource-policy: keep") +
		object("never", "argocd.argoproj.io/sync-options: 'Prune=false,Delete=false'") +
		object("unpruned", "argocd.argoproj.io/sync-options: Prune=false"))
	after := maps.Clone(before)
	delete(after, "members/hub/west-1.yaml")
	result := compareTrees(t, before, after, compare.Options{Stage: render.StageManifests})
	require.Len(t, result.Changes, 4)
	for _, change := range result.Changes {
		require.Equal(t, change.Name == "unpruned", len(change.Dangers) > 0, change.Name)
	}
}

// TestMovedByAnotherKey: a destination that is named by its server now is another one if that is another cluster.
func TestMovedByAnotherKey(t *testing.T) {
	for was, moved := range map[string]bool{"hub": false, "east-1": true} {
		before := small(keptObject)
		edit := func(destination string) fstest.MapFS {
			return with(before, "catalog/values/base.yaml", string(before["catalog/values/base.yaml"].Data)+
				`  templatePatch: '{{ if eq .name "hub" }}{"spec": {"destination": `+destination+"}}{{ end }}'\n")
		}
		result := compareTrees(t, edit(`{"server": null, "name": "`+was+`"}`),
			edit(`{"name": null, "server": "https://hub.example"}`), compare.Options{Stage: render.StageManifests})
		require.Empty(t, result.Failures)
		require.Equal(t, moved, result.Dangerous(), "%+v", result.Dangers)
	}
}
