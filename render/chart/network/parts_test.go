package network

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/repo"
)

func TestReferencesOfArtifacts(t *testing.T) {
	const digest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	for text, want := range map[string][2]bool{ // a digest, a reference
		digest: {true, true}, "1.0.0": {false, true}, "latest": {false, true}, "": {false, false},
		">=1.0": {false, false}, "sha256:short": {false, false}, "1.0.0+build": {false, false},
	} {
		require.Equal(t, want, [2]bool{IsDigest(text), IsReference(text)}, text)
	}
	require.Equal(t, "1.0.0_build", tag("1.0.0+build"))
}

func TestHighest(t *testing.T) {
	versions := []string{"1.2.0", "v1.10.0", "1.9.0", "2.0.0-rc.1", "latest", "1"}
	for wanted, want := range map[string]string{
		"1.2.0": "1.2.0", "1.x": "v1.10.0", ">=1.0 <1.10": "1.9.0", "": "v1.10.0", ">=2.0.0-0": "2.0.0-rc.1",
	} {
		got, err := Highest(versions, wanted)
		require.NoError(t, err, wanted)
		require.Equal(t, want, got, wanted)
	}
	_, err := Highest(versions, "3.x")
	require.Error(t, err)
}

func TestParseIndex(t *testing.T) {
	index, err := parseIndex(
		[]byte("apiVersion: v1\nmore: {a: b}\nentries:\n  web:\n  - {name: web, version: 1.2.0}\n" +
			"  - {name: web, version: 1.10.0}\n  - {name: web}\n  - null\n"))
	require.NoError(t, err)
	var versions []string
	for _, v := range index.Entries["web"] {
		versions = append(versions, v.Version)
	}
	require.Equal(t, []string{"1.10.0", "1.2.0"}, versions)
	for _, text := range []string{"", " \n", "- a", "entries: {}", "<html>"} {
		_, err := parseIndex([]byte(text))
		require.ErrorContains(t, err, "no index of a chart repository", text)
	}
}

// TestEntriesAsHelmTakesThem proves that an entry counts if Helm takes it for a version.
func TestEntriesAsHelmTakesThem(t *testing.T) {
	text := "apiVersion: v1\nentries:\n  web:\n" + strings.Join([]string{
		"  - {name: web, version: 1.0.0}", "  - {name: web, version: v1.0.0, deprecated: true}",
		"  - {name: web, version: 1.0.0, urls: []}", "  - {name: web, version: '1.1'}",
		"  - {name: web, version: 1.2.0+up1, type: library}", "  - {name: web, version: 2.0.0-rc.1}",
		"  - {name: web, version: 2.0.0_up1}", "  - {name: web, version: latest}", "  - {name: web, version: ''}",
		"  - {name: web}", "  - {version: 3.0.0}", "  - {name: ../web, version: 3.0.1}",
		"  - {name: web, version: 3.0.2, type: other}", "  - {name: web, version: 3.0.3, maintainers: [null]}",
		"  - {name: web, version: 1.3.0, dependencies: [{name: db}, {name: db}]}",
		"  - {name: web, version: 3.0.4, dependencies: [{name: db, alias: a b}]}", "  - null", "  - {}",
		"  - {urls: [x]}",
	}, "\n") + "\n"
	index, err := parseIndex([]byte(text))
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "index.yaml")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	helms, err := repo.LoadIndexFile(file)
	require.NoError(t, err)
	versions := func(of *repo.IndexFile) (all []string) {
		for _, v := range of.Entries["web"] {
			all = append(all, v.Version)
		}
		return all
	}
	require.ElementsMatch(t, versions(helms), versions(index))
	require.Equal(t, "2.0.0-rc.1", versions(index)[0])
	require.Contains(t, versions(index), "1.3.0")
}

func TestConfigurationOfHelm(t *testing.T) {
	directory := t.TempDir()
	repositories := filepath.Join(directory, "repositories.yaml")
	require.NoError(t, os.WriteFile(repositories, []byte("apiVersion: ''\nrepositories:\n"+
		"- {name: stable, url: 'https://charts.example.com/stable/'}\n- {name: other, url: "+
		"'https://other.example.com'}\n"),
		0o600))
	c := &configuration{repositoriesFile: repositories, registryFile: filepath.Join(directory, "none.json")}
	for address, want := range map[string]string{
		"https://charts.example.com/stable": "stable", "https://other.example.com/": "other",
		"https://charts.example.com/other": "", "http://other.example.com": "",
	} {
		u, err := url.Parse(address)
		require.NoError(t, err)
		entry, err := c.entryFor(u)
		require.NoError(t, err)
		name := ""
		if entry != nil {
			name = entry.Name
		}
		require.Equal(t, want, name, address)
	}
	entry, err := c.entryNamed("other")
	require.NoError(t, err)
	require.Equal(t, "https://other.example.com", entry.URL)
	entry, err = c.entryNamed("none")
	require.NoError(t, err)
	require.Nil(t, entry)
	credential, err := c.registryCredential()
	require.NoError(t, err)
	require.Nil(t, credential, "there is no file")

	broken := filepath.Join(directory, "config.json")
	require.NoError(t, os.WriteFile(broken, []byte("no JSON"), 0o600))
	_, err = (&configuration{registryFile: broken}).registryCredential()
	require.ErrorContains(t, err, "is no valid registry/config.json of Helm")
}

func TestStatusHint(t *testing.T) {
	for code, want := range map[int]string{
		http.StatusUnauthorized: "credentials come from", http.StatusForbidden: "credentials come from",
		http.StatusNotFound: "check repository, name and version",
	} {
		require.Contains(t, statusHint(code), want)
	}
	require.Empty(t, statusHint(http.StatusTeapot))
}
