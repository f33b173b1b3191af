package member

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// explained returns an explanation as lines: KEY: VALUE (LEVEL FILE:LINE), and after it what that overrode.
func explained(all []hierarchy.Explanation, shorten ...string) []string {
	place := func(o hierarchy.Origin) string { return fmt.Sprintf("%s %s:%d", o.Source, o.File, o.Line) }
	var lines []string
	for _, e := range all {
		value := fmt.Sprint(e.Value)
		if e.Removed {
			value = "removed"
		}
		line := fmt.Sprintf("%s: %s (%s)", hierarchy.Key(e.Path), value, place(e.Origin))
		for _, o := range e.Overrode {
			line += fmt.Sprintf(" over %v (%s)", o.Value, place(o))
		}
		lines = append(lines, strings.NewReplacer(shorten...).Replace(line))
	}
	return lines
}

// identity returns one of the clusters of a repository, and the warnings.
func identity(t *testing.T, repo *hierarchy.Repository, name string, secrets ...cluster.Cluster) (Identity, []string) {
	t.Helper()
	f, err := fleet.Load(repo)
	require.NoError(t, err)
	all, warnings, err := Identities(f, repo, secrets)
	require.NoError(t, err)
	for _, i := range all {
		if i.Name == name {
			return i, messages(besidesTenants(warnings))
		}
	}
	t.Fatalf("there is no cluster %q", name)
	return Identity{}, nil
}

// TestSampleFleet: a spoke has its metadata from all levels, its own keys and its hub.
func TestSampleFleet(t *testing.T) {
	repo := hierarchy.NewRepository(os.DirFS("testdata/sample"))
	spoke, warnings := identity(t, repo, "spoke-dev-workload1")
	const (
		member  = "fleet/fleet-bootstrap/fleet-members/hub-cluster-np/spoke-dev-workload1.yaml"
		cluster = "addons/tenants/tenant1/environments/np/clusters/spoke-dev-workload1/fleet/fleet-secret/values.yaml"
	)
	require.Empty(t, warnings)
	f, err := fleet.Load(repo)
	require.NoError(t, err)
	_, found, errs := Check(f, repo)
	require.Empty(t, errs)
	require.Equal(t, []string{
		member + `:7: member: secretManagerSecretName is still the placeholder "<secret-arn>"; fill it in, or remove the key`,
		member + `:10: member: githubSecretName is still the placeholder "<github-secret-name>"; fill it in, or remove the key`,
		cluster + `:6: annotation argocd_dns is still the placeholder "<spoke dns>"; fill it in, or remove the key`,
	}, messages(found), "only where members are checked")
	require.Equal(t, "hub-cluster-np", spoke.Hub)
	require.Equal(t, []string{
		"annotations.addons_repo_basepath: addons/tenants (member MEMBER:5) over addons (hub fleet.yaml:15)",
		"annotations.addons_repo_revision: main (hub fleet.yaml:14)",
		"annotations.addons_repo_secret: <github-secret-name> (member MEMBER:10)",
		"annotations.addons_repo_url: https://git.example.com/fleet.git (hub fleet.yaml:13)",
		"annotations.argocd_dns: <spoke dns> (cluster CLUSTER:6)",
		"annotations.fleet_repo_revision: main (hub fleet.yaml:17)",
		"annotations.fleet_repo_secret: <github-secret-name> (member MEMBER:10)",
		"annotations.fleet_repo_url: https://git.example.com/fleet.git (hub fleet.yaml:16)",
		"annotations.resources_repo_basepath: resources/tenants (member MEMBER:6)",
		"annotations.resources_repo_secret: <github-secret-name> (member MEMBER:10)",
		"annotations.secret_manager_secret_name: <secret-arn> (member MEMBER:7)",
		"labels.addonsRelease: dev (cluster CLUSTER:3) over default (environment " +
			"addons/tenants/tenant1/environments/np/FILE:3)" +
			" over release1 (tenant addons/tenants/tenant1/defaults/FILE:4) over release1 (tenants " +
			"addons/tenants/defaults/FILE:4)",
		"labels.argocd.argoproj.io/secret-type: cluster (argocd cluster Secret:0)",
		"labels.create_argocd_ingress: false (member MEMBER:17)",
		"labels.enable_metrics_server: removed (cluster CLUSTER:4) over true (tenants addons/tenants/defaults/FILE:5)",
		"labels.enable_remote_addons: true (member MEMBER:15)",
		"labels.enable_remote_resources: true (member MEMBER:14)",
		"labels.environment: np (member MEMBER:4)",
		"labels.fleetRelease: default (tenants addons/tenants/defaults/FILE:3)",
		"labels.fleet_member: spoke (member MEMBER:0)",
		"labels.monitoringRelease: default (tenant addons/tenants/tenant1/defaults/FILE:3)",
		"labels.tenant: tenant1 (member MEMBER:2)",
		"labels.use_fleet_ack: false (member MEMBER:16)",
		"labels.use_github_secret: true (member MEMBER:9)",
		"labels.use_remote_argo: true (member MEMBER:12)",
	}, explained(spoke.Metadata().Explain(), member, "MEMBER", cluster, "CLUSTER",
		`"argocd.argoproj.io/secret-type"`, "argocd.argoproj.io/secret-type", "fleet/fleet-secret/values.yaml", "FILE"))

	hub, _ := identity(t, repo, "hub-cluster-np")
	require.Equal(t, map[string]string{"addonsRelease": "default", "fleet_member": "hub-cluster",
		"tenant": "control-plane", "environment": "np"}, hub.Labels,
		"a hub has the levels too, under what fleet.yaml says")
	require.Contains(t, explained(hub.Metadata().Explain()),
		"labels.environment: np (fleet fleet.yaml:10) over lost (tenant "+
			"addons/control-plane/defaults/fleet/fleet-secret/values.yaml:4)")
}

// TestExplanationAgreesWithTheCluster: what is explained is what all commands use.
func TestExplanationAgreesWithTheCluster(t *testing.T) {
	f, err := fleet.Load(manyMembers(20).Repository())
	require.NoError(t, err)
	all, _, err := Identities(f, manyMembers(20).Repository(),
		[]cluster.Cluster{{Name: "spoke-0001", Labels: map[string]string{"tier": "live", "more": "x"}}})
	require.NoError(t, err)
	require.Len(t, all, 21)
	for _, i := range all {
		got := cluster.Cluster{Labels: map[string]string{}, Annotations: map[string]string{}}
		for _, e := range i.Metadata().Explain() {
			if e.Removed {
				continue
			}
			map[string]map[string]string{"labels": got.Labels,
				"annotations": got.Annotations}[e.Path[0]][e.Path[1]] = e.Value.(string)
		}
		require.Equal(t, map[string]string(i.AllLabels()), got.Labels)
		require.Equal(t, i.Annotations, got.Annotations)
	}
}

// TestOrderOfMetadata: hub, levels, fleet.yaml, the member's own keys, the cluster Secret.
func TestOrderOfMetadata(t *testing.T) {
	repo := files{
		hierarchy.FleetFile: fleetHeader + `  groups: {a: {path: apps, repoNames: [more]}}
  clusters:
  - name: hub
    annotations: {addons_repo_url: hub, fleet_repo_url: hub, resources_repo_url: hub, addons_repo_path: hub, aws_region: hub, fleet_repo_basepath: ""}
    labels: {hub-only: "1"}
  - {name: spoke, annotations: {resources_repo_url: fleet, addons_repo_path: fleet}, labels: {x: fleet, w: fleet}}
`,
		membersAt + "hub/spoke.yaml": "tenant: t\nenvironment: e\naddons_repo_path: member\n",
		"apps/defaults/fleet/fleet-secret/values.yaml": "externalSecret: {annotations: {fleet_repo_url: level, " +
			"resources_repo_url: level}, labels: {x: level, z: level, tenant: lost}}",
		"more/defaults/fleet/fleet-secret/values.yaml": "externalSecret: {labels: {z: more, v: 1.50}}",
	}.Repository()
	got, warnings := identity(t, repo, "spoke", cluster.Cluster{Name: "spoke", Server: "https://spoke", File: "s.yaml",
		Labels: map[string]string{"w": "secret"}})
	require.Empty(t, warnings)
	require.Equal(t, map[string]string{"addons_repo_url": "hub", "fleet_repo_url": "level",
		"resources_repo_url": "fleet", "addons_repo_path": "member"}, got.Annotations)
	require.Equal(t, map[string]string{"x": "fleet", "w": "secret", "z": "more", "v": "1.50", "tenant": "t",
		"environment": "e", "fleet_member": "spoke"}, got.Labels)
	require.Equal(t, "https://spoke", got.Server)
	require.Contains(t, explained(got.Metadata().Explain()),
		"labels.w: secret (secret s.yaml:0) over fleet (fleet fleet.yaml:9)")
}

// TestOrderOfMetadataWithASecret: a secret's annotations are below all else, its labels above the levels.
func TestOrderOfMetadataWithASecret(t *testing.T) {
	aws := cluster.Cluster{Server: "https://aws", Labels: map[string]string{},
		Annotations: map[string]string{"addons_repo_url": "aws"}}
	repo := files{
		hierarchy.FleetFile: fleetHeader + `  clusters:
  - {name: hub, annotations: {addons_repo_url: hub}}
  - {name: spoke, annotations: {of-fleet: fleet}, labels: {of-fleet: fleet}}
`,
		membersAt + "hub/spoke.yaml": "tenant: t\nenvironment: e\naddons_repo_path: " +
			"member\nuse_fleet_ack: 'true'\nsecretManagerSecretName: s\n",
		"addons/defaults/fleet/fleet-secret/values.yaml": "externalSecret: {annotations: {of-level: level}, labels: " +
			"{of-level: level, over-null: null}}",
	}.Repository()
	given := cluster.Cluster{Name: "spoke", Labels: map[string]string{"given": "secret"},
		Annotations: map[string]string{"given": "secret"}}
	for _, key := range []string{"of-level", "of-fleet", "over-null", "use_fleet_ack", "tenant", "given", "own"} {
		aws.Labels[key] = "aws"
	}
	for _, key := range []string{"of-level", "of-fleet", "addons_repo_path", "given", "own"} {
		aws.Annotations[key] = "aws"
	}
	f, err := fleet.Load(repo)
	require.NoError(t, err)
	f.Secrets = func([]cluster.SecretReference) (map[string]cluster.Cluster, []*problem.Problem, error) {
		return map[string]cluster.Cluster{"s": aws}, nil, nil
	}
	clusters, _, err := Clusters(f, repo, []cluster.Cluster{given})
	require.NoError(t, err)
	spoke := clusters[1]
	for _, test := range []struct {
		name string
		of   map[string]string
		key  string
		want string
	}{
		{"its labels are over the levels", spoke.Labels, "of-level", "aws"},
		{"also over a null of a level", spoke.Labels, "over-null", "aws"},
		{"but below fleet.yaml", spoke.Labels, "of-fleet", "fleet"},
		{"below the member's own keys", spoke.Labels, "use_fleet_ack", "true"},
		{"which choose the levels", spoke.Labels, "tenant", "t"},
		{"and below the cluster Secret", spoke.Labels, "given", "secret"},
		{"its annotations are below the levels", spoke.Annotations, "of-level", "level"},
		{"below the hub", spoke.Annotations, "addons_repo_url", "hub"},
		{"below fleet.yaml", spoke.Annotations, "of-fleet", "fleet"},
		{"below the member's own keys, too", spoke.Annotations, "addons_repo_path", "member"},
		{"and below the cluster Secret, too", spoke.Annotations, "given", "secret"},
		{"a label that nothing else says", spoke.Labels, "own", "aws"},
		{"an annotation that nothing else says", spoke.Annotations, "own", "aws"},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.want, test.of[test.key])
		})
	}
	require.Equal(t, "https://aws", spoke.Server)
}

// TestHubKnownByItsSecret: a hub need not be in fleet.yaml for its members to find the repositories.
func TestHubKnownByItsSecret(t *testing.T) {
	got, _ := identity(t, files{membersAt + "hub/spoke.yaml": "tenant: t\nenvironment: e"}.Repository(), "spoke",
		cluster.Cluster{Name: "hub", File: "s.yaml", Annotations: map[string]string{"fleet_repo_url": "u"}})
	require.Equal(t, []string{"annotations.fleet_repo_url: u (hub s.yaml:0)"}, explained(got.Metadata().Explain())[:1])
}

// TestTextIsAsItIsWritten: names, labels, annotations and the keys of a member are text, whatever it looks like.
func TestTextIsAsItIsWritten(t *testing.T) {
	wants := map[string]string{"true": "true", "yes": "true", "on": "true", "no": "false", "'yes'": "yes"}
	for _, number := range []string{"012345670101", "011122223333", "012345678901", "123456789012", "0123456", "1.10",
		"1.0", "12e10", "00123", "0777",
		"0", "1234567890123456789012", "1_000", "0x1F", "0o17"} {
		for _, form := range []string{"%s", `"%s"`, "'%s'", "%s # comment", "&anchor %s", "!!str %s"} {
			wants[fmt.Sprintf(form, number)] = number
		}
	}
	for written, want := range wants {
		t.Run(written, func(t *testing.T) {
			repo := files{
				hierarchy.FleetFile: "  clusters:\n  - name: TEXT\n    labels:\n      " +
					"fleet: TEXT\n    annotations:\n      fleet: TEXT\n",
				membersAt + "hub/a.yaml": "clusterName: TEXT\ntenant: TEXT\nenvironment: " +
					"TEXT\nfleet_repo_revision: TEXT\nsecretManagerSecretName: TEXT\n",
				"addons/defaults/fleet/fleet-secret/values.yaml": "externalSecret:\n  labels:\n    level: TEXT\n  " +
					"annotations:\n    aws_account_id: TEXT\n",
			}
			for name, text := range repo {
				repo[name] = strings.ReplaceAll(text, "TEXT", written)
			}
			repo[hierarchy.FleetFile] = fleetHeader + repo[hierarchy.FleetFile]
			got, warnings := identity(t, repo.Repository(), want)
			require.Empty(t, warnings)
			require.Equal(t, map[string]string{"fleet": want, "level": want, "tenant": want, "environment": want,
				"fleet_member": "spoke"}, got.Labels)
			require.Equal(t, map[string]string{"fleet": want, "aws_account_id": want, "fleet_repo_revision": want,
				"secret_manager_secret_name": want},
				got.Annotations)
			require.Equal(t, []string{
				"annotations.aws_account_id: " + want + " (system addons/defaults/fleet/fleet-secret/values.yaml:5)",
				"annotations.fleet: " + want + " (fleet fleet.yaml:9)",
				"annotations.fleet_repo_revision: " + want + " (member " + membersAt + "hub/a.yaml:4)",
			}, explained(got.Metadata().Explain())[:3])
		})
	}
}

func TestArgoCDsLabelIsArgoCDs(t *testing.T) {
	const level = "addons/defaults/fleet/fleet-secret/values.yaml"
	all := func(value string) map[string]files {
		return map[string]files{
			hierarchy.FleetFile + ":6": {hierarchy.FleetFile: fleetHeader +
				"  clusters:\n  - name: a\n    labels: {argocd.argoproj.io/secret-type: " + value + "}\n"},
			level + ":3": {level: "externalSecret:\n  labels:\n    argocd.argoproj.io/secret-type: " + value + "\n",
				membersAt + "hub/a.yaml": "tenant: t\nenvironment: e\n"},
		}
	}
	for _, bad := range []string{"repository", "Cluster", "''", "true", "1"} {
		for place, repo := range all(bad) {
			f, err := fleet.Load(repo.Repository())
			if err == nil {
				_, _, err = Clusters(f, repo.Repository(), nil)
			}
			require.EqualError(t, err, place+
				": label argocd.argoproj.io/secret-type is Argo CD's own label, which is \"cluster\" for each "+
				"cluster, not "+
				strconv.Quote(strings.Trim(bad, "'"))+"; remove it")
		}
	}
	for _, harmless := range []string{"cluster", "'cluster'", "null"} {
		for _, repo := range all(harmless) {
			got, warnings := identity(t, repo.Repository(), "a")
			require.Empty(t, warnings)
			require.Equal(t, "cluster", got.AllLabels()[wellknown.LabelSecretType])
		}
	}
	annotation := files{hierarchy.FleetFile: fleetHeader +
		"  clusters: [{name: a, annotations: {argocd.argoproj.io/secret-type: x}}]\n"}
	got, _ := identity(t, annotation.Repository(), "a")
	require.Equal(t, "x", got.Annotations[wellknown.LabelSecretType], "which means nothing to Argo CD")
}

func TestMetadataThatKubernetesRefuses(t *testing.T) {
	const level, member = "addons/defaults/fleet/fleet-secret/values.yaml", membersAt + "hub/a.yaml"
	good := files{member: "tenant: t\nenvironment: np\n"}
	for _, test := range []struct {
		name string
		repo files
		want string
	}{
		{"a value that is too long", files{level: "externalSecret:\n  labels:\n    a: b\n    x: " +
			strings.Repeat("a", 64)},
			level + ":4: label x: "},
		{"a value with other characters", files{level: "externalSecret:\n  labels: {x: a b}"},
			level + `:2: label x: "a b" cannot be the value of a label`},
		{"a number with other characters", files{level: "externalSecret:\n  labels: {x: +1}"},
			level + `:2: label x: "+1" cannot be the value of a label`},
		{"a name with other characters", files{level: "externalSecret:\n  labels: {'a b': x}"},
			level + `:2: "a b" cannot be the name of a label`},
		{"an annotation", files{level: "externalSecret:\n  annotations:\n    a/b/c: x"},
			level + `:3: "a/b/c" cannot be the name of an annotation`},
		{"a placeholder as a label", files{level: "externalSecret:\n  labels:\n    x: <tier>"},
			level + ":3: label x: "},
		{"no text", files{level: "externalSecret:\n  annotations:\n    x: [a]"},
			level + `:3: annotations: the value of "x" must be a string, not a list`},
		{"no map", files{level: "\nexternalSecret: x"}, level + ":2: externalSecret must be a map, not a string"},
		{"in fleet.yaml", files{hierarchy.FleetFile: fleetHeader +
			"  clusters:\n  - name: a\n  - name: b\n    labels:\n      x: a b\n"},
			hierarchy.FleetFile + `:8: label x: "a b"`},
		{"a member's tenant", files{member: "tenant: " + strings.Repeat("a", 64)}, member + ":1: member: tenant "},
	} {
		t.Run(test.name, func(t *testing.T) {
			repo := good.With(test.repo).Repository()
			f, err := fleet.Load(repo)
			if err == nil {
				_, _, err = Clusters(f, repo, nil)
			}
			requireOneLine(t, err, "")
			require.ErrorContains(t, err, test.want)
		})
	}
	t.Run("what nobody uses is not read", func(t *testing.T) {
		repo := good.With(files{"addons/tenants/other/defaults/fleet/fleet-secret/values.yaml": "["}).Repository()
		_, _, err := Clusters(builtIn(), repo, nil)
		require.NoError(t, err)
	})
}

func TestWarningsOfTheLevelsComeOnce(t *testing.T) {
	repo := files{membersAt + "hub/a.yaml": "tenant: t\nenvironment: e",
		membersAt + "hub/b.yaml":                         "tenant: t\nenvironment: e",
		"addons/defaults/fleet/fleet-secret/values.yaml": "externalSecret: {}\nx: 1\nx: 2\n"}.Repository()
	_, warnings, err := Clusters(builtIn(), repo, nil)
	require.NoError(t, err)
	require.Equal(t, []string{`addons/defaults/fleet/fleet-secret/values.yaml:3: key "x" was already given on line 2, which has no effect; remove one of them`},
		messages(besidesTenants(warnings)))
}

func TestClusterWithTheNameOfAnARNHasNoLevels(t *testing.T) {
	repo := files{hierarchy.FleetFile: fleetHeader +
		"  clusters: [{name: 'arn:aws:eks:eu-west-1:1:cluster/c', labels: {a: b}}]\n"}.Repository()
	got, warnings := identity(t, repo, "arn:aws:eks:eu-west-1:1:cluster/c")
	require.Equal(t, map[string]string{"a": "b"}, got.Labels)
	require.Empty(t, warnings)
}

// TestValuesOfManyClustersAreMergedOnce: those in the same directories have the same.
func TestValuesOfManyClustersAreMergedOnce(t *testing.T) {
	const at = "addons/tenants/t/environments/"
	repo := files{at + "a/fleet/fleet-secret/values.yaml": "x: 1", at +
		"b/fleet/fleet-secret/values.yaml": "x: 2"}.Repository()
	reader := NewValuesReader(builtIn(), repo)
	of := func(name, environment string) *hierarchy.Values {
		values, err := reader.Of(Identity{Cluster: cluster.Cluster{Name: name,
			Labels: map[string]string{"tenant": "t", "environment": environment}}})
		require.NoError(t, err)
		return values
	}
	require.Same(t, of("first", "a"), of("second", "a"))
	require.EqualValues(t, 1, of("first", "a").Map()["x"])
	require.EqualValues(t, 2, of("first", "b").Map()["x"])
}
