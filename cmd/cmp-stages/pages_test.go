package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/cli"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/linked"
)

// TestPagesAreTheSame proves that the same fleet gives the same bytes: with any number of threads, wherever the command
// is called, and whatever the times of the files are. It is a fleet with findings, failures and changes.
func TestPagesAreTheSame(t *testing.T) {
	before, fleet := t.TempDir(), filepath.Join(t.TempDir(), "fleet")
	require.NoError(t, os.CopyFS(before, os.DirFS(filepath.Join("..", "..", "testdata", "fleet"))))
	require.NoError(t, os.CopyFS(fleet, os.DirFS(before)))
	for name, text := range map[string]string{
		"addons/bootstrap/defaults/addons/karpenter/values.yaml": "replica: 3\npasword: x\n",
		"addons/bootstrap/defaults/addons/karpentr/values.yaml":  "replicas: 3\n",
		"charts/application-sets/values/ack.yaml":                "none: {enabled: true, path: x, selector: []}\n",
		"fleet/fleet-bootstrap/fleet-members/hub-prod/late.yaml": "tenant: data\nenvironment: prod\n",
	} {
		file := filepath.Join(fleet, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	}
	pages := func(t *testing.T) map[string]string {
		made := map[string]string{}
		directory := t.TempDir()
		run := func(args ...string) string {
			var stdout, stderr bytes.Buffer
			status := cli.Program{Stages: linked.New()}.Run(append(args, fleet), strings.NewReader(""), &stdout,
				&stderr)
			require.Equal(t, 1, status, stderr.String()) // something fails
			made[args[0]+" said"] = stderr.String()
			return stdout.String()
		}
		made["one file"] = run("matrix", "-o", "html")
		run("page", "--output-dir", directory, "--diff", before, "--diff-stage", "applications")
		for _, name := range []string{"index.html", "matrix.csv", "matrix.json"} {
			data, err := os.ReadFile(filepath.Join(directory, name))
			require.NoError(t, err)
			made[name] = string(data)
		}
		return made
	}
	first := pages(t)
	require.Contains(t, first["one file"], "karpentr")
	require.Contains(t, first["index.html"], `"changes":{`)
	for name, change := range map[string]func(t *testing.T){
		"again":                       func(*testing.T) {},
		"one thread":                  func(t *testing.T) { setThreads(t, 1) },
		"four threads":                func(t *testing.T) { setThreads(t, 4) },
		"called in another directory": func(t *testing.T) { t.Chdir(t.TempDir()) },
		"called in the fleet":         func(t *testing.T) { t.Chdir(fleet) },
		"files of other times": func(t *testing.T) {
			at := time.Unix(1_000_000_000, 0)
			require.NoError(t, filepath.WalkDir(fleet, func(name string, entry fs.DirEntry, err error) error {
				if err != nil {
					return err
				}
				at = at.Add(-time.Hour)
				return os.Chtimes(name, at, at)
			}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			change(t)
			for name, text := range pages(t) {
				require.True(t, first[name] == text, name) // of megabytes, nobody reads the difference
			}
		})
	}
}

// setThreads sets how many threads run Go code in a test.
func setThreads(t *testing.T, threads int) {
	before := runtime.GOMAXPROCS(threads)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
}
