package migrate_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestIdleSpoke: the Argo CD of a spoke has the ApplicationSets of a group today, but its label names no release, so
// that the chart makes nothing for it. Neither does cmp.
func TestIdleSpoke(t *testing.T) {
	const member, labels = "fleet/fleet-bootstrap/fleet-members/hub-1/shop-1.yaml",
		"addons/tenants/shop/environments/np/defaults/fleet/fleet-secret/values.yaml"
	const own = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: own, namespace: argocd}
spec:
  project: default
  destination: {name: shop-1, namespace: argocd}
  source: {repoURL: r, targetRevision: main, path: own}
`
	const groups = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: cluster-addons-shop-1-stable, namespace: argocd}
spec:
  project: default
  destination: {name: in-cluster, namespace: argocd}
  source:
    repoURL: r
    targetRevision: main
    path: charts/application-sets
    helm:
      valuesObject: {applicationSetGroup: addons, mergeValues: {addons: {use: true}}, releaseType: stable,
        releases: {addonsRelease: stable}}
`
	changes := files{
		member: edited(t, member, `use_remote_argo: "false"`,
			"use_remote_argo: \"true\"\nenable_remote_addons: \"true\""),
		labels:          edited(t, labels, "addonsRelease: stable, monitoringRelease: stable", "addonsRelease: odd"),
		"own/apps.yaml": groups,
		"fleet/bootstrap/versions/applicationSets.yaml": edited(t, "fleet/bootstrap/versions/applicationSets.yaml",
			"addons: [{type: stable}]", "addons: [{type: stable}, {type: next}]"),
		"fleet/bootstrap/hub-1/own.yaml": own + "---\n" + `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: nothing}
spec: {generators: [{list: {elements: []}}], template: {metadata: {name: x}, spec: {}}}
`}
	plan := run(t, changes)
	require.NotContains(t, plan.Fleet, "selectors:")
	require.Contains(t, items(plan, "addons"),
		"changed ApplicationSet shop-1/argocd/metrics-stable (same Applications)")
}
