package safeyaml

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

var (
	one        = strings.Repeat("1,", 5<<20)
	dashboard  = strings.Repeat(`{"x": [1, 2, {"y": "a, b: c"}], "z": {"title": "{{ instance }}"}},`+"\n", 10_000)
	definition = strings.Repeat(
		"- name: x # the first, the last\n  description: 'one, two: it''s [three]'\n  type: \"a \\\" {b}\"\n"+
			"  text: |-\n    [a, b]: {c,\n\n     d: - e\n  folded: >2\n     a: b\n  plain: see https://x/?a=1,b=2\n  "+
			"  more text, {too}\n", 1)
)

func indented(text, prefix string) string {
	return prefix + strings.ReplaceAll(text, "\n", "\n"+prefix)
}

// TestTooMuch: what would cost a parser hundreds of megabytes, or seconds.
func TestTooMuch(t *testing.T) {
	const many, deep = "has more than 400000 values in one document", "is nested more than 250 levels deep"
	const directives, tag = "has more than 100 directives before one document", "%TAG !x! y\n"
	large := 10 << 20
	repeat := func(text string) string { return strings.Repeat(text, large/len(text)) }
	for _, test := range []struct{ name, yaml, want string }{
		{"flow lists", repeat("["), deep}, {"flow maps", repeat("{a: "), deep}, {"braces", repeat("{"), deep},
		{"alternating", repeat("[{"), deep}, {"on lines", repeat("[\n"), deep},
		{"after closing strings", repeat("[ # ]\n"), deep},
		{"after closing quotes", repeat("[ ']]]]]]', "), deep},
		{"251 lists", "a: " + strings.Repeat("[", 251) + strings.Repeat("]", 251), deep},
		{"251 dashes", strings.Repeat("- ", 251) + "a", deep}, {"dashes", repeat("- "), deep},
		{"keys", repeat("? "), deep},
		{"explicit values", repeat("? a\n: "), many}, {"dashes on lines", repeat("-\n"), many},
		{"UTF-16", "\xff\xfe" + wide(strings.Repeat("[", 251)), deep},
		{"big-endian", "\xfe\xff" + strings.Repeat("\x00[", 251), deep},
		{"numbers", "[" + one, many}, {"numbers in a value", "a: [" + one + "]", many},
		{"empty maps", "[" + repeat("{},"), many},
		{"one key", repeat("a: 1\n"), many}, {"keys without values", repeat("a:\n"), many},
		{"null", "{" + repeat("a,"), many},
		{"items", repeat("- a\n"), many}, {"documents", repeat("---\n"), "has more than 50000 documents"},
		{"values in documents", repeat("[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]\n---\n"),
			"has more than 1000000 values"},
		{"JSON", "{\"a\":[" + repeat("{\"a\":1},"), many}, {"CRLF", repeat("a: 1\r\n"), many},
		{"CR", repeat("a: 1\r"), many},
		{"too large", strings.Repeat("x", 64<<20+1), "is larger than 64 MiB"},
		{"after a quote that is none", "a: b \"\nc: [" + one, many},
		{"after a literal that is none", "a: b |\n  c\nd: [" + one, many},
		{"an anchor for each", "[" + repeat("&a 1,"), many},
		{"below a literal", "a: |\n  x\nb: [" + one, many}, {"beside a comment", "a: b#\nb: [" + one, many},
		{"quoted in a list", "[\"x\n: \", " + one + "\"]", many}, {"after a tag", "!x [" + one, many},
		{"after an odd tag", "a: [!<x,y> [" + one, many},
		{"an unclosed quote", "a: 'b\nc: [" + one, many}, {"in a later document", "a: 1\n--- # \"\nb: [" + one, many},
		{"directives", strings.Repeat(tag, 101) + "---\na: 1\n", directives},
		{"directives on lines that end in CR", strings.ReplaceAll(strings.Repeat(tag, 101), "\n", "\r"), directives},
		{"directives in UTF-16", "\xff\xfe" + wide(strings.Repeat(tag, 101)), directives},
		{"directives of a later document", "a: 1\n...\n" + strings.Repeat(tag, 101) + "---\nb: 1\n", directives},
		{"behind a mark", "\ufeffa: [" + one, many}, {"short literal", "a: |\n    x\n  y: z\nb: [" + one, many},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := CheckStream([]byte(test.yaml), "f.yaml")
			require.ErrorContains(t, err, test.want)
			require.Regexp(t, `^f\.yaml(:\d+)?: .*; is this the right text\? The limit cannot be raised$`, err.Error())
		})
	}
}

// TestNotTooMuch: large files that are what people and programs write.
func TestNotTooMuch(t *testing.T) {
	literal := "data:\n  x.json: |\n    [" + strings.ReplaceAll(strings.Repeat(dashboard, 12), "\n", "\n    ") + "]\n"
	for name, text := range map[string]string{
		"a dashboard as text":        literal,
		"several dashboards in text": strings.Repeat(literal+"---\n", 6),
		"a dashboard in quotes": "a: '" + strings.Repeat(dashboard, 12) + "'\nb: \"" +
			strings.ReplaceAll(strings.Repeat(dashboard, 9), `"`, `\"`) + "\"\n",
		"a dashboard in JSON": `{"a": [` + dashboard + "]}",
		"comments":            strings.Repeat("# a: [1, 2], {b: c}, - d\n", 300_000) + "a: 1\n",
		"values":              strings.Repeat(definition, 20_000),
		"documents":           strings.Repeat("---\na:\n"+indented(strings.Repeat(definition, 50), "  ")+"\n", 600),
		"250 levels":          strings.Repeat("[", 250) + strings.Repeat("]", 250),
		"250 dashes":          strings.Repeat("- ", 250) + "a\n",
		"templates": strings.Repeat("- '{{[ [[{[{[{'\n- a {{ b }} [c] (d)\n- {}\n- []\n- {a: {}, b: []}\n",
			1000),
		"a line of dashes":   "a: |\n  " + strings.Repeat("-", 2000) + "\n# " + strings.Repeat("- ", 2000) + "\n",
		"the first document": "a: 1\n",
		"directives":         strings.Repeat(strings.Repeat("%TAG !x! y\n", 100)+"---\na: 1\n...\n", 10),
		"directives as text": "a: |\n  " + strings.Repeat("%TAG !x! y\n  ", 200) + "\n",
	} {
		t.Run(name, func(t *testing.T) { require.NoError(t, CheckStream([]byte(text), "f.yaml")) })
	}
	require.NoError(t, Check([]byte("a: 1\n---\nb: ["+one), "f.yaml"), "nobody reads the second document")
	require.NoError(t, Check([]byte("--- {a: 1}\n...\nb: ["+one), "f.yaml"))
	require.Error(t, Check([]byte("# x\n---\nb: ["+one), "f.yaml"))
	require.Error(t, Check([]byte("...\nb: ["+one), "f.yaml"))
}

// parsed returns how many values the documents of data have, and how deep they are, as far as a parser comes.
func parsed(data []byte) (values, deepest int) {
	var visit func(node *yaml.Node, depth int)
	visit = func(node *yaml.Node, depth int) {
		if node.Kind != yaml.DocumentNode {
			values++
		}
		if node.Kind == yaml.MappingNode || node.Kind == yaml.SequenceNode {
			depth++
			deepest = max(deepest, depth)
		}
		for _, child := range node.Content {
			visit(child, depth)
		}
	}
	for decoder := yaml.NewDecoder(bytes.NewReader(data)); ; {
		var document yaml.Node
		if err := decoder.Decode(&document); err != nil {
			if !errors.Is(err, io.EOF) {
				values = -1
			}
			return values, deepest
		}
		visit(&document, 0)
	}
}

// counted returns what a close look counts in data.
func counted(data []byte) (values, deepest int) {
	most := 1 << 40
	c := counter{data: singleBreaks(utf8Text(data)), limits: limits{Values: most, Total: most, Documents: most}}
	c.reset()
	for c.refusal == "" && c.next() {
		deepest = max(deepest, c.flow+len(c.indents))
	}
	return c.total + c.values + c.documents, max(deepest, c.flow+len(c.indents))
}

func TestCount(t *testing.T) {
	for _, text := range []string{
		"", "a", "a: b", "a: {b: c}\n", "- a\n- b: c\n  d: e\n", definition, strings.SplitN(dashboard, ",\n", 2)[0],
		"? a\n: b\n", "- - - a\n", "a:\n- b\n",
		"{a, b: [c: d]}", "--- a\n--- b\n...\n", "'a': \"b\n  c\"\nd: |+\n e: [\n", "&a b: *a\n", "*a : x",
		"!!str a: !x {}\n",
	} {
		values, deepest := parsed([]byte(text))
		count, depth := counted([]byte(text))
		require.GreaterOrEqual(t, count, values, text)
		require.LessOrEqual(t, count, 2*max(values, 0)+4, text)
		require.GreaterOrEqual(t, 2*depth, deepest, text)
	}
	values, _ := parsed([]byte(definition))
	count, _ := counted([]byte(definition))
	require.Equal(t, values, count, "where there are no brackets, the count is exact")
}

// FuzzCount: no parser makes more values than were counted, nor are they nested much deeper.
func FuzzCount(f *testing.F) {
	for _, seed := range []string{
		definition, dashboard[:150], "a: 'b\n  c'\n? - d\n: |2\n  e\n\n f\n", "[a, {b: c, d}, ? e : f]",
		"&a a: *a\n!x b: !<y> c\n", "a: b\n  c \"d\ne: [1]",
		"--- >\n a\n--- b\n... # c\n%YAML 1.1\n---\n", "\ufeffa:\u0085 b", "a\n: b", "\"a\\\n b\": 'c''d'",
		"- |\n\n  a\n b", "a: #b\n c", "[a:b, \"c\":d, :e]", "!'\nb:",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		values, deepest := parsed(data)
		count, depth := counted(data)
		require.GreaterOrEqual(t, count, values)
		if values >= 0 {
			// A list in brackets can hold a map without any, and all of it be the key of a map of which its end tells.
			require.GreaterOrEqual(t, 2*depth+1, deepest)
		}
		require.GreaterOrEqual(t, weigh(data)+count, values)
	})
}
