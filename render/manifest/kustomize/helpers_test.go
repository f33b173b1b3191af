package kustomize

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

var update = flag.Bool("update", false, "write the golden files")

// archive returns the files of a txtar archive.
func archive(text string) fstest.MapFS {
	files := fstest.MapFS{}
	for _, file := range txtar.Parse([]byte(text)).Files {
		files[file.Name] = &fstest.MapFile{Data: file.Data}
	}
	return files
}

// rooted returns a directory of this machine as the command opens it.
func rooted(t testing.TB, dir string) fs.FS {
	t.Helper()
	repository, err := worktree.Open(dir)
	require.NoError(t, err)
	return repository
}

// printed returns objects as YAML documents.
func printed(t testing.TB, objects []map[string]any) string {
	t.Helper()
	documents := make([]string, len(objects))
	for i, object := range objects {
		data, err := yaml.Marshal(object)
		require.NoError(t, err)
		documents[i] = string(data)
	}
	return strings.Join(documents, "---\n")
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "golden", name+".yaml")
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: web
        image: nginx:1.27
      - name: side
        image: registry.example.com:5000/side/car:v1
`

func objects(t testing.TB, text string) []map[string]any {
	t.Helper()
	var objects []map[string]any
	for _, document := range strings.Split(text, "---\n") {
		var object map[string]any
		require.NoError(t, yaml.Unmarshal([]byte(document), &object))
		objects = append(objects, object)
	}
	return objects
}
