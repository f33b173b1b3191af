package application_test

import (
	"fmt"
	"testing"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/application"
	"github.com/eks-fleet-management/fleet-cmp/render/application/generator"
)

// addonSet is an ApplicationSet as package applicationset makes them.
func addonSet(tb testing.TB, name string) map[string]any {
	return parse(tb, fmt.Sprintf(`
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: %[1]s, namespace: argocd}
spec:
  goTemplate: true
  goTemplateOptions: [missingkey=error]
  generators:
  - merge:
      mergeKeys: [server]
      generators:
      - clusters:
          selector:
            matchLabels: {argocd.argoproj.io/secret-type: cluster, fleet_member: spoke}
            matchExpressions: [{key: enable_everything, operator: In, values: ["true"]}]
          values: {addonChart: %[1]s, addonChartVersion: 1.2.3, addonChartRepository: https://charts.example, chart: %[1]s}
      - clusters:
          selector: {matchLabels: {tenant: t1}}
          values: {addonChartVersion: 1.3.0}
  syncPolicy: {preserveResourcesOnDeletion: true}
  template:
    metadata:
      name: '{{ .name | trunc 30 }}-%[1]s-{{ .values.addonChartVersion }}'
      labels: {component: %[1]s, environment: '{{.metadata.labels.environment}}', cluster: '{{.name}}', app.kubernetes.io/managed-by: fleet-cmp}
      annotations: {argocd.argoproj.io/sync-wave: "-1"}
    spec:
      project: default
      sources:
      - repoURL: '{{.metadata.annotations.repo_url}}'
        targetRevision: '{{.metadata.annotations.repo_revision}}'
        ref: values
      - repoURL: '{{.values.addonChartRepository}}'
        chart: '{{.values.addonChart}}'
        targetRevision: '{{.values.addonChartVersion}}'
        helm:
          releaseName: '{{.values.addonChart}}'
          ignoreMissingValueFiles: true
          valueFiles:
          - $values/addons/bootstrap/defaults/addons/{{.values.addonChart}}/values.yaml
          - $values/addons/tenants/defaults/addons/{{.values.addonChart}}/values.yaml
          - $values/addons/tenants/{{.metadata.labels.tenant}}/defaults/addons/{{.values.addonChart}}/values.yaml
          - $values/addons/tenants/{{.metadata.labels.tenant}}/environments/{{.metadata.labels.environment}}/addons/{{.values.addonChart}}/values.yaml
          - $values/addons/tenants/{{.metadata.labels.tenant}}/clusters/{{.name}}/addons/{{.values.addonChart}}/values.yaml
          valuesObject:
            region: '{{.metadata.annotations.aws_region}}'
            serviceAccount: {create: true, annotations: {role: 'arn:aws:iam::{{.metadata.annotations.aws_account_id}}:role/%[1]s'}}
            replicas: 2
            tolerations: [{key: CriticalAddonsOnly, operator: Exists}]
      destination: {name: '{{.name}}', namespace: %[1]s}
      syncPolicy:
        automated: {prune: true, selfHeal: true}
        retry: {limit: 5, backoff: {duration: 5s, factor: 2, maxDuration: 3m}}
        syncOptions: [CreateNamespace=true, ServerSideApply=true]
      ignoreDifferences:
      - {group: apps, kind: Deployment, jsonPointers: [/spec/replicas]}
`, name))
}

// BenchmarkExpand expands one ApplicationSet for ever more clusters, and encodes the Applications. The time for each of
// them must not grow.
func BenchmarkExpand(b *testing.B) {
	for _, count := range []int{10, 100, 1000} {
		b.Run(fmt.Sprintf("clusters=%d", count), func(b *testing.B) {
			e, err := application.New(application.Options{Version: argocd.Newest(), Repository: generator.Repository{
				FS: files{}.fs(), FileSize: hierarchy.MaxFileSize}}, manyClusters(count))
			if err != nil {
				b.Fatal(err)
			}
			object := addonSet(b, "external-secrets")
			b.ReportAllocs()
			for b.Loop() {
				expansion := e.Expand(b.Context(), object)
				if len(expansion.Applications) != count || len(expansion.Problems) > 0 {
					b.Fatal(len(expansion.Applications), expansion.Problems)
				}
				for _, a := range expansion.Applications {
					if _, err := render.EncodeValue(a.Object, "yaml"); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*count), "µs/application")
		})
	}
}

// BenchmarkExpandMatrix expands a matrix of clusters and a file of each, for which Argo CD evaluates the second
// generator once for each cluster.
func BenchmarkExpandMatrix(b *testing.B) {
	for _, count := range []int{10, 100, 1000} {
		b.Run(fmt.Sprintf("clusters=%d", count), func(b *testing.B) {
			repository := files{}
			for i := range count {
				repository[fmt.Sprintf("clusters/%04d/values.yaml", i)] = "version: 1.2.3\n"
			}
			e, err := application.New(application.Options{Version: argocd.Newest(), Repository: generator.Repository{
				FS: repository.fs(), FileSize: hierarchy.MaxFileSize}}, manyClusters(count))
			if err != nil {
				b.Fatal(err)
			}
			object := set(b, `
generators:
- matrix:
    generators:
    - clusters: {selector: {matchLabels: {fleet_member: spoke}}}
    - git: {repoURL: https://git.example/fleet, revision: HEAD, files: [{path: '{{.metadata.annotations.cluster_path}}/values.yaml'}]}
`)
			for b.Loop() {
				expansion := e.Expand(b.Context(), object)
				if len(expansion.Applications) != count || len(expansion.Problems) > 0 {
					b.Fatal(len(expansion.Applications), expansion.Problems)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*count), "µs/application")
		})
	}
}
