package fields

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// values has one key of each kind of value, named after it.
func values() map[string]any {
	return map[string]any{
		"text": "t", "empty": "", "true": true, "false": false, "textTrue": "true", "textFalse": "false",
		"True": "True",
		"one":  1.0, "zero": 0.0, "null": nil, "map": map[string]any{"a": 1.0}, "emptyMap": map[string]any{},
		"list": []any{"a", 1.0, true, nil}, "emptyList": []any{},
	}
}

func reader(what string) *Reader {
	return New(values(), what, func(keys ...string) (string, int) { return strings.Join(keys, "."), len(keys) })
}

func TestText(t *testing.T) {
	for _, test := range []struct {
		name  string
		value any
		want  string
		ok    bool
	}{
		{"text stays", "a", "a", true},
		{"null is empty", nil, "", true},
		{"booleans", true, "true", true},
		{"whole numbers have no fraction", 8080.0, "8080", true},
		{"seven digits are not in scientific notation", 1234567.0, "1234567", true},
		{"nor are twenty", 12345678901234567890.0, "12345678901234567000", true},
		{"from 1e21 on they are, as in JSON", 1e21, "1e+21", true},
		{"fractions", 0.1, "0.1", true},
		{"small numbers", 0.0000001, "0.0000001", true},
		{"negative", -1.5, "-1.5", true},
		{"the largest", math.MaxFloat64, "1.7976931348623157e+308", true},
		{"a map is none", map[string]any{}, "", false},
		{"a list is none", []any{}, "", false},
		{"nor what YAML does not give", 1, "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, ok := Text(test.value)
			require.Equal(t, test.ok, ok)
			require.Equal(t, test.want, got)
		})
	}
}

func TestEmptyIsWhatHelmTemplatesCallEmpty(t *testing.T) {
	for _, empty := range []any{nil, "", false, 0.0, math.Copysign(0, -1), map[string]any{}, []any{}} {
		require.True(t, Empty(empty), "%#v", empty)
	}
	for _, full := range []any{" ", "false", "0", true, 0.1, map[string]any{"a": nil}, []any{nil}, struct{}{}} {
		require.False(t, Empty(full), "%#v", full)
	}
}

func TestTypeName(t *testing.T) {
	for want, value := range map[string]any{
		"null": nil, "a string": "", "a boolean": false, "a number": 1.0, "a map": map[string]any{},
		"a list":          []any{},
		"an unknown type": 1,
	} {
		require.Equal(t, want, TypeName(value))
	}
}

func TestReaderOfScalars(t *testing.T) {
	for _, test := range []struct {
		key    string
		text   string
		textOr string
		isTrue bool
		on     bool
		has    bool
	}{
		{"text", "t", "t", false, true, true},
		{"empty", "", "default", false, false, true},
		{"true", "true", "true", true, true, true},
		{"false", "false", "default", false, false, true},
		{"textTrue", "true", "true", true, true, true},
		// Helm would take the text "false" for on; see rule switch-false-is-off in docs/rules/settings.md.
		{"textFalse", "false", "false", false, false, true},
		{"True", "True", "True", false, true, true},
		{"one", "1", "1", false, true, true},
		{"zero", "0", "default", false, false, true},
		{"null", "", "default", false, false, false},
		{"missing", "", "default", false, false, false},
	} {
		t.Run(test.key, func(t *testing.T) {
			r := reader("")
			require.Equal(t, test.text, r.Text(test.key))
			require.Equal(t, test.textOr, r.TextOr(test.key, "default"))
			require.Equal(t, test.isTrue, r.True(test.key))
			require.Equal(t, test.on, r.On(test.key))
			require.Equal(t, test.has, r.Has(test.key))
			require.NoError(t, r.Err())
		})
	}
}

func TestReaderOfMappingsAndLists(t *testing.T) {
	r := reader("")
	require.Equal(t, map[string]any{"a": 1.0}, r.Map("map"))
	require.Equal(t, map[string]any{}, r.Map("emptyMap"))
	require.Nil(t, r.Map("null"))
	require.Nil(t, r.Map("missing"))
	require.Len(t, r.List("list"), 4)
	require.Equal(t, []any{}, r.List("emptyList"))
	require.Nil(t, r.List("null"))
	for _, empty := range []string{"empty", "false", "zero"} { // as for Helm templates, which would do nothing with it
		require.Nil(t, r.Map(empty))
		require.Nil(t, r.List(empty))
	}
	require.Nil(t, r.Map("emptyList"))
	require.Nil(t, r.List("emptyMap"))
	require.Equal(t, []string{"a", "1", "true", ""}, r.Texts("list"))
	require.Nil(t, r.Texts("missing"))
	require.Equal(t, map[string]string{"a": "1"}, r.TextMap("map"))
	require.Empty(t, r.TextMap("missing"))
	require.Equal(t, map[string]string{"b": ""},
		New(map[string]any{"m": map[string]any{"a": nil, "b": ""}}, "", nowhere).TextMap("m"),
		"a null removes its key")
	require.Equal(t, values()["list"], r.Any("list"))
	require.NoError(t, r.Err())
}

func TestWrongTypeSaysWhereAndWhat(t *testing.T) {
	for _, test := range []struct {
		name string
		read func(r *Reader)
		want string
	}{
		{"a map for a string", func(r *Reader) { r.Text("map") }, "map:1: map must be a string, not a map"},
		{"a list for a string", func(r *Reader) { r.TextOr("list", "x") }, "list:1: list must be a string, not a list"},
		{"a list for a switch", func(r *Reader) { r.True("list") }, "list:1: list must be a string, not a list"},
		{"a map for a switch", func(r *Reader) { r.On("map") }, "map:1: map must be a string, not a map"},
		{"a string for a map", func(r *Reader) { r.Map("text") }, "text:1: text must be a map, not a string"},
		{"a boolean for a list", func(r *Reader) { r.List("true") }, "true:1: true must be a list, not a boolean"},
		{"a number for strings", func(r *Reader) { r.Texts("one") }, "one:1: one must be a list, not a number"},
		{"a list for a map of strings", func(r *Reader) { r.TextMap("list") },
			"list:1: list must be a map, not a list"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := reader("")
			test.read(r)
			require.EqualError(t, r.Err(), test.want)
		})
	}
	r := New(map[string]any{"l": []any{"a", []any{}}, "m": map[string]any{"k": map[string]any{}}}, "", nowhere)
	require.Nil(t, r.Texts("l"))
	require.EqualError(t, r.Err(), "l[1] must be a string, not a list")
	r = New(map[string]any{"m": map[string]any{"k": map[string]any{}}}, "", nowhere)
	require.Nil(t, r.TextMap("m"))
	require.EqualError(t, r.Err(), `m: the value of "k" must be a string, not a map`)
}

func nowhere(...string) (string, int) { return "", 0 }

func TestFirstProblemIsKept(t *testing.T) {
	r := reader(`component "a"`)
	r.Fail("text", "is %s", "wrong")
	r.Fail("one", "is wrong as well")
	r.FailWith(errors.New("other"))
	r.List("map")
	require.EqualError(t, r.Err(), `text:1: component "a": is wrong`)

	r = reader("")
	r.FailWith(nil)
	require.NoError(t, r.Err())
	other := errors.New("other")
	r.FailWith(other)
	r.Fail("", "later")
	require.Equal(t, other, r.Err())
}

func TestProblemNamesTheMappingAndIsOneLine(t *testing.T) {
	cause := errors.New("cause")
	p := reader("group a\nb %d").Problem("", "is 100%% wrong: %w", cause)
	// The name of the map may be a key of the input: no line of its own, and no verb.
	require.EqualError(t, p, "group a b %d: is 100% wrong: cause")
	require.ErrorIs(t, p, cause)
	require.IsType(t, &problem.Problem{}, p)
}

func TestUnknownKeysAreThoseNeverAskedFor(t *testing.T) {
	r := New(map[string]any{"d": 1.0, "c": nil, "b": "x", "a": true, "e": 1.0, "f": "x", "g": nil, "h": nil, "i": nil},
		"", nowhere)
	require.Equal(t, []string{"a", "b", "c", "d", "e", "f", "g", "h", "i"}, r.Unknown())
	require.Empty(t, r.Known())
	r.True("a")
	r.TextOr("b", "")
	r.Has("c")
	r.Any("d")
	r.Map("h")
	r.Texts("i")
	r.TextMap("g")
	r.List("missing")
	require.Equal(t, []string{"e", "f"}, r.Unknown())
	require.Equal(t, []string{"a", "b", "c", "d", "g", "h", "i", "missing"}, r.Known())
}
