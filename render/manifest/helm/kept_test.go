package helm

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/memory"
)

// TestWhatIsKeptChangesNothing renders with options that differ in one thing each, with and without a memory.
func TestWhatIsKeptChangesNothing(t *testing.T) {
	c, err := New(makeChart(t, map[string]string{"templates/all.yaml": `apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }}}
data:
  values: {{ omit .Values "global" | toJson | quote }}
  kube: {{ .Capabilities.KubeVersion.Version }}
  has: {{ .Capabilities.APIVersions.Has "example.com/v1" | quote }}
`}), usual)
	require.NoError(t, err)
	base := func() Options {
		return Options{ReleaseName: "r", Namespace: "n", KubeVersion: "1.33.0", Values: map[string]any{"own": "a"},
			ValueFiles: []File{{"one.yaml", []byte("{a: 1, own: b}")}, {"two.yaml", []byte("a: 2")}}}
	}
	changes := map[string]func(*Options){
		"nothing":         func(*Options) {},
		"the release":     func(o *Options) { o.ReleaseName = "s" },
		"the namespace":   func(o *Options) { o.Namespace = "m" },
		"the version":     func(o *Options) { o.KubeVersion = "1.34.0" },
		"the APIs":        func(o *Options) { o.APIVersions = []string{"example.com/v1"} },
		"the values":      func(o *Options) { o.Values = map[string]any{"own": "c"} },
		"which win":       func(o *Options) { o.ValuesLowest = true },
		"a file":          func(o *Options) { o.ValueFiles[1].Data = []byte("a: 3") },
		"the order":       func(o *Options) { o.ValueFiles[0], o.ValueFiles[1] = o.ValueFiles[1], o.ValueFiles[0] },
		"a parameter":     func(o *Options) { o.Parameters = []Parameter{{Name: "a", Value: "4"}} },
		"a text":          func(o *Options) { o.Parameters = []Parameter{{Name: "a", Value: "4", ForceString: true}} },
		"a file of a key": func(o *Options) { o.FileParameters = []FileParameter{{"a", File{"f", []byte("4\n")}}} },
	}
	kept, seen := memory.New(1<<20), map[string]string{}
	for range 2 {
		for name, change := range changes {
			o := base()
			change(&o)
			want, err := c.Render(t.Context(), o)
			require.NoError(t, err, name)
			o.Memory = kept
			got, err := c.Render(t.Context(), o)
			require.NoError(t, err, name)
			require.Equal(t, want, got, name)
			got[0].Object["kind"] = "changed" // the objects are the caller's own
			sum, ok := o.sum()
			require.True(t, ok)
			if other, known := seen[string(sum[:])]; known {
				require.Equal(t, other, name)
			}
			seen[string(sum[:])] = name
		}
	}
	require.Len(t, seen, len(changes))
}

func TestFailuresAreNotKept(t *testing.T) {
	c, err := New(makeChart(t, nil), usual)
	require.NoError(t, err)
	kept := memory.New(1 << 20)
	for range 2 {
		for _, name := range []string{"a.yaml", "b.yaml"} {
			_, err = c.Render(t.Context(), Options{ReleaseName: "r", KubeVersion: "1.33.0", Memory: kept,
				ValueFiles: []File{{name, []byte("- a list")}}})
			require.ErrorContains(t, err, name)
		}
	}
}
