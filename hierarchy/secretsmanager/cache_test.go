package secretsmanager

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func cachedFiles(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var files []string
	for _, e := range entries {
		files = append(files, filepath.Join(dir, e.Name()))
	}
	return files
}

func TestCacheSavesTheCall(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "directory")
	f := newFake(t, texts("hub/a", "b"))
	c := Config{Cache: time.Hour, CacheDir: dir}
	first, err := read(t, newClient(t, c), "hub/a", "b")
	require.NoError(t, err)
	second, err := read(t, newClient(t, c), "hub/a", "b")
	require.NoError(t, err)
	require.Equal(t, first, second)
	require.Len(t, f.calls, 1)

	files := cachedFiles(t, dir)
	require.Len(t, files, 2)
	for _, file := range files {
		require.Regexp(t, `^[0-9a-f]{64}\.json$`, filepath.Base(file))
		info, err := os.Stat(file)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode())
	}
	info, err := os.Stat(dir)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
}

func TestCacheEntriesThatDoNotCount(t *testing.T) {
	for _, test := range []struct {
		name  string
		spoil func(t *testing.T, file string)
	}{
		{"too old", func(t *testing.T, file string) {
			old := time.Now().Add(-2 * time.Hour)
			require.NoError(t, os.Chtimes(file, old, old))
		}},
		{"of the future", func(t *testing.T, file string) {
			later := time.Now().Add(2 * time.Hour)
			require.NoError(t, os.Chtimes(file, later, later))
		}},
		{"broken", func(t *testing.T, file string) {
			require.NoError(t,
				os.WriteFile(file, []byte(`{"scope":`), 0o600))
		}},
		{"a directory", func(t *testing.T, file string) {
			require.NoError(t, os.Remove(file))
			require.NoError(t, os.MkdirAll(filepath.Join(file, "x"), 0o700))
		}},
		{"empty", func(t *testing.T, file string) { require.NoError(t, os.WriteFile(file, nil, 0o600)) }},
		{"of another secret", func(t *testing.T, file string) {
			require.NoError(t, os.WriteFile(file,
				[]byte(`{"scope":["eu-west-2","other","",""],"identity":{"name":"other"}}`), 0o600))
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFake(t, texts("a"))
			c := Config{Cache: time.Hour, CacheDir: t.TempDir()}
			want, err := read(t, newClient(t, c), "a")
			require.NoError(t, err)
			test.spoil(t, cachedFiles(t, c.CacheDir)[0])
			for range 2 { // the second finds the entry replaced
				got, err := read(t, newClient(t, c), "a")
				require.NoError(t, err)
				require.Equal(t, want, got)
			}
			require.Len(t, f.calls, 2)
			require.Len(t, cachedFiles(t, c.CacheDir), 1)
		})
	}
}

func TestCacheKeepsSecretsOfOneNameApart(t *testing.T) {
	f := newFake(t, texts("a"))
	dir := t.TempDir()
	t.Setenv("AWS_CONFIG_FILE", "testdata/aws-config")
	for i, c := range []struct{ region, role, profile string }{
		{"", "", ""}, {"us-east-1", "", ""}, {"", "arn:aws:iam::444455556666:role/r", ""}, {"", "", "fleet"},
	} {
		t.Setenv("AWS_PROFILE", c.profile)
		_, err := read(t, newClient(t, Config{Region: c.region, RoleARN: c.role, Cache: time.Hour, CacheDir: dir}), "a")
		require.NoError(t, err)
		require.Len(t, f.operations("BatchGetSecretValue"), i+1)
	}
}

func TestFailuresAreNotCached(t *testing.T) {
	f := newFake(t, nil)
	c := Config{Cache: time.Hour, CacheDir: t.TempDir()}
	for range 2 {
		_, err := read(t, newClient(t, c), "a")
		require.ErrorContains(t, err, "does not exist")
	}
	require.Len(t, f.calls, 2)
	require.Empty(t, cachedFiles(t, c.CacheDir))
}

func TestCacheThatCannotBeWritten(t *testing.T) {
	newFake(t, texts("a"))
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := New(t.Context(), Config{Cache: time.Hour, CacheDir: file})
	require.ErrorContains(t, err, "cache of AWS Secrets Manager: mkdir ")

	// Later on it only costs the next run a call.
	c := Config{Cache: time.Hour, CacheDir: filepath.Join(t.TempDir(), "gone")}
	client := newClient(t, c)
	require.NoError(t, os.Remove(c.CacheDir))
	require.NoError(t, os.WriteFile(c.CacheDir, nil, 0o600))
	_, err = read(t, client, "a")
	require.NoError(t, err)
	require.NoError(t, os.Remove(c.CacheDir))

	// A directory in the place of an entry: nothing temporary stays.
	client = newClient(t, c)
	target, problem := client.locate(Reference{ID: "a"})
	require.Nil(t, problem)
	require.NoError(t, os.MkdirAll(filepath.Join(client.cache.file(target), "x"), 0o700))
	_, err = read(t, client, "a")
	require.NoError(t, err)
	require.Len(t, cachedFiles(t, c.CacheDir), 1)
}

func TestNoCacheUnlessAskedFor(t *testing.T) {
	for _, c := range []Config{{Cache: time.Hour}, {CacheDir: filepath.Join(t.TempDir(), "none")}} {
		newFake(t, texts("a"))
		_, err := read(t, newClient(t, c), "a")
		require.NoError(t, err)
		if c.CacheDir != "" {
			require.NoDirExists(t, c.CacheDir)
		}
	}
}
