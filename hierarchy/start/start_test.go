package start

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
)

func newFleet() *Fleet {
	return &Fleet{Hub: "hub", Tenant: "platform", Environment: "prod", Region: "eu-west-1",
		RepoURL:    "git@git.example.com:platform/fleet.git",
		Components: []Component{{Name: "no", Repository: "https://charts.example.com", Chart: "no", Version: "1.0"}},
		Members:    []Member{{Name: "1e3", Tenant: "yes", Environment: "0x1"}}}
}

// nobody undoes a writing.
func nobody(*Writing) func() { return func() {} }

// inOrder is what init checks without rendering.
func inOrder(tree fs.FS) error {
	repo := hierarchy.NewRepository(tree)
	f, err := fleet.Load(repo)
	if err != nil {
		return err
	}
	_, warnings, errs := member.Check(f, repo)
	for _, warning := range warnings {
		errs = append(errs, warning)
	}
	return errors.Join(errs...)
}

// TestNamesStayText: names that YAML could take for something else are read as they are.
func TestNamesStayText(t *testing.T) {
	files, err := newFleet().Files()
	require.NoError(t, err)
	directory := filepath.Join(t.TempDir(), "deep", "fleet")
	require.NoError(t, Write(directory, files, func(tree fs.FS) error {
		repo := hierarchy.NewRepository(tree)
		f, err := fleet.Load(repo)
		require.NoError(t, err)
		members, _, err := member.Read(f, repo)
		require.NoError(t, err)
		require.Equal(t, "1e3", members[0].Name)
		require.Equal(t, "0x1", members[0].Environment)
		d, err := repo.Document("charts/application-sets/values/addons.yaml")
		require.NoError(t, err)
		require.Equal(t, "1.0", d.Values["no"].(map[string]any)["defaultVersion"])
		return inOrder(tree)
	}, nobody))
	for name, text := range files {
		written, err := os.ReadFile(filepath.Join(directory, name))
		require.NoError(t, err)
		require.Equal(t, string(text), string(written), name)
	}
	entries, err := os.ReadDir(directory)
	require.NoError(t, err)
	require.Len(t, entries, 4)
}

func TestAllFilesOrNone(t *testing.T) {
	files, err := newFleet().Files()
	require.NoError(t, err)
	wrong := errors.New("wrong")
	fails := func(fs.FS) error { return wrong }

	parent := t.TempDir()
	require.ErrorIs(t, Write(filepath.Join(parent, "new"), files, fails, nobody), wrong)
	require.NoDirExists(t, filepath.Join(parent, "new"))

	require.NoError(t, os.WriteFile(filepath.Join(parent, "README.md"), nil, 0o600))
	require.ErrorIs(t, Write(parent, files, fails, nobody), wrong)
	requireEntries(t, parent, "README.md")

	// What comes in the way while the files are checked is not overwritten, and those before it are removed.
	for _, name := range []string{"addons", "fleet", hierarchy.FleetFile} {
		err := Write(parent, files, func(fs.FS) error {
			return os.WriteFile(filepath.Join(parent, name), []byte("mine"), 0o600)
		}, nobody)
		require.ErrorContains(t, err, name+": exists already")
		requireEntries(t, parent, "README.md", name)
		require.NoError(t, os.Remove(filepath.Join(parent, name)))
	}

	// A signal undoes it; later there is nothing to undo.
	var writing *Writing
	require.ErrorIs(t, Write(parent, files, func(fs.FS) error { return errors.Join(writing.Undo(), wrong) },
		func(w *Writing) func() { writing = w; return func() {} }), wrong)
	requireEntries(t, parent, "README.md")
	require.NoError(t, Write(parent, files, inOrder, func(w *Writing) func() { writing = w; return func() {} }))
	require.NoError(t, writing.Undo())
	require.FileExists(t, filepath.Join(parent, hierarchy.FleetFile))
}

func requireEntries(t *testing.T, directory string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(directory)
	require.NoError(t, err)
	var found []string
	for _, entry := range entries {
		found = append(found, entry.Name())
	}
	slices.Sort(names)
	require.Equal(t, names, found)
}

// TestClustersOfAnArgoCD: flags say more than Secrets, and the hub is found by its server.
func TestClustersOfAnArgoCD(t *testing.T) {
	f := &Fleet{Tenant: "mine", Members: []Member{{Name: "b", Tenant: "t", Environment: "e"}}}
	warnings, err := f.Take([]cluster.Cluster{
		{Name: "b", Server: "https://b", Labels: map[string]string{"use_remote_argo": "true", "tenant": "other"},
			Annotations: map[string]string{"addons_repo_url": "https://git.example.com/f",
				"fleet_repo_url": "https://x"}},
		{Name: "a", Server: inCluster, Labels: map[string]string{"tenant": "theirs", "environment": "prod"},
			Annotations: map[string]string{"aws_region": "eu-west-1", "addons_repo_url": "https://git.example.com/f",
				"addons_repo_revision": "next", "resources_repo_url": "https://git.example.com/r",
				"argocd.argoproj.io/x": "y", "mine.example.com/x": "y"}}})
	require.NoError(t, err)
	require.Equal(t, &Fleet{Hub: "a", Tenant: "mine", Environment: "prod", Region: "eu-west-1",
		RepoURL: "https://git.example.com/f", Revision: "next",
		Members: []Member{{Name: "b", Tenant: "t", Environment: "e",
			Keys: map[string]string{"use_remote_argo": "true"}}}}, f)
	require.Len(t, warnings, 2)
	require.ErrorContains(t, warnings[0], `cluster "b": not taken over: fleet_repo_url; add what is needed`)
	require.ErrorContains(t, warnings[1],
		`cluster "a": not taken over: mine.example.com/x, resources_repo_url; add what is needed`)
}

// TestClustersThatAreNoMembers: another hub, and two Secrets of one cluster.
func TestClustersThatAreNoMembers(t *testing.T) {
	hub := func(name string) cluster.Cluster {
		return cluster.Cluster{Name: name, File: "c.yaml", Labels: map[string]string{"fleet_member": "hub-cluster",
			"tenant": "t", "environment": "e"}, Annotations: map[string]string{"addons_repo_url": "https://g/f",
			"fleet_repo_url": "https://g/f", "fleet_repo_revision": "main", "fleet_repo_basepath": "fleet"}}
	}
	_, err := (&Fleet{}).Take([]cluster.Cluster{hub("a"), hub("b")})
	require.EqualError(t, err, `c.yaml: clusters "a" and "b" both are hubs; say which one's fleet this is (--hub)`)
	f := &Fleet{Hub: "a"}
	left, err := f.Take([]cluster.Cluster{hub("a"), hub("b")})
	require.NoError(t, err)
	require.Empty(t, f.Members)
	require.Len(t, left, 1)
	require.EqualError(t, left[0], `c.yaml: cluster "b": not taken over: it is a hub, and a fleet of its own; call cmp `+
		`init for it with --hub b`)
	spoke := hub("c")
	spoke.Labels = map[string]string{"fleet_member": "spoke", "tenant": "t", "environment": "e"}
	_, err = (&Fleet{}).Take([]cluster.Cluster{hub("a"), spoke, spoke})
	require.EqualError(t, err, `c.yaml: there are two clusters "c"; leave one of them out`)
}

// FuzzParse: whatever is taken for a component, a member and words makes files that are in order, or is refused.
func FuzzParse(f *testing.F) {
	f.Add("a=https://charts.example.com/a:1.0.0", "a:b:c", "hub", "t", "e", "eu-west-1", "https://git.example.com/f")
	f.Add("a=oci://h.example.com:1/x/a:v1.0.0-rc.1", "..:b:.git", "on", ".git", "\n", "a--b", "git@h:p")
	f.Fuzz(func(t *testing.T, component, of, hub, tenant, environment, region, url string) {
		c, err := ParseComponent(component)
		if err != nil {
			return
		}
		m, err := ParseMember(of)
		if err != nil {
			return
		}
		fleet := &Fleet{hub, tenant, environment, region, url, region, []Component{c}, []Member{m}}
		files, err := fleet.Files()
		if err != nil {
			return
		}
		for name, text := range files {
			require.True(t, fs.ValidPath(name), name)
			_, err := hierarchy.ParseDocument(name, text)
			require.NoError(t, err)
		}
	})
}
