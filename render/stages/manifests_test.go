package stages_test

import (
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render"
)

// plugin has the component delivered by the plugin; overlay is a kustomization of a level for it.
const (
	plugin  = "-- apps/defaults/application-sets/core.yaml --\nweb: {delivery: plugin}\n"
	overlay = "-- apps/tenants/shops/defaults/core/web/kustomization.yaml --\nnameSuffix: -ours\n"
)

func only(r question, cluster string) question {
	r.Cluster, r.Targets = cluster, render.Targets{}
	return r
}

// TestOverlay: the kustomizations of a cluster's levels are laid over what the plugin delivers, the lowest level first.
func TestOverlay(t *testing.T) {
	higher := "-- apps/tenants/shops/clusters/spoke-1/core/web/kustomization.yaml --\nnameSuffix: " +
		"-cluster\ncommonAnnotations: {by: cluster}\n"
	out := mustRender(t, request(t, render.StageManifests, plugin, overlay, higher))
	require.Len(t, out.rendered, 12)
	names := out.names()
	require.Equal(t, []string{"hub-a/hub-a-web-1/v1_configmap_web_web",
		"hub-a/hub-a-web-1/rbac.authorization.k8s.io_v1_clusterrole_web"}, names[:2], "a cluster of another tenant")
	require.Equal(t, []string{"spoke-1/spoke-1-web-1/v1_configmap_web-ours-cluster_web",
		"spoke-1/spoke-1-web-1/rbac.authorization.k8s.io_v1_clusterrole_web-ours-cluster"}, names[2:4])
	require.Contains(t, string(out.rendered[2].Data), "by: cluster")
	require.Contains(t, names, "spoke-3/spoke-3-web-1/v1_configmap_web-ours_web")
	require.Equal(t, []string{strings.Replace(allFleet, "parts/values/base.yaml",
		"apps/defaults/application-sets/core.yaml", 1)}, out.warnings)
}

// TestFurtherDocumentOfAValueFile: all clusters have the file, so that one warning is enough. Values of a component
// warn likewise.
func TestFurtherDocumentOfAValueFile(t *testing.T) {
	const file = "apps/tenants/shops/defaults/core/web/values.yaml"
	several := "-- " + file + " --\nlevel: first\n---\nlevel: second\n"
	const want = file + ":3: only the first YAML document of a values file is read; " +
		"remove the line with ---, or move the rest to another file"
	for delivery, archive := range map[string]string{"helm": "", "plugin": plugin} {
		t.Run(delivery, func(t *testing.T) {
			r := request(t, render.StageManifests, several, archive)
			require.NotContains(t, mustRender(t, r).warnings, want, "Helm 4 reads all")
			r.ArgoCD = "3.4"
			out := mustRender(t, r)
			require.Len(t, slices.DeleteFunc(out.warnings, func(w string) bool { return w != want }), 1)
			r.Strict = true
			require.Contains(t, renderAll(t, r).failures(t), want)

			v := component(t, "web", several, archive)
			v.Cluster = "spoke-3"
			merged, err := valuesOf(t, v)
			require.NoError(t, err)
			require.NotContains(t, lines(merged.Warnings), want)
			require.Equal(t, "second", merged.Values.Map()["level"])
			v.ArgoCD = "3.4"
			merged, err = valuesOf(t, v)
			require.NoError(t, err)
			require.Equal(t, "first", merged.Values.Map()["level"])
			require.Contains(t, lines(merged.Warnings), want)
			v.Strict = true
			_, err = valuesOf(t, v)
			require.ErrorContains(t, err, file+":3: only the first YAML document")
		})
	}
}

// TestOverlayIsForTheMainSource: pod identity and additional resources are not the component's chart.
func TestOverlayIsForTheMainSource(t *testing.T) {
	const extra = `
-- parts/values/base.yaml --
web:
  enabled: true
  namespace: web
  path: charts/web
  defaultVersion: '1'
  delivery: plugin
  enableAckPodIdentity: true
  ackPodIdentity: {path: charts/identity}
  additionalResources: {path: more}
-- charts/identity/Chart.yaml --
apiVersion: v2
name: identity
version: 0.1.0
-- charts/identity/templates/role.yaml --
apiVersion: v1
kind: ConfigMap
metadata: {name: identity}
-- more/more.yaml --
apiVersion: v1
kind: ConfigMap
metadata: {name: more}
`
	r := request(t, render.StageManifests, extra, overlay)
	r.Annotations = map[string]string{"aws_region": "r", "aws_account_id": "1"}
	out := mustRender(t, only(r, "spoke-1"))
	require.Equal(t, []string{
		"spoke-1/spoke-1-web-1/v1_configmap_identity",
		"spoke-1/spoke-1-web-1/v1_configmap_web-ours_web",
		"spoke-1/spoke-1-web-1/rbac.authorization.k8s.io_v1_clusterrole_web-ours",
		"spoke-1/spoke-1-web-1/v1_configmap_more",
	}, out.names())
}

func TestOverlayThatHasNoEffect(t *testing.T) {
	out := mustRender(t, request(t, render.StageManifests, overlay))
	require.Equal(t, []string{allFleet,
		`apps/tenants/shops/defaults/core/web: the overlay has no effect: Argo CD's Helm delivers component "web"; set delivery: plugin for the component`},
		out.warnings, "once, not for each cluster")
	require.Contains(t, out.names(), "spoke-1/spoke-1-web-1/v1_configmap_web_web")
}

func TestOverlayThatFails(t *testing.T) {
	out := renderAll(t, request(t, render.StageManifests, plugin,
		"-- apps/tenants/shops/clusters/spoke-1/core/web/kustomization.yaml --\nresources: [gone.yaml]\n"))
	failures := out.failures(t)
	require.Len(t, failures, 1)
	require.Contains(t, failures[0], "apps/tenants/shops/clusters/spoke-1/core/web/kustomization.yaml")
	require.Contains(t, failures[0], "cluster spoke-1")
	require.Equal(t, map[string]int{"hub-a": 2, "hub-b": 2, "spoke-2": 4, "spoke-3": 2}, out.clusters())
}

// TestDelivery: valuesObject wins over the value files with Argo CD's Helm, and loses with the plugin.
func TestDelivery(t *testing.T) {
	object := "-- apps/defaults/application-sets/core.yaml --\nweb: {valuesObject: {level: object}"
	for delivery, want := range map[string]string{"helm": "object", "plugin": "system"} {
		out := mustRender(t, only(request(t, render.StageManifests, object+", delivery: "+delivery+"}\n"), "hub-a"))
		require.Equal(t, map[string]any{"hub-a": want}, out.levels(t), delivery)
	}
}

// TestFileNames: objects of one kind and name in several namespaces have files of their own.
func TestFileNames(t *testing.T) {
	const two = `
-- charts/web/templates/config.yaml --
{{ range list "one" "two" "Three/../x" }}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: same, namespace: {{ . }}}
{{ end }}
`
	out := mustRender(t, only(request(t, render.StageManifests, two), "hub-a"))
	require.Equal(t, []string{
		"hub-a/hub-a-web-1/v1_configmap_same_one", "hub-a/hub-a-web-1/v1_configmap_same_two",
		"hub-a/hub-a-web-1/v1_configmap_same_three_.._x",
		"hub-a/hub-a-web-1/rbac.authorization.k8s.io_v1_clusterrole_web",
	}, out.names())
}

// TestAnyNumberOfWorkers: the result does not depend on how many there are.
func TestAnyNumberOfWorkers(t *testing.T) {
	before := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(before)
	r := request(t, render.StageManifests, plugin, overlay, "-- charts/web/templates/stop.yaml --\n"+
		`{{ if eq .Values.level "broken" }}{{ fail "it is broken" }}{{ end }}`+"\n",
		"-- apps/tenants/shops/clusters/spoke-1/core/web/values.yaml --\nlevel: broken\n-- "+
			"apps/tenants/shops/clusters/spoke-3/core/web/values.yaml --\nlevel: broken\n")
	r.Group = ""
	one := renderAll(t, r)
	failures := one.failures(t)
	require.Len(t, failures, 2)
	require.Equal(t, map[string]int{"hub-a": 6, "hub-b": 6, "spoke-1": 4, "spoke-2": 12, "spoke-3": 4}, one.clusters())
	for _, workers := range []int{2, 8} {
		runtime.GOMAXPROCS(workers)
		many := renderAll(t, r)
		require.Equal(t, failures, many.failures(t))
		one.err, many.err = nil, nil
		require.Equal(t, one, many)
	}
}
