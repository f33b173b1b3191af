package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/cli"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/linked"
)

// watched is a small fleet. A test has an address with a credential in one of the @PLACES@, and another address in the
// others.
const watched = `
-- fleet.yaml --
apiVersion: fleet.cmp/v1alpha1
kind: Fleet
spec:
  members: members
  releases: releases.yaml
  repositoryURLs: [https://git.example.com/fleet, "@repository@"]
  chartRepositories: [https://charts.example.com, "@charts@"]
  groups:
    core: {path: core, components: [app]}
  clusters:
  - name: hub
    server: https://hub.example.com
    labels: {fleet_member: hub-cluster, tenant: ops, environment: prod}
    annotations: {aws_region: eu-west-1, fleet_repo_url: https://git.example.com/fleet, note: "@annotation@"}
-- members/hub/spoke.yaml --
tenant: shop
environment: prod
secretManagerSecretName: fleet/spoke
resources_repo_url: "@member@"
-- releases.yaml --
releases:
  core:
  - type: stable
    chartRepoRevision: "@release@"
-- charts/application-sets/values.yaml --
repoURLGit: https://git.example.com/fleet
repoURLGitRevision: main
-- charts/application-sets/values/app.yaml --
app: {enabled: false, namespace: app, path: charts/app, defaultVersion: 1.0.0}
-- charts/app/Chart.yaml --
{apiVersion: v2, name: app, version: 1.0.0}
-- charts/app/templates/map.yaml --
{apiVersion: v1, kind: ConfigMap, metadata: {name: "{{ .Release.Name }}"}}
-- core/defaults/application-sets/core.yaml --
annotations: {note: "@setting@"}
app:
  enabled: true
  annotationsApp: {note: "@component@"}
  additionalResources: {path: charts/app, repoURL: "@additional@"}
  templatePatch: |
    metadata: {annotations: {more: "@patch@"}}
-- core/defaults/core/app/values.yaml --
none: 1
-- core/tenants/ops/defaults/.keep --
-- core/tenants/shop/environments/prod/fleet/fleet-secret/values.yaml --
externalSecret: {annotations: {note: "@level@"}}
global:
  gitExternalSecrets:
    enabled: true
    externalSecrets: {a: {secretManagerSecretName: a, gitUrl: "@git@"}}
-- from.yaml --
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: own}
spec:
  goTemplate: true
  generators: [{clusters: {}}]
  template:
    metadata: {name: "own-{{.name}}"}
    spec:
      project: default
      destination: {name: "{{.name}}", namespace: own}
      source: {repoURL: "@from@", path: charts/app, targetRevision: main}
-- secrets.yaml --
apiVersion: v1
kind: Secret
metadata:
  name: spoke
  labels: {argocd.argoproj.io/secret-type: cluster}
  annotations:
    note: "@secret@"
    kubectl.kubernetes.io/last-applied-configuration: '{"config": "LAST-CANARY", "server": "https://me:CANARY@x"}'
stringData: {name: spoke, server: "@server@", config: '{"bearerToken": "CANARY"}'}
`

var places = regexp.MustCompile("@([a-z]+)@")

// watchedCommands are the command lines whose output is searched.
var watchedCommands = []string{
	"render --group core --cluster hub",
	"render --group core --cluster spoke --stage applications",
	"render --group core --cluster spoke --stage manifests --offline",
	"render --cluster hub --stage registration",
	"render --cluster hub --stage bootstrap",
	"render --from from.yaml -A",
	"render --from from.yaml -A --stage manifests --offline",
	"values --group core --cluster hub",
	"values --group core --cluster hub --explain",
	"values --group core --cluster hub --explain -o json",
	"values --group core --cluster spoke --component app --explain --offline",
	"clusters -o yaml",
	"clusters -o wide --cluster-file secrets.yaml",
	"clusters --explain --cluster-file secrets.yaml",
	"clusters --explain -o json",
	"releases -o wide",
	"releases -o json",
	"member list -o json",
	"member list",
	"member check",
	"member check --strict",
}

// writeWatched writes the fleet to the working directory.
func writeWatched(t *testing.T, place, secret string) {
	t.Helper()
	for _, file := range txtar.Parse([]byte(watched)).Files {
		data := places.ReplaceAllStringFunc(string(file.Data), func(found string) string {
			if strings.Trim(found, "@") == place {
				return secret
			}
			return "https://example.com/a"
		})
		require.NoError(t, os.MkdirAll(filepath.Dir(file.Name), 0o755))
		require.NoError(t, os.WriteFile(file.Name, []byte(data), 0o600))
	}
}

// watchedRun runs a command line, checks that no canary is in what it prints, and returns that.
func watchedRun(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr strings.Builder
	cli.Program{Stages: linked.New()}.Run(append(args, "--repo-root", "."), strings.NewReader(""), &stdout, &stderr)
	printed := stdout.String() + stderr.String()
	require.NotContains(t, printed, "CANARY", "cmp %s", strings.Join(args, " "))
	return printed
}

// watchedAddresses hold a credential each.
var watchedAddresses = []string{
	"https://me:CANARY@git.example.com/a", "https://ghp_CANARY@github.com/a", "oci://me:CANARY@registry.example.com/a",
	"ssh://git:CANARY@git.example.com/a",
	"https://git.example.com/a?private_token=CANARY", "https://git.example.com/a?x=1&X-Amz-Signature=CANARY",
	"https://me:CAN/CANARY@git.example.com/a", "see https://x-access-token:CANARY@github.com/a, please",
}

// TestCredentialsInAddressesReachNothing plants a canary wherever an address may be, and searches all that is printed.
// Something refuses each of them.
func TestCredentialsInAddressesReachNothing(t *testing.T) {
	var names []string
	for _, found := range places.FindAllStringSubmatch(watched, -1) {
		names = append(names, found[1])
	}
	require.Len(t, names, 14)
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	for i, place := range names {
		for j, secret := range watchedAddresses {
			t.Run(fmt.Sprintf("%s/%d", place, j), func(t *testing.T) {
				t.Chdir(t.TempDir())
				writeWatched(t, place, secret)
				refused := false
				for k, command := range watchedCommands {
					if j > 0 && (i+j+k)%len(watchedAddresses) > 1 {
						continue // each command has several of the addresses in each place, and the first in all
					}
					printed := watchedRun(t, strings.Fields(command)...)
					refused = refused || strings.Contains(printed, "holds a credential; leave it out")
				}
				require.True(t, refused || j > 0)
			})
		}
	}
}

// TestWithoutCredentialsNothingIsRefused: what is searched above is not empty.
func TestWithoutCredentialsNothingIsRefused(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	writeWatched(t, "", "")
	for _, command := range watchedCommands {
		require.NotContains(t, watchedRun(t, strings.Fields(command)...), "Error: ", command)
	}
}

// TestCredentialsInParametersReachNothing is the same for what Argo CD hands to the plugin, and for flags.
func TestCredentialsInParametersReachNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	writeWatched(t, "", "")
	require.NoError(t, os.Chdir("core"))
	for _, secret := range watchedAddresses {
		for name, value := range map[string]string{
			"GROUP": secret, "CLUSTER": secret, "LABELS": `{"a":"` + secret + `"}`, "RELEASE": secret,
			"COMPONENT": secret, "CATALOG": secret, "STAGE": secret,
			"ANNOTATIONS": `{"a":"` + secret + `","kubectl.kubernetes.io/last-applied-configuration":"CANARY"}`,
			"VALUES":      "repoURLGit: " + secret, "SETTINGS": `{"repoURLGit":"` + secret + `"}`, "STRICT": secret,
		} {
			t.Run(name, func(t *testing.T) {
				t.Setenv("ARGOCD_ENV_GROUP", "core")
				t.Setenv("ARGOCD_ENV_CLUSTER", "hub")
				t.Setenv("ARGOCD_APP_SOURCE_REPO_URL", secret)
				t.Setenv("ARGOCD_ENV_"+name, value)
				for _, command := range [][]string{{"generate"}, {"parameters"}, {"generate", "--print-request"}} {
					var stdout, stderr strings.Builder
					cli.Program{Stages: linked.New()}.Run(command, strings.NewReader(""), &stdout, &stderr)
					require.NotContains(t, stdout.String()+stderr.String(), "CANARY", "cmp %v", command)
					if len(command) == 2 {
						require.Contains(t, stdout.String(), "repoURL: ", "it printed what was understood")
					} else if command[0] == "generate" {
						require.NotEmpty(t, stderr.String(), "it failed")
					}
				}
			})
		}
	}
	require.NoError(t, os.Chdir(".."))
	for _, flag := range []string{"--labels=a=", "--annotations=a=", "--set-setting=repoURLGit=", "--cluster=",
		"--group=", "--component=", "--release=", "--stage=", "--from=", "-f"} {
		for _, secret := range watchedAddresses {
			args := slices.DeleteFunc([]string{"render", "--group=core", "--cluster=hub"},
				func(arg string) bool { return strings.HasPrefix(arg, flag) })
			require.Contains(t, watchedRun(t, append(args, flag+secret)...), "Error: ")
		}
	}
}

// TestCredentialsInValuesOfHelmAreShownRedacted: they are not refused, and only the manifests have them.
func TestCredentialsInValuesOfHelmAreShownRedacted(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	writeWatched(t, "", "")
	for _, secret := range watchedAddresses {
		require.NoError(t, os.WriteFile("core/defaults/core/app/values.yaml",
			[]byte("database: "+secret+"\nlong: "+strings.Repeat("x", 80)+" "+secret+"\n"), 0o600))
		for _, more := range []string{"", "--explain", "-o=json", "--explain -o=json"} {
			printed := watchedRun(t, append([]string{"values", "--group", "core", "--cluster", "hub", "--component",
				"app", "--offline"}, strings.Fields(more)...)...)
			require.Contains(t, printed, "database")
		}
	}
}
