package sandbox

import (
	"errors"
	"reflect"
	"runtime/debug"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// chain returns maps and lists in each other, around a value.
func chain(levels int, inside any) any {
	for i := range levels {
		if i%2 == 0 {
			inside = map[string]any{"a": inside}
		} else {
			inside = []any{inside}
		}
	}
	return inside
}

// TestExpansionOfWhatIsDeep: no way through a value is longer than the limit, however it is put together.
func TestExpansionOfWhatIsDeep(t *testing.T) {
	const half = maxNesting / 2
	inner := chain(half, "x")
	one := chain(half-1, inner)
	for _, test := range []struct {
		name string
		of   any
		deep bool
	}{
		{"as deep as can be", chain(maxNesting, "x"), false},
		{"deeper", chain(maxNesting+1, "x"), true},
		{"much deeper", chain(250_000, "x"), true},
		{"beside others", []any{"x", chain(maxNesting-1, "x"), chain(maxNesting-1, "x")}, false},
		{"in parts", []any{inner, one}, false},
		{"in parts, each of which is not", []any{inner, one, chain(2, one)}, true},
		{"in parts, the deep one first", []any{chain(2, one), inner}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := expansion(reflect.ValueOf(test.of))
			require.Equal(t, test.deep, err != nil, "%v", err)
		})
	}
}

// TestStackOfWhatIsDeep: what a function walks through fits into the stack that a process has for it.
func TestStackOfWhatIsDeep(t *testing.T) {
	defer debug.SetMaxStack(debug.SetMaxStack(64 << 20)) // as package supervise has it
	limits := Limits{Steps: 100_000, Bytes: 256 << 20, Work: time.Minute}
	for _, levels := range []int{maxNesting - 10, maxNesting + 1} {
		start := `{{ $d := dict }}{{ range until ` + strconv.Itoa(levels) + ` }}{{ $d = dict "a" $d }}{{ end }}`
		for _, use := range []string{`{{ $d }}`, `{{ toPrettyJson $d }}`, `{{ deepCopy $d | len }}`, `{{ deepEqual $d $d }}`,
			`{{ mergeOverwrite (dict "a" $d) (dict "a" (deepCopy $d)) | len }}`, `{{ printf "%v" $d }}`,
			`{{ dict "a" $d | values | uniq }}`, `{{ has 1 (list $d) }}`, `{{ list $d | join "," }}`} {
			_, err := execute(New(t.Context(), limits), start+use)
			var limit *LimitError
			if errors.As(err, &limit); levels > maxNesting {
				require.NotNil(t, limit, use)
				require.Equal(t, "maps and lists that are nested more than 10000 levels deep", limit.Message, use)
			}
		}
	}
}
