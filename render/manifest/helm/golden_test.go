package helm

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The golden files are byte for byte what `helm template` of each version prints; the flags are those of the options:
//
//	helm template rel CHART -n ns --include-crds --kube-version 1.31.0 -a monitoring.coreos.com/v1/ServiceMonitor -f …
var goldenCases = []struct {
	name, chart string
	files       []string
	change      func(*Options)
}{
	{"full", "full", nil, nil},
	{"full-other", "full", []string{"full-other.yaml"}, func(o *Options) { o.SkipCRDs, o.SkipTests = true, true }},
	{"bench", "bench", benchFiles, nil},
}

var benchFiles = []string{"bench-1.yaml", "bench-2.yaml", "bench-3.yaml", "bench-4.yaml", "bench-5.yaml"}

func goldenOptions(t testing.TB, files []string, change func(*Options)) Options {
	o := Options{ReleaseName: "rel", Namespace: "ns", KubeVersion: "1.31.0",
		APIVersions: []string{"monitoring.coreos.com/v1/ServiceMonitor"}}
	for _, name := range files {
		data, err := os.ReadFile(filepath.Join("..", "testdata", "values", name))
		require.NoError(t, err)
		o.ValueFiles = append(o.ValueFiles, File{name, data})
	}
	if change != nil {
		change(&o)
	}
	return o
}

func TestGoldenIsWhatHelmTemplatePrints(t *testing.T) {
	for _, version := range versions {
		for _, test := range goldenCases {
			t.Run(version+" "+test.name, func(t *testing.T) {
				prepared, err := New(loadChart(t, test.chart), version)
				require.NoError(t, err)
				documents, err := prepared.documents(t.Context(), goldenOptions(t, test.files, test.change))
				require.NoError(t, err)
				golden(t, "helm-"+version+"/"+test.name+".yaml", text(documents))
			})
		}
	}
}

func BenchmarkRender(b *testing.B) {
	prepared, err := New(loadChart(b, "bench"), usual)
	require.NoError(b, err)
	o := goldenOptions(b, benchFiles, nil)
	for b.Loop() {
		_, err := prepared.Render(b.Context(), complete(o))
		require.NoError(b, err)
	}
}
