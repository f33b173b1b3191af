package e2e

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// newLifeFleet makes a repository of the fleet of these tests.
func newLifeFleet(t *testing.T, _ *network) *repository {
	t.Helper()
	r := newRepository(t)
	r.fillLife(t)
	return r
}

// fillLife makes the example fleet of a repository that is empty, with the components of testdata/life in place of its
// own, and no members.
func (r *repository) fillLife(t *testing.T) {
	t.Helper()
	copyDirectory(t, "../testdata/fleet", r.checkout)
	in := func(name string) string { return filepath.Join(r.checkout, name) }
	for _, name := range []string{"addons", "fleet/fleet-bootstrap",
		"resources/control-plane/defaults/application-sets", "resources/tenants/defaults/application-sets"} {
		require.NoError(t, os.RemoveAll(in(name)))
	}
	copyDirectory(t, "testdata/life", r.checkout)
	copyDirectory(t, filepath.Join(argocdDirectories[newest()], "crds"), in("manifests/argo-cd"))
	copyDirectory(t, filepath.Join(externalSecretsDirectory, "crds"), in("manifests/external-secrets"))
	require.NoError(t, filepath.WalkDir(r.checkout, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && entry.Name() == ".git" {
			return filepath.SkipDir
		}
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(path, bytes.ReplaceAll(text, []byte("https://git.example.com/platform/fleet.git"),
			[]byte(r.url)), 0o644)
	}))
	// without it, a hub without members is a mistake
	r.write(t, "fleet/fleet-bootstrap/fleet-members/"+hubName+"/.keep", "")
	r.write(t, "fleet/bootstrap/versions/applicationSets.yaml",
		"releases: {globals: {chartRepoPath: charts/application-sets}, addons: [{type: stable}, {type: next}], "+
			"resources: [{type: stable}]}\n")
	r.push(t)
}

// plant puts secrets where AWS Secrets Manager would have them, as Terraform writes them. The spoke's is replicated to
// its region.
func (l *life) plant(t *testing.T) {
	t.Helper()
	const ofHub, ofSpoke = "eu-west-1", "eu-central-1"
	put := func(region, name string, secret map[string]any) {
		text, err := json.Marshal(secret)
		require.NoError(t, err)
		path := filepath.Join(l.secrets, region, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, text, 0o600))
	}
	put(ofHub, "hub/"+hubName, map[string]any{
		"cluster_name": hubName, "server": "https://kubernetes.default.svc",
		"config":   map[string]any{"tlsClientConfig": map[string]any{"insecure": false}},
		"metadata": map[string]any{"aws_account_id": "100000000001", "aws_cluster_name": hubName},
		"addons":   map[string]any{"enable_external_secrets": "true"},
	})
	for _, region := range []string{ofHub, ofSpoke} {
		put(region, "fleet/"+spokeName, map[string]any{
			"cluster_name": spokeName, "server": l.spoke.address,
			"config": map[string]any{"bearerToken": l.spoke.token, "tlsClientConfig": map[string]any{
				"insecure": true}},
			"metadata": map[string]any{"aws_account_id": "300000000001", "aws_cluster_name": spokeName},
			"addons":   map[string]any{"enable_greeter": "true"},
		})
		put(region, "fleet/git", map[string]any{"username": "git", "password": "password-" + canary})
	}
}
