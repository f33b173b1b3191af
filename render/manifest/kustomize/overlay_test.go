package kustomize

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

const chart = deployment + `---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {ports: [{port: 80}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {octal: "010", yes: "yes", exponent: "1e3"}
`

func TestOverlays(t *testing.T) {
	for _, test := range []struct {
		name, files string
		dirs        []string
	}{
		{"chain", `
-- system/kustomization.yaml --
namespace: platform
patches:
- path: patch.yaml
-- system/patch.yaml --
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
      - {name: web, resources: {limits: {memory: 1Gi}}}
-- tenant/kustomization.yaml --
namePrefix: t-
images: [{name: nginx, newTag: "2"}]
components: [../shared/annotated]
-- shared/annotated/kustomization.yaml --
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
commonAnnotations: {owner: team}
-- cluster/kustomization.yaml --
resources: [extra.yaml, ../shared/base]
replicas: [{name: web, count: 4}]
patches:
- target: {kind: Service, name: web}
  patch: |
    - {op: replace, path: /spec/ports/0/port, value: 8080}
-- cluster/extra.yaml --
apiVersion: v1
kind: ServiceAccount
metadata: {name: extra}
-- shared/base/kustomization.yaml --
resources: [role.yaml]
-- shared/base/role.yaml --
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: all}
`, []string{"system", "tenant", "cluster"}},
		{"component", `
-- system/kustomization.yaml --
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
namePrefix: c-
-- cluster/kustomization.yaml --
nameSuffix: -x
`, []string{"system", "cluster"}},
		{"generators", `
-- system/kustomization.yaml --
configMapGenerator:
- {name: made, literals: [a=1, b=1], files: [note.txt]}
-- system/note.txt --
note
-- cluster/kustomization.yaml --
configMapGenerator:
- {name: made, behavior: merge, literals: [b=2]}
patches:
- patch: |
    {apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {template: {spec: {containers: [{name: web, envFrom: [{configMapRef: {name: made}}]}]}}}}
`, []string{"system", "cluster"}},
		{"sorted", "-- a/kustomization.yaml --\nsortOptions: {order: legacy}\n", []string{"a"}},
		{"delete", "-- a/kustomization.yaml --\npatches:\n- patch: '{$patch: delete, apiVersion: v1, kind: Service, " +
			"metadata: {name: web, namespace: shop}}'\n", []string{"a"}},
		{"empty", "-- a/kustomization.yaml --\n# nothing yet\n", []string{"a"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := objects(t, chart)
			got, err := Overlay(archive(test.files), test.dirs, before)
			require.NoError(t, err)
			golden(t, "overlays/"+test.name, printed(t, got))
			require.Equal(t, objects(t, chart), before, "what went in was changed")
		})
	}
}

func TestOverlayKeepsWhatItDoesNotChange(t *testing.T) {
	odd := map[string]any{"apiVersion": "example.com/v1", "kind": "Odd", "metadata": map[string]any{"name": "odd"},
		"spec": map[string]any{
			"yes": "yes", "on": true, "octal": "010", "null": nil, "float": 1.5, "big": float64(12345678901),
			"exponent": 1e30, "date": "2024-01-01", "merge": "<<",
			"text": "a\n---\nb: c\n", "unicode": "\u2028 \u0085 \u0080 \x07 \x7f \ufeff \uffff 😀 <&>", "colon": "a: b",
			"empty": "", "list": []any{}, "map": map[string]any{}, "tilde": "~", "star": "*a &b !c"}}
	got, err := Overlay(archive("-- a/kustomization.yaml --\n"), []string{"a"}, append(objects(t, chart), odd))
	require.NoError(t, err)
	require.Equal(t, append(objects(t, chart), odd), got)

	same, err := Overlay(fstest.MapFS{}, nil, objects(t, chart))
	require.NoError(t, err)
	require.Equal(t, objects(t, chart), same)

	none, err := Overlay(archive("-- a/kustomization.yaml --\nresources: [x.yaml]\n-- a/x.yaml --\n"+deployment),
		[]string{"a"}, nil)
	require.NoError(t, err)
	require.Equal(t, objects(t, deployment), none)
}

func TestOverlayErrors(t *testing.T) {
	for _, test := range []struct {
		name, files string
		dirs        []string
		objects     string
		want        string
	}{
		{"no directory", "", []string{"a"}, deployment, "a: cannot be read: file does not exist"},
		{"no kustomization", "-- a/x --\n", []string{"a"}, deployment,
			"a: is no Kustomize directory; add a kustomization.yaml"},
		{"one holds the other", "-- a/kustomization.yaml --\n-- a/b/kustomization.yaml --\n", []string{"a", "a/b"},
			deployment,
			"a/b: cannot be an overlay over a, which holds it; Kustomize takes that for a cycle: give each level a " +
				"directory of its own"},
		{"the same twice", "-- a/kustomization.yaml --\n", []string{"a", "a"}, deployment,
			"a: cannot be an overlay over a, which holds it; Kustomize takes that for a cycle: give each level a " +
				"directory of its own"},
		{"an object without a name", "-- a/kustomization.yaml --\n", []string{"a"},
			"kind: Job\nmetadata: {generateName: x-}\n",
			`a: cannot be an overlay over an object of kind "Job" and name "": Kustomize needs both; give it a name (generateName does not do)`},
		{"an object without a kind", "-- a/kustomization.yaml --\n", []string{"a"}, "metadata: {name: x}\n",
			`a: cannot be an overlay over an object of kind "" and name "x": Kustomize needs both; give it a name (generateName does not do)`},
		{"the same object twice", "-- a/kustomization.yaml --\n", []string{"a"}, deployment + "---\n" + deployment,
			"a/kustomization.yaml: kustomize build: the objects below: may not add resource with an already " +
				"registered id: Deployment.v1.apps/web.[noNs]"},
		{"a patch for nothing", "-- a/kustomization.yaml --\n-- b/kustomization.yaml --\npatches: [{patch: '{apiVersion: v1, kind: X, metadata: {name: gone}}'}]\n", []string{"a", "b"}, deployment, `a, b: kustomize build: no resource matches strategic merge patch "X.v1.[noGrp]/gone.[noNs]": no matches for Id X.v1.[noGrp]/gone.[noNs]; failed to find unique target for patch X.v1.[noGrp]/gone.[noNs]`},
		{"an escape to what is made here", "-- a/kustomization.yaml --\nresources: [../../overlays/objects]\n",
			[]string{"a"}, deployment,
			`a/kustomization.yaml:1: "../../overlays/objects" leaves the repository; files and links must stay inside the repository`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Overlay(archive(test.files), test.dirs, objects(t, test.objects))
			require.EqualError(t, err, test.want)
			require.Empty(t, got)
		})
	}
}

func BenchmarkOverlay(b *testing.B) {
	files := archive("-- system/kustomization.yaml --\nnamespace: x\n-- tenant/kustomization.yaml --\nimages: " +
		"[{name: nginx, newTag: '2'}]\n" +
		"-- cluster/kustomization.yaml --\nreplicas: [{name: web-1, count: 2}]\npatches: [{target: {kind: " +
		"Deployment}, patch: '[{\"op\": \"add\", \"path\": \"/spec/paused\", \"value\": true}]'}]\n")
	for _, count := range []int{5, 50} {
		b.Run(fmt.Sprintf("%d-objects", count), func(b *testing.B) {
			var in []map[string]any
			for i := range count {
				in = append(in, objects(b, strings.Replace(deployment, "name: web", fmt.Sprintf("name: web-%d", i),
					1))...)
			}
			b.ReportAllocs()
			for b.Loop() {
				out, err := Overlay(files, []string{"system", "tenant", "cluster"}, in)
				require.NoError(b, err)
				require.Len(b, out, count)
			}
		})
	}
}

func FuzzOverlay(f *testing.F) {
	f.Add([]byte("namePrefix: a-"), []byte(`{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"a": "b"}}`))
	f.Add([]byte("kind: Component\npatches: [{patch: '[]', target: {}}]"), []byte(`{"kind": "List", "metadata": {"name": "a"}, "items": [null]}`))
	f.Fuzz(func(t *testing.T, kustomization, object []byte) {
		var value map[string]any
		if json.Unmarshal(object, &value) != nil {
			return
		}
		_, err := Overlay(fstest.MapFS{"a/kustomization.yaml": &fstest.MapFile{Data: kustomization}}, []string{"a"},
			[]map[string]any{value})
		if err != nil {
			require.NotContains(t, err.Error(), "\n")
			require.NotContains(t, err.Error(), "/repository")
		}
	})
}
