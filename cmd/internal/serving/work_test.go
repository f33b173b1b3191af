package serving

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render"
)

// TestEncode: an object is what argocd-cmp-server reads of the YAML that cmp generate prints, byte for byte.
func TestEncode(t *testing.T) {
	for _, value := range []any{
		nil, true, "", "yes", "null", "~", "010", "1e3", "2024-05-06", "<a & b>", "a: b", "it's", "<<", "{{ .name }}",
		"two\nlines\n", " spaces ", "\ttab", "\x01\x7f", "\u2028\u2029\ufeff", "é", "\U0001f600", "a\xff", "#",
		"---\na: b",
		int64(0), int64(math.MaxInt64), int64(math.MinInt64), 7, uint64(math.MaxUint64),
		0.1, -0.5, 12345678.0, math.Copysign(0, -1), float64(1 << 60), float64(1 << 63), 1e20, 1e21, 1.5e300, 5e-324,
		[]any{}, []any{nil, []any{"a"}}, render.Object{},
		render.Object{"b": "c", "a": int64(1), "": "d", "<<": render.Object{"e": "f"}},
	} {
		object := render.Object{"kind": "ConfigMap", "value": value}
		text, err := render.EncodeValue(object, "yaml")
		require.NoError(t, err)
		want, err := Split(text)
		require.NoError(t, err, "%q", text)
		require.Len(t, want, 1)
		got, err := Encode(object)
		require.NoError(t, err)
		require.Equal(t, string(want[0]), string(got), "%#v", value)
	}
	_, err := Encode(render.Object{"a": math.NaN()})
	require.Error(t, err)
}
