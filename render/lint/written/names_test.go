package written

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	yamlnode "go.yaml.in/yaml/v3"
)

func TestNames(t *testing.T) {
	names := NewNames([]string{"addons/tenants/retail/defaults/addons.yaml",
		"addons/tenants/retail/defaults/web/values.yaml"},
		[]string{"addons/tenants/payments/defaults/addons.yaml"})
	require.True(t, names.Has("addons/tenants/retail"))
	require.False(t, names.Has("addons/tenants/retial"))
	for wrong, want := range map[string]string{
		"addons/tenants/retail/defaults/adons.yaml":       "addons/tenants/retail/defaults/addons.yaml",
		"addons/tenants/retial/defaults/addons.yaml":      "addons/tenants/retail/defaults/addons.yaml",
		"addons/tenants/retail/defaults/web/value.yaml":   "addons/tenants/retail/defaults/web/values.yaml",
		"addons/tenants/payment/defaults/web/values.yaml": "",
		"elsewhere/entirely.yaml":                         "",
	} {
		require.Equal(t, want, names.Near(wrong), wrong)
	}
}

func TestValuesAsTheyAreWritten(t *testing.T) {
	var root yamlnode.Node
	require.NoError(t, yamlnode.Unmarshal([]byte("a: 1\nb: [x, {c: y}]\nd: {}\n"), &root))
	var paths []string
	Walk(&root, func(path []string, node, in *yamlnode.Node) {
		require.NotNil(t, in)
		paths = append(paths, strings.Join(path, ".")+"="+node.Value)
	})
	require.Equal(t, []string{"a=1", "b.0=x", "b.1.c=y"}, paths)

	values := map[string]any{"a": map[string]any{"b": 1}}
	require.Equal(t, 1, ValueAt(values, []string{"a", "b"}))
	require.Nil(t, ValueAt(values, []string{"a", "b", "c"}))
	require.Nil(t, ValueAt(values, []string{"x"}))

	var labels []string
	EachLabel(map[string]any{"a": []any{"{{.metadata.labels.tenant}}/{{ index .metadata.labels \"example.com/zone\" }}",
		1}},
		func(name string) { labels = append(labels, name) })
	slices.Sort(labels)
	require.Equal(t, []string{"example.com/zone", "tenant"}, labels)
}

func TestWordsThatAreNearlyOthers(t *testing.T) {
	count := map[string]int{"prometheus": 2, "exporter": 1, "controller": 3, "certs": 3, "exporters": 1, "sns": 9,
		"expotrer": 2}
	own := []string{"blackbox-exporter"}
	for wrong, want := range map[string]string{
		"prometheus-blackbox-exportr": "prometheus-blackbox-exporter", // of the same component
		"sqs-contrloler":              "sqs-controller",               // of several
		"promethesu":                  "",                             // another one has it
		"exporters":                   "",                             // another word
		"snss":                        "",                             // too short to tell
		"expotrer":                    "",                             // twice: somebody means it
	} {
		require.Equal(t, want, nearWord(wrong, own, count, []string{"certs", "controller", "sns"}), wrong)
	}
}
