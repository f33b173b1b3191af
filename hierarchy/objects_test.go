package hierarchy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseObjects(t *testing.T) {
	for rule, test := range map[string]struct {
		text string
		want []string // the names
	}{
		"one document": {"{kind: A, name: a}", []string{"a"}},
		"several, also with comments": {"name: a\n---\nname: b\n--- # the third\nname: c\n",
			[]string{"a", "b", "c"}},
		"a separator first and last": {"---\nname: a\n---\n", []string{"a"}},
		"empty documents": {"---\n---\n# nothing\n---\nname: a\n---\n\n---\n{}\n---\nnull\n",
			[]string{"a"}},
		"lines of Windows": {"name: a\r\n---\r\nname: b\r\n", []string{"a", "b"}},
		"a List among them": {"kind: List\nitems: [{name: a}, {name: b}]\n---\nname: c\n",
			[]string{"a", "b", "c"}},
		"a List of a kind":                 {"kind: ApplicationSetList\nitems:\n- name: a\n", []string{"a"}},
		"an empty List":                    {"kind: List\nitems: []\n", []string{}},
		"what in a List is no object":      {"items: [{name: a}, text, null, [b], {}]", []string{"a"}},
		"JSON":                             {`{"items": [{"name": "a"}]}`, []string{"a"}},
		"nothing":                          {"", []string{}},
		"a separator within a block":       {"name: |-\n  a\n  ---\n", []string{"a\n---"}},
		"items that are a map":             {"name: a\nitems: {b: c}\n", []string{"a"}},
		"no separator but a longer dashes": {"name: a\nb: ' ----'\n", []string{"a"}},
	} {
		t.Run(rule, func(t *testing.T) {
			objects, err := ParseObjects("a.yaml", []byte(test.text))
			require.NoError(t, err)
			names := []string{}
			for _, object := range objects {
				names = append(names, object["name"].(string))
			}
			require.Equal(t, test.want, names)
		})
	}
}

func TestParseObjectsThatAreNone(t *testing.T) {
	for text, want := range map[string]string{
		"text":                  "a.yaml:1: must hold a map of keys to values, not a string",
		"- a":                   "a.yaml:1: must hold a map of keys to values, not a list",
		"a: b\n---\n# c\n- a\n": "a.yaml:4: must hold a map of keys to values, not a list",
		"---\na: b\n---\na: b\n---\nc: d\ne: f: g\n": "a.yaml:7: is not YAML: mapping values are not " +
			"allowed in this context",
		"---\n---\n\n---\n\na: [\n": "a.yaml:6: is not YAML: did not find expected node content",
		"a: b\n--- c: d\n":          "a.yaml: document 1: ",
		"a: &a [x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\n" + aliases: "a.yaml",
	} {
		t.Run(text[:min(len(text), 30)], func(t *testing.T) {
			objects, err := ParseObjects("a.yaml", []byte(text))
			requireOneLine(t, err, want)
			require.Nil(t, objects)
		})
	}
}

// aliases expand to more than any memory holds.
var aliases = func() string {
	var b strings.Builder
	for c := 'c'; c < 'p'; c++ {
		last := string(c - 1)
		b.WriteString(string(c) + ": &" + string(c) + " [" + strings.Repeat("*"+last+",", 8) + "]\n")
	}
	return b.String()
}()
