package application

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	argotemplate "github.com/argoproj/argo-cd/v3/applicationset/controllers/template"
	"github.com/argoproj/argo-cd/v3/applicationset/utils"
	appv1 "github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/sirupsen/logrus"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/render/application/generator"
)

// These tests hold the renderer against Argo CD's own, which it replaces for its speed.

func testFleet(t testing.TB) *knownClusters {
	f, err := newFleet([]cluster.Cluster{
		{Name: "hub", Labels: map[string]string{"fleet_member": "hub-cluster", "env": "prod"}},
		{Name: "east", Server: "https://east.example", Labels: map[string]string{"env": "test"},
			Annotations: map[string]string{"region": "us-1"}},
		{Name: "west_2", Server: "https://west.example", Labels: map[string]string{"env": "prod"},
			Annotations: map[string]string{"region": "us-2"}},
	}, Options{})
	require.NoError(t, err)
	return f
}

// bothRenderers returns as JSON what Argo CD's renderer and this package's make of an ApplicationSet; ok is false if
// Argo CD refuses it.
func bothRenderers(t testing.TB, text string) (theirs, ours string, ok bool) {
	var object map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(text), &object))
	set, _, err := generator.Decode(object, argocd.Newest())
	require.NoError(t, err)
	logrus.SetLevel(logrus.PanicLevel)
	f := testFleet(t)
	templates, err := newTemplates(t.Context(), set.Spec.GoTemplateOptions, nil)
	require.NoError(t, err)
	r := newRenderer(f, templates)
	var all [2]string
	var failed [2]error
	for i, renderer := range []utils.Renderer{&utils.Render{}, r} {
		v := f.all()
		apps, _, err := argotemplate.GenerateApplications(logrus.NewEntry(logrus.StandardLogger()), *set.DeepCopy(),
			generator.New(generator.Options{Version: argocd.Newest(), Repository: generator.Repository{
				FS: fstest.MapFS{}}}).For(v.client(), v.local, nil), renderer, v.client())
		failed[i] = err
		slices.SortFunc(apps, func(a, b appv1.Application) int {
			return strings.Compare(a.Name+a.Spec.Destination.Name, b.Name+b.Spec.Destination.Name)
		})
		data, err := json.Marshal(apps)
		require.NoError(t, err)
		all[i] = string(data)
	}
	require.Equal(t, failed[0] == nil, failed[1] == nil, "Argo CD: %v\nours: %v", failed[0], failed[1])
	return all[0], all[1], failed[0] == nil
}

const everyField = `
metadata:
  name: '{{.nameNormalized}}-app'
  namespace: elsewhere
  labels: {env: '{{.metadata.labels.env}}', '{{.name}}/key': v, plain: p}
  annotations: {'{{.metadata.labels.env}}': '{{.name}}', x: '{{ "}}" }}'}
  finalizers: ['{{.name}}/finalizer']
spec:
  project: '{{.name}}'
  destination: {name: '{{.name}}', namespace: 'a{{"{{"}}b'}
  sources:
  - repoURL: '{{.server}}'
    path: 'a/{{.name}}'
    targetRevision: '{{.values.version}}'
    ref: '{{.values.version}}'
    helm:
      parameters: [{name: '{{.name}}', value: '{{.values.fixed}}', forceString: true}]
      fileParameters: [{name: a, path: '{{.name}}'}]
      valueFiles: ['$values/{{.name}}.yaml', plain.yaml]
      values: "a: {{.name}}\n"
      apiVersions: ['{{.name}}/v1']
      valuesObject:
        '{{.name}}': ['{{.server}}', 1, 1.5, true, null, {deep: '{{.metadata.labels.env}}'}]
        "null": null
        number: 12345678901
        text: '<a&b>'
    kustomize:
      images: ['{{.name}}:v1']
      commonLabels: {'{{.name}}': '{{.server}}'}
      replicas: [{name: '{{.name}}', count: '3'}]
      patches: [{patch: '{{.name}}', target: {kind: '{{.name}}'}, options: {allowNameChange: true}}]
    directory: {recurse: true, include: '{{.name}}', jsonnet: {tlas: [{name: a, value: '{{.name}}', code: false}]}}
    plugin:
      name: '{{.name}}'
      env: [{name: A, value: '{{.name}}'}]
      parameters:
      - {name: s, string: '{{.name}}'}
      - {name: l, array: ['{{.name}}', b]}
      - {name: m, map: {'{{.name}}': '{{.server}}'}}
      - {name: empty, array: []}
  syncPolicy:
    automated: {prune: true}
    syncOptions: ['A={{.name}}']
    retry: {limit: 5, backoff: {duration: '{{.values.version}}', factor: 2}}
    managedNamespaceMetadata: {labels: {a: '{{.name}}'}}
  ignoreDifferences: [{group: '{{.name}}', kind: K, jsonPointers: ['/{{.name}}']}]
  info: [{name: '{{.name}}', value: '{{.server}}'}]
  revisionHistoryLimit: 3
`

func indented(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    ") + "\n"
}

func appSet(generators, rest, tmpl string) string {
	return "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: s, namespace: argocd}\nspec:\n" +
		"  generators: " + generators + "\n" + rest + "  template:\n" + indented(tmpl)
}

func TestRendererGivesWhatArgoCDsGives(t *testing.T) {
	const goTemplate = "  goTemplate: true\n  goTemplateOptions: [missingkey=error]\n"
	clusters := `[{clusters: {values: {version: '1-{{.name}}', fixed: f}}}]`
	plain := strings.NewReplacer("{{.metadata.labels.env}}", "{{metadata.labels.env}}", "{{.nameNormalized}}",
		"{{ nameNormalized }}",
		"{{.name}}", "{{name}}", "{{.server}}", "{{server}}", "{{.values.version}}", "{{values.version}}",
		"{{.values.fixed}}", "{{unknown}}")
	for _, test := range []struct{ name, text string }{
		{"every field", appSet(clusters, goTemplate, everyField)},
		{"every field, without Go templates", appSet(plain.Replace(clusters), "", plain.Replace(everyField))},
		{"without any template", appSet(clusters, goTemplate,
			"metadata: {name: a}\nspec: {destination: {}, project: p}")},
		{"resources are preserved", appSet(clusters, goTemplate+"  syncPolicy: {preserveResourcesOnDeletion: true}\n",
			"metadata: {name: a}\nspec: {destination: {}}")},
		{"resources are not preserved", appSet(clusters, goTemplate+
			"  syncPolicy: {preserveResourcesOnDeletion: false}\n", "metadata: {name: a}\nspec: {destination: {}}")},
		{"no parameters", appSet("[{list: {elements: [{}]}}]", goTemplate,
			"metadata: {name: '{{.x}}'}\nspec: {destination: {}}")},
		{"templatePatch", appSet(clusters, goTemplate+"  templatePatch: |\n    metadata: {labels: {patched: "+
			"'{{.name}}'}}\n    spec: {project: other, syncPolicy: {automated: {prune: true}}}\n", everyField)},
		{"a missing key is no error by default", appSet(clusters, "  goTemplate: true\n",
			"metadata: {name: '{{.nope}}-{{.name}}'}\nspec: {destination: {}}")},
		{"the last option wins",
			appSet(clusters, "  goTemplate: true\n  goTemplateOptions: [missingkey=error, missingkey=zero]\n",
				"metadata: {name: '{{.nope}}{{.name}}'}\nspec: {destination: {}}")},
		{"definitions", appSet(clusters, goTemplate, `metadata: {name: '{{define "x"}}<{{.}}>{{end}}{{template "x" .name}}', labels: {a: '{{block "x" .server}}[{{.}}]{{end}}'}}`+"\nspec: {destination: {}}")},
		{"loops and conditions", appSet(clusters, goTemplate, `metadata: {name: '{{range $k, $v := .metadata.labels}}{{$k}}={{$v}},{{else}}none{{end}}{{range until 3}}{{.}}{{if eq . 1}}{{break}}{{end}}{{end}}{{with .name}}{{.}}{{end}}'}`+"\nspec: {destination: {}}")},
		{"functions", appSet(clusters, goTemplate, `metadata: {name: '{{ .server | normalize }}-{{ .name | slugify 10 true "-" }}', annotations: {a: '{{ toYaml .metadata.labels }}', b: '{{ (fromYaml "a: {b: 1}").a.b }}', c: '{{ index (fromYamlArray "[x, y]") 1 }}', d: '{{ dict "b" 1 "a" 2 | keys | sortAlpha | join "," }}', e: '{{ repeat 3 .name | indent 2 | nindent 1 }}', f: '{{ untilStep 0 10 3 }}{{ seq 3 }}{{ until 2 }}'}}`+"\nspec: {destination: {}}")},
	} {
		t.Run(test.name, func(t *testing.T) {
			theirs, ours, ok := bothRenderers(t, test.text)
			require.True(t, ok)
			require.JSONEq(t, theirs, ours)
		})
	}
}

func TestRendererRefusesWhatArgoCDRefuses(t *testing.T) {
	const goTemplate = "  goTemplate: true\n  goTemplateOptions: [missingkey=error]\n"
	for _, tmpl := range []string{
		"metadata: {name: '{{.nope}}'}\nspec: {destination: {}}",
		// hub has no annotations at all
		"metadata: {name: '{{.metadata.annotations.region}}'}\nspec: {destination: {}}",
		"metadata: {name: '{{ fail .name }}'}\nspec: {destination: {}}",
		"metadata: {name: '{{ fromYaml .name }}'}\nspec: {destination: {}}",
		"metadata: {name: '{{ index .name 1 2 }}'}\nspec: {destination: {}}",
		"metadata: {name: '{{', labels: {a: b}}\nspec: {destination: {}}",
	} {
		theirs, ours, ok := bothRenderers(t, appSet("[{clusters: {}}]", goTemplate, tmpl))
		require.False(t, ok, tmpl)
		require.JSONEq(t, theirs, ours, "the others are the same")
	}
}

func TestFunctionsAreThoseOfArgoCD(t *testing.T) {
	known := func(name string) bool {
		_, err := (&utils.Render{}).Replace("{{ "+name+" }}", map[string]any{}, true, nil)
		return err == nil || !strings.Contains(err.Error(), "not defined")
	}
	for name := range functions {
		require.True(t, known(name), name)
	}
	for name := range sprig.GenericFuncMap() {
		if _, ours := functions[name]; !ours && known(name) {
			require.Contains(t, unpredictable, name)
		}
	}
	for _, name := range []string{"env", "expandenv", "getHostByName"} {
		require.False(t, known(name), name)
		require.NotContains(t, functions, name)
	}
	for _, name := range unpredictable {
		require.NotContains(t, functions, name)
	}
}

func TestTemplatesCannotRunForEver(t *testing.T) {
	templates, err := newTemplates(t.Context(), []string{"missingkey=error"}, nil)
	require.NoError(t, err)
	for text, want := range map[string]string{
		`{{define "x"}}{{template "x" .}}{{end}}{{template "x" .}}`:                                        "is nested too deeply",
		`{{define "x"}}{{if .}}{{template "x" .}}{{template "x" .}}{{end}}{{end}}{{template "x" 1}}`:       "is nested too deeply",
		`{{define "x"}}{{template "y" .}}{{end}}{{define "y"}}{{template "x" .}}{{end}}{{template "x" .}}`: "is nested too deeply",
		`{{range until 1000}}{{range until 1000}}{{end}}{{end}}`:                                           "more than 20000 steps",
		`{{range 1000000000000}}{{end}}`:                                                                   "more than 20000 steps",
		`{{if true}}{{with 1}}{{range until 30000}}a{{end}}{{end}}{{end}}`:                                 "more than 20000 steps",
		`{{range .}}{{else}}{{range until 30000}}a{{end}}{{end}}`:                                          "more than 20000 steps",
		`{{repeat 1000000000 "a"}}`:                                                                        "more than 64 MiB of text and lists",
		`{{repeat 100000 (repeat 1000 "aaa")}}`:                                                            "more than 64 MiB of text and lists",
		`{{repeat -1 "a"}}`:                                                                                "negative Repeat count",
		`{{until 1000000000}}`:                                                                             "more than 64 MiB of text and lists",
		`{{untilStep 0 -1000000000 -1}}`:                                                                   "more than 64 MiB of text and lists",
		`{{seq 1000000000}}`:                                                                               "more than 64 MiB of text and lists",
		`{{indent 1000000000 "a"}}`:                                                                        "more than 64 MiB of text and lists",
		`{{nindent 1000000000 "a"}}`:                                                                       "more than 64 MiB of text and lists",
		`{{range until 10}}{{repeat 1000000 "a"}}{{end}}`:                                                  "too long a string",
	} {
		_, err := templates.execute(text, map[string]any{})
		require.ErrorContains(t, err, want, text)
	}
	for range 2 {
		text, err := templates.execute(`{{range until 19999}}{{end}}ok`, map[string]any{})
		require.NoError(t, err, "each execution counts anew")
		require.Equal(t, "ok", text)
	}
}

func TestTemplatesOfDifferentTextsDoNotMix(t *testing.T) {
	templates, err := newTemplates(t.Context(), nil, nil)
	require.NoError(t, err)
	for _, test := range [][2]string{
		{`{{define "x"}}1{{end}}{{template "x"}}`, "1"}, {`{{define "x"}}2{{end}}{{template "x"}}`, "2"},
		{`a{{/* */}}`, "a"}, {`{{/* */}}`, ""}, {`{{"b"}}`, "b"}, {`{{block "x" .}}3{{end}}`, "3"}, {`{{define "x"}}1{{end}}{{template "x"}}`, "1"},
	} {
		got, err := templates.execute(test[0], map[string]any{})
		require.NoError(t, err)
		require.Equal(t, test[1], got, test[0])
	}
	_, err = templates.execute(`{{template "x"}}`, map[string]any{})
	require.ErrorContains(t, err, `template "x" not defined`)
}

func TestErrorsOfTemplatesAreShort(t *testing.T) {
	templates, err := newTemplates(t.Context(), []string{"missingkey=error"}, nil)
	require.NoError(t, err)
	_, err = templates.execute("a {{.x.y}}", map[string]any{})
	require.EqualError(t, err, `template "a {{.x.y}}": 1:6: <.x.y>: map has no entry for key "x"`)
	var cause template.ExecError
	require.True(t, errors.As(err, &cause))
	_, err = templates.parse("{{" + strings.Repeat("x ", 1000))
	require.Less(t, len(err.Error()), 300)
}

// FuzzRenderer holds the renderer against Argo CD's, with a string in several places.
func FuzzRenderer(f *testing.F) {
	for _, seed := range []string{"{{.name}}", "a{{ .server | upper }}b", "{{", "{{.nope}}", "{{range .metadata.labels}}{{.}}{{end}}", `{{"}}"}}`, "}}{{",
		"{{name}}", "{{ metadata.labels.env }}x{{nope}}", "{{/* c */}}", "{{- .name -}} ", `{{define "a"}}b{{end}}{{template "a"}}`} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	fl := testFleet(f)
	f.Fuzz(func(t *testing.T, text string, goTemplate bool) {
		for _, name := range slices.Concat(unpredictable, amplifying, []string{"indent", "keys", "values", "template",
			"range", step}) {
			if strings.Contains(text, name) {
				return // these differ by intention
			}
		}
		templates, err := newTemplates(t.Context(), []string{"missingkey=error"}, nil)
		require.NoError(t, err)
		raw, err := json.Marshal(map[string]any{"fixed key": text, text: []any{text, nil}})
		require.NoError(t, err)
		app := &appv1.Application{}
		app.Name, app.Labels = text, map[string]string{text: "a", "fixed key": text}
		app.Spec.Source = &appv1.ApplicationSource{RepoURL: text, Helm: &appv1.ApplicationSourceHelm{
			ValueFiles: []string{text}}}
		require.NoError(t, json.Unmarshal([]byte(`{"valuesObject":`+string(raw)+`}`), app.Spec.Source.Helm))
		params := map[string]any{"name": "n", "server": "https://s",
			"metadata": map[string]any{"labels": map[string]string{"env": "e"}}}
		if !goTemplate {
			params = map[string]any{"name": "n", "server": "https://s", "metadata.labels.env": "e"}
		}
		options := []string{"missingkey=error"}
		theirs, theirError := (&utils.Render{}).RenderTemplateParams(app, nil, params, goTemplate, options)
		ours, ourError := newRenderer(fl, templates).RenderTemplateParams(app, nil, params, goTemplate, options)
		require.Equal(t, theirError == nil, ourError == nil, "%v\n%v", theirError, ourError)
		if theirError == nil {
			require.Equal(t, theirs.Labels, ours.Labels)
			require.Equal(t, theirs.Spec.Source.RepoURL, ours.Spec.Source.RepoURL)
			a, err := json.Marshal(theirs)
			require.NoError(t, err)
			b, err := json.Marshal(ours)
			require.NoError(t, err)
			require.JSONEq(t, string(a), string(b))
		}
	})
}
