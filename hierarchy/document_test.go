package hierarchy

import (
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml/explosive"
)

func TestParseDocumentReadsAsHelmDoes(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       map[string]any
	}{
		{"empty", "", map[string]any{}},
		{"only a comment", "# nothing\n", map[string]any{}},
		{"only a separator", "---\n", map[string]any{}},
		{"null", "~", map[string]any{}},
		{"an empty map", "{}", map[string]any{}},
		{"JSON", `{"a": [1, "x", null, true]}`, map[string]any{"a": []any{1.0, "x", nil, true}}},
		{"YAML 1.1 booleans", "{a: yes, b: no, c: on, d: Off, e: 'yes', f: y}",
			map[string]any{"a": true, "b": false, "c": true, "d": false, "e": "yes", "f": true}},
		{"also as keys", "{y: 1, n: 2}", map[string]any{"true": 1.0, "false": 2.0}},
		{"but not in quotes", "{'on': 1, \"no\": 2}", map[string]any{"on": 1.0, "no": 2.0}},
		{"octal", "{a: 010, b: 0o10, c: '010'}", map[string]any{"a": 8.0, "b": 8.0, "c": "010"}},
		{"other numbers", "{a: 1_000, b: 0x10, c: 1e3, d: .5, e: 1:30}",
			map[string]any{"a": 1000.0, "b": 16.0, "c": 1000.0, "d": 0.5, "e": "1:30"}},
		{"numbers as keys", "{1: a, 1.50: b, 0x10: c}", map[string]any{"1": "a", "1.5": "b", "16": "c"}},
		{"a date is a string", "a: 2001-01-01", map[string]any{"a": "2001-01-01"}},
		{"merge keys", "a: &a {x: 1, y2: 1}\nb: {<<: *a, y2: 2}\n",
			map[string]any{"a": map[string]any{"x": 1.0, "y2": 1.0}, "b": map[string]any{"x": 1.0, "y2": 2.0}}},
		{"merge keys of a list, of which the first wins", "a: &a {x: 1}\nb: &b {x: 2, z: 2}\nc: {<<: [*a, *b]}\n",
			map[string]any{"a": map[string]any{"x": 1.0}, "b": map[string]any{"x": 2.0, "z": 2.0},
				"c": map[string]any{"x": 1.0, "z": 2.0}}},
		{"aliases", "a: &a [1]\nb: *a\n", map[string]any{"a": []any{1.0}, "b": []any{1.0}}},
		{"block strings", "a: |\n  x\n  y\nb: >-\n  x\n  y\n", map[string]any{"a": "x\ny\n", "b": "x y"}},
		{"a byte order mark", "\ufeffa: 1\n", map[string]any{"a": 1.0}},
		{"CRLF", "a: 1\r\nb:\r\n  c: |\r\n    x\r\n", map[string]any{"a": 1.0, "b": map[string]any{"c": "x\n"}}},
		{"a key of any characters", `{"\0": 1, "ü": 2, "a b": 3, "": 4}`,
			map[string]any{"\x00": 1.0, "ü": 2.0, "a b": 3.0, "": 4.0}},
		{"templates of Argo CD's, which are strings here", "a: '{{ .name }}'\nb: \"{{.x}}\"\n",
			map[string]any{"a": "{{ .name }}", "b": "{{.x}}"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, err := ParseDocument("f.yaml", []byte(test.text))
			require.NoError(t, err)
			require.Equal(t, test.want, d.Values)
			require.Empty(t, d.Warnings)
			require.Equal(t, "f.yaml", d.Name)
		})
	}
}

func TestWhatHelmWouldIgnoreIsWarnedOf(t *testing.T) {
	const further = "only the first YAML document of a values file is read"
	for _, test := range []struct {
		name, text string
		want       map[string]any
		warnings   []string
	}{
		{"a duplicate key, of which the last wins", "a: 1\nb: 2\na: 3\n", map[string]any{"a": 3.0, "b": 2.0},
			[]string{`f.yaml:3: key "a" was already given on line 1, which has no effect; remove one of them`}},
		{"three of them", "a: 1\na: 2\na: 3\n", map[string]any{"a": 3.0},
			[]string{`f.yaml:2: key "a" was already given on line 1`,
				`f.yaml:3: key "a" was already given on line 2`}},
		{"deep down, also in lists", "l:\n- x: {k: 1,\n    k: 2}\n",
			map[string]any{"l": []any{map[string]any{"x": map[string]any{"k": 2.0}}}},
			[]string{`f.yaml:3: key "k" was already given on line 2`}},
		{"the same boolean written twice", "n: 1\noff: 2\n", map[string]any{"false": 2.0},
			[]string{`f.yaml:2: key "off" was already given on line 1`}},
		{"also as true", "y: 1\ntrue: 2\n", map[string]any{"true": 2.0},
			[]string{`f.yaml:2: key "true" was already given on line 1`}},
		{"but not a key and its namesake in quotes", "n: 1\n'n': 2\n", map[string]any{"false": 1.0, "n": 2.0}, nil},
		{"nor a key that also comes from a merge key", "a: &a {x: 1}\nb: {<<: *a, x: 2}\n",
			map[string]any{"a": map[string]any{"x": 1.0}, "b": map[string]any{"x": 2.0}}, nil},
		{"a further document", "a: 1\n---\na: 2\n", map[string]any{"a": 1.0}, []string{"f.yaml:3: " + further}},
		{"after a first that starts with a separator", "---\na: 1\n--- # more\nb: 2\n", map[string]any{"a": 1.0},
			[]string{"f.yaml:4: " + further}},
		{"after an empty one", "a: 1\n---\n---\n# c\nb: 2\n", map[string]any{"a": 1.0},
			[]string{"f.yaml:5: " + further}},
		{"with CRLF", "a: 1\r\n---\r\nb: 2\r\n", map[string]any{"a": 1.0}, []string{"f.yaml:3: " + further}},
		{"an empty first document counts too", "---\n---\na: 1\n", map[string]any{}, []string{"f.yaml:3: " + further}},
		{"but not nothing after a separator", "a: 1\n---\n# the end\n", map[string]any{"a": 1.0}, nil},
		{"nor dashes in a string", "a: |\n  x\n  ---\n  y\n", map[string]any{"a": "x\n---\ny\n"}, nil},
		{"a broken further document", "a: 1\n---\n[\n", map[string]any{"a": 1.0}, []string{"f.yaml: " + further}},
		{"after the end of the first", "a: 1\n...\nb: 2\n", map[string]any{"a": 1.0}, []string{"f.yaml: " + further}},
		{"both", "a: 1\na: 2\n---\nb: 1\n", map[string]any{"a": 2.0},
			[]string{`f.yaml:2: key "a" was already given on line 1`, "f.yaml:4: " + further}},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, err := ParseDocument("f.yaml", []byte(test.text))
			require.NoError(t, err)
			require.Equal(t, test.want, d.Values)
			require.Len(t, d.Warnings, len(test.warnings), "%v", messages(d.Warnings))
			for i, want := range test.warnings {
				require.Contains(t, d.Warnings[i].Error(), want)
				require.NotEmpty(t, d.Warnings[i].Hint)
			}
		})
	}
}

func TestParseDocumentErrorsTellTheLine(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"a list", "- a\n", "f.yaml:1: must hold a map of keys to values, not a list"},
		{"a list after comments", "# c\n\n- a\n", "f.yaml:3: must hold a map of keys to values, not a list"},
		{"a string", "hello", "f.yaml:1: must hold a map of keys to values, not a string"},
		{"a number", "\n7", "f.yaml:2: must hold a map of keys to values, not a number"},
		{"a boolean", "yes", "f.yaml:1: must hold a map of keys to values, not a boolean"},
		{"a colon too many", "a: 1\nb: c: d\n",
			"f.yaml:2: is not YAML: mapping values are not allowed in this context"},
		{"a bracket too few", "a: 1\nb: [\n", "f.yaml:2: is not YAML: did not find expected node content"},
		{"a tab", "a:\n\tb: 1\n", "f.yaml:2: is not YAML: the line is indented with a tab; indent it with spaces"},
		{"a tab in the middle", "a:\n  b: 1\n \tc: 1\n",
			"f.yaml:3: is not YAML: the line is indented with a tab; indent it with spaces"},
		{"another character", "a: @b\n", "f.yaml: is not YAML: found character that cannot start any token"},
		{"a conflict", "a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> other\n",
			"f.yaml:2: has a conflict marker of Git (<<<<<<<); finish the merge"},
		{"the end of a conflict", "a: 1\n>>>>>>> other\n", "f.yaml:2: has a conflict marker of Git (>>>>>>>)"},
		{"a pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 3\n",
			"f.yaml: is a Git LFS pointer, and not the file that it stands for; fetch the files with git lfs pull"},
		{"an unknown anchor", "a: *b\n",
			"f.yaml:1: is not YAML: a value with * in front refers to an anchor that does not " +
				"exist; put the value into quotes, or correct the name of the anchor"},
		{"an anchor in itself", "a: &a [*a]\n", "f.yaml:1: is not YAML: anchor 'a' value contains itself"},
		{"a template without quotes", "x: 1\na:\n- b: {{ .secret }}\n",
			"f.yaml:3: a key is no string, number or boolean; put text that starts with {{ in quotes"},
		{"a merge key without a map", "a: {<<: 1}\n",
			"f.yaml: is not YAML: map merge requires map or sequence of maps as the value"},
		{"null as a key", "~: secret\n", "f.yaml:1: a key is no string, number or boolean"},
		{"a map as a key", "a: 1\n? {}\n: 1\n", "f.yaml:2: a key is no string, number or boolean"},
		{"no number", "a: .nan\n", "f.yaml: is not YAML: error converting YAML to JSON: json: unsupported value: NaN"},
		{"not UTF-8", "ä: 1\na: \xff\n", "f.yaml:2: is not YAML: the text is not UTF-8; save it as UTF-8"},
		{"Latin-1", "a: 1\n\n# caf\xe9\nb: 1\n", "f.yaml:3: is not YAML: the text is not UTF-8; save it as UTF-8"},
		{"a control character", "ä: 1\na: \x01\n", "f.yaml:2: is not YAML: control characters are not allowed; is"},
		{"a control character in UTF-16", "\xff\xfea\x00\x01\x00", "f.yaml: is not YAML: control characters are not"},
		{"binary", "\x7fELF\x02\x01\x01\x00", "f.yaml:1: is not YAML: control characters are not allowed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, err := ParseDocument("f.yaml", []byte(test.text))
			require.Nil(t, d)
			requireOneLine(t, err, "f.yaml")
			require.Contains(t, err.Error(), test.want)
		})
	}
}

func TestDocumentLine(t *testing.T) {
	d := document(t, "f.yaml", strings.Join([]string{
		"# comment",                     // 1
		"a:",                            // 2
		"  b:",                          // 3
		"    c: 1",                      // 4
		"n: 1",                          // 5
		"'n': 2",                        // 6
		"\"quoted\\tkey\": 1",           // 7
		"base: &base",                   // 8
		"  x: 1",                        // 9
		"  y2: {z: 1}",                  // 10
		"merged:",                       // 11
		"  <<: *base",                   // 12
		"  x: 2",                        // 13
		"alias: *base",                  // 14
		"more: {<<: [*base, {own: 1}]}", // 15
		"flow: {a: 1,",                  // 16
		"  b: 2}",                       // 17
		"twice: 1",                      // 18
		"twice: 2",                      // 19
		"list: [{a: 1}]",                // 20
	}, "\n"))
	for _, test := range []struct {
		name string
		path []string
		line int
	}{
		{"no path: the first content", nil, 2},
		{"a key", []string{"a"}, 2},
		{"a key in a map", []string{"a", "b", "c"}, 4},
		{"a boolean as a key", []string{"false"}, 5},
		{"a key in quotes", []string{"n"}, 6},
		{"a key with an escape", []string{"quoted\tkey"}, 7},
		{"a key of a merge key", []string{"merged", "y2"}, 10},
		{"below a key of a merge key", []string{"merged", "y2", "z"}, 10},
		{"a key that overrides a merge key", []string{"merged", "x"}, 13},
		{"a key of an alias", []string{"alias", "x"}, 9},
		{"the key with the alias itself", []string{"alias"}, 14},
		{"a key of a list of merge keys", []string{"more", "x"}, 9},
		{"an own key in it", []string{"more", "own"}, 15},
		{"a key in flow style", []string{"flow", "b"}, 17},
		{"a duplicate key: the one that counts", []string{"twice"}, 19},
		{"a path that does not exist: its longest part that does", []string{"a", "b", "d", "e"}, 3},
		{"none that does: the first content", []string{"z"}, 2},
		{"below a scalar", []string{"a", "b", "c", "d"}, 4},
		{"below a list", []string{"list", "0", "a"}, 20},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.line, d.Line(test.path...))
		})
	}
	require.Zero(t, document(t, "f.yaml", "").Line("a"))
	require.Zero(t, document(t, "f.yaml", "# nothing").Line())
	require.Equal(t, 2, document(t, "f.yaml", "\ufeff# c\r\na: 1\r\n").Line("a"))
	require.Equal(t, 3, document(t, "f.yaml", "---\r\n# c\r\na: 1\r\n").Line("a"))
}

// TestLinesOfBooleanKeys: a key that YAML 1.1 takes for a boolean is found by that, in each of its spellings.
func TestLinesOfBooleanKeys(t *testing.T) {
	for want, spellings := range map[string]string{
		"true":  "y Y yes Yes YES on On ON true True TRUE",
		"false": "n N no No NO off Off OFF false False FALSE",
	} {
		for _, key := range strings.Fields(spellings) {
			d := document(t, "f.yaml", "a: 1\n"+key+": 010\n")
			require.Contains(t, d.Values, want, key)
			require.Equal(t, 2, d.Line(want), key)
			require.Equal(t, "f.yaml:2", d.Place(want), key)
			require.Equal(t, "010", d.Written(8, want), key)
			for _, quote := range []string{"'", `"`} {
				d = document(t, "f.yaml", "a: 1\n"+quote+key+quote+": 2\n")
				require.Equal(t, 2, d.Line(key), "in quotes it is the text %s", key)
			}
		}
	}
	for _, key := range []string{"yEs", "tRUE", "oN", "nO"} {
		require.Equal(t, 2, document(t, "f.yaml", "a: 1\n"+key+": 2\n").Line(key), "%s is no boolean", key)
	}
}

func TestNumbersAsTheyAreWritten(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       map[string]any
	}{
		{"numbers", "m: {a: 010, b: 1.10, c: 12e10, d: 0x1F}",
			map[string]any{"a": "010", "b": "1.10", "c": "12e10", "d": "0x1F"}},
		{"in flow style over lines", "m: {a: 010,\n  b: [1, 2],\n  c: 1.50 # comment\n  }",
			map[string]any{"a": "010", "b": []any{1.0, 2.0}, "c": "1.50"}},
		{"JSON", `{"m": {"a": 1.10}}`, map[string]any{"a": "1.10"}},
		{"all else stays", "m: {a: yes, b: '010', c: null, d: {x: 010}, e: !!str 010}",
			map[string]any{"a": true, "b": "010", "c": nil, "d": map[string]any{"x": 8.0}, "e": "010"}},
		{"an anchor and its alias", "x: &x 010\nm: {a: *x, b: &y 011, c: *y}",
			map[string]any{"a": "010", "b": "011", "c": "011"}},
		{"an alias of the map", "x: &x {a: 010}\nm: *x", map[string]any{"a": "010"}},
		{"a merge key", "x: &x {a: 010, b: 011}\nm: {<<: *x, b: 012}", map[string]any{"a": "010", "b": "012"}},
		{"merge keys, of which the first wins", "x: &x {a: 010}\ny: &y {a: 011, b: 012}\nm: {<<: [*x, *y]}",
			map[string]any{"a": "010", "b": "012"}},
		{"a merge key after the key", "x: &x {a: 010}\nm: {a: 011, <<: *x}", map[string]any{"a": "8"}},
		{"a duplicate key, of which the last wins", "m: {a: 010, a: 011}", map[string]any{"a": "011"}},
		{"boolean keys", "m: {on: 010, 'on': 011}", map[string]any{"true": "010", "on": "011"}},
		{"a key that is a number itself is not found", "m: {0x10: 010}", map[string]any{"16": "8"}},
		{"a tag", "m: {a: !!float 010, b: !!int '010'}", map[string]any{"a": "010", "b": "010"}},
		{"only the first document counts", "m: {a: 010}\n---\nm: {a: 011}", map[string]any{"a": "010"}},
		{"with a byte order mark and CRLF", "\ufeffm:\r\n  a: 010\r\n", map[string]any{"a": "010"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := document(t, "f.yaml", test.text)
			require.Equal(t, test.want, d.AsWritten(fields.AsMap(d.Values["m"]), "m"))
			require.Equal(t, yamlMap(t, test.text), d.Values, "the document is not changed")
		})
	}
	d := document(t, "f.yaml", "m: {a: x, b: '1', c: true}\nother: 010\n")
	require.Equal(t, d.Values["m"], d.AsWritten(fields.AsMap(d.Values["m"]), "m"))
	require.Nil(t, d.root, "without numbers, it is parsed once")
}

func TestLineIsSafeForConcurrentUse(t *testing.T) {
	var text strings.Builder
	for i := range 100 {
		fmt.Fprintf(&text, "k%d:\n  a: {b: 1}\n", i)
	}
	d := document(t, "f.yaml", text.String())
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i := range 100 {
				if line := d.Line(fmt.Sprintf("k%d", i), "a", "b"); line != 2*i+2 {
					t.Errorf("k%d.a.b: line %d", i, line)
				}
			}
		})
	}
	all.Wait()
}

func TestFileSizeLimit(t *testing.T) {
	text := "a: 1\n#"
	full := text + strings.Repeat("x", MaxFileSize-len(text))
	fsys := files{"full.yaml": full, "over.yaml": full + "x"}.fs()
	d, err := ReadDocument(fsys, "full.yaml", "full.yaml", MaxFileSize)
	require.NoError(t, err)
	require.Equal(t, map[string]any{"a": 1.0}, d.Values)

	_, err = ReadDocument(fsys, "over.yaml", "over.yaml", MaxFileSize)
	require.EqualError(t, err,
		"over.yaml: is larger than 1 MiB; is this the right file? Only spec.limits.fileSize in fleet.yaml raises the "+
			"limit")
}

// growing is a file system with one file that turns out larger than it said.
type growing struct{ fs.FS }

func (g growing) Open(name string) (fs.File, error) {
	f, err := g.FS.Open(name)
	return growingFile{f}, err
}

type growingFile struct{ fs.File }

func (f growingFile) Read(p []byte) (int, error) { return len(p), nil }

func TestFileThatGrowsWhileItIsReadHasALimitToo(t *testing.T) {
	_, err := ReadDocument(growing{files{"a.yaml": "a: 1"}.fs()}, "a.yaml", "a.yaml", MaxFileSize)
	require.ErrorContains(t, err, "is larger than 1 MiB")
}

func TestReadDocument(t *testing.T) {
	fsys := files{"a/b.yaml": "a: 1"}.fs()
	d, err := ReadDocument(fsys, "a/b.yaml", "shown", MaxFileSize)
	require.NoError(t, err)
	require.Equal(t, "shown", d.Name)

	_, err = ReadDocument(fsys, "a/none.yaml", "shown", MaxFileSize)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.EqualError(t, err, "shown: cannot be read: file does not exist")
	_, err = ReadDocument(fsys, "a", "shown", MaxFileSize)
	require.EqualError(t, err, "shown: is not a regular file; put one there, or remove it")
	_, err = ReadDocument(fsys, "../a", "shown", MaxFileSize)
	requireOneLine(t, err, "shown: cannot be read")
}

func TestAliasBombsAreRefusedAtOnce(t *testing.T) {
	laughs := "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
	for i := 1; i < 12; i++ {
		previous := fmt.Sprintf("*a%d", i-1)
		laughs += fmt.Sprintf("a%d: &a%d [%s]\n", i, i,
			strings.Join([]string{previous, previous, previous, previous, previous, previous, previous, previous,
				previous}, ", "))
	}
	merges := "a0: &a0 {x: 1}\n"
	for i := 1; i < 40; i++ {
		merges += fmt.Sprintf("a%d: &a%d {<<: [*a%d, *a%d]}\n", i, i, i-1, i-1)
	}
	for name, text := range map[string]string{
		"billion laughs": laughs,
		"nested merge":   merges,
		"one long text":  "a: &a " + strings.Repeat("x", 1<<20) + "\nb: [" + strings.Repeat("*a,", 100000) + "]\n",
		"one long key": "a: &a " + strings.Repeat("x", 1<<20) + "\nb: [" + strings.Repeat("{*a : 1},", 50000) +
			"]\n",
		"a string in a list": "a: &a [" + strings.Repeat("x", 1<<19) + "]\nb: &b [" + strings.Repeat("*a,", 100) +
			"]\nc: [" + strings.Repeat("*b,", 100) + "]\n",
	} {
		t.Run(name, func(t *testing.T) {
			// which would take longer than the test may, if these were expanded
			_, err := ParseDocument("f.yaml", []byte(text))
			require.EqualError(t, err,
				"f.yaml: YAML aliases expand beyond measure; write the values out, or use fewer aliases")
		})
	}
	d, err := ParseDocument("f.yaml", []byte("a: &a x\nb: ["+strings.Repeat("*a,", 1000)+"]\n"))
	require.NoError(t, err, "many aliases are not many bytes")
	require.Len(t, d.Values["b"], 1000)
}

func TestDeepNestingIsAnErrorAndNotACrash(t *testing.T) {
	const depth = 20000
	for name, text := range map[string]string{
		"lists":      "a: " + strings.Repeat("[", depth) + strings.Repeat("]", depth),
		"maps":       strings.Repeat("{a: ", depth) + "1" + strings.Repeat("}", depth),
		"never done": "a: " + strings.Repeat("[", depth),
		"dashes":     "a:\n" + strings.Repeat("- ", depth) + "x",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseDocument("f.yaml", []byte(text))
			requireOneLine(t, err, "f.yaml")
			require.ErrorContains(t, err, "is nested more than 250 levels deep; is this the right text?")
		})
	}
	d := document(t, "f.yaml", strings.Repeat("{a: ", 250)+"1"+strings.Repeat("}", 250))
	require.Equal(t, 1, d.Line("a", "a", "a"))
	layers := []Layer{LayerOf("x", d)}
	require.Len(t, Merge(nil, &layers[0], layers).Explain(), 1)
}

func TestParseDocumentIsGuarded(t *testing.T) {
	for _, document := range explosive.Documents {
		_, err := ParseDocument("f.yaml", []byte(document.YAML))
		require.ErrorContains(t, err, document.Message)
		require.Regexp(t, `^f\.yaml(:3)?: `, err.Error())
	}
	d, err := ParseDocument("f.yaml", []byte("yes: 1\non: 2\n1: 3\n1: 4\n"))
	require.NoError(t, err, "the same key twice has an order")
	require.Equal(t, map[string]any{"true": 2.0, "1": 4.0}, d.Values)
	require.Len(t, d.Warnings, 2)
}
