package reference_test

import (
	"encoding/json"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/internal/reference"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// The files of a small fleet into which the examples are put.
const (
	fleetFile    = "fleet.yaml"
	memberFile   = "fleet/fleet-bootstrap/fleet-members/hub-prod/spoke-1.yaml"
	releasesFile = "fleet/bootstrap/versions/applicationSets.yaml"
	settingsFile = "charts/application-sets/values.yaml"
	catalogFile  = "charts/application-sets/values/base.yaml"
	clustersFile = "apps/control-plane/environments/np/fleet/fleet-secret/values.yaml"
	levelFile    = "apps/bootstrap/defaults/application-sets/addons.yaml"
)

var smallFleet = map[string]string{
	fleetFile: `
apiVersion: fleet.cmp/v1alpha1
kind: Fleet
spec:
  groups:
    addons: {path: apps, components: [base]}
  clusters:
    - name: hub-prod
      labels: {fleet_member: hub-cluster, tenant: control-plane, environment: np, addonsRelease: stable}
      annotations: {aws_region: eu-central-1, addons_repo_url: https://git.example.com/fleet.git,
                    addons_repo_revision: v1, addons_repo_basepath: apps, fleet_repo_basepath: in,
                    fleet_repo_url: https://git.example.com/fleet.git, fleet_repo_revision: v1}
`,
	memberFile:   "{tenant: payments, environment: prod, secretManagerSecretName: spoke-1}",
	releasesFile: "releases: {addons: [{type: next}]}",
	settingsFile: "{repoURLGit: https://git.example.com/fleet.git, repoURLGitRevision: v1, useSelectors: true}",
	catalogFile: `
karpenter:
  enabled: true
  namespace: nodes
  chartName: nodes
  chartRepository: https://charts.example.org
  defaultVersion: 1.0.0
  selector: {matchLabels: {tier: one}}
`,
	"charts/application-sets/values/addons.yaml": "dns: {enabled: true, namespace: dns, path: charts/dns, " +
		"defaultVersion: '1'}",
	"charts/application-sets/values/ack.yaml": "iam: {enabled: true, namespace: iam, path: charts/iam, " +
		"defaultVersion: '1'}",
	"charts/application-sets/values/monitoring.yaml": "log: {enabled: true, namespace: log, path: charts/log, " +
		"defaultVersion: '1'}",
	"platform/catalog/values.yaml": "{repoURLGit: https://git.example.com/fleet.git, repoURLGitRevision: v2}",
	"platform/catalog/values/base.yaml": "web: {enabled: true, namespace: web, path: charts/web, " +
		"defaultVersion: '1'}",
	"platform/members/hub-prod/spoke-2.yaml": "{tenant: payments, environment: prod, secretManagerSecretName: spoke-2}",
	"platform/releases.yaml":                 "releases: {addons: [{type: stable}]}",

	clustersFile: "global: {gitExternalSecrets: {externalSecrets: {fleet-git-credentials: {secretManagerSecretName: " +
		"git}}}}",
	levelFile: "apps: {enabled: true, namespace: a, path: a, defaultVersion: '1'}",
	"addons/bootstrap/defaults/application-sets/addons.yaml": "addons: {enabled: true, namespace: a, path: a, " +
		"defaultVersion: '1'}",
	"resources/defaults/.keep": "",
}

// A trial is what the small fleet is with one key more, or with another value of it.
type trial struct {
	printed string   // the objects of three stages, and the clusters
	said    []string // what is warned of
}

// try renders the small fleet with values laid over one of its files.
func try(t *testing.T, files map[string]string) (trial, error) {
	tree := fstest.MapFS{}
	for name, text := range files {
		tree[name] = &fstest.MapFile{Data: []byte(text)}
	}
	session, err := render.Open(tree, render.Options{ReadChart: func(fleet.Chart, []string) (fs.FS, error) {
		return fs.Sub(tree, "platform/catalog")
	}})
	if err != nil {
		return trial{}, err
	}
	var all []any
	var out trial
	for _, request := range []render.Request{
		{Group: "addons", Cluster: "hub-prod"},
		{Stage: render.StageBootstrap, Cluster: "hub-prod"}, {Stage: render.StageRegistration, Cluster: "hub-prod"},
	} {
		result, err := session.Render(request)
		if err != nil {
			return trial{}, err
		}
		all = append(all, result.Objects)
		for _, w := range result.Warnings {
			out.said = append(out.said, w.Error())
		}
	}
	repository := hierarchy.NewRepository(tree)
	f, err := fleet.Load(repository)
	if err != nil {
		return trial{}, err
	}
	clusters, _, err := member.Clusters(f, repository, nil)
	if err != nil {
		return trial{}, err
	}
	data, err := json.Marshal(append(all, clusters))
	require.NoError(t, err)
	out.printed = string(data)
	return out, nil
}

// filesWith returns the small fleet with values laid over the file that a kind of key is written in, and with what the
// key needs there to have an effect.
func filesWith(t *testing.T, key reference.Key, values map[string]any) map[string]string {
	files := map[string]string{}
	for name, text := range smallFleet {
		files[name] = text
	}
	for _, directory := range []string{"apps/tenants/payments", "apps/tenants/retail", "apps/control-plane",
		"addons/tenants/payments", "addons/control-plane"} {
		files[directory+"/environments/np/.keep"], files[directory+"/environments/prod/.keep"] = "", ""
	}
	name := map[string]string{"fleet": fleetFile, "member": memberFile, "releases": releasesFile,
		"component": catalogFile, "settings": settingsFile, "registration": clustersFile}[key.Kind().Name]
	if kind := key.Kind().Name; kind == "component" || kind == "settings" {
		delete(files, releasesFile) // which says some of the settings
	}
	over := func(name, text string) {
		var base, more map[string]any
		require.NoError(t, yaml.Unmarshal([]byte(files[name]), &base))
		require.NoError(t, yaml.Unmarshal([]byte(text), &more))
		data, err := yaml.Marshal(laid(base, more))
		require.NoError(t, err)
		files[name] = string(data)
	}
	for _, context := range contexts {
		if strings.HasPrefix(key.Full(), context.prefix) {
			over(context.file, context.text)
		}
	}
	if values != nil && (key.Name() == "applicationSetGroup" || key.Name() == "mergeValues") {
		// which a group has unless it says otherwise itself
		name, values = fleetFile, map[string]any{"spec": map[string]any{"groups": map[string]any{"addons": values}}}
	}
	text, err := yaml.Marshal(values)
	require.NoError(t, err)
	over(name, string(text))
	return files
}

// contexts are what keys need besides to have an effect, by the beginning of their paths.
var contexts = []struct{ prefix, file, text string }{
	{"component.ackPodIdentity", catalogFile, "karpenter: {enableAckPodIdentity: true}"},
	{"settings.ackPodIdentity", catalogFile, "karpenter: {enableAckPodIdentity: true}"},
	{"component.additionalResources.helm.", catalogFile, "karpenter: {additionalResources: {path: a}}"},
	{"component.enabled", catalogFile, "{karpenter: {enabled: false}, web: {enabled: true, namespace: web}}"},
	{"settings.valuesFilePrefix", settingsFile, "useValuesFilePrefix: true"},
	{"settings.useSelectors", settingsFile, "useSelectors: null"},
	{"settings.useVersionSelectors", settingsFile, "releases: {addonsRelease: next}"},
	{"spec.groups.GROUP.bootstrap.allowEmpty", catalogFile, "karpenter: {enabled: false}"},
	{"spec.groups.GROUP.bootstrap.allowEmpty", levelFile, "apps: {enabled: false}"},
	{"spec.bootstrap.spokeNamespace", memberFile, "{use_remote_argo: 'true', enable_remote_addons: 'true'}"},
	{"registration.global.gitExternalSecrets.", clustersFile, "global: {gitExternalSecrets: {enabled: true}}"},
	{"registration.tenantGitExternalSecrets", clustersFile, "global: {gitExternalSecrets: {enabled: true}}"},
	{"registration.global.gitExternalSecrets.enabled", clustersFile, "global: {gitExternalSecrets: {enabled: null}}"},
	{"registration.ecrAuthenticationToken.", clustersFile,
		"ecrAuthenticationToken: {enabled: true, registry_endpoints: [a.example.com]}"},
	{"registration.ecrAuthenticationToken.enabled", clustersFile, "ecrAuthenticationToken: {enabled: null}"},
	{"registration.global.ecrAuthenticationToken", clustersFile,
		"ecrAuthenticationToken: {enabled: true, registry_endpoints: [a.example.com]}"},
	{"releases", settingsFile, "useVersionSelectors: true"},
	{"releases.releases.GROUP[].", releasesFile, "releases: {addons: [{type: stable}]}"},
	{"releases.releases.GROUP[].type", releasesFile, "releases: {addons: [{type: next}]}"},
	{"releases.releases.GROUP[].use_helm_repo_path", releasesFile,
		"releases: {addons: [{type: stable, chartRepo: a.example.com, ecrChartName: a, version: 1.2.3}]}"},
	{"releases.releases.globals.use_helm_repo_path", releasesFile,
		"releases: {globals: {chartRepo: a.example.com, ecrChartName: a, version: 1.2.3}}"},
}

// laid lays values over others: maps by their keys, lists of maps with names by these, all else as a whole.
func laid(base, over map[string]any) map[string]any {
	out := map[string]any{}
	for key, value := range base {
		out[key] = value
	}
	for key, value := range over {
		above, isMap := value.(map[string]any)
		below, wasMap := out[key].(map[string]any)
		switch {
		case isMap && wasMap:
			out[key] = laid(below, above)
		case value == nil:
			delete(out, key)
		default:
			out[key] = value
			for _, name := range []string{"name", "type"} {
				if list, is := byName(out[key], base[key], name); is {
					out[key] = list
				}
			}
		}
	}
	return out
}

// byName lays the one map of a list over the one of another that has the same name.
func byName(over, base any, key string) (any, bool) {
	above, _ := over.([]any)
	below, _ := base.([]any)
	if len(above) != 1 || len(below) != 1 {
		return nil, false
	}
	a, isMap := above[0].(map[string]any)
	b, wasMap := below[0].(map[string]any)
	if !isMap || !wasMap || a[key] == nil || a[key] != b[key] {
		return nil, false
	}
	return []any{laid(b, a)}, true
}

func unmarshal(t *testing.T, text string) map[string]any {
	var values map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(text), &values))
	return values
}
