package helm

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"sigs.k8s.io/yaml"
)

var update = flag.Bool("update", false, "write golden files")

func TestMain(m *testing.M) {
	log.SetOutput(io.Discard) // Helm's libraries log what they skip
	os.Exit(m.Run())
}

// versions are one of each Helm that is linked; usual is the one that most tests are for.
var versions = []string{"3.22.0", usual}

const usual = "4.3.1"

func loadChart(t testing.TB, name string) *chart.Chart {
	t.Helper()
	c, err := loader.LoadDir(filepath.Join("..", "testdata", "charts", name))
	require.NoError(t, err)
	return c
}

// makeChart makes a chart of files, by name; a Chart.yaml is added where there is none.
func makeChart(t testing.TB, files map[string]string) *chart.Chart {
	t.Helper()
	c, err := chartOf(files)
	require.NoError(t, err)
	return c
}

func chartOf(files map[string]string) (*chart.Chart, error) {
	all := map[string]string{"Chart.yaml": "apiVersion: v2\nname: app\nversion: 1.0.0\n"}
	for name, data := range files {
		all[name] = data
	}
	var buffered []*loader.BufferedFile
	for name, data := range all {
		buffered = append(buffered, &loader.BufferedFile{Name: name, Data: []byte(data)})
	}
	return loader.LoadFiles(buffered)
}

func render(t testing.TB, c *chart.Chart, o Options) ([]Manifest, error) {
	t.Helper()
	return renderAs(t, usual, c, o)
}

// renderAs renders a chart as a version of Helm.
func renderAs(t testing.TB, version string, c *chart.Chart, o Options) ([]Manifest, error) {
	t.Helper()
	prepared, err := New(c, version)
	if err != nil {
		return nil, err
	}
	return prepared.Render(t.Context(), complete(o))
}

// renderData renders a chart with one template that prints a ConfigMap, and returns its data.
func renderData(t testing.TB, values, data string, o Options) (map[string]any, error) {
	t.Helper()
	c := makeChart(t, map[string]string{"values.yaml": values, "templates/c.yaml": configMap(data)})
	objects, err := render(t, c, o)
	if err != nil {
		return nil, err
	}
	require.Len(t, objects, 1)
	out, _ := objects[0].Object["data"].(map[string]any)
	return out, nil
}

// dataOf renders a chart that prints a ConfigMap, as a version of Helm, and returns its data.
func dataOf(t testing.TB, version string, c *chart.Chart, o Options) map[string]any {
	t.Helper()
	objects, err := renderAs(t, version, c, o)
	require.NoError(t, err)
	require.Len(t, objects, 1)
	data, _ := objects[0].Object["data"].(map[string]any)
	return data
}

func configMap(data string) string {
	return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  " + strings.ReplaceAll(data, "\n", "\n  ") +
		"\n"
}

// text returns documents as `helm template` prints them.
func text(documents []document) string {
	var out strings.Builder
	for _, d := range documents {
		fmt.Fprintf(&out, "---\n# Source: %s\n%s\n", d.file, d.text)
	}
	return out.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := path.Join("..", "testdata", "golden", name)
	if *update {
		require.NoError(t, os.MkdirAll(path.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err, "run go test -update")
	require.Equal(t, string(want), got)
}

func values(t testing.TB, text string) map[string]any {
	t.Helper()
	var out map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(text), &out))
	return out
}

// complete sets what every caller sets.
func complete(o Options) Options {
	o.ReleaseName, o.KubeVersion = cmp.Or(o.ReleaseName, "rel"), cmp.Or(o.KubeVersion, "1.33.0")
	return o
}
