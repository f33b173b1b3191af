package manifest

import (
	"context"
	"io"
	"io/fs"
	"log"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	helmchart "helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"

	"github.com/eks-fleet-management/fleet-cmp/render/application"
	"github.com/eks-fleet-management/fleet-cmp/render/chart"
)

func TestMain(m *testing.M) {
	log.SetOutput(io.Discard) // Helm's libraries log what they skip
	os.Exit(m.Run())
}

// charts loads charts from directories of the repository, and has the named ones.
type charts struct {
	named   map[string]*fstest.MapFS
	fetched []chart.Reference
	dirs    []string

	artifacts map[string]fstest.MapFS // by address and revision
}

func (c *charts) Artifact(_ context.Context, r chart.Reference) (fs.FS, error) {
	if found := c.artifacts[r.RepoURL+" "+r.Version]; found != nil {
		return found, nil
	}
	return nil, fs.ErrNotExist
}

func (c *charts) Fetch(_ context.Context, r chart.Reference) (*helmchart.Chart, error) {
	c.fetched = append(c.fetched, r)
	if c.named[r.Name] == nil {
		return nil, fs.ErrNotExist
	}
	return loadDirectory(c.named[r.Name], ".")
}

func (c *charts) Directory(_ context.Context, fsys fs.FS, dir string) (*helmchart.Chart, error) {
	c.dirs = append(c.dirs, dir)
	return loadDirectory(fsys, dir)
}

func loadDirectory(fsys fs.FS, dir string) (*helmchart.Chart, error) {
	var files []*loader.BufferedFile
	err := fs.WalkDir(fsys, dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(fsys, name)
		files = append(files, &loader.BufferedFile{Name: strings.TrimPrefix(strings.TrimPrefix(name, dir), "/"),
			Data: data})
		return err
	})
	if err != nil {
		return nil, err
	}
	return loader.LoadFiles(files)
}

// tree makes files of a string in which each begins with a line "-- NAME --".
func tree(text string) fstest.MapFS {
	out := fstest.MapFS{}
	for _, part := range strings.Split("\n"+text, "\n-- ")[1:] {
		name, data, _ := strings.Cut(part, " --\n")
		out[name] = &fstest.MapFile{Data: []byte(data + "\n")}
	}
	return out
}

// repository has a chart that prints its values, and sources of the other kinds.
func repository() fstest.MapFS {
	return tree(`-- charts/app/Chart.yaml --
apiVersion: v2
name: app
version: 1.0.0
-- charts/app/values.yaml --
key: chart
-- charts/app/extra.yaml --
key: extra of the chart
-- charts/app/values/a.yaml --
key: a
a: 1
-- charts/app/values/b.yaml --
key: b
b: 1
-- charts/app/values/deep/c.yaml --
key: c
c: 1
-- charts/app/templates/a.yaml --
apiVersion: v1
kind: ConfigMap
metadata: {name: values}
data:
  values: {{ .Values | toJson | quote }}
  release: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
  kube: {{ .Capabilities.KubeVersion.Version }}
  monitor: {{ .Capabilities.APIVersions.Has "monitoring/v1" | quote }}
-- shared.yaml --
key: shared
-- teams/x.yaml --
key: team x
-- secret.txt --
text with, commas
-- plain/b.yaml --
apiVersion: v1
kind: Service
metadata: {name: plain}
-- plain/sub/c.yaml --
apiVersion: v1
kind: Service
metadata: {name: below}
-- kust/kustomization.yaml --
resources: [a.yaml]
-- kust/a.yaml --
apiVersion: v1
kind: ConfigMap
metadata: {name: kust}
-- both/Chart.yaml --
apiVersion: v2
name: both
version: 1.0.0
-- both/kustomization.yaml --
resources: [a.yaml]
-- both/a.yaml --
apiVersion: v1
kind: ConfigMap
metadata: {name: both}
`)
}

// application makes an Application of its source or sources, as YAML.
func app(t testing.TB, spec string) map[string]any {
	t.Helper()
	var out map[string]any
	require.NoError(t, yaml.Unmarshal(
		[]byte("apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web, namespace: argocd}\n"+
			"spec:\n  project: team\n  destination: {namespace: target, name: spoke}\n  "+strings.ReplaceAll(spec, "\n",
			"\n  ")), &out))
	return out
}

// renderObject renders an object with a renderer, for one destination or none.
func renderObject(t testing.TB, r *Renderer, object map[string]any, to ...Destination) ([]map[string]any,
	[]*problem.Problem, error) {
	t.Helper()
	return r.Render(t.Context(), application.Read(object, r.options.Version), slices.Concat(to, []Destination{{}})[0])
}

func render(t testing.TB, o Options, spec string) ([]map[string]any, error) {
	t.Helper()
	if o.Repository == nil {
		o.Repository = repository()
	}
	if o.Charts == nil {
		o.Charts = &charts{}
	}
	objects, _, err := renderObject(t, New(o), app(t, spec))
	if err != nil {
		require.Nil(t, objects, "nothing is given in part")
		require.NotContains(t, err.Error(), "\n")
		require.Contains(t, err.Error(), "application web")
	}
	return objects, err
}

// data returns the data of the chart's ConfigMap.
func data(t testing.TB, o Options, spec string) (map[string]any, error) {
	t.Helper()
	objects, err := render(t, o, spec)
	if err != nil {
		return nil, err
	}
	require.Len(t, objects, 1)
	return objects[0]["data"].(map[string]any), nil
}

func names(objects []map[string]any) []string {
	var out []string
	for _, o := range objects {
		metadata, _ := o["metadata"].(map[string]any)
		kind, _ := o["kind"].(string)
		name, _ := metadata["name"].(string)
		out = append(out, path.Join(kind, name))
	}
	return out
}

// argoCDVersion returns a version of Argo CD; "" is none.
func argoCDVersion(t testing.TB, text string) argocd.Version {
	t.Helper()
	if text == "" {
		return argocd.Version{}
	}
	v, _, err := argocd.Parse(text)
	require.NoError(t, err)
	return v
}
