// Command bigfleet writes a fleet of many clusters into a directory, for benchmarks. It has a hub and members of 10
// tenants in 2 environments, and 25 components of one local chart, with value files in all five levels. Of more than
// 100 clusters, each has them for one component only.
//
//	bigfleet DIRECTORY CLUSTERS
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	components = 25
	tenants    = 10
	few        = 100 // clusters up to which each has value files for all components
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: bigfleet DIRECTORY CLUSTERS")
		os.Exit(2)
	}
	clusters, err := strconv.Atoi(os.Args[2])
	if err == nil {
		err = write(os.Args[1], clusters)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bigfleet:", err)
		os.Exit(1)
	}
}

func write(directory string, clusters int) error {
	files := map[string]string{
		"fleet.yaml": `apiVersion: fleet.cmp/v1alpha1
kind: Fleet
spec:
  groups:
    addons: {path: addons, components: [addons], useSelectors: true}
  clusters:
    - name: hub
      labels: {fleet_member: hub-cluster, tenant: control-plane, environment: prod}
      annotations: {addons_repo_url: https://git.example.com/fleet.git, addons_repo_revision: main}
`,
		"charts/application-sets/values.yaml": `repoURLGit: '{{.metadata.annotations.addons_repo_url}}'
repoURLGitRevision: '{{.metadata.annotations.addons_repo_revision}}'
globalSelectors: {fleet_member: spoke}
syncPolicy: {automated: {prune: true, selfHeal: true}, syncOptions: [CreateNamespace=true, ServerSideApply=true]}
syncPolicyAppSet: {preserveResourcesOnDeletion: true}
`,
		"charts/application-sets/values/addons.yaml":  catalog(),
		"addons/tenants/control-plane/defaults/.keep": "", // a tenant without a directory is an error
	}
	for name, text := range chart {
		files["charts/addon/"+name] = text
	}
	addLevels(files)
	addClusters(files, clusters)
	for name, text := range files {
		path := filepath.Join(directory, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// addLevels adds the value files of all levels but the clusters'.
func addLevels(files map[string]string) {
	for n := range components {
		addon := fmt.Sprintf("addons/addon-%02d/values.yaml", n)
		files["addons/bootstrap/defaults/"+addon] = values("system")
		files["addons/tenants/defaults/"+addon] = values("tenants")
		for t := range tenants {
			tenant := fmt.Sprintf("addons/tenants/tenant-%d/", t)
			files[tenant+"defaults/"+addon] = values("tenant")
			for _, environment := range []string{"np", "prod"} {
				files[tenant+"environments/"+environment+"/defaults/"+addon] = values("environment")
			}
		}
	}
}

// addClusters adds the members, with the value files of their own level.
func addClusters(files map[string]string, clusters int) {
	for n := range clusters {
		name, tenant, environment := fmt.Sprintf("spoke-%04d", n), fmt.Sprintf("tenant-%d", n%tenants), "np"
		if n/tenants%2 == 1 {
			environment = "prod"
		}
		files["fleet/fleet-bootstrap/fleet-members/hub/"+name+".yaml"] = fmt.Sprintf(
			"clusterName: %s\ntenant: %s\nenvironment: %s\nuse_remote_argo: \"false\"\n", name, tenant, environment) +
			"addons_repo_url: https://git.example.com/fleet.git\naddons_repo_revision: main\n"
		for addon := range components {
			if addon == 0 || clusters <= few {
				files[fmt.Sprintf(
					"addons/tenants/%s/clusters/%s/addons/addon-%02d/values.yaml", tenant, name, addon)] = values(
					"cluster")
			}
		}
	}
}

func catalog() string {
	var b strings.Builder
	for n := range components {
		fmt.Fprintf(&b, `addon-%02d:
  enabled: true
  path: charts/addon
  namespace: addon-%02d
  defaultVersion: "1.%d.0"
  valuesObject: {cluster: '{{.name}}', owner: '{{.metadata.labels.tenant}}'}
`, n, n, n)
	}
	return b.String()
}

func values(level string) string {
	return fmt.Sprintf("level: %s\nconfig: {%s: {enabled: true, words: [a, b, c], limit: 10}}\nresources: {limits: "+
		"{cpu: 100m, memory: 128Mi}}\n", level, level)
}

var chart = map[string]string{
	"Chart.yaml":  "apiVersion: v2\nname: addon\nversion: 1.0.0\n",
	"values.yaml": "replicas: 2\nlevel: chart\nconfig: {}\nresources: {}\ncluster: \"\"\nowner: \"\"\n",
	"templates/_helpers.tpl": `{{- define "addon.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
owner: {{ .Values.owner | quote }}
{{- end }}
`,
	"templates/deployment.yaml": `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
  labels: {{- include "addon.labels" . | nindent 4 }}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels: {app.kubernetes.io/instance: {{ .Release.Name }}}
  template:
    metadata:
      labels: {{- include "addon.labels" . | nindent 8 }}
    spec:
      containers:
        - name: addon
          image: registry.example.com/addon:{{ .Chart.Version }}
          args: [--cluster={{ .Values.cluster }}]
          resources: {{- toYaml .Values.resources | nindent 12 }}
`,
	"templates/config.yaml": `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
  labels: {{- include "addon.labels" . | nindent 4 }}
data:
  level: {{ .Values.level }}
  config.yaml: | {{- toYaml .Values.config | nindent 4 }}
`,
}
