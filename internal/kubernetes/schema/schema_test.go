package schema

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/eks-fleet-management/fleet-cmp/internal/kubernetes"
)

func TestOf(t *testing.T) {
	for version, want := range map[string]int{"1.25": 25, "v1.33.4-eks-1": 33, "1.37.0": 37} {
		v, exact := Of(version)
		assert.True(t, exact, version)
		assert.Equal(t, want, v.Minor, version)
	}
	for version, want := range map[string]int{"1.24": 25, "0.9": 25, "1.38": 37, "2.0": 37, "": 37, "new": 37} {
		v, exact := Of(version)
		assert.False(t, exact, version)
		assert.Equal(t, want, v.Minor, version)
	}
	v, _ := Of("1.36")
	assert.Equal(t, 37, v.Next().Minor)
	assert.Nil(t, v.Next().Next())
}

// TestKindsAreThoseThatAreServed compares the kinds with those that internal/kubernetes knows, which are those that can
// be listed and watched.
func TestKindsAreThoseThatAreServed(t *testing.T) {
	for minor := Oldest; minor <= Newest; minor++ {
		version := fmt.Sprintf("1.%d", minor)
		v, exact := Of(version)
		require.True(t, exact)
		var more []string
		for _, name := range v.Kinds() {
			if !slices.Contains(kubernetes.APIVersions(version), name) {
				more = append(more, name)
			}
		}
		for _, name := range kubernetes.APIVersions(version) {
			if strings.Count(name, "/") == 2 || strings.HasPrefix(name, "v1/") {
				assert.Contains(t, v.Kinds(), name, version)
			}
		}
		for _, name := range more { // those that nobody can list
			assert.Regexp(t, `/(Binding|[A-Za-z]+Review|ComponentStatus)$`, name, version)
		}
	}
}

func TestBuiltIn(t *testing.T) {
	for _, group := range []string{"", "apps", "extensions", "policy", "networking.k8s.io", "resource.k8s.io"} {
		assert.True(t, BuiltIn(group), group)
	}
	for _, group := range []string{"v1", "example.com", "gateway.networking.k8s.io", "metrics.k8s.io", "builtin"} {
		assert.False(t, BuiltIn(group), group)
	}
}

func TestServes(t *testing.T) {
	v, _ := Of("1.33")
	for name, want := range map[string][2]bool{
		"apps/v1 Deployment": {true, false}, "v1 Secret": {true, false}, "apps/v1beta1 Deployment": {}, " ": {},
		"resource.k8s.io/v1beta1 DeviceClass": {true, true}, "v1 Deployment": {},
	} {
		apiVersion, kind, _ := strings.Cut(name, " ")
		served, off := v.Serves(apiVersion, kind)
		assert.Equal(t, want, [2]bool{served, off}, name)
	}
	assert.Empty(t, v.Check("apps/v1beta1", "Deployment", map[string]any{"a": 1}))
}

// TestFieldsAreThoseOfClientGo compares the schemas with the Go types of the client-go that is linked: an object with
// all fields, of the right types, has no mistakes.
func TestFieldsAreThoseOfClientGo(t *testing.T) {
	v, _ := Of("1.36")
	for _, name := range v.Kinds() {
		i := strings.LastIndexByte(name, '/')
		gv, kind := name[:i], name[i+1:]
		for gvk := range scheme.Scheme.AllKnownTypes() {
			if gvk.GroupVersion().String() != gv || gvk.Kind != kind {
				continue
			}
			object, err := scheme.Scheme.New(gvk)
			require.NoError(t, err)
			fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
			require.NoError(t, err)
			for _, m := range v.Check(gv, kind, fields) {
				// What the type cannot leave out is there, empty; all else is missing.
				assert.Equal(t, "is missing", m.Text, "%s: %s", name, m.Path)
			}
		}
	}
}

func TestCheckMetadata(t *testing.T) {
	v, _ := Of("1.33")
	assert.Equal(t, []Mistake{
		{Path: "kind", Text: "is an integer, not a string"},
		{Path: "metadata.anotations", Text: "is not a field of metadata", Likely: "annotations"},
		{Path: "metadata.finalizers[0]", Text: "is a map, not a string"},
	}, v.CheckMetadata(map[string]any{"apiVersion": "a/v1", "kind": 1, "spec": 5,
		"metadata": map[string]any{"anotations": 1, "finalizers": []any{map[string]any{}}, "labels": nil}}))
	assert.Empty(t, v.CheckMetadata(map[string]any{}))
}

func TestScalars(t *testing.T) {
	for _, test := range []struct {
		basic string
		value any
		want  string
	}{
		{"integer", 1, ""},
		{"integer", int64(1), ""},
		{"integer", uint64(1), ""},
		{"integer", 1.0, ""},
		{"integer", json.Number("1"), ""},
		{"integer", json.Number("1.5"), "is a number, not an integer"},
		{"integer", 1e300, "is too large"},
		{"int32", -3e9, "is too large"},
		{"number", 1.5, ""},
		{"number", "1", "is a string, not a number"},
		{"boolean", true, ""},
		{"boolean", "true", "is a string, not a boolean"},
		{"string", "", ""},
		{"string", true, "is a boolean, not a string"},
		{"string", []any{}, "is a list, not a string"},
		{"byte", "aGk=", ""},
		{"byte", "aGk", "is not base64"},
		{"Time", "2026-01-02T03:04:05.5+01:00", ""},
		{"Time", "2026-01-02", "is no time such as 2006-01-02T15:04:05Z"},
		{"IntOrString", "10%", ""},
		{"IntOrString", 5, ""},
		{"IntOrString", true, "is a boolean, neither an integer nor a string"},
		{"Quantity", "100m", ""},
		{"Quantity", "1e3", ""},
		{"Quantity", ".5Gi", ""},
		{"Quantity", 0.5, ""},
		{"Quantity", "", "is no quantity such as 100m or 1.5Gi"},
		{"Quantity", "1 Gi", "is no quantity such as 100m or 1.5Gi"},
		{"Quantity", map[string]any{}, "is a map, not a quantity"},
	} {
		assert.Equal(t, test.want, scalar(test.basic, test.value), "%s %v", test.basic, test.value)
	}
}

func TestManyMistakes(t *testing.T) {
	v, _ := Of("1.33")
	object := map[string]any{}
	for i := range 100 {
		object[fmt.Sprint("x", i)] = i
	}
	assert.Len(t, v.Check("v1", "ConfigMap", object), most)
}

func TestConcurrentUse(t *testing.T) {
	var group sync.WaitGroup
	for i := range 26 {
		group.Go(func() {
			v, _ := Of(fmt.Sprintf("1.%d", Oldest+i/2))
			assert.Len(t, v.Check("v1", "ConfigMap", map[string]any{"dta": 1}), 1)
		})
	}
	group.Wait()
}

func BenchmarkRead(b *testing.B) {
	for b.Loop() {
		read(text(), Newest)
	}
}
