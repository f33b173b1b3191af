package network

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
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
