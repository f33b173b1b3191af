package bootstrap_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// Parts of what a fleet has for its member.
const (
	ofSpoke   = "on the spoke: "
	inMessage = "fails: "
)

// TestMemberFlags: what each key of a member does, as the table of the README says. A line of want that begins with
// "no " is one that there is not.
func TestMemberFlags(t *testing.T) {
	annotation := func(name string) []string { return []string{"annotation " + name + "=other"} }
	label := func(name string) []string { return []string{"label " + name + "=true"} }
	const ownRepository = ofSpoke + "ExternalSecret addons of team/github"
	tests := map[string]struct {
		value string
		want  []string
	}{
		"tenant": {"other", []string{"label tenant=other", "label from=other-np",
			"no label from=tenant1-np"}},
		"clusterName": {"other", []string{"cluster other", ofSpoke +
			"ExternalSecret other-fleet-secret of s"}},
		"environment":             {"prod", []string{"label environment=prod", "label from=tenant1-prod"}},
		"secretManagerSecretName": {"own", []string{"on the hub: ExternalSecret m-fleet-secret of own"}},
		"githubSecret": {`"false"`, []string{"label use_github_secret=false", "no " + ownRepository,
			"no " + ofSpoke + "SecretStore fleet-git-eks-secret-store"}},
		"githubSecretName": {"other", []string{ofSpoke + "ExternalSecret addons of other", "no " + ownRepository}},
		"use_remote_argo": {`"false"`, []string{"label use_remote_argo=false",
			inMessage + "registration: cluster \"m\" has no Argo CD of its own",
			inMessage + "bootstrap: cluster \"m\" has no Argo CD of its own"}},
		"enable_remote_addons": {`"false"`, []string{"no " + ofSpoke + "Application cluster-addons-m-default",
			"no " + ofSpoke + "Application cluster-monitoring-m-default",
			ofSpoke + "Application cluster-resources-m-default"}},
		"enable_remote_resources": {`"false"`, []string{ofSpoke + "Application cluster-addons-m-default",
			"no " + ofSpoke + "Application cluster-resources-m-default"}},
		"use_external_secrets": {`"false"`, []string{
			inMessage + "registration: cluster \"m\" does not read secrets itself",
			ofSpoke + "Application cluster-addons-m-default"}},
		"use_fleet_ack":      {`"true"`, label("use_fleet_ack")},
		"use_argocd_ingress": {`"true"`, label("create_argocd_ingress")},
		"push_argo_secrets":  {`"true"`, label("push_argo_secrets")},
	}
	for _, repository := range []string{"addons", "resources", "fleet"} {
		for _, part := range []string{"url", "revision", "basepath", "path"} {
			key := repository + "_repo_" + part
			tests[key] = struct {
				value string
				want  []string
			}{"other", annotation(key)}
		}
	}
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	require.NoError(t, err)
	before := effects(t, "x", "y")
	for _, key := range member.Keys() {
		t.Run(key, func(t *testing.T) {
			require.Regexp(t, "(?m)^\\|[^|]*`"+regexp.QuoteMeta(key)+"`[^|]*\\|", string(readme), "a row of the README")
			test, known := tests[key]
			require.True(t, known, "say here what the key does")
			after := effects(t, key, test.value)
			require.NotEqual(t, before, after)
			for _, want := range test.want {
				if line, not := strings.CutPrefix(want, "no "); not {
					require.NotContains(t, after, line)
					require.Contains(t, before, line)
				} else {
					require.Contains(t, after, want)
				}
			}
		})
	}
}

// effects returns what a small fleet has for its one member, of which a key is another.
func effects(t *testing.T, key, value string) []string {
	t.Helper()
	keys := []string{"tenant: tenant1", "environment: np", "secretManagerSecretName: s", `githubSecret: "true"`,
		"githubSecretName: team/github", `use_remote_argo: "true"`, `enable_remote_addons: "true"`,
		`enable_remote_resources: "true"`}
	keys = slices.DeleteFunc(keys, func(line string) bool { return strings.HasPrefix(line, key+":") })
	archive := "-- fleet/fleet-bootstrap/fleet-members/hub-np/m.yaml --\n" +
		strings.Join(append(keys, key+": "+value), "\n") + "\n" +
		"-- addons/defaults/fleet/fleet-secret/values.yaml --\nexternalSecret: {annotations: {aws_region: eu-west-1}}\n"
	for _, tenant := range []string{"tenant1", "other"} {
		for _, environment := range []string{"np", "prod"} {
			archive += fmt.Sprintf("-- addons/tenants/%[1]s/environments/%[2]s/fleet/fleet-secret/values.yaml --\n"+
				"externalSecret: {labels: {from: %[1]s-%[2]s}}\n", tenant, environment)
		}
	}
	fsys := smallFleet(archive)
	delete(fsys, "fleet/fleet-bootstrap/fleet-members/hub-np/spoke-dev-workload1.yaml")
	return looked(t, fsys)
}

func looked(t *testing.T, fsys fstest.MapFS) []string {
	t.Helper()
	session, err := render.Open(fsys, render.Options{})
	require.NoError(t, err)
	clusters, _, err := session.Clusters(render.Request{})
	require.NoError(t, err)
	name := ""
	var lines []string
	for _, c := range clusters {
		if c.Hub == "" {
			continue
		}
		name = c.Name
		lines = append(lines, "cluster "+name)
		for key, text := range c.Labels {
			lines = append(lines, "label "+key+"="+text)
		}
		for key, text := range c.Annotations {
			lines = append(lines, "annotation "+key+"="+text)
		}
	}
	for _, on := range []string{"hub-np", name} {
		where := map[bool]string{true: ofSpoke, false: "on the hub: "}[on == name]
		for _, stage := range []string{render.StageRegistration, render.StageBootstrap} {
			result, err := session.Render(render.Request{Cluster: on, Stage: stage, AllowEmpty: true})
			if err != nil {
				_, message, _ := strings.Cut(err.Error(), "cluster ")
				message, _, _ = strings.Cut(message, ":")
				lines = append(lines, inMessage+stage+": cluster "+message)
				continue
			}
			for _, object := range result.Objects {
				line := fmt.Sprint(where, object["kind"], " ", at(object, "metadata/name"))
				if key, has := at(object, "spec/dataFrom/0/extract/key").(string); has {
					line += " of " + key
				}
				lines = append(lines, line)
			}
		}
	}
	slices.Sort(lines)
	return lines
}
