package render_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// shelf is a catalog for renders without a hierarchy.
const shelf = `
-- values.yaml --
repoURLGit: https://git.example/fleet
globalSelectors: {fleet: one}
valueFiles: [defaults]
-- values/tools.yaml --
drill: {namespace: drill, path: charts/drill, defaultVersion: '1'}
saw: {enabled: true, namespace: saw, path: charts/saw, defaultVersion: '2'}
-- values/spare.yaml --
saw: {namespace: never, releaseName: spare}
nail: {enabled: true, namespace: nail, path: charts/nail, defaultVersion: '3'}
`

const useTools = "mergeValues: {tools: {use: true}}\n"

func TestWithoutHierarchy(t *testing.T) {
	tests := []struct {
		rule    string
		request question
		want    []string          // names
		fields  map[string]string // of the first object
	}{
		{"the values files select component files", question{Request: render.Request{Files: valuesFiles(useTools)}},
			[]string{"saw"},
			map[string]string{"spec/template/spec/sources/1/helm/valueFiles": "[$values/defaults/saw/values.yaml]"}},
		{"and switch components on and off",
			question{Request: render.Request{Files: valuesFiles(useTools,
				"{drill: {enabled: true}, saw: {enabled: false}}")}}, []string{"drill"}, nil},
		{"a later file wins", question{Request: render.Request{Files: valuesFiles(useTools+"namespace: low",
			"namespace: high")}}, []string{"saw"},
			map[string]string{"metadata/namespace": "high"}},
		{"the component file whose name sorts first wins",
			question{Request: render.Request{Files: valuesFiles(
				"mergeValues: {tools: {use: true}, spare: {use: 'true'}}")}}, []string{"nail", "saw"},
			map[string]string{"metadata/name": "nail"}},
		{"only what is selected is read",
			question{Request: render.Request{Files: valuesFiles(
				"mergeValues: {tools: {use: false}, spare: {use: true}}")}}, []string{"nail"}, nil},
		{"components need no catalog", question{Request: render.Request{Files: valuesFiles("own: {enabled: true}")}},
			[]string{"own"}, nil},
		{"settings as flags win over files",
			question{Request: render.Request{Files: valuesFiles(useTools + "namespace: low"),
				Settings: map[string]string{"namespace": "flag"}}}, []string{"saw"},
			map[string]string{"metadata/namespace": "flag"}},
		{"a release is a suffix, in lower case",
			question{Request: render.Request{Files: valuesFiles(useTools), Release: "Blue"}}, []string{"saw-blue"},
			map[string]string{"spec/generators/0/clusters/selector/matchLabels": "{argocd.argoproj.io/secret-type: " +
				"cluster, fleet: one}"}},
		{"the instance is application-sets by default", question{Request: render.Request{Files: valuesFiles(useTools)}},
			[]string{"saw"},
			map[string]string{"metadata/labels": "{app.kubernetes.io/name: application-sets, " +
				"app.kubernetes.io/instance: application-sets, app.kubernetes.io/managed-by: fleet-cmp}"}},
		{"or what the request says", question{Request: render.Request{Files: valuesFiles(useTools),
			ReleaseName: "mine"}}, []string{"saw"},
			map[string]string{"metadata/labels": "{app.kubernetes.io/name: application-sets, " +
				"app.kubernetes.io/instance: mine, app.kubernetes.io/managed-by: fleet-cmp}"}},
		{"other defaults take the place of the catalog's",
			question{Request: render.Request{Files: valuesFiles(useTools),
				Defaults: &render.File{Name: "mine.yaml", Data: []byte("repoURLGit: https://other.example")}}},
			[]string{"saw"},
			map[string]string{"spec/template/spec/sources/0": "{repoURL: 'https://other.example', ref: values}",
				"spec/generators/0/clusters/selector/matchLabels": "{argocd.argoproj.io/secret-type: cluster}"}},
		{"a null removes a default", question{Request: render.Request{Files: valuesFiles(useTools +
			"valueFiles: null")}}, []string{"saw"},
			map[string]string{"spec/template/spec/sources/1/helm": "{releaseName: '{{ .values.addonChart }}', " +
				"ignoreMissingValueFiles: true}"}},
		{"only the selected components",
			question{Request: render.Request{Files: valuesFiles(
				"mergeValues: {tools: {use: true}, spare: {use: true}}"), Components: []string{"saw"}}},
			[]string{"saw"},
			map[string]string{"spec/template/spec/destination/namespace": "never",
				"spec/template/spec/sources/1/path": "charts/saw"}},
		{"the stage can be named", question{Request: render.Request{Files: valuesFiles(useTools),
			Stage: render.StageApplicationSets}}, []string{"saw"}, nil},
		{"nothing is no error where that is allowed", question{Request: render.Request{AllowEmpty: true}}, []string{},
			nil},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			test.request.Catalog = catalog(shelf)
			result := mustRender(t, test.request)
			require.Equal(t, test.want, names(result.Objects))
			for _, path := range sorted(test.fields) {
				requireYAML(t, test.fields[path], at(result.Objects[0], path))
			}
		})
	}
	t.Run("a catalog may be without values.yaml", func(t *testing.T) {
		r := question{Request: render.Request{Catalog: catalog("-- values/tools.yaml --\nsaw: {enabled: true}\n"),
			Files: valuesFiles(useTools + "repoURLGit: x")}}
		require.Equal(t, []string{"saw"}, names(mustRender(t, r).Objects))
	})
	t.Run("the repository's catalog is taken where none is given", func(t *testing.T) {
		r := question{Tree: files(small),
			Request: render.Request{Files: valuesFiles("mergeValues: {extra: {use: true}}")}}
		require.Equal(t, []string{"extra"}, names(mustRender(t, r).Objects))
	})
}

// TestSettingsAsText: what --set-setting gives is text; maps and lists are written as in YAML.
func TestSettingsAsText(t *testing.T) {
	tests := []struct {
		setting, value string
		path, want     string
	}{
		{"namespace", "a b: c", "metadata/namespace", "'a b: c'"},
		{"namespace", "123", "metadata/namespace", "'123'"},
		{"namespace", "null", "metadata/namespace", "'null'"},
		{"argoProjectName", "{{ .metadata.labels.team }}", "spec/template/spec/project",
			"'{{ .metadata.labels.team }}'"},
		{"globalSelectors", "{a: b, c: 1}", "spec/generators/0/clusters/selector/matchLabels",
			"{argocd.argoproj.io/secret-type: cluster, fleet: one, a: b, c: '1'}"},
		{"releases", "{ring: on}", "spec/generators/0/clusters/selector/matchLabels/ring", "'true'"},
		{"useVersionSelectors", "false", "spec/generators/0/clusters/selector/matchLabels/r", "null"},
		{"valueFiles", "[one, '{{.name}}']", "spec/template/spec/sources/1/helm/valueFiles",
			"[$values/one/saw/values.yaml, '$values/{{.name}}/saw/values.yaml']"},
		{"valueFiles", "[]", "spec/template/spec/sources/1/helm/valueFiles", "null"},
		{"goTemplateOptions", "[missingkey=zero]", "spec/goTemplateOptions", "[missingkey=zero]"},
		{"mergeValues", "{spare: {use: true}}", "metadata/name", "nail"},
	}
	for _, test := range tests {
		t.Run(test.setting+"="+test.value, func(t *testing.T) {
			r := question{Request: render.Request{Catalog: catalog(shelf),
				Files:    valuesFiles(useTools + "useVersionSelectors: true\nreleases: {r: s}"),
				Settings: map[string]string{test.setting: test.value}}}
			if test.setting != "releases" && test.setting != "useVersionSelectors" {
				r.Files = valuesFiles(useTools)
			}
			requireYAML(t, test.want, at(mustRender(t, r).Objects[0], test.path))
		})
	}
	known := strings.Join(wellknown.Settings(), ", ")
	for settings, message := range map[string]string{
		"nameSpace=x":        `--set-setting: there is no setting "nameSpace"; did you mean namespace? The settings are ` + known,
		"saw=x":              `--set-setting: there is no setting "saw"; the settings are ` + known,
		"releases={a":        "--set-setting releases:1: is not YAML: did not find expected ',' or '}'",
		"valueFiles=[a":      "--set-setting valueFiles:1: is not YAML: did not find expected ',' or ']'",
		"releases=a":         "--set-setting: releases must be a map, not a string",
		"valueFiles={a: {}}": `--set-setting: valueFiles: the value of "a" must be a string, not a map`,
	} {
		t.Run("refused: "+settings, func(t *testing.T) {
			key, value, _ := strings.Cut(settings, "=")
			requireError(t, question{Request: render.Request{Catalog: catalog(shelf), Files: valuesFiles(useTools),
				Settings: map[string]string{key: value}}}, message)
		})
	}
}

func TestRefusedWithoutHierarchy(t *testing.T) {
	tests := []struct {
		rule    string
		request question
		catalog string // over shelf
		message string
	}{
		{"nothing enabled", question{}, "",
			"there is nothing to render: no component is enabled; if that is intended, allow it (--allow-empty, " +
				"parameter allow-empty), and Argo CD prunes what was there"},
		{"none of the selected ones enabled",
			question{Request: render.Request{Files: valuesFiles(useTools + "drill: {enabled: false}"),
				Components: []string{"drill"}}}, "",
			"there is nothing to render: none of drill is enabled; if that is intended, allow it (--allow-empty, " +
				"parameter allow-empty), and Argo CD prunes what was there"},
		{"an unknown component", question{Request: render.Request{Files: valuesFiles(useTools),
			Components: []string{"hammer"}}}, "",
			`there is no component "hammer"; the components are saw`},
		{"a values file that is not a map",
			question{Request: render.Request{Files: valuesFiles(useTools, "# c\n- a")}}, "",
			"b.yaml:2: must hold a map of keys to values, not a list"},
		{"a values file that is text", question{Request: render.Request{Files: valuesFiles("text")}}, "",
			"a.yaml:1: must hold a map of keys to values, not a string"},
		{"a values file that is not YAML", question{Request: render.Request{Files: valuesFiles("a: b\nc: [")}}, "",
			"a.yaml:2: is not YAML: did not find expected node content"},
		{"defaults that are not YAML",
			question{Request: render.Request{Defaults: &render.File{Name: "d.yaml", Data: []byte("a: {")}}}, "",
			"d.yaml:1: is not YAML: did not find expected node content"},
		{"defaults of the catalog that are no map", question{}, "-- values.yaml --\n[a]\n",
			"catalog/values.yaml:1: must hold a map of keys to values, not a list"},
		{"a component file that is not YAML", question{Request: render.Request{Files: valuesFiles(useTools)}},
			"-- values/tools.yaml --\na: b\nc: d: e\n",
			"catalog/values/tools.yaml:2: is not YAML: mapping values are not allowed in this context"},
		{"a component file that is no map", question{Request: render.Request{Files: valuesFiles(useTools)}},
			"-- values/tools.yaml --\n- a\n",
			"catalog/values/tools.yaml:1: must hold a map of keys to values, not a list"},
		{"mergeValues of the wrong type", question{Request: render.Request{Files: valuesFiles("mergeValues: [tools]")}},
			"", "a.yaml:1: mergeValues must be a map, not a list"},
		{"an entry of mergeValues of the wrong type",
			question{Request: render.Request{Files: valuesFiles("mergeValues:\n  tools: true")}}, "",
			"a.yaml:2: mergeValues.tools must be a map with use, not a boolean"},
		{"a component key of the wrong type in a component file",
			question{Request: render.Request{Files: valuesFiles(useTools)}},
			"-- values/tools.yaml --\nsaw:\n  enabled: true\n  path: [a]\n",
			`catalog/values/tools.yaml:3: component "saw": path must be a string, not a list`},
		{"a setting of the wrong type in the defaults", question{Request: render.Request{Files: valuesFiles(useTools)}},
			"-- values.yaml --\nrepoURLGit: x\nvalueFiles: x\n",
			"catalog/values.yaml:2: valueFiles must be a list, not a string"},
		{"two components of one name",
			question{Request: render.Request{Files: valuesFiles(useTools +
				"s_w: {enabled: true}\ns-w: {enabled: true}")}}, "",
			`a.yaml:2: components "s_w" and "s-w" (a.yaml:3) have the same ApplicationSet name "s-w"; rename or switch off one of them, or set its appSetName`},
		{"a stage that there is none of", question{Request: render.Request{Stage: "objects"}}, "",
			`there is no stage "objects"; the stages are applicationsets, applications, manifests, registration, bootstrap`},
		{"a group without a repository", question{Request: render.Request{Group: "core"}}, "",
			"a group or a cluster needs a repository: name its root (--repo-root)"},
		{"a cluster without a repository", question{Request: render.Request{Cluster: "hub"}}, "",
			"a group or a cluster needs a repository: name its root (--repo-root)"},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			test.request.Catalog = catalog(shelf, test.catalog)
			err := failure(t, test.request)
			require.EqualError(t, err, test.message)
			if test.request.Stage != "" || test.request.Group != "" || test.request.Cluster != "" {
				require.ErrorIs(t, err, render.ErrIncomplete)
			} else {
				require.NotErrorIs(t, err, render.ErrIncomplete)
			}
		})
	}
	t.Run("neither a repository nor a catalog", func(t *testing.T) {
		err := failure(t, question{})
		require.EqualError(t, err, "there is neither a repository nor a catalog: name one (--repo-root, --catalog)")
		require.ErrorIs(t, err, render.ErrIncomplete)
	})
	t.Run("a directory that is no catalog", func(t *testing.T) {
		requireError(t, question{Request: render.Request{Catalog: catalog("-- README.md --\nhello\n")}},
			"catalog: is no catalog: it has none of values.yaml, values/ and Chart.yaml; name another directory or "+
				"chart "+
				"(spec.catalog in fleet.yaml, --catalog, or the release in the releases file)")
	})
}

// TestErrorsOfSeveralProblems: the first is said, and how many more there are, if there are more.
func TestErrorsOfSeveralProblems(t *testing.T) {
	first, second, third := problem.New("a.yaml", 1, "is wrong").WithHint("mend it"), problem.New("b.yaml", 0, "too"),
		problem.New("", 0, "as well")
	for _, test := range []struct {
		problems []*problem.Problem
		more     string // than the first; %s are findings or failures
	}{
		{[]*problem.Problem{first}, ""},
		{[]*problem.Problem{first, second}, " (and 1 more %s)"},
		{[]*problem.Problem{first, second, third}, " (and 2 more %s)"},
	} {
		var failures render.Failures
		for _, p := range test.problems {
			failures = append(failures, p)
		}
		const begin = "a.yaml:1: is wrong; mend it"
		require.EqualError(t, render.Findings(test.problems), begin+strings.ReplaceAll(test.more, "%s", "findings"))
		require.EqualError(t, failures, begin+strings.ReplaceAll(test.more, "%s", "failures"))
		for _, p := range test.problems {
			require.ErrorIs(t, failures, p, "each of them is a cause")
		}
	}
}

// TestStrict: findings are warnings, or with strict the error.
func TestStrict(t *testing.T) {
	two := question{Request: render.Request{Catalog: catalog(shelf),
		Files: valuesFiles(useTools, "{chartType: x, saw: {labels: {}}}")}}
	warnings := []string{
		"b.yaml:1: the setting chartType has no effect; remove it",
		`b.yaml:1: component "saw": the key labels has no effect; use labelsApp for the Applications, labelsAppSet for the ApplicationSet`,
	}
	require.Equal(t, warnings, lines(mustRender(t, two).Warnings))
	two.Strict = true
	err := failure(t, two)
	require.EqualError(t, err, warnings[0]+" (and 1 more findings)")
	var findings render.Findings
	require.ErrorAs(t, err, &findings)
	require.Equal(t, warnings, lines(findings))

	one := two
	one.Files = valuesFiles(useTools, "chartType: x")
	requireError(t, one, warnings[0])
	none := two
	none.Files = valuesFiles(useTools)
	require.Empty(t, mustRender(t, none).Warnings)

	t.Run("warnings are also about files", func(t *testing.T) {
		r := question{Request: render.Request{Catalog: catalog(shelf,
			"-- values/tools.yaml --\nsaw: {enabled: true, namespace: x, path: p}\nsaw: {enabled: true, namespace: "+
				"x, path: p, defaultVersion: '1'}\n"),
			Defaults: &render.File{Name: "d.yaml",
				Data: []byte("repoURLGit: x\nglobalSelectors: {a: b}\n---\nmore: true\n")},
			Files: valuesFiles("mergeValues: {tools: {use: true}, gone: {use: true}}\nnamespace: x\nnamespace: y\n")}}
		require.Equal(t, []string{
			"d.yaml:4: only the first YAML document of a values file is read; remove the line with ---, or move the " +
				"rest to another file",
			`a.yaml:3: key "namespace" was already given on line 2, which has no effect; remove one of them`,
			`catalog/values/tools.yaml:2: key "saw" was already given on line 1, which has no effect; remove one of them`,
			"a.yaml:1: mergeValues.gone: the catalog catalog has no component file values/gone.yaml; correct the " +
				"name, add its components, or remove it",
		}, lines(mustRender(t, r).Warnings))
	})
}
