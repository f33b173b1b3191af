package hub_test

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/internal/testfleet"
	"github.com/eks-fleet-management/fleet-cmp/render/migrate/hub"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// wrapper returns the fleet of testdata/wrapper with other files.
func wrapper(t *testing.T, files map[string]string) fstest.MapFS {
	t.Helper()
	tree := testfleet.Load(t, "../../../testdata/wrapper")
	for name, text := range files {
		tree[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return tree
}

// ofHub is what the directory of the hub says of it.
const ofHub = "addons/control-plane/environments/np/clusters/hub-1/fleet/fleet-secret/values.yaml"

// described is the file of a hub that nobody describes.
var described = map[string]string{ofHub: "externalSecret: {labels: {addonsRelease: stable}, annotations: {a: b}}"}

// find looks for a hub in a tree, and returns the notes as lines.
func find(t *testing.T, tree fs.FS, q hub.Question, o render.Options) (hub.Hub, string, error) {
	t.Helper()
	s, err := stages.Config{}.Open(t.Context(), tree, o, stages.Charts{CacheDir: t.TempDir(), Offline: true})
	require.NoError(t, err)
	found, notes, err := hub.Of(s.Session, tree, q)
	return found, strings.Join(notes, "\n"), err
}

// TestSupposed: directories tell of a hub that nobody describes.
func TestSupposed(t *testing.T) {
	found, note, err := find(t, wrapper(t, described), hub.Question{Name: "hub-1", Region: hub.SupposedRegion},
		render.Options{})
	require.NoError(t, err)
	require.Contains(t, note, `nobody describes the hub "hub-1": by the directories it is of tenant control-plane`)
	require.Equal(t, "stable", found.Labels["addonsRelease"])
	require.Equal(t, "b", found.Annotations["a"])
	require.Equal(t, "us-east-1", found.Annotations["aws_region"])
	require.Contains(t, found.Supposed, "aws_region")

	secret, err := hub.Secret(found.Cluster)
	require.NoError(t, err)
	again, note, err := find(t, wrapper(t, described), hub.Question{Name: "hub-1"},
		render.Options{ClusterSecrets: []render.File{secret}})
	require.NoError(t, err)
	require.Empty(t, note, "its Secret describes it")
	require.Equal(t, found.Labels["tenant"], again.Labels["tenant"])
}

// TestNoHub: a cluster that is a spoke, and one of which there is no trace.
func TestNoHub(t *testing.T) {
	_, _, err := find(t, wrapper(t, described), hub.Question{Name: "hub-2"}, render.Options{})
	require.ErrorIs(t, err, render.ErrNoCluster)
	_, _, err = find(t, wrapper(t, described), hub.Question{Name: "shop-1"}, render.Options{})
	require.ErrorIs(t, err, hub.ErrSpoke)
	require.EqualError(t, err, `cluster "shop-1" is a spoke; give its hub (--cluster)`)
}

// TestSecretOfAHub: where secrets are read, the labels of the hub's own one win over what its levels say, and its
// annotations do not.
func TestSecretOfAHub(t *testing.T) {
	unreachable := errors.New("nobody answers")
	for name, test := range map[string]struct {
		secret             cluster.Cluster
		warnings           []*problem.Problem
		err                error
		server, release, a string
	}{
		"that is there": {secret: cluster.Cluster{Server: "https://hub.example.com",
			Labels:      map[string]string{"addonsRelease": "next"},
			Annotations: map[string]string{"a": "of the secret", "c": "d"}},
			server: "https://hub.example.com", release: "next", a: "b"},
		"that says nothing": {release: "stable", a: "b"},
		"that is not there": {warnings: []*problem.Problem{problem.New("", 0, "there is no secret hub/hub-1")},
			release: "stable", a: "b"},
		"that cannot be read": {err: unreachable},
	} {
		t.Run(name, func(t *testing.T) {
			read := func(of []cluster.SecretReference) (map[string]cluster.Cluster, []*problem.Problem, error) {
				if !slices.ContainsFunc(of, func(r cluster.SecretReference) bool { return r.Hub }) {
					return nil, nil, nil // those of members
				}
				require.Equal(t, []cluster.SecretReference{{ID: "hub/hub-1", Hub: true}}, of)
				return map[string]cluster.Cluster{"hub/hub-1": test.secret}, test.warnings, test.err
			}
			found, notes, err := find(t, wrapper(t, described), hub.Question{Name: "hub-1"},
				render.Options{Secrets: read})
			require.ErrorIs(t, err, test.err)
			if err != nil {
				return
			}
			require.Contains(t, notes, "nobody describes the hub")
			for _, warning := range test.warnings {
				require.Contains(t, notes, "\n"+warning.Error())
			}
			require.Equal(t, "hub-1", found.Name)
			require.Equal(t, test.server, found.Server)
			require.Equal(t, test.release, found.Labels["addonsRelease"])
			require.Equal(t, test.a, found.Annotations["a"])
			require.Equal(t, test.secret.Annotations["c"], found.Annotations["c"])
			require.Equal(t, "hub-cluster", found.Labels["fleet_member"])
		})
	}
}

// TestDescribedInPart: a hub that is described, but not where its repositories are, has others that are named.
func TestDescribedInPart(t *testing.T) {
	secret, err := hub.Secret(cluster.Cluster{Name: "hub-1", Server: "https://hub.example.com",
		Labels:      map[string]string{"fleet_member": "hub-cluster", "tenant": "control-plane", "environment": "np"},
		Annotations: map[string]string{"aws_region": "eu-west-1", "addons_repo_basepath": "apps"}})
	require.NoError(t, err)
	o := render.Options{ClusterSecrets: []render.File{secret}}
	found, note, err := find(t, wrapper(t, nil), hub.Question{Name: "hub-1", Region: "us-east-1"}, o)
	require.NoError(t, err)
	require.Equal(t, "eu-west-1", found.Annotations["aws_region"])
	require.Equal(t, "apps", found.Annotations["addons_repo_basepath"])
	require.NotContains(t, found.Supposed, "aws_region")
	require.NotContains(t, found.Supposed, "addons_repo_basepath")
	require.Contains(t, found.Supposed, "addons_repo_url")
	for _, key := range found.Supposed {
		require.NotEmpty(t, found.Annotations[key], key)
	}
	require.Equal(t, `the hub "hub-1" lacks the annotations `+strings.Join(found.Supposed, ", ")+`, for which others `+
		`are taken; give its cluster Secret (--cluster-file, from kubectl get secret -o yaml), or --annotations`, note)

	q := hub.Question{Name: "hub-1", Annotations: map[string]string{"fleet_repo_url": "https://git.example.com/a.git"}}
	found, note, err = find(t, wrapper(t, nil), q, o)
	require.NoError(t, err)
	require.Empty(t, note, "somebody says where a repository is")
	require.Empty(t, found.Supposed)
}

// TestDirectories: which directories tell of a hub, and what is wrong with them.
func TestDirectories(t *testing.T) {
	const values = "/fleet/fleet-secret/values.yaml"
	for name, test := range map[string]struct {
		file, text          string
		tenant, environment string
		label, err          string
	}{
		"of a tenant": {file: "addons/tenants/ops/environments/prod/clusters/hub-9" + values,
			text:   "externalSecret: {labels: {tier: '{{ none }}', number: 1, list: [a], tenant: other}}",
			tenant: "ops", environment: "prod", label: "1"},
		"of no environment": {file: "addons/ops/clusters/hub-9" + values, text: "a: b", err: "there is no cluster"},
		"of something else": {file: "addons/ops/environments/np/charts/hub-9" + values, text: "a: b",
			err: "there is no"},
		"a file of its name": {file: "addons/ops/environments/np/clusters/hub-9", text: "a: b",
			err: "there is no cluster"},
		"outside of the app paths": {file: "other/ops/environments/np/clusters/hub-9" + values, text: "a: b",
			err: "there is no cluster"},
		"broken values": {file: "addons/ops/environments/np/clusters/hub-9" + values, text: "a: [",
			err: "addons/ops/environments/np/clusters/hub-9" + values},
	} {
		t.Run(name, func(t *testing.T) {
			found, note, err := find(t, wrapper(t, map[string]string{test.file: test.text}),
				hub.Question{Name: "hub-9"},
				render.Options{})
			if test.err != "" {
				require.ErrorContains(t, err, test.err)
				require.Empty(t, note)
				return
			}
			require.NoError(t, err)
			require.Equal(t, test.tenant, found.Labels["tenant"])
			require.Equal(t, test.environment, found.Labels["environment"])
			require.Equal(t, test.label, found.Labels["number"])
			require.NotContains(t, found.Labels, "list", "which is no text")
			require.Contains(t, note, "of tenant "+test.tenant+", environment "+test.environment)
		})
	}
}

// TestBrokenSecret: what is wrong with a cluster Secret is said, and nothing supposed.
func TestBrokenSecret(t *testing.T) {
	_, _, err := find(t, wrapper(t, described), hub.Question{Name: "hub-1"},
		render.Options{ClusterSecrets: []render.File{{Name: "hub.yaml", Data: []byte("a: [")}}})
	require.ErrorContains(t, err, "hub.yaml")
	require.NotErrorIs(t, err, render.ErrNoCluster)
}
