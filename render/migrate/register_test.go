package migrate_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/migrate"
)

const secretTemplate = "charts/spoke-secret/templates/secret.yaml"

// today is an ExternalSecret like that of cmp, but for what it says of the cluster.
const today = `apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: '{{ .Release.Name }}-fleet-secret'}
spec:
  refreshInterval: 1m
  secretStoreRef: {name: fleet-eks-secret-store, kind: SecretStore}
  target:
    name: '{{ .Release.Name }}-fleet-secret'
    creationPolicy: Owner
    template:
      engineVersion: v2
      data: {config: '{{"{{ .config }}"}}', name: shop-1, server: '{{"{{ .server }}"}}'}
      templateFrom:
      - {target: Annotations, literal: '{{"{{ .metadata }}"}}'}
      - {target: Annotations, literal: "addons_repo_basepath: addons/tenants\naddons_repo_path:\n"}
      - {target: Labels, literal: "monitoringRelease: stable\ntenant: shop\n"}
      - {target: Labels, literal: '{{"{{ .addons }}"}}'}
      - {target: Labels, literal: 'argocd.argoproj.io/secret-type: cluster'}
  dataFrom: [{extract: {conversionStrategy: Default, decodingStrategy: None, key: {{ .Values.secret }}, metadataPolicy: None}}]
`

// registrationOf returns the item of the spoke's ExternalSecret.
func registrationOf(t *testing.T, plan *migrate.Plan) migrate.Item {
	t.Helper()
	for _, item := range plan.Items {
		if item.Kind == "ExternalSecret" && item.Name == "shop-1-fleet-secret" {
			return item
		}
	}
	require.Fail(t, "there is no item of the spoke's ExternalSecret")
	return migrate.Item{}
}

// TestRegistration: an ExternalSecret that says more of a cluster than today's changes nothing, if all Applications of
// the cluster stay the same. What it no longer says, or other Applications, do.
func TestRegistration(t *testing.T) {
	for _, test := range []struct {
		name, old, new string // of today's ExternalSecret
		same           bool
		items          []string // of the group monitoring, besides the ApplicationSet that always differs
	}{
		{name: "more labels", same: true},
		{name: "an annotation that nothing reads", old: "addons_repo_path:", new: "aws_region: eu-central-1",
			same: true},
		{name: "another tenant", old: "tenant: shop", new: "tenant: store",
			items: []string{"changed Application hub-1/argocd/stable-shop-1-exporter-1.0"}},
		{name: "a label is lost", old: "tenant: shop", new: "tenant: shop\\nteam: one"},
		{name: "another secret", old: "key: {{ .Values.secret }}", new: "key: other"},
		{name: "another release", old: "monitoringRelease: stable", new: "monitoringRelease: next",
			items: []string{"new Application hub-1/argocd/stable-shop-1-exporter-1.0"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := today
			if test.old != "" {
				require.Contains(t, text, test.old)
				text = strings.Replace(text, test.old, test.new, 1)
			}
			plan := run(t, files{secretTemplate: text})
			require.Empty(t, plan.Failures)
			item := registrationOf(t, plan)
			require.Equal(t, migrate.Changed, item.Class)
			require.Equal(t, test.same, item.SameApplications, item.Diff)
			found := items(plan, "monitoring")
			require.ElementsMatch(t, test.items, slices.DeleteFunc(found, func(line string) bool {
				return strings.Contains(line, " ApplicationSet ")
			}))
		})
	}
	q := question()
	q.Stage = render.StageApplicationSets
	plan, err := migrate.Run(t.Context(), fleet(t, wrapped(t, files{secretTemplate: today})), q)
	require.NoError(t, err)
	require.False(t, registrationOf(t, plan).SameApplications, "nothing is known of Applications")
}

// TestRegionOfStores: the region of a hub that nobody describes is the one that its stores name.
func TestRegionOfStores(t *testing.T) {
	f := fleet(t, wrapped(t, files{secretTemplate: today + `---
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: {name: fleet-eks-secret-store}
spec: {provider: {aws: {region: eu-north-1}}}
`}))
	f.Options.ClusterSecrets = nil
	plan, err := migrate.Run(t.Context(), f, question())
	require.NoError(t, err)
	for _, item := range plan.Items {
		if item.Kind == "SecretStore" {
			require.Contains(t, item.Diff, "       region: eu-north-1")
			return
		}
	}
	require.Fail(t, "there is no store")
}
