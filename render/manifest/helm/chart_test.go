package helm

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/chart"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

func TestObjectsAreInHelmsOrder(t *testing.T) {
	for _, version := range versions {
		objects, err := renderAs(t, version, loadChart(t, "full"), goldenOptions(t, nil, nil))
		require.NoError(t, err)
		var lines strings.Builder
		for _, m := range objects {
			lines.WriteString(kindAndName(m) + "\n")
		}
		golden(t, "helm-"+version+"/full-objects.txt", lines.String())
	}
}

func kindAndName(m Manifest) string {
	kind, _ := m.Object["kind"].(string)
	metadata, _ := m.Object["metadata"].(map[string]any)
	name, _ := metadata["name"].(string)
	return m.File + " " + kind + " " + name
}

func TestSkipping(t *testing.T) {
	c := makeChart(t, map[string]string{
		"crds/a.yaml":                  "kind: CRD\n",
		"charts/sub/Chart.yaml":        "apiVersion: v2\nname: sub\nversion: 1.0.0\n",
		"charts/sub/crds/b.yaml":       "kind: SubCRD\n---\nkind: Second\n",
		"templates/a.yaml":             "kind: Plain\n",
		"templates/test.yaml":          "kind: Test\nmetadata: {annotations: {helm.sh/hook: test}}\n",
		"templates/old-test.yaml":      "kind: OldTest\nmetadata: {annotations: {helm.sh/hook: test-success}}\n",
		"templates/both.yaml":          "kind: Both\nmetadata: {annotations: {helm.sh/hook: 'pre-install, test'}}\n",
		"templates/hook.yaml":          "kind: Hook\nmetadata: {annotations: {helm.sh/hook: post-install}}\n",
		"templates/_partial.yaml":      "kind: Partial\n",
		"templates/NOTES.txt":          "kind: Notes\n",
		"templates/sub/NOTES.txt":      "kind: Notes\n",
		"templates/blank.yaml":         "{{ if false }}kind: Never{{ end }}\n---\n# nothing\n",
		"templates/other.txt":          "kind: Text\n", // Helm takes every file for a template
		"templates/data.json":          `{"kind": "JSON"}`,
		"templates/unknown.yaml":       "kind: Unknown\nmetadata: {annotations: {helm.sh/hook: never}}\n",
		"templates/deep/directory.yml": "kind: Deep\n",
	})
	kinds := func(o Options) (out []string) {
		objects, err := render(t, c, o)
		require.NoError(t, err)
		for _, m := range objects {
			out = append(out, m.Object["kind"].(string))
		}
		return out
	}
	require.Equal(t, []string{"CRD", "SubCRD", "Second", "Deep", "JSON", "Plain", "Text", "Both", "Hook", "OldTest",
		"Test"}, kinds(Options{}))
	require.Equal(t, []string{"Deep", "JSON", "Plain", "Text", "Both", "Hook", "OldTest", "Test"},
		kinds(Options{SkipCRDs: true}))
	require.Equal(t, []string{"CRD", "SubCRD", "Second", "Deep", "JSON", "Plain", "Text", "Hook"},
		kinds(Options{SkipTests: true}))
}

func TestNumbersKeepTheirDigits(t *testing.T) {
	objects, err := render(t, loadChart(t, "full"), goldenOptions(t, nil, nil))
	require.NoError(t, err)
	for _, m := range objects {
		if m.Object["kind"] == "Numbers" {
			require.Equal(t, map[string]any{
				"huge": int64(9007199254740993), "negative": int64(-9007199254740993),
				"unsigned": 18446744073709551615.0, "plain": 42.0,
				"float": 1.5, "exponent": 1000.0, "octal": 420.0, "hex": 31.0, "true": true, "false": false,
				"text": "123",
				"date": "2024-01-02", "nothing": nil,
			}, m.Object["spec"])
			return
		}
	}
	t.Fatal("no such object")
}

func TestSubcharts(t *testing.T) {
	files := map[string]string{
		"values.yaml":           "global: {g: parent}\nsub: {from: parent}\n",
		"charts/sub/Chart.yaml": "apiVersion: v2\nname: sub\nversion: 1.0.0\n",
		"charts/sub/values.yaml": "from: own\nother: own\nglobal: {g: sub, h: sub}\nexports: {e: {imported: " +
			"exported}}\n",
		"charts/sub/templates/a.yaml":    `sub: {{ .Values | toJson }}`,
		"templates/a.yaml":               `parent: {{ .Values | toJson }}`,
		"charts/sub/values.schema.json":  `{"properties": {"from": {"type": "string"}}}`,
		"charts/sub/charts/x/Chart.yaml": "apiVersion: v2\nname: x\nversion: 1.0.0\n",
	}
	run := func(dependency string, o Options) map[string]any {
		files["Chart.yaml"] = "apiVersion: v2\nname: app\nversion: 1.0.0\ndependencies:\n- {name: sub, version: 1.0.0" +
			dependency + "}\n"
		objects, err := render(t, makeChart(t, files), o)
		require.NoError(t, err)
		out := map[string]any{}
		for _, m := range objects {
			for key, value := range m.Object {
				out[key] = value
			}
		}
		return out
	}
	sub := func(out map[string]any, keys ...string) any {
		v := out["sub"]
		for _, key := range keys {
			v = v.(map[string]any)[key]
		}
		return v
	}
	out := run("", Options{Values: values(t, "global: {h: cluster}\nsub: {other: ~}")})
	require.Equal(t, "parent", sub(out, "from"))
	require.Equal(t, "parent", sub(out, "global", "g"))
	require.Equal(t, "cluster", sub(out, "global", "h"))
	require.NotContains(t, out["sub"], "other")

	require.Contains(t, run(", condition: sub.enabled", Options{}), "sub")
	require.NotContains(t, run(", condition: sub.enabled", Options{Values: values(t, "sub: {enabled: false}")}), "sub")
	require.NotContains(t, run(", condition: sub.enabled",
		Options{Parameters: []Parameter{{Name: "sub.enabled", Value: "false"}}}), "sub")
	require.Contains(t, run(", condition: sub.enabled",
		Options{Parameters: []Parameter{{Name: "sub.enabled", Value: "false", ForceString: true}}}), "sub",
		"a string is no boolean")
	require.NotContains(t, run(", tags: [t]", Options{Values: values(t, "tags: {t: false}")}), "sub")
	require.Contains(t, run(", tags: [t], condition: sub.enabled",
		Options{Values: values(t, "tags: {t: false}\nsub: {enabled: true}")}), "sub")
	require.Equal(t, "exported", run(", import-values: [e]", Options{})["parent"].(map[string]any)["imported"])
	out = run(", alias: other", Options{Values: values(t, "other: {from: alias}")})
	require.Equal(t, "alias", sub(out, "from"))
}

func TestSubchartsThatNoDependencyNamesHaveAnOrder(t *testing.T) {
	files := map[string]string{}
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		files["charts/"+name+"/Chart.yaml"] = "apiVersion: v2\nname: " + name + "\nversion: 1.0.0\n"
		files["charts/"+name+"/crds/crd.yaml"] = "kind: " + name + "\n"
	}
	for range 20 { // Helm's loader goes through a map
		objects, err := render(t, makeChart(t, files), Options{})
		require.NoError(t, err)
		var kinds string
		for _, m := range objects {
			kinds += m.Object["kind"].(string)
		}
		require.Equal(t, "abcdef", kinds)
	}
}

func TestSchema(t *testing.T) {
	schema := `{"type": "object", "required": ["name"], "additionalProperties": false,
		"properties": {"name": {"type": "string", "pattern": "^[a-z]*$"}, "link": {"format": "uri"}, "global": {}, "sub": {},
		"nested": {"type": "object", "properties": {"port": {"type": "integer", "maximum": 65535}, "list": {"items": {"enum": ["a", "b"]}}}}}}`
	files := map[string]string{
		"values.schema.json":            schema,
		"charts/sub/Chart.yaml":         "apiVersion: v2\nname: sub\nversion: 1.0.0\n",
		"charts/sub/values.schema.json": `{"properties": {"color": {"type": "string"}}}`,
		"templates/a.yaml":              "kind: A\n",
	}
	for _, test := range []struct{ name, values, want string }{
		{"missing", "{}", "app/values.schema.json: the values do not fit the schema: (top): missing property 'name'"},
		{"wrong type", "name: 1",
			"app/values.schema.json: the values do not fit the schema: name: got number, want string"},
		{"a pattern, without the value", "name: hunter2",
			"app/values.schema.json: the values do not fit the schema: name: the value does not match pattern " +
				"'^[a-z]*$'"},
		{"deep", "{name: a, nested: {port: 70000, list: [a, c]}}",
			"app/values.schema.json: the values do not fit the schema: " +
				"nested.list.1: value must be one of 'a', 'b'; nested.port: maximum: got 70,000, want 65,535"},
		{"unknown", "{name: a, extra: 1}", "app/values.schema.json: the values do not fit the schema: (top): " +
			"additional properties 'extra' not allowed"},
		{"subchart", "{name: a, sub: {color: 1}}",
			"app/charts/sub/values.schema.json: the values do not fit the schema: color: got number, want string"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := Options{Values: values(t, test.values)}
			_, err := render(t, makeChart(t, files), o)
			require.EqualError(t, err, test.want)
			o.SkipSchemaValidation = true
			_, err = render(t, makeChart(t, files), o)
			require.NoError(t, err)
		})
	}
	_, err := render(t, makeChart(t, files), Options{Values: values(t, "{name: a}"),
		Parameters: []Parameter{{Name: "nested.port", Value: "443"}}})
	require.NoError(t, err)
}

func TestSchemaReadsNothingOutsideTheChart(t *testing.T) {
	for _, reference := range []string{"file:///etc/hostname", "http://127.0.0.1:1/schema.json",
		"https://127.0.0.1:1/s", "other.json", "ftp://x/y"} {
		_, err := render(t, makeChart(t, map[string]string{"values.schema.json": `{"$ref": "` + reference + `"}`}), Options{})
		require.ErrorContains(t, err, "app/values.schema.json: is no schema", reference)
		require.NotContains(t, err.Error(), "refused")
		require.NotContains(t, err.Error(), "\n")
	}
	_, err := render(t, makeChart(t, map[string]string{"values.schema.json": `{"$ref": "urn:some:thing"}`}), Options{})
	require.NoError(t, err, "as Helm does")
	_, err = render(t, makeChart(t, map[string]string{"values.schema.json": `{"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#"}}}`}), Options{})
	require.Error(t, err)
	_, err = render(t, makeChart(t, map[string]string{"values.schema.json": `no schema`}), Options{})
	require.ErrorContains(t, err, "app/values.schema.json: is no JSON")
}

func TestErrorsSayWhere(t *testing.T) {
	const helper = `{{- define "h" -}}
{{ .Values.a.b.c }}
{{- end }}
{{- define "f" }}

{{ fail (printf "broken\nbecause %s" .Release.Name) }}{{ end }}`
	for _, test := range []struct{ name, template, want string }{
		{"nil", "a: 1\nb: {{ .Values.no.deeper }}", `app/templates/x.yaml:2: nil pointer evaluating interface {}.deeper at <.Values.no.deeper>`},
		{"in a helper", "{{ include \"h\" . }}", `app/templates/_h.tpl:2: nil pointer evaluating interface {}.b at <.Values.a.b.c>, called from app/templates/x.yaml`},
		{"fail", "\n\n{{ include \"f\" . }}", `app/templates/_h.tpl:6: broken because rel, called from app/templates/x.yaml`},
		{"required", "{{ required \"set name\" .Values.name }}", `app/templates/x.yaml:1: set name`},
		{"tpl", "\n{{ tpl \"{{ .no.no }}\" . }}", `app/templates/x.yaml:2: nil pointer evaluating interface {}.no at <.no.no> (in a string given to tpl)`},
		{"tpl calls a helper", "\n{{ tpl \"{{ include `h` . }}\" . }}", `app/templates/_h.tpl:2: nil pointer evaluating interface {}.b at <.Values.a.b.c>, called from app/templates/x.yaml`},
		{"parse error", "a\n{{ if }}", `app/templates/x.yaml:2: missing value for if`},
		{"unknown function", "\n\n{{ env \"HOME\" }}", `app/templates/x.yaml:3: function "env" not defined`},
		{"unknown template", "{{ include \"nowhere\" . }}", `app/templates/x.yaml:1: error calling include: template: no template "nowhere" associated with template "gotpl" at <include "nowhere" .>`},
		{"no YAML", "a: b: c", `app/templates/x.yaml: gives no YAML of an object: error converting YAML to JSON: yaml: mapping values are not allowed in this context`},
		{"a list", "- a", `app/templates/x.yaml: gives no YAML of an object: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type util.SimpleHead`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := render(t, makeChart(t, map[string]string{"templates/_h.tpl": helper,
				"templates/x.yaml": test.template}), Options{})
			require.EqualError(t, err, test.want)
			var p *problem.Problem
			require.ErrorAs(t, err, &p)
			require.NotEmpty(t, p.File)
		})
	}
}

func TestChartsThatCannotBeRendered(t *testing.T) {
	prepare := func(metadata string) error {
		_, err := render(t, makeChart(t, map[string]string{"Chart.yaml": metadata}), Options{})
		return err
	}
	require.ErrorContains(t, prepare("apiVersion: v2\nname: lib\nversion: 1.0.0\ntype: library\n"),
		"of type library cannot be installed")
	require.EqualError(t, prepare("apiVersion: v2\nname: app\nversion: 1.0.0\ndependencies: [{name: a, version: "+
		"1.x}, {name: b, version: 1.x}]\n"),
		"dependencies of Chart.yaml are missing in its charts directory: a, b; run helm dependency build and commit "+
			"the charts directory")
	require.EqualError(t, prepare("apiVersion: v2\nname: app\nversion: 1.0.0\nkubeVersion: '>=1.40.0'\n"),
		"the chart needs Kubernetes >=1.40.0, not v1.33.0")
	_, err := New(&chart.Chart{}, usual)
	require.EqualError(t, err, "the chart has no Chart.yaml")
	_, err = New(nil, usual)
	require.Error(t, err)
	c := makeChart(t, nil)
	_, err = New(c, "2.17.0")
	require.EqualError(t, err, `there is no Helm "2.17.0"`)

	for name, o := range map[string]Options{
		"a release name":         {ReleaseName: "Not_Valid"},
		"a template in its name": {ReleaseName: "{{ env \"HOME\" }}"},
		"a long name":            {ReleaseName: strings.Repeat("x", 54)},
		"a Kubernetes version":   {KubeVersion: "new"},
		"a parameter":            {Parameters: []Parameter{{Name: "a[", Value: "1"}}},
		"a large index":          {Parameters: []Parameter{{Name: "a[99999999]", Value: "1"}}},
		"a deep name":            {Parameters: []Parameter{{Name: strings.Repeat("a.", 100), Value: "1"}}},
		"a file parameter":       {FileParameters: []FileParameter{{Name: "a=/etc/passwd,b"}}},
		"a value file":           {ValueFiles: []File{{Name: "v.yaml", Data: []byte("a: [")}}},
		"a list for values":      {ValueFiles: []File{{Name: "v.yaml", Data: []byte("[a]")}}},
	} {
		_, err := render(t, c, o)
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), "\n", name)
	}
}

func TestNothingOfTheSurroundingsIsSeen(t *testing.T) {
	t.Setenv("CANARY", "canary-of-the-environment")
	hostname, err := os.Hostname()
	require.NoError(t, err)
	for _, call := range []string{`env "CANARY"`, `expandenv "$CANARY"`} {
		_, err := renderData(t, "", "a: {{ "+call+" }}", Options{})
		require.ErrorContains(t, err, "not defined")
		_, err = renderData(t, "", "a: {{ tpl `{{ "+call+" }}` . }}", Options{})
		require.ErrorContains(t, err, "not defined")
	}
	data, err := renderData(t, "", `lookup: {{ lookup "v1" "Secret" "" "" | toJson | quote }}
dns: {{ getHostByName "localhost" | quote }}
file: {{ .Files.Get "/etc/hostname" | quote }}
up: {{ .Files.Get "../../../../etc/hostname" | quote }}
glob: {{ .Files.Glob "/etc/*" | len }}
osBase: {{ osBase "/etc/hostname" }}
expanded: {{ tpl "$CANARY ${CANARY}" . }}`, Options{Parameters: []Parameter{{Name: "a", Value: "$CANARY"}}})
	require.NoError(t, err)
	require.Equal(t, map[string]any{"lookup": "{}", "dns": "", "file": "", "up": "", "glob": 0.0, "osBase": "hostname",
		"expanded": "$CANARY ${CANARY}"}, data)
	text, err := yaml.Marshal(data)
	require.NoError(t, err)
	require.NotContains(t, string(text), "canary-of")
	require.NotContains(t, string(text), hostname+"\n")
}

func FuzzRender(f *testing.F) {
	for _, bomb := range []string{"template calls itself", "tpl calls itself", "until", "values in themselves",
		"each level twice"} {
		f.Add(bombs[bomb], "self: '{{ tpl .Values.self . }}'", "b", "c")
	}
	f.Add("kind: A\na: {{ .Values.a }}\n---\nkind: B\n", "a: {b: ~}", "a.b", "{1,2}")
	f.Add(configMap(`a: {{ include "x" . }}{{ define "x" }}{{ tpl .Values.a . }}{{ end }}`), "a: '{{ .Values.b | toYaml | nindent 4 }}'", "b", "1")
	f.Add("- a", "- a", "[", "]")
	f.Fuzz(func(t *testing.T, template, values, name, value string) {
		c, err := chartOf(map[string]string{"values.yaml": values, "templates/a.yaml": template,
			"templates/_b.tpl": value, "values.schema.json": "{}"})
		if err != nil {
			return
		}
		o := Options{ValueFiles: []File{{"v.yaml", []byte(values)}},
			Parameters: []Parameter{{Name: name, Value: value}}}
		first, err := render(t, c, o)
		if err != nil {
			require.NotContains(t, err.Error(), "\n")
			var p *problem.Problem
			if errors.As(err, &p) {
				require.NotContains(t, p.Message, "HELM_ERR")
			}
			return
		}
		for _, m := range first {
			require.NotNil(t, m.Object)
			require.NotEmpty(t, m.File)
		}
	})
}

// What does not fit is said where people write it.
func TestSchemaNamesTheValueFile(t *testing.T) {
	chart := makeChart(t, map[string]string{"templates/a.yaml": "kind: A\n", "values.schema.json": `{"properties":
		{"name": {"type": "string"}, "sub": {"additionalProperties": false}}}`})
	for _, test := range []struct{ first, second, want string }{
		{"sub:\n  extra: 1\n", "name: b\n", "first.yaml:2: "},
		{"name: 1\n", "# a comment\nname: 2\n", "second.yaml:2: "},
	} {
		_, err := render(t, chart, Options{ValueFiles: []File{{Name: "first.yaml", Data: []byte(test.first)},
			{Name: "second.yaml", Data: []byte(test.second)}}})
		require.ErrorContains(t, err, test.want+"the values do not fit the schema app/values.schema.json: ")
	}
}
