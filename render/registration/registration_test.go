package registration_test

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"text/template"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/registration"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const testdata = "../../testdata"

var exampleFleet = os.DirFS(filepath.Join(testdata, "fleet"))

// build makes the objects for a cluster of a repository.
func build(fsys fs.FS, name string) ([]registration.Object, []*problem.Problem, error) {
	repo := hierarchy.NewRepository(fsys)
	f, err := fleet.Load(repo)
	if err != nil {
		return nil, nil, err
	}
	clusters, _, err := member.Clusters(f, repo, nil)
	if err != nil {
		return nil, nil, err
	}
	on := cluster.Cluster{Name: name}
	for _, c := range clusters {
		if c.Name == name {
			on = c
		}
	}
	in, warnings, err := registration.Load(repo, f, on)
	if err != nil {
		return nil, nil, err
	}
	built, err := registration.Build(in)
	if err != nil {
		return nil, warnings, err
	}
	return built.Objects, append(warnings, built.Warnings...), nil
}

func mustBuild(t *testing.T, fsys fs.FS, c string) []registration.Object {
	t.Helper()
	objects, _, err := build(fsys, c)
	require.NoError(t, err)
	return objects
}

// fleet returns a small fleet: a hub and the spoke spoke-dev-workload1, as in the sample fleet; a file in an archive
// replaces or adds one. "hub:" and "spoke:" stand for the two clusters' own value files.
func smallFleet(archives ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for _, archive := range append([]string{sample}, archives...) {
		for _, f := range txtar.Parse([]byte(archive)).Files {
			name := map[string]string{
				"hub": "addons/control-plane/environments/np/clusters/hub-np/fleet/fleet-secret/values.yaml",
				"spoke": "addons/tenants/tenant1/environments/np/clusters/spoke-dev-workload1/fleet/fleet-secret/" +
					"values.yaml",
				"tenant": "addons/tenants/tenant1/defaults/fleet/fleet-secret/values.yaml",
				"member": "fleet/fleet-bootstrap/fleet-members/hub-np/spoke-dev-workload1.yaml",
			}[f.Name]
			if name == "" {
				name = f.Name
			}
			fsys[name] = &fstest.MapFile{Data: f.Data, Mode: 0o644}
		}
	}
	return fsys
}

const sampleFleet = `
apiVersion: fleet.cmp/v1alpha1
kind: Fleet
spec:
  clusters:
    - name: hub-np
      labels: {fleet_member: hub-cluster, tenant: control-plane, environment: np, addonsRelease: default}
      annotations: {aws_region: eu-west-2, addons_repo_url: "https://git.example.com/fleet.git", addons_repo_revision: main}
`

const sample = `
-- fleet.yaml --` + sampleFleet + `-- member --
tenant: tenant1
clusterName: spoke-dev-workload1
environment: np
addons_repo_basepath: addons/tenants
secretManagerSecretName: fleet/spoke-dev-workload1
githubSecret: "true"
githubSecretName: git-credentials
use_remote_argo: "true"
enable_remote_resources: "true"
enable_remote_addons: "true"
use_fleet_ack: "true"
-- addons/tenants/defaults/fleet/fleet-secret/values.yaml --
externalSecret:
  labels: {fleetRelease: default, addonsRelease: release1, monitoringRelease: default}
-- tenant --
externalSecret:
  labels: {enable_metrics_server: "true"}
  annotations: {aws_region: eu-west-2}
-- addons/tenants/tenant1/environments/np/fleet/fleet-secret/values.yaml --
externalSecret:
  labels: {addonsRelease: default}
-- spoke --
externalSecret:
  labels: {addonsRelease: dev}
  annotations: {example.com/format: "{{ .not.a.template }}: \"x\""}
-- addons/control-plane/defaults/fleet/fleet-secret/values.yaml --
externalSecret:
  labels: {monitoringRelease: default}
`

func TestExampleFleet(t *testing.T) {
	for _, c := range []string{"hub-prod", "retail-np-1"} {
		t.Run(c, func(t *testing.T) {
			objects, warnings, err := build(exampleFleet, c)
			require.NoError(t, err)
			require.Empty(t, warnings)
			data, err := render.Encode(objects, "yaml")
			require.NoError(t, err)
			file := filepath.Join(testdata, "golden", "registration-"+c+".yaml")
			if *update {
				require.NoError(t, os.WriteFile(file, data, 0o644))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, string(want), string(data),
				"run: go test ./render/registration -run TestExampleFleet -update")
			checkObjects(t, objects)
		})
	}
}

// checkObjects requires what holds for all output: valid and unique names, namespaces, and no value that is missing.
func checkObjects(t *testing.T, objects []registration.Object) {
	t.Helper()
	seen := map[string]bool{}
	for _, object := range objects {
		metadata := object["metadata"].(map[string]any)
		name, _ := metadata["name"].(string)
		require.Empty(t, validation.IsDNS1123Subdomain(name), name)
		require.NotEmpty(t, metadata["namespace"], name)
		id := fmt.Sprint(object["kind"], " ", name)
		require.False(t, seen[id], id)
		seen[id] = true
	}
	data, err := render.Encode(objects, "yaml")
	require.NoError(t, err)
	require.NotContains(t, string(data), "<no value>")
	require.NotContains(t, string(data), "null")
}

// find returns the one object of a kind and name.
func find(t *testing.T, objects []registration.Object, kind, name string) registration.Object {
	t.Helper()
	for _, object := range objects {
		if object["kind"] == kind && object["metadata"].(map[string]any)["name"] == name {
			return object
		}
	}
	require.Fail(t, "not found", "%s %s in %v", kind, name, names(objects))
	return nil
}

func names(objects []registration.Object) []string {
	var list []string
	for _, object := range objects {
		list = append(list, fmt.Sprint(object["kind"], " ", object["metadata"].(map[string]any)["name"]))
	}
	return list
}

func requireYAML(t *testing.T, want string, got any) {
	t.Helper()
	data, err := yaml.Marshal(got)
	require.NoError(t, err)
	require.YAMLEq(t, want, string(data))
}

// TestMember pins down the objects of the sample's member on its hub, in the form of rule cluster-secret in
// docs/rules/registration.md.
func TestMember(t *testing.T) {
	objects := mustBuild(t, smallFleet(), "hub-np")
	checkObjects(t, objects)
	require.Equal(t, []string{"SecretStore fleet-eks-secret-store", "ExternalSecret hub-np-fleet-secret",
		"ExternalSecret spoke-dev-workload1-fleet-secret"}, names(objects))
	requireYAML(t, `
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: spoke-dev-workload1-fleet-secret, namespace: argocd}
spec:
  dataFrom:
  - extract: {conversionStrategy: Default, decodingStrategy: None, key: fleet/spoke-dev-workload1, metadataPolicy: None}
  refreshInterval: 1m
  secretStoreRef: {kind: SecretStore, name: fleet-eks-secret-store}
  target:
    creationPolicy: Owner
    name: spoke-dev-workload1-fleet-secret
    template:
      data: {config: '{{ .config }}', name: spoke-dev-workload1, server: '{{ .server }}'}
      engineVersion: v2
      templateFrom:
      - {literal: '{{ .metadata }}', target: Annotations}
      - target: Annotations
        literal: |-
          addons_repo_basepath: addons/tenants
          addons_repo_revision: main
          addons_repo_secret: git-credentials
          addons_repo_url: https://git.example.com/fleet.git
          aws_region: eu-west-2
          example.com/format: '{{ "{{" }} .not.a.template }}: "x"'
          fleet_repo_secret: git-credentials
          resources_repo_secret: git-credentials
          secret_manager_secret_name: fleet/spoke-dev-workload1
      - target: Labels
        literal: |-
          addonsRelease: dev
          enable_metrics_server: "true"
          enable_remote_addons: "true"
          enable_remote_resources: "true"
          environment: np
          fleet_member: spoke
          fleetRelease: default
          monitoringRelease: default
          tenant: tenant1
          use_fleet_ack: "true"
          use_github_secret: "true"
          use_remote_argo: "true"
      - {literal: '{{ .addons }}', target: Labels}
      - target: Labels
        literal: |-
          enable_remote_addons: "true"
          enable_remote_resources: "true"
          environment: np
          fleet_member: spoke
          tenant: tenant1
          use_fleet_ack: "true"
          use_github_secret: "true"
          use_remote_argo: "true"
      - {literal: 'argocd.argoproj.io/secret-type: cluster', target: Labels}
`, find(t, objects, "ExternalSecret", "spoke-dev-workload1-fleet-secret"))
	requireYAML(t, `
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: {name: fleet-eks-secret-store, namespace: argocd}
spec: {provider: {aws: {service: SecretsManager, region: eu-west-2, secretsManager: {forceDeleteWithoutRecovery: true}}}}
`, find(t, objects, "SecretStore", "fleet-eks-secret-store"))
	hub := find(t, objects, "ExternalSecret", "hub-np-fleet-secret")["spec"].(map[string]any)
	require.Equal(t, "hub/hub-np", at(hub, "dataFrom/0/extract/key"))
	require.Equal(t, "Merge", at(hub, "target/creationPolicy"))
	require.Equal(t, "hub-np", at(hub, "target/name"))
	require.Equal(t, "https://kubernetes.default.svc", at(hub, "target/template/data/server"))
}

// TestSecretMetadata evaluates the templates as External Secrets does, in their order, with what the secret manager
// has.
func TestSecretMetadata(t *testing.T) {
	objects := mustBuild(t, smallFleet(), "hub-np")
	labels, annotations := evaluate(t, find(t, objects, "ExternalSecret", "spoke-dev-workload1-fleet-secret"),
		map[string]any{
			"metadata": `{"aws_account_id": "100000000001", "aws_region": "us-east-1"}`,
			"addons":   `{"enable_karpenter": "true", "enable_metrics_server": "false", "enable_remote_addons": "false", "tenant": "other"}`,
		})
	require.Equal(t, "100000000001", annotations["aws_account_id"], "what only the secret manager knows")
	require.Equal(t, "eu-west-2", annotations["aws_region"], "annotations of the repository win")
	require.Equal(t, `{{ .not.a.template }}: "x"`, annotations["example.com/format"],
		"text of the repository is no template")
	require.Equal(t, "true", labels["enable_karpenter"])
	require.Equal(t, "false", labels["enable_metrics_server"],
		"labels of the secret manager win over those of the levels")
	require.Equal(t, "true", labels["enable_remote_addons"], "but not over those of the member itself")
	require.Equal(t, "tenant1", labels["tenant"])
	require.Equal(t, "dev", labels["addonsRelease"], "of the level cluster")
	require.Equal(t, "default", labels["monitoringRelease"], "of the level tenants")
	require.Equal(t, "cluster", labels["argocd.argoproj.io/secret-type"])
	for key, value := range labels {
		require.Empty(t, validation.IsQualifiedName(key), key)
		require.Empty(t, validation.IsValidLabelValue(value), key)
	}
}

func evaluate(t *testing.T, object registration.Object, secret map[string]any) (labels, annotations map[string]string) {
	t.Helper()
	found := map[string]map[string]string{"Labels": {}, "Annotations": {}}
	for _, entry := range at(object, "spec/target/template/templateFrom").([]any) {
		entry := entry.(map[string]any)
		parsed, err := template.New("").Option("missingkey=error").Parse(entry["literal"].(string))
		require.NoError(t, err)
		var text strings.Builder
		require.NoError(t, parsed.Execute(&text, secret))
		texts := found[entry["target"].(string)]
		require.NoError(t, yaml.Unmarshal([]byte(text.String()), &texts))
	}
	return found["Labels"], found["Annotations"]
}

func at(value any, path string) any {
	for key := range strings.SplitSeq(path, "/") {
		switch v := value.(type) {
		case map[string]any:
			value = v[key]
		case []any:
			value = v[key[0]-'0']
		default:
			return nil
		}
	}
	return value
}

// TestSpoke: a spoke with an Argo CD of its own registers itself, with its own store.
func TestSpoke(t *testing.T) {
	objects := mustBuild(t, smallFleet(), "spoke-dev-workload1")
	checkObjects(t, objects)
	require.Equal(t, []string{"SecretStore fleet-eks-secret-store", "SecretStore fleet-git-eks-secret-store",
		"ExternalSecret addons", "ExternalSecret spoke-dev-workload1-fleet-secret"}, names(objects))
	spec := objects[3]["spec"]
	require.Equal(t, "https://kubernetes.default.svc", at(spec, "target/template/data/server"))
	require.Equal(t, "Owner", at(spec, "target/creationPolicy"))
	labels, _ := evaluate(t, objects[3], map[string]any{"metadata": "{}", "addons": "{}"})
	require.Equal(t, "default", labels["monitoringRelease"], "not that of the addons, dev")
	require.Equal(t, "spoke", labels["fleet_member"])
}
