package safeyaml

import (
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/stretchr/testify/require"
)

func TestUnmarshal(t *testing.T) {
	var into struct{ A []int }
	for name, read := range map[string]func([]byte, string, any) error{
		"YAML": Unmarshal, "strict": UnmarshalStrict, "index": UnmarshalIndex, "JSON": UnmarshalJSON,
		"converted": func(data []byte, name string, into any) error {
			text, err := ToJSON(data, name)
			if err == nil {
				err = UnmarshalJSON(text, name, into)
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			into.A = nil
			require.NoError(t, read([]byte(`{"a": [1, 2]}`), "f", &into))
			require.Equal(t, []int{1, 2}, into.A)
			err := read([]byte(`{"a": [1, 2`), "f", &into)
			require.Error(t, err)
			require.False(t, Refused(err))
			err = read([]byte(strings.Repeat(`{"a":`, 251)), "f", &into)
			require.ErrorContains(t, err, "f:1: is nested more than 250 levels deep")
			require.True(t, Refused(err))
			require.True(t, Refused(read([]byte(`{"a": [`+strings.Repeat("1,", 1_000_000)+"1]}"), "f", &into)))
		})
	}
	require.NoError(t, UnmarshalIndex([]byte("a: ["+strings.Repeat("1,", 900_000)+"1]"), "f", &into))
	require.Error(t, UnmarshalStrict([]byte("a: [1]\nb: 1"), "f", &into))
	require.True(t, Refused(UnmarshalStrict([]byte("1: a\n'1': b"), "f", &into)))
}

func TestTOML(t *testing.T) {
	const deep, many = "is nested more than 250 levels deep", "has more than 400000 values in one document"
	for _, test := range []struct{ name, toml, want string }{
		{"nothing", "", ""}, {"usual",
			"a = 1\n[b.c]\nd = \"x [[[ # \\\" y\"\ne = ['[', 1.5] # [[[\n[[f]]\ng = {h = '''\n[[\n''', i = " +
				"\"\"\"\n\\\"\"\"\" }\n", ""},
		{"dots in a string", "a = '" + strings.Repeat(".", 1000) + "'\nb = " + `"` + strings.Repeat(".[", 1000) + `"`,
			""},
		{"250 lists", "a = " + strings.Repeat("[", 250) + strings.Repeat("]", 250), ""},
		{"many lines", strings.Repeat("a.b.c = [1.5, 2, 3]\n", 1000), ""},
		{"brackets", "a = " + strings.Repeat("[", 10_000_000), deep},
		{"a header of brackets", strings.Repeat("[", 10_000_000), deep},
		{"inline tables", "a = " + strings.Repeat("{a=", 3_000_000), deep},
		{"a deep table", "[a" + strings.Repeat(".a", 300) + "]\nb = 1", deep},
		{"a deep key", "a" + strings.Repeat(".a", 300) + " = 1", deep},
		{"closed in a comment", strings.Repeat("[ # ]\n", 300), deep},
		{"deep tables", strings.Repeat("[a"+strings.Repeat(".a", 200)+"]\n", 1000), many},
		{"keys in a deep table", "[a" + strings.Repeat(".a", 200) + "]\n" + strings.Repeat("b = 1\n", 10_000), many},
		{"numbers", "a = [" + strings.Repeat("1,", 1_000_000) + "]", many},
		{"keys", strings.Repeat("a = 1\n", 1_000_000), many},
		{"too large", strings.Repeat("#", maxTOML+1), "is larger than 10 MiB"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := CheckTOML([]byte(test.toml), "f.toml")
			if test.want == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, test.want)
			}
		})
	}
}

// FuzzTOML: what passes does not take the parser down, and the check itself never panics.
func FuzzTOML(f *testing.F) {
	for _, seed := range []string{"a = 1\n[b.c]\nd = ['x', \"y\\\"\"]", "a = '''\n'''", "[[a]]\nb = {c = 1}",
		"a = \"\"\"x\\", "'", "a.b.c = 1979-05-27"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if CheckTOML(data, "f.toml") == nil {
			var value map[string]any
			_ = toml.Unmarshal(data, &value) // it may be none
		}
	})
}
