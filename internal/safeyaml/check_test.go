package safeyaml

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	yamlvalue "go.yaml.in/yaml/v2"
	"sigs.k8s.io/yaml"
)

const beyond = "f.yaml: YAML aliases expand beyond measure; write the values out, or use fewer aliases"

// many returns a map with a long text and many aliases of it.
func many(aliases int) string {
	return "a: &a " + strings.Repeat("x", 1<<20) + "\nb: [" + strings.Repeat("*a, ", aliases) + "]\n"
}

func laughs() string {
	var text strings.Builder
	text.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 12; i++ {
		aliases := strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", ")
		fmt.Fprintf(&text, "a%d: &a%d [%s]\n", i, i, aliases)
	}
	return text.String()
}

func TestAliases(t *testing.T) {
	const endless = "f.yaml:1: is not YAML: anchor 'a' value contains itself"
	const unknown = "f.yaml:2: is not YAML: a value with * in front refers to an anchor that does not exist; put the " +
		"value " +
		"into quotes, or correct the name of the anchor"
	for _, test := range []struct{ name, yaml, first, stream string }{
		{"no aliases", "a: 1", "", ""},
		{"an alias", "a: &a {b: 1}\nc: *a\n", "", ""},
		{"a merge key", "a: &a {b: 1}\nc:\n  <<: *a\n", "", ""},
		{"many aliases to aliases", laughs(), beyond, beyond},
		{"the same in the second document", "a: 1\n---\n" + laughs(), "", beyond},
		{"a long text 8 times", many(8), "", ""},
		{"a long text 80 times", many(80), beyond, beyond},
		{"a long text 3,000 times", many(3000), beyond, beyond},
		{"a long key", "? &a " + strings.Repeat("x", 1<<20) + "\n: 1\nb: [" + strings.Repeat("{*a : 1}, ", 80) + "]",
			beyond, beyond},
		{"merged", "a: &a {b: " + strings.Repeat("x", 1<<20) + "}\nc: [" + strings.Repeat("{<<: *a}, ", 80) + "]",
			beyond, beyond},
		{"without blanks", "{\"a\":&a \"" + strings.Repeat("x", 1<<20) + "\",\"b\":[" + strings.Repeat("*a,", 80) +
			"]}", beyond, beyond},
		{"large without aliases", "1: " + strings.Repeat("x", maxText+1), "", ""},
		{"an alias inside its own anchor", "a: &a [*a]", endless, endless},
		{"a map that merges itself", "a: &a {1: 2, <<: *a}", endless, endless},
		{"a mistake after an alias", "a: &a 1\nb: *a\nc: ]\n", "",
			"f.yaml:2: is not YAML: did not find expected node content"},
		{"a mistake without aliases is not its business", "a: ]", "", ""},
		{"nor is one beside a number", "1: ]", "", ""},
		{"an unknown anchor", "a: &b 1\nb: *c", "", unknown},
		{"UTF-16", "\xff\xfe" + wide(many(80)), beyond, beyond},
	} {
		t.Run(test.name, func(t *testing.T) {
			requireProblem(t, Check([]byte(test.yaml), "f.yaml"), test.first)
			requireProblem(t, CheckStream([]byte(test.yaml), "f.yaml"), test.stream)
		})
	}
}

func wide(text string) string { return strings.Join(strings.Split(text, ""), "\x00") + "\x00" }

func requireProblem(t *testing.T, err error, want string) {
	t.Helper()
	if want == "" {
		require.NoError(t, err)
		return
	}
	require.EqualError(t, err, want)
}

// TestMemory: a document that would make gigabytes is refused for a few times its size.
func TestMemory(t *testing.T) {
	for _, text := range []string{many(80), many(3000), many(100_000), laughs()} {
		data := []byte(text)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		require.EqualError(t, Check(data, "f.yaml"), beyond)
		runtime.ReadMemStats(&after)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(100<<20))
	}
}

func TestKeys(t *testing.T) {
	for text, want := range map[string]string{
		// different values, one text
		"1: a\n\"1\": b":                     `f.yaml:2: the keys 1 (line 1) and "1" are both "1" in JSON, so that chance decides which one counts; keep one of them`,
		"'1': a\n1: b":                       `f.yaml:2: the keys "1" (line 1) and 1 are both "1" in JSON`,
		"1: a\n\n1.0: b":                     `f.yaml:3: the keys 1 (line 1) and 1.0 are both "1" in JSON`,
		"yes: a\n'true': b":                  `f.yaml:2: the keys yes (line 1) and "true" are both "true" in JSON`,
		"\"false\": a\nn: b":                 `f.yaml:2: the keys "false" (line 1) and n are both "false" in JSON`,
		"x:\n- y:\n    On: a\n    'true': b": `f.yaml:4: the keys On (line 3) and "true" are both "true" in JSON`,
		"0x10: a\n'16': b":                   `f.yaml:2: the keys 0x10 (line 1) and "16" are both "16" in JSON`,
		"010: a\n'8': b":                     `f.yaml:2: the keys 010 (line 1) and "8" are both "8" in JSON`,
		"0o10: a\n'8': b":                    `f.yaml:2: the keys 0o10 (line 1) and "8" are both "8" in JSON`,
		"0b11: a\n'3': b":                    `f.yaml:2: the keys 0b11 (line 1) and "3" are both "3" in JSON`,
		"1_000: a\n'1000': b":                `f.yaml:2: the keys 1_000 (line 1) and "1000" are both "1000" in JSON`,
		".5: a\n'0.5': b":                    `f.yaml:2: the keys .5 (line 1) and "0.5" are both "0.5" in JSON`,
		"+1: a\n'1': b":                      `f.yaml:2: the keys +1 (line 1) and "1" are both "1" in JSON`,
		"-1: a\n'-1': b":                     `f.yaml:2: the keys -1 (line 1) and "-1" are both "-1" in JSON`,
		"1e3: a\n1000: b":                    `f.yaml:2: the keys 1e3 (line 1) and 1000 are both "1000" in JSON`,
		".inf: a\n'.inf': b":                 `f.yaml:2: the keys .inf (line 1) and ".inf" are both ".inf" in JSON`,
		".nan: a\n.NaN: b":                   `f.yaml:2: the keys .nan (line 1) and .NaN are both ".nan" in JSON`,
		"0.1: a\n0.10000000001: b":           `f.yaml:2: the keys 0.1 (line 1) and 0.10000000001 are both "0.1" in JSON`,
		"1: a\n2: b\n'2': c\n'1': d":         `f.yaml:3: the keys 2 (line 2) and "2" are both "2" in JSON`,
		// ways to write a map
		`{1: a, "1": b}`:               `f.yaml:1: the keys 1 (line 1) and "1" are both "1" in JSON`,
		`{"1":a,"x":{1 : a,'1':b}}`:    `f.yaml:1: the keys 1 (line 1) and "1" are both "1" in JSON`,
		"? 1\n: a\n? \"1\"\n: b":       `f.yaml:3: the keys 1 (line 1) and "1" are both "1" in JSON`,
		"? 1\n? '1'":                   `f.yaml:2: the keys 1 (line 1) and "1" are both "1" in JSON`,
		"{?1: a,?'1': b}":              `f.yaml:1: the keys 1 (line 1) and "1" are both "1" in JSON`,
		"- 1: a\n  '1': b":             `f.yaml:2: the keys 1 (line 1) and "1" are both "1" in JSON`,
		"1:\t\n  a: 1\n'1':\n":         `f.yaml:3: the keys 1 (line 1) and "1" are both "1" in JSON`,
		"&x 1: a\n'1': b":              `f.yaml:2: the keys 1 (line 1) and "1" are both "1" in JSON`,
		"1: a\r\n'1': b\r\n":           `f.yaml:2: the keys 1 (line 1) and "1" are both "1" in JSON`,
		"\ufeff1: a\n'1': b":           `f.yaml:2: the keys 1 (line 1) and "1" are both "1" in JSON`,
		"x:\u0085  2: a\u0085  '2': b": `f.yaml:3: the keys 2 (line 2) and "2" are both "2" in JSON`,
		"!!str 1: a\n1: b":             `f.yaml:2: the keys !!str 1 (line 1) and 1 are both "1" in JSON`,
		"!!int '1': a\n'1': b":         `f.yaml:2: the keys !!int "1" (line 1) and "1" are both "1" in JSON`,
		"!!float 1: a\n1: b":           `f.yaml:2: the keys !!float 1 (line 1) and 1 are both "1" in JSON`,
		"!!binary MQ==: a\n1: b":       `f.yaml:2: the keys !!binary MQ== (line 1) and 1 are both "1" in JSON`,
		"%TAG !y! tag:yaml.org,2002:\n---\n!y!str 1: a\n1: b":   `f.yaml:4: the keys !!str 1 (line 3) and 1 are both "1" in JSON`,
		"a: &a 1\nb:\n  *a : x\n  '1': y":                       `f.yaml:4: the keys *a = 1 (line 3) and "1" are both "1" in JSON`,
		"a: &a {1: x}\nb:\n  <<: *a\n  '1': y":                  `f.yaml:4: the keys 1 (line 1) and "1" are both "1" in JSON`,
		"b:\n  '1': y\n  <<: {1: x}":                            `f.yaml:3: the keys "1" (line 2) and 1 are both "1" in JSON`,
		"a: &a {1: x}\nb: &b {'1': x}\nc: {<<: [*a, {}, *b]}":   `f.yaml:2: the keys 1 (line 1) and "1" are both "1" in JSON`,
		"!!merge <<: {1: x}\n'1': y":                            `f.yaml:2: the keys 1 (line 1) and "1" are both "1" in JSON`,
		"\xff\xfe" + wide("1: a\n'1': b"):                       `f.yaml:2: the keys 1 (line 1) and "1" are both "1" in JSON`,
		"{a: {b: [{c: {1: a}}, {1: a, 1.0: b}]}, \"1\": {}}":    `f.yaml:1: the keys 1 (line 1) and 1.0 are both "1" in JSON`,
		"on: {push: {}}\n\"on\": x\n'true': y\n":                `f.yaml:3: the keys on (line 1) and "true" are both "true" in JSON`,
		"1: {'1': a}\n2: {'2': a, 1: b}\nx: {3: a, \"3\": b}\n": `f.yaml:3: the keys 3 (line 3) and "3" are both "3" in JSON`,

		"{1, '1'}":                `f.yaml:1: the keys 1 (line 1) and "1" are both "1" in JSON`,
		"{a: x, '1', 1}":          `f.yaml:1: the keys "1" (line 1) and 1 are both "1" in JSON`,
		"{'a': x\n , 1, \"1\"}":   `f.yaml:2: the keys 1 (line 2) and "1" are both "1" in JSON`,
		"{ # x\n1 # y\n, \"1\" }": `f.yaml:3: the keys 1 (line 2) and "1" are both "1" in JSON`,
		"[{&x 1, '1'}]":           `f.yaml:1: the keys 1 (line 1) and "1" are both "1" in JSON`,
		"{1\n}\n":                 "",

		// the same value twice has an order, and different strings are different keys
		"1: a\n1: b": "", "yes: a\non: b\ntrue: c": "", "0x10: a\n16: b": "", "'1': a\n\"1\": b": "", "a: 1\na: 2": "",
		"!!str 1: a\n'1': b": "", "1: a\n'01': b\n'1.0': c": "", "y: a\n'y': b": "", "yes: a\n'yes': b": "",
		"1_0: a\n'1_0': b": "", "12:30: a\n'12:30': b": "", "2001-01-01: a\n'2001-01-01': b": "",
		"1.2.3: a\n'1.2.3': b": "",
		"+: a\n'+': b":         "", "- .: a\n  '.': b": "", "1 2: a\n'1 2': b": "", "!x 1: a\n'1': b": "",
		"TRue: a\n'true': b":     "",
		"a: {1: a}\nb: {'1': b}": "", "- 1: a\n- '1': b": "", "'<<': {1: a}\n'1': b": "",
		"!!str <<: {1: a}\n'1': b": "",
		// what the parser refuses
		"[{1\n: a, '1': b}]": "", "{1 # one\n: a, '1': b}": "", "a: &a [{1: x}]\nb: {<<: *a, '1': x}": "",
		"~: a\nnull: b": "", "[1]: a\n'1': b": "", "!!int a: 1\n1: a": "", "<<: 1\n1: a": "",
		"99999999999999999999: a\n1e20: b":                   "",
		"18446744073709551615: a\n'18446744073709551615': b": "",
	} {
		t.Run(text, func(t *testing.T) {
			err := Check([]byte(text), "f.yaml")
			if want == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, want)
				require.Regexp(t, "so that chance decides which one counts; keep one of them$", err.Error())
			}
			require.Equal(t, err != nil, byChance([]byte(text)), "what the parser itself has")
			require.Equal(t, err, CheckStream([]byte(text), "f.yaml"))
		})
	}
}

func TestKeysOfLaterDocuments(t *testing.T) {
	const text = "a: 1\n---\n1: a\n'1': b\n"
	require.NoError(t, Check([]byte(text), "f.yaml"))
	require.ErrorContains(t, CheckStream([]byte(text), "f.yaml"), `f.yaml:4: the keys 1 (line 3) and "1" are`)
}

// byChance tells whether sigs.k8s.io/yaml would choose between keys of the first document: the parser keeps both.
func byChance(data []byte) bool {
	var document any
	if yamlvalue.Unmarshal(data, &document) != nil {
		return false
	}
	var visit func(value any) bool
	visit = func(value any) bool {
		switch value := value.(type) {
		case []any:
			for _, item := range value {
				if visit(item) {
					return true
				}
			}
		case map[any]any:
			seen := map[string]bool{}
			for key, item := range value {
				text, ok := jsonKey(key)
				if ok && seen[text] || visit(item) {
					return true
				}
				seen[text] = seen[text] || ok
			}
		}
		return false
	}
	return visit(document)
}

// TestScan: what is usual in values files is not looked at closely, which would take more time than to parse it.
func TestScan(t *testing.T) {
	for _, text := range []string{
		"", "a: 1\nb: [c, 'd']\n", `{"a":1,"b":{"c":[2,{}],"d":true}}`,
		"image: registry:5000/a/b:1.2\nurl: http://x:80/?a=1&b=2\ntime: 12:30:00\n",
		"# R&D, 2 * 3, why? no!\na: |\n  x && y; [ -f a ] || exit 1 # 100%\n",
		"host: '*.example.com'\nargs: [\"&\", \"--a=*\"]\n",
		"ports: [80, 443, 8080] # 1, 2, 3\na: {}\nb: {c: 1, d: true}\nc: [{e: 1}, {e: 2}]\n",
		"a: \"{{ if eq .x 1 }}{{ .y }}{{ end }}\"", "version1: a\nh2: b\nx-1: c\nipv6: fd00::1:2\n",
	} {
		aliases, keys := scan([]byte(text))
		require.False(t, aliases, text)
		require.False(t, keys, text)
	}
}

// FuzzCheck: a document that passes is read in the same way each time, and makes no more text than it may; one that
// does not pass really has two keys that are one.
func FuzzCheck(f *testing.F) {
	for _, seed := range []string{
		"1: a\n'1': b", "{1: a, \"1\": b}", "? 1\n: a\n'1': b", "!!str 1: a\n1: b", "a: &a {1: x}\nb: {<<: *a, '1': y}",
		"a: &a [*a]",
		"yes: a\n'true': b", "<<: [{1: a}, {'1': b}]", "0x1: a\n1.0: b\n.5: c", "a: &a x\n*a : y",
		"{1 # x\n: a, ?'1' : b}", "- - 1: a\n    01: b",
		"%TAG ! tag:yaml.org,2002:\n---\n!str 1: a\n1: b", "\ufeff1: a\u00852: b\u2028'1': c", "a: |\n 1: x\n 1: y\n",
		"a: ]", "1:\n- 1\n'1':", "...\n1: a",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		err := Check(data, "f.yaml")
		stream := CheckStream(data, "f.yaml")
		if err != nil {
			require.Error(t, stream)
			require.NotContains(t, err.Error(), "\n")
			if strings.Contains(err.Error(), "chance") {
				var document any
				if yamlvalue.Unmarshal(data, &document) == nil {
					require.True(t, byChance(data), "%v", err)
				}
			}
			return
		}
		if strings.Contains(string(data), "!") && !strings.Contains(string(data), "!!") {
			return // ! alone makes a key in quotes a number, which its node does not tell
		}
		require.False(t, byChance(data))
		json, err := yaml.YAMLToJSON(data)
		if err == nil {
			require.Less(t, len(json), 8*(maxText+len(data)))
			again, err := yaml.YAMLToJSON(data)
			require.NoError(t, err)
			require.Equal(t, string(json), string(again))
		}
	})
}

func BenchmarkCheck(b *testing.B) {
	plain := strings.Repeat("key:\n  image: registry:5000/a/b:1.2\n  list: [a, 'b', \"c\"]\n", 1000)
	for name, text := range map[string]string{"usual": plain, "numbers": plain + "1: a\n",
		"aliases": plain + "a: &a b\nc: *a\n"} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if err := Check([]byte(text), "f.yaml"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
