package render_test

import (
	"io/fs"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/applicationset"
)

// overlays returns what Overlays finds for the component probe on a cluster.
func overlays(t testing.TB, r question, cluster string) ([]string, error) {
	t.Helper()
	session, err := open(r)
	require.NoError(t, err)
	clusters, _, err := session.Clusters(render.Request{})
	require.NoError(t, err)
	component := applicationset.Component{Key: "probe",
		ValueFiles: applicationset.ValueFiles{Group: "core", Chart: "probe-chart"}}
	for _, c := range clusters {
		if c.Name == cluster {
			return session.Overlays(r.Request, c, component)
		}
	}
	t.Fatalf("there is no cluster %q", cluster)
	return nil, nil
}

func TestOverlays(t *testing.T) {
	const (
		system      = "apps/bootstrap/defaults/core/probe-chart"
		tenant      = "apps/tenants/shops/defaults/core/probe-chart"
		environment = "apps/tenants/shops/environments/live/core/probe-chart"
		cluster     = "apps/tenants/shops/environments/live/clusters/till-1/core/probe-chart"
		house       = "apps/house/defaults/core/probe-chart"
		kustomize   = "kustomization.yaml --\nkind: Kustomization\n"
	)
	for _, test := range []struct {
		rule, cluster, files string
		want                 []string
	}{
		{"none", "till-1", "", nil},
		{"all levels, the lowest first", "till-1", "-- " + cluster + "/" + kustomize + "-- " + system + "/" +
			kustomize + "-- " + environment + "/" + kustomize + "-- " + tenant + "/" + kustomize,
			[]string{system, tenant, environment, cluster}},
		{"only those of the cluster", "till-2", "-- " + cluster + "/" + kustomize + "-- " + environment + "/" +
			kustomize + "-- " + tenant + "/" + kustomize, []string{tenant}},
		{"of a tenant beside tenants/", "hub", "-- " + house + "/" + kustomize + "-- " + tenant + "/" + kustomize,
			[]string{house}},
		{"all names that Kustomize knows, each directory once", "till-1",
			"-- " + system + "/kustomization.yml --\na: b\n-- " + system + "/Kustomization --\na: b\n-- " + tenant +
				"/Kustomization --\na: b\n",
			[]string{system, tenant}},
		{"a directory of that name is none", "till-1", "-- " + system + "/kustomization.yaml/a.yaml --\na: b\n", nil},
		{"nor are value files", "till-1", "-- " + system + "/values.yaml --\na: b\n", nil},
		{"nor that of another component, or group", "till-1", "-- apps/bootstrap/defaults/core/other/" + kustomize +
			"-- apps/bootstrap/defaults/edge/probe-chart/" + kustomize, nil},
	} {
		t.Run(test.rule, func(t *testing.T) {
			found, err := overlays(t, question{Tree: files(small, test.files), Request: render.Request{Group: "core"}},
				test.cluster)
			require.NoError(t, err)
			require.Equal(t, test.want, found)
		})
	}
	t.Run("below another app path, where fleet.yaml names none", func(t *testing.T) {
		unnamed := strings.ReplaceAll(small, "core: {path: apps, ", "core: {")
		r := question{Tree: files(unnamed, "-- edges/defaults/core/probe-chart/"+kustomize+"-- "+system+"/"+kustomize),
			Request: render.Request{Group: "core", AppPath: "edges"}}
		found, err := overlays(t, r, "till-1")
		require.NoError(t, err)
		require.Equal(t, []string{"edges/defaults/core/probe-chart"}, found)
	})
	t.Run("an unknown group", func(t *testing.T) {
		_, err := overlays(t, question{Tree: files(small), Request: render.Request{Group: "gone"}}, "till-1")
		require.EqualError(t, err, `fleet.yaml:7: there is no group "gone"; the groups are core, edge, wide`)
	})
	t.Run("that cannot be looked for", func(t *testing.T) {
		fsys := broken{files(small), func(name string) bool { return path.Base(name) == "kustomization.yaml" }}
		_, err := overlays(t, question{Tree: fsys, Request: render.Request{Group: "core"}}, "till-1")
		require.EqualError(t, err, system+"/kustomization.yaml: cannot be read: permission denied")
		require.ErrorIs(t, err, fs.ErrPermission)
	})
	t.Run("without a component, as for ApplicationSets of files", func(t *testing.T) {
		session, err := open(question{Tree: files(small)})
		require.NoError(t, err)
		clusters, _, err := session.Clusters(render.Request{})
		require.NoError(t, err)
		found, err := session.Overlays(render.Request{}, clusters[0], applicationset.Component{})
		require.NoError(t, err)
		require.Empty(t, found)
	})
}
