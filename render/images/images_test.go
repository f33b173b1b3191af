package images_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/images"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// fleet has two hubs. All clusters have web, and only the spokes job.
const fleet = `
-- fleet.yaml --
apiVersion: fleet.cmp/v1alpha1
kind: Fleet
spec:
  catalog: parts
  members: members
  groups:
    core: {path: apps, components: [base], useSelectors: false}
    side: {path: apps, components: [side], useSelectors: true}
  clusters:
  - {name: hub-a, server: https://a.example, labels: {tenant: house, environment: live}}
  - {name: hub-b, server: https://b.example, labels: {tenant: house, environment: live}}
-- members/hub-a/spoke-1.yaml --
tenant: shops
environment: live
-- members/hub-a/spoke-2.yaml --
tenant: shops
environment: test
-- members/hub-b/spoke-3.yaml --
tenant: shops
environment: test
-- parts/values.yaml --
repoURLGit: https://git.example/fleet
repoURLGitRevision: main
-- parts/values/base.yaml --
web: {enabled: true, namespace: web, path: charts/web, chartName: web, defaultVersion: '1'}
-- parts/values/side.yaml --
job:
  enabled: true
  namespace: job
  path: charts/job
  chartName: job
  defaultVersion: '1'
  selector: {matchExpressions: [{key: fleet_member, operator: In, values: [spoke]}]}
-- apps/tenants/shops/environments/live/core/web/values.yaml --
tag: "1.0"
-- apps/tenants/shops/environments/test/core/web/values.yaml --
tag: "1.1"
-- apps/tenants/house/environments/live/core/web/values.yaml --
tag: "1.0"
-- charts/web/Chart.yaml --
apiVersion: v2
name: web
version: 0.1.0
-- charts/web/values.yaml --
tag: "0"
-- charts/web/templates/web.yaml --
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: {{ .Release.Namespace }}}
spec:
  template:
    spec:
      initContainers: [{name: first, image: busybox}]
      containers: [{name: web, image: "registry.example:5000/shop/web:{{ .Values.tag }}"}]
-- charts/job/Chart.yaml --
apiVersion: v2
name: job
version: 0.1.0
-- charts/job/templates/job.yaml --
apiVersion: batch/v1
kind: CronJob
metadata: {name: job}
spec:
  jobTemplate:
    spec:
      template:
        spec:
          containers: [{name: job, image: "busybox:latest"}]
`

// files returns the files of txtar archives; of a file in several, that of the last one.
func files(archives ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for _, archive := range archives {
		for _, f := range txtar.Parse([]byte(archive)).Files {
			fsys[f.Name] = &fstest.MapFile{Data: f.Data, Mode: 0o644}
		}
	}
	return fsys
}

func open(t testing.TB, archives ...string) *stages.Session {
	t.Helper()
	session, err := stages.Config{}.Open(t.Context(), files(append([]string{fleet}, archives...)...), render.Options{},
		stages.Charts{CacheDir: t.TempDir(), Offline: true})
	require.NoError(t, err)
	return session
}

func of(t testing.TB, filter images.Filter, archives ...string) *images.Inventory {
	t.Helper()
	found, err := images.Of(t.Context(), open(t, archives...), images.Options{Filter: filter})
	require.NoError(t, err)
	return found
}

// references returns the images of each cluster.
func references(i *images.Inventory) map[string]string {
	all := map[string]string{}
	for _, c := range i.Clusters {
		var list []string
		for _, image := range c.Images {
			list = append(list, image.Reference)
		}
		all[c.Name] = strings.Join(list, " ")
	}
	return all
}

const (
	busybox = "docker.io/library/busybox:latest"
	web     = "registry.example:5000/shop/web:"
)

func TestImagesOfClusters(t *testing.T) {
	var progress [][2]int
	found, err := images.Of(t.Context(), open(t), images.Options{Output: render.Output{
		Progress: func(done, total int) { progress = append(progress, [2]int{done, total}) }}})
	require.NoError(t, err)
	require.Empty(t, found.Failures)
	require.Empty(t, found.Notes)
	require.NotEmpty(t, progress)
	require.Equal(t, map[string]string{
		"hub-a": busybox + " " + web + "1.0", "hub-b": busybox + " " + web + "1.0",
		"spoke-1": busybox + " " + web + "1.0",
		"spoke-2": busybox + " " + web + "1.1", "spoke-3": busybox + " " + web + "1.1",
	}, references(found))
	spoke := found.Clusters[3]
	require.Equal(t, images.Cluster{Name: "spoke-2", Hub: "hub-a", Tenant: "shops", Environment: "test"},
		images.Cluster{Name: spoke.Name, Hub: spoke.Hub, Tenant: spoke.Tenant, Environment: spoke.Environment})
	uses := spoke.Images[0].Uses
	require.Len(t, uses, 2)
	require.Equal(t, []string{"core/web hub-a Deployment web/web initContainers first busybox",
		"side/job hub-a CronJob /job containers job busybox:latest"}, []string{shown(uses[0]), shown(uses[1])})
	require.Contains(t, uses[0].Application, "spoke-2")
}

func shown(u images.Use) string {
	return fmt.Sprintf("%s/%s %s %s %s/%s %s %s %s", u.Group, u.Component, u.ArgoCD, u.Kind, u.Namespace, u.Name,
		u.Field,
		u.Container, u.Written)
}

func TestFilters(t *testing.T) {
	for name, test := range map[string]struct {
		filter images.Filter
		want   map[string]string // "" for a cluster without images
		err    string
	}{
		"a group": {filter: images.Filter{Group: "side"}, want: map[string]string{"hub-a": "", "hub-b": "",
			"spoke-1": busybox, "spoke-2": busybox, "spoke-3": busybox}},
		"a component and a hub": {filter: images.Filter{Components: []string{"job"}, Hub: "hub-b"},
			want: map[string]string{"hub-b": "", "spoke-3": busybox}},
		"a cluster": {filter: images.Filter{Cluster: "hub-a"},
			want: map[string]string{"hub-a": busybox + " " + web + "1.0"}},
		"a selector": {filter: images.Filter{Selector: "environment=test", Group: "core"},
			want: map[string]string{"spoke-2": busybox + " " + web + "1.1", "spoke-3": busybox + " " + web + "1.1"}},
		"no such group":     {filter: images.Filter{Group: "cores"}, err: `there is no group "cores"; did you mean core?`},
		"no such cluster":   {filter: images.Filter{Cluster: "x"}, err: `there is no cluster "x"; list them with cmp clusters`},
		"no such hub":       {filter: images.Filter{Hub: "spoke-1"}, err: `there is no hub "spoke-1"`},
		"no such component": {filter: images.Filter{Components: []string{"wep"}}, err: `there is no component "wep"; did you`},
		"nothing selected": {filter: images.Filter{Selector: "tenant=none"},
			err: `no cluster of the fleet matches "tenant=none"; the clusters are hub-a, hub-b, spoke-1, `},
		"a value that is misspelt": {filter: images.Filter{Selector: "environment=tets"},
			err: "did you mean environment=test?"},
		"nothing selected of a hub": {filter: images.Filter{Selector: "tenant!=house,environment=live", Hub: "hub-b"},
			err: `no cluster of hub "hub-b" matches "tenant!=house,environment=live"; see cmp clusters`},
		"a cluster of another hub": {filter: images.Filter{Cluster: "spoke-3", Hub: "hub-a"},
			err: `cluster "spoke-3" is not all that is asked for: leave out`},
		"a wrong selector": {filter: images.Filter{Selector: "a=b=c"}, err: "--selector:"},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := images.Of(t.Context(), open(t), images.Options{Filter: test.filter})
			if test.err != "" {
				require.ErrorIs(t, err, render.ErrIncomplete)
				require.ErrorContains(t, err, test.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, test.want, references(found))
		})
	}
}

// TestWhatCannotBeRendered proves that its images are never missing in silence, and that all others are there.
func TestWhatCannotBeRendered(t *testing.T) {
	for name, test := range map[string]struct {
		archive  string
		failures int
		message  string
		clusters int // that have busybox
	}{
		"an Application": {archive: "-- charts/job/templates/job.yaml --\n{{ fail \"no\" }}", failures: 3,
			message: "application spoke-1-job", clusters: 5},
		"an Application of one cluster": {archive: "-- apps/tenants/shops/clusters/spoke-3/core/web/values.yaml --\n[",
			failures: 1, message: "spoke-3", clusters: 5},
		"a group": {archive: "-- parts/values/side.yaml --\na: [", failures: 2, message: "side.yaml", clusters: 5},
		"an ApplicationSet": {archive: "-- parts/values/base.yaml --\nweb: {enabled: true, namespace: web, path: " +
			"'charts/{{.metadata.annotations.none}}', chartName: web, defaultVersion: '1'}", failures: 5,
			message: "none", clusters: 3},
		"a chart that cannot be fetched": {
			archive: "-- parts/values/base.yaml --\nweb: {enabled: true, namespace: web, " +
				"chartRepository: https://charts.example, chartName: web, defaultVersion: '1.0.0'}", failures: 5,
			message: "web", clusters: 3},
	} {
		t.Run(name, func(t *testing.T) {
			found := of(t, images.Filter{}, test.archive)
			require.Len(t, found.Failures, test.failures, "%v", found.Failures)
			require.Contains(t, found.Failures[0].Error(), test.message)
			clusters := 0
			for _, c := range found.Clusters {
				if slices.ContainsFunc(c.Images, func(i images.Image) bool { return i.Reference == busybox }) {
					clusters++
				}
			}
			require.Equal(t, test.clusters, clusters)
		})
	}
}

// TestFilterOfAnApplicationSetThatFails proves that a filter does not hide that Argo CD makes no Application for any
// cluster where one fails.
func TestFilterOfAnApplicationSetThatFails(t *testing.T) {
	archive := "-- parts/values/side.yaml --\njob: {enabled: true, namespace: job, path: charts/job, chartName: job, " +
		"defaultVersion: '1', selectorMatchLabels: {fleet_member: spoke}, " +
		"valuesObject: {a: '{{.metadata.annotations.only}}'}}\n" +
		"-- apps/tenants/shops/environments/live/fleet/fleet-secret/values.yaml --\n" +
		"externalSecret: {annotations: {only: yes}}\n"
	found := of(t, images.Filter{Cluster: "spoke-1", Group: "side"}, archive)
	require.Empty(t, found.Clusters[0].Images)
	require.ErrorContains(t, found.Failures, `cluster "spoke-2" lacks annotation only`)
	require.Empty(t, of(t, images.Filter{Cluster: "hub-a", Group: "side"}, archive).Failures)
}

// TestOddImages proves that what is no image, and what has none, is said once for all clusters.
func TestOddImages(t *testing.T) {
	found := of(t, images.Filter{Components: []string{"job"}}, `
-- charts/job/templates/job.yaml --
apiVersion: v1
kind: Pod
metadata: {name: odd}
spec:
  containers:
  - {name: upper, image: "Shop/Web:1"}
  - {name: none}
  - {name: empty, image: ""}
  - {name: number, image: 1}
  - text
  volumes:
  - {name: data, image: {reference: "shop.example/data@sha256:`+strings.Repeat("0a", 32)+`"}}
  - {name: other, emptyDir: {}}
`)
	require.Empty(t, found.Failures)
	digest := "shop.example/data@sha256:" + strings.Repeat("0a", 32)
	require.Equal(t, "Shop/Web:1 "+digest, references(found)["spoke-1"])
	require.NotEmpty(t, found.Clusters[2].Images[0].Invalid)
	require.Equal(t, []string{
		`component job: Pod odd: "Shop/Web:1" is no image: invalid reference format: repository name (Web) ` +
			`must be lowercase (3 clusters)`,
		`component job: Pod odd: containers "empty" has no image (3 clusters)`,
		`component job: Pod odd: containers "none" has no image (3 clusters)`,
		`component job: Pod odd: containers "number" has an image that is no string (3 clusters)`,
	}, found.Notes)
}

// TestApplicationsOfOneName: Argo CD leaves an Application to the first ApplicationSet that makes it.
func TestApplicationsOfOneName(t *testing.T) {
	found := of(t, images.Filter{Cluster: "spoke-1"}, `
-- parts/values/side.yaml --
job: {enabled: true, namespace: job, path: charts/job, chartName: web, defaultVersion: '1', appName: web}
web2: {enabled: true, namespace: web, path: charts/web, chartName: web, defaultVersion: '1', appName: web}
`)
	names := map[string]bool{}
	for _, c := range found.Clusters {
		for _, image := range c.Images {
			for _, use := range image.Uses {
				names[use.ArgoCD+"/"+use.Application+"/"+use.Component] = true
			}
		}
	}
	require.Len(t, names, 3-len(found.Notes), "%v %v", slices.Sorted(maps.Keys(names)), found.Notes)
}

func TestSessionsThatCannotTell(t *testing.T) {
	session, err := stages.Config{}.Open(t.Context(), nil, render.Options{}, stages.Charts{})
	require.NoError(t, err)
	_, err = images.Of(t.Context(), session, images.Options{})
	require.Error(t, err)
	side := images.Side{Name: "before", Session: session}
	_, err = images.Compare(t.Context(), side, side)
	require.ErrorContains(t, err, "before: ")
	require.False(t, errors.Is(err, render.ErrNoMatch))
}

// TestProgress: what is told ends with all, so that a display goes away.
func TestProgress(t *testing.T) {
	var told [][2]int
	_, err := images.Of(t.Context(), open(t), images.Options{Output: render.Output{
		Progress: func(done, total int) { told = append(told, [2]int{done, total}) }}})
	require.NoError(t, err)
	ends := [2]int{1, 1}
	require.Equal(t, [][2]int{{1, 4}, {2, 4}, {3, 4}, {4, 4}, ends, // two groups on two hubs
		{0, 4}, {1, 4}, {2, 4}, {3, 4}, ends}, told) // four ApplicationSets
}
