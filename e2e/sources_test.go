package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// sourceCase is an Application whose objects Argo CD and cmp render.
type sourceCase struct {
	source  string // spec.source as YAML, or spec.sources if it is a list; repoURL is the repository's if there is none
	newest  bool   // only v3 knows that, which cmp follows
	nothing bool   // there are no objects
	fails   string // both refuse it, cmp with this in its message
}

// compareSources renders Applications with each version of Argo CD and with cmp. CHARTS and REGISTRY stand for those of a shelf.
func compareSources(t *testing.T, r *repository, charts *shelf, cases map[string]sourceCase) {
	t.Helper()
	var sets []any
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		text := strings.NewReplacer("CHARTS", charts.http, "REGISTRY", charts.registry).Replace(cases[name].source)
		var value any
		require.NoError(t, yaml.Unmarshal([]byte(text), &value), name)
		spec := map[string]any{"project": "default", "destination": map[string]any{"name": "hub-prod", "namespace": "there"}}
		sources, several := value.([]any)
		if several {
			spec["sources"] = sources
		} else {
			spec["source"] = value
			sources = []any{value}
		}
		for _, source := range sources {
			fields := source.(map[string]any)
			if fields["repoURL"] == nil {
				fields["repoURL"], fields["targetRevision"] = r.url, "main"
			}
		}
		metadata := map[string]any{"name": name}
		sets = append(sets, map[string]any{
			"apiVersion": "argoproj.io/v1alpha1", "kind": "ApplicationSet", "metadata": metadata,
			"spec": map[string]any{
				"goTemplate": true, "generators": []any{map[string]any{"list": map[string]any{"elements": []any{map[string]any{"a": "b"}}}}},
				"template": map[string]any{"metadata": metadata, "spec": spec},
			},
		})
	}
	r.write(t, "bootstrap/sets.yaml", toYAML(t, sets))
	r.push(t)
	apps := map[string]*v1alpha1.Application{}
	for _, object := range r.items(t, "render", "--stage", "applications", "-A", "--from", "bootstrap/sets.yaml") {
		app := applicationOf(t, object)
		apps[app.Name] = app
	}
	require.Len(t, apps, len(cases))
	rendered, message := r.manifests(t, "--from", "bootstrap/sets.yaml")
	messages := strings.Split(message, "\n")
	each(t, func(t *testing.T, argo *argoCD) {
		var all []*v1alpha1.Application
		for _, name := range slices.Sorted(maps.Keys(cases)) {
			c := cases[name]
			if c.newest && argo != installations[len(installations)-1] {
				continue
			}
			if c.fails == "" {
				assert.Equal(t, c.nothing, len(rendered[name+" hub-prod"]) == 0, "%s: %s", name, about(messages, name))
				assert.Empty(t, about(messages, name))
				all = append(all, apps[name])
				continue
			}
			_, _, err := argo.objectsOf(t.Context(), apps[name])
			assert.Error(t, err, name)
			assert.Empty(t, rendered[name+" hub-prod"], name)
			assert.Contains(t, about(messages, name), c.fails, name)
		}
		argo.sameObjects(t, all, rendered)
	})
}

// about finds the messages about an Application.
func about(messages []string, name string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(messages), func(message string) bool {
		return !strings.Contains(message, "application "+name+",")
	}), "\n")
}

// layers are where Helm values can be from, the lowest first.
var layers = []string{"chart", "first", "second", "ref", "inline", "parameter", "text", "file"}

// layerValues are the values of a layer: keys for each pair with another layer, which both have.
func layerValues(layer int) map[string]any {
	values := map[string]any{}
	for other := range layers {
		if other == layer {
			continue
		}
		key := fmt.Sprintf("%s_%s", layers[min(layer, other)], layers[max(layer, other)])
		values[key] = "from " + layers[layer]
		values["map_"+key] = map[string]any{"both": "from " + layers[layer], layers[layer]: true}
		values["list_"+key] = []any{layers[layer]}
		values["null_"+key] = map[string]any{"gone": "from " + layers[layer]}
		if layer > other {
			values["null_"+key] = nil
		}
	}
	return values
}

// toJSON writes a value into the flow style of YAML.
func toJSON(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return string(text)
}

// parameters are a layer's values as parameters of an Application, those in lists and null left out.
func layerParameters(layer int, field, value string) string {
	var all []string
	values := layerValues(layer)
	for _, key := range slices.Sorted(maps.Keys(values)) {
		switch {
		case strings.HasPrefix(key, "map_"):
			all = append(all, fmt.Sprintf("{name: %s.both, %s: %s}", key, field, value))
		case !strings.HasPrefix(key, "list_") && !strings.HasPrefix(key, "null_"):
			all = append(all, fmt.Sprintf("{name: %s, %s: %s}", key, field, value))
		}
	}
	return strings.Join(all, ", ")
}

// showChart prints all values that it gets.
var showChart = map[string]string{
	"Chart.yaml":               "apiVersion: v2\nname: show\nversion: 1.0.0\nappVersion: 7\n",
	"templates/all.yaml":       "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }}}\ndata:\n  values: {{ toJson .Values | quote }}\n  kubernetes: {{ .Capabilities.KubeVersion.Version }}\n  apis: {{ list (.Capabilities.APIVersions.Has \"v1\") (.Capabilities.APIVersions.Has \"example.com/v1/Widget\") (.Capabilities.APIVersions.Has \"own.example.com/v1\") | toJson | quote }}\n",
	"templates/test.yaml":      "apiVersion: v1\nkind: Pod\nmetadata: {name: test, annotations: {helm.sh/hook: test}}\n",
	"templates/test-more.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: test-and-more, annotations: {\"helm.sh/hook\": \"test,post-install\"}}\n",
	"crds/one.yaml":            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: ones.example.com}\n",
}

// Every source of Helm values against every other, and the options of Helm.
func TestHelmSource(t *testing.T) {
	repository := newFleet(t)
	charts := newShelf(t)
	charts.put(t, charts.http+"/repo", "app", "1.0.0", "plain")
	charts.put(t, charts.http+"/repo", "app", "1.2.3", "plain")
	charts.put(t, charts.http+"/repo", "app", "2.0.0-rc.1", "plain")
	charts.put(t, charts.registry, "team/app", "1.1.0", "parent")
	charts.put(t, charts.registry, "team/app", "1.2.0+build.5", "strict")
	for _, chart := range []string{"show", "overridden", "dependent", "strict"} {
		for name, content := range showChart {
			repository.write(t, filepath.Join("helm", chart, name), content)
		}
		repository.write(t, "helm/"+chart+"/values.yaml", toJSON(t, layerValues(0)))
		repository.write(t, "helm/"+chart+"/first.yaml", toJSON(t, layerValues(1)))
		repository.write(t, "helm/"+chart+"/files/second.yaml", toJSON(t, layerValues(2)))
	}
	for name, content := range map[string]string{
		"overridden/.argocd-source.yaml":               "helm: {valueFiles: [files/second.yaml], parameters: [{name: overridden, value: all}]}",
		"overridden/.argocd-source-overridden-by.yaml": "helm: {releaseName: by-file, parameters: [{name: overridden, value: this}]}",
		"dependent/Chart.yaml":                         "{apiVersion: v2, name: dependent, version: 1.0.0, dependencies: [{name: lib, version: 1.x, repository: 'file://../lib'}, {name: app, version: 1.2.3, repository: '" + charts.http + "/repo'}]}",
		"lib/Chart.yaml":                               "{apiVersion: v2, name: lib, version: 1.5.0}",
		"lib/values.yaml":                              "lib: {size: 1}",
		"lib/templates/all.yaml":                       "{apiVersion: v1, kind: ConfigMap, metadata: {name: lib}, data: {values: {{ toJson .Values | quote }}}}",
		"strict/values.schema.json":                    `{"properties": {"size": {"type": "integer"}}}`,
		"bare/Chart.yaml":                              "{apiVersion: v2, name: bare, version: 1.0.0}",
		"bare/templates/all.yaml":                      "{apiVersion: v1, kind: ConfigMap, metadata: {name: bare}, data: {values: {{ toJson .Values | quote }}}}",
		"ref/ref.yaml":                                 toJSON(t, layerValues(3)),
		"ref/env-in-ref.yaml":                          "env: in-ref",
		"env/env-in-files.yaml":                        "env: in-files",
		"file.txt":                                     "from file",
		"globs/b.yaml":                                 "{b: 1, last: b}",
		"globs/a.yaml":                                 "{a: 1, last: a}",
		"globs/deep/c.yaml":                            "{c: 1, last: c}",
		"list.yaml":                                    "[a, b]",
		"empty.yaml":                                   "",
		"broken.yaml":                                  "a: [",
		"types.yaml":                                   "{int: 12345678901, big: 123456789012345678, float: 1.0, exp: 1e21, small: 0.000001, octal: 0o17, old: 017, yes: yes, 'on': on, date: 2024-01-02, tilde: ~, hex: 0x1F, text: '1'}",
	} {
		repository.write(t, "helm/"+name, content)
	}
	inline := toJSON(t, layerValues(4))
	everything := fmt.Sprintf(`valueFiles: [first.yaml, files/second.yaml, $ref/helm/ref/ref.yaml], parameters: [%s, %s], fileParameters: [%s]`,
		layerParameters(5, "value", "from parameter"), layerParameters(6, "forceString: true, value", "from text"), layerParameters(7, "path", "../file.txt"))
	cases := map[string]sourceCase{
		"all-values-object": {source: fmt.Sprintf("[{ref: ref}, {path: helm/show, helm: {%s, valuesObject: %s}}]", everything, inline)},
		"all-values":        {source: fmt.Sprintf("[{ref: ref}, {path: helm/show, helm: {%s, values: %q}}]", everything, inline)},
		"all-both":          {source: fmt.Sprintf("[{ref: ref}, {path: helm/show, helm: {%s, values: 'lost: true', valuesObject: %s}}]", everything, inline)},
		"none":              {source: "{path: helm/show}"},
		"bare":              {source: "{path: helm/bare, helm: {}}"},
		"order-of-files":    {source: "{path: helm/show, helm: {valueFiles: [files/second.yaml, first.yaml]}}"},
		"null-in-values":    {source: "{path: helm/show, helm: {values: 'chart_first: null', valueFiles: [first.yaml]}}"},
		"null-in-map":       {source: "{path: helm/show, helm: {values: 'map_chart_first: {both: null, chart: null, unknown: null}'}}"},
		"null-in-object":    {source: "{path: helm/show, helm: {valuesObject: {map_chart_first: {both: null}}}}"}, // lost in the ApplicationSet
		"null-in-parameter": {source: "{path: helm/show, helm: {parameters: [{name: map_chart_first, value: 'null'}, {name: map_chart_second.both, value: 'null'}]}}"},
		"types-in-files":    {source: "{path: helm/bare, helm: {valueFiles: [../types.yaml]}}"},
		"types-in-object":   {source: "{path: helm/bare, helm: {valuesObject: {int: 12345678901, float: 1.5, whole: 2.0, bool: true, none: null, list: [1, a, {b: c}], empty: {}}}}"},
		"types-in-parameters": {source: `{path: helm/bare, helm: {parameters: [
			{name: int, value: "12"}, {name: zero, value: "0123"}, {name: bool, value: "true"}, {name: float, value: "1.5"}, {name: list, value: "{a,b,c}"},
			{name: comma, value: "a,b"}, {name: escaped, value: 'a\,b'}, {name: equals, value: "a=b"}, {name: empty, value: ""}, {name: 'dotted\.key', value: x},
			{name: "items[0].name", value: one}, {name: "items[1].name", value: two}, {name: quoted, value: '"q"'}, {name: space, value: " a "}]}}`},
		"types-in-texts": {source: `{path: helm/bare, helm: {parameters: [
			{name: int, value: "12", forceString: true}, {name: bool, value: "true", forceString: true}, {name: "null", value: "null", forceString: true},
			{name: comma, value: "a,b", forceString: true}, {name: list, value: "{a,b}", forceString: true}, {name: "items[0]", value: "1", forceString: true}]}}`},
		"same-parameter":    {source: "{path: helm/bare, helm: {parameters: [{name: a, value: one}, {name: a, value: two}, {name: b, value: '1'}, {name: b, value: '2', forceString: true}]}}"},
		"environment":       {source: "{path: helm/bare, helm: {parameters: [{name: name, value: $ARGOCD_APP_NAME}, {name: more, value: '${ARGOCD_APP_NAMESPACE}/$ARGOCD_APP_SOURCE_PATH/$ARGOCD_APP_SOURCE_TARGET_REVISION'}, {name: unknown, value: $NOBODY}, {name: dollar, value: $$HOME}], values: 'kept: $ARGOCD_APP_NAME'}}"},
		"env-in-files":      {source: "{path: helm/bare, helm: {valueFiles: [../env/$ARGOCD_APP_NAME.yaml]}}"},
		"env-in-ref":        {source: "[{ref: ref}, {path: helm/bare, helm: {valueFiles: [$ref/helm/ref/$ARGOCD_APP_NAME.yaml]}}]"},
		"absolute":          {source: "{path: helm/bare, helm: {valueFiles: [/helm/ref/ref.yaml], fileParameters: [{name: file, path: /helm/file.txt}]}}"},
		"missing-ignored":   {source: "[{ref: ref}, {path: helm/show, helm: {ignoreMissingValueFiles: true, valueFiles: [nope.yaml, first.yaml, $ref/nope.yaml, /nope/nope.yaml]}}]"},
		"missing":           {source: "{path: helm/show, helm: {valueFiles: [nope.yaml]}}", fails: "nope.yaml"},
		"missing-in-ref":    {source: "[{ref: ref}, {path: helm/show, helm: {valueFiles: [$ref/nope.yaml]}}]", fails: "nope.yaml"},
		"missing-file":      {source: "{path: helm/show, helm: {fileParameters: [{name: a, path: nope.txt}]}}", fails: "nope.txt"},
		"outside":           {source: "{path: helm/show, helm: {valueFiles: [../../../../etc/hostname]}}", fails: "hostname"},
		"list-file":         {source: "{path: helm/bare, helm: {valueFiles: [../list.yaml]}}", fails: "list.yaml"},
		"broken-file":       {source: "{path: helm/bare, helm: {valueFiles: [../broken.yaml]}}", fails: "broken.yaml"},
		"empty-file":        {source: "{path: helm/bare, helm: {valueFiles: [../empty.yaml]}}"},
		"skip-crds":         {source: "{path: helm/show, helm: {skipCrds: true}}"},
		"skip-tests":        {source: "{path: helm/show, helm: {skipTests: true}}"},
		"release":           {source: "{path: helm/show, helm: {releaseName: other, namespace: elsewhere}}"},
		"capabilities":      {source: "{path: helm/show, helm: {kubeVersion: v1.30.2, apiVersions: [own.example.com/v1]}}"},
		"capabilities-eks":  {source: "{path: helm/show, helm: {kubeVersion: 1.30.2-eks-1a2b3c+x}}"},
		"schema":            {source: "{path: helm/strict, helm: {valuesObject: {size: large}}}", fails: "size"},
		"schema-skipped":    {source: "{path: helm/strict, helm: {valuesObject: {size: large}, skipSchemaValidation: true}}"},
		"version":           {source: "{path: helm/bare, helm: {version: v2}}", fails: "v2"},
		"overridden":        {source: "{path: helm/overridden, helm: {valueFiles: [first.yaml], parameters: [{name: mine, value: a}]}}"},
		"overridden-by":     {source: "{path: helm/overridden}"},
		"dependent":         {source: "{path: helm/dependent, helm: {valuesObject: {lib: {lib: {size: 2}}, app: {replicas: 5}, global: {a: b}}}}"},
		"two-charts":        {source: "[{path: helm/lib, ref: ref}, {path: helm/bare, helm: {valueFiles: [$ref/helm/ref/ref.yaml]}}]"},
		"globs":             {source: "{path: helm/bare, helm: {valueFiles: ['../globs/*.yaml']}}", newest: true},
		"globs-deep":        {source: "{path: helm/bare, helm: {valueFiles: ['/helm/globs/**/*.yaml', ../globs/a.yaml]}}", newest: true},
		"globs-in-ref":      {source: "[{ref: ref}, {path: helm/bare, helm: {valueFiles: ['$ref/helm/globs/*.yaml']}}]", newest: true},
		"globs-nothing":     {source: "{path: helm/bare, helm: {ignoreMissingValueFiles: true, valueFiles: ['../nope/*.yaml']}}", newest: true},
		"twice":             {source: "{path: helm/bare, helm: {valueFiles: [../globs/a.yaml, ../globs/b.yaml, ../globs/a.yaml]}}", newest: true},
		"repository":        {source: "{repoURL: CHARTS/repo, chart: app, targetRevision: 1.0.0, helm: {valuesObject: {podLabels: {removed: null, team: a}}}}"},
		"repository-range":  {source: "{repoURL: CHARTS/repo, chart: app, targetRevision: 1.x, helm: {parameters: [{name: replicas, value: '4'}]}}"},
		"repository-any":    {source: "{repoURL: CHARTS/repo, chart: app, targetRevision: '*'}"},
		"repository-values": {source: "[{ref: ref}, {repoURL: CHARTS/repo, chart: app, targetRevision: 1.2.3, helm: {valueFiles: [$ref/helm/ref/ref.yaml], ignoreMissingValueFiles: true}}]"},
		"repository-none":   {source: "{repoURL: CHARTS/repo, chart: app, targetRevision: 3.0.0}", fails: "3.0.0"},
		"registry":          {source: "{repoURL: REGISTRY, chart: team/app, targetRevision: 1.1.0, helm: {valuesObject: {tags: {extras: true}, second: {enabled: false}}}}"},
		"registry-path":     {source: "{repoURL: REGISTRY/team, chart: app, targetRevision: 1.x}"},
		"registry-none":     {source: "{repoURL: REGISTRY, chart: team/app, targetRevision: 9.9.9}", fails: "9.9.9"},
	}
	compareSources(t, repository, charts, cases)
}
