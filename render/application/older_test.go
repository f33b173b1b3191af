package application_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/render/application"
	"github.com/eks-fleet-management/fleet-cmp/render/application/generator"
)

// expandAs expands an ApplicationSet as a version of Argo CD, and returns the names of the Applications, or the
// problems.
func expandAs(t *testing.T, version string, object map[string]any, repository files) string {
	t.Helper()
	v, _, err := argocd.Parse(version)
	require.NoError(t, err)
	e, err := application.New(application.Options{Version: v,
		Repository: generator.Repository{FS: repository.fs(), FileSize: hierarchy.MaxFileSize}}, threeClusters())
	require.NoError(t, err)
	x := e.Expand(t.Context(), object)
	if len(x.Problems) > 0 {
		return strings.Join(messages(x.Problems), "; ")
	}
	return strings.Join(names(x.Applications), " ")
}

// TestVersions: where two versions of Argo CD make different Applications of the same ApplicationSet. What each makes
// is compared with real servers by the end-to-end tests.
func TestVersions(t *testing.T) {
	const app = "\ntemplate: {metadata: {name: '{{.app}}'}, spec: {destination: {name: hub}}}"
	nested := func(kind, more string) string {
		return "generators: [{" + kind + ": {" + more + `generators: [{matrix: {generators: [
			{list: {elements: [{app: a}, {app: b}]}, selector: {matchLabels: {app: a}}}, {list: {elements: [{part: x}]}}]}},
			{list: {elements: [{app: a, p: q}]}, selector: {matchLabels: {app: a}}}]}}]` + strings.ReplaceAll(app, ".app}}", ".app}}-{{.part}}")
	}
	for name, test := range map[string]struct {
		spec  string
		files files
		older string // as 2.14 makes it
		newer string // as 3.4 and later
	}{
		"a selector in a nested matrix": {
			spec:  nested("merge", "mergeKeys: [app], "),
			older: "a-x b-x", newer: "a-x",
		},
		"a selector in a nested matrix, with applyNestedSelectors": {
			spec:  nested("merge", "mergeKeys: [app], ") + "\napplyNestedSelectors: true",
			older: "a-x", newer: "a-x",
		},
		"a selector of a matrix's own generator": {
			spec: "generators: [{matrix: {generators: [{list: {elements: [{app: a}, {app: b}]}, selector: " +
				"{matchLabels: {app: a}}}, {list: {elements: [{part: x}]}}]}}]" + app,
			older: "a", newer: "a",
		},
		"a selector on labels of clusters": {
			spec: "generators: [{clusters: {}, selector: {matchLabels: {metadata.labels.env: test}}}]" +
				strings.ReplaceAll(app, ".app}}", ".name}}"),
			older: "", newer: "east",
		},
		"a negative selector on labels of clusters": {
			spec: "generators: [{clusters: {}, selector: {matchExpressions: [{key: metadata.labels.env, operator: " +
				"NotIn, values: [test]}]}}]" +
				strings.ReplaceAll(app, ".app}}", ".name}}"),
			older: "east hub west", newer: "hub west",
		},
		"a selector on values": {
			spec: "generators: [{clusters: {values: {e: '{{.metadata.labels.env}}'}}, selector: {matchLabels: " +
				"{values.e: test}}}]" +
				strings.ReplaceAll(app, ".app}}", ".name}}"),
			older: "", newer: "east",
		},
		"values of a matrix's second generator with its own name": {
			spec: "generators: [{matrix: {generators: [{list: {elements: [{app: a}]}}, {clusters: {selector: " +
				"{matchLabels: {env: test}}, values: {v: 'x-{{.name}}'}}}]}}]" +
				strings.ReplaceAll(app, ".app}}", ".app}}-{{.values.v}}"),
			older: `values.v of the second generator of a matrix: Argo CD 2.14 evaluates "x-{{.name}}" with the parameters of the first generator only`,
			newer: "a-x-east",
		},
		"values of a matrix's second generator with the first's": {
			spec: "generators: [{matrix: {generators: [{list: {elements: [{app: a}]}}, {clusters: {selector: " +
				"{matchLabels: {env: test}}, values: {v: 'x-{{.app}}'}}}]}}]" +
				strings.ReplaceAll(app, ".app}}", ".app}}-{{.values.v}}-{{len .values}}"),
			older: "a-x-a-1", newer: "a-x-a-1",
		},
		"values of a nested matrix's second generator with its own path": {
			spec: "generators: [{matrix: {generators: [{matrix: {generators: [{list: {elements: [{app: a}]}}, " +
				"{git: {repoURL: https://x, revision: HEAD, directories: [{path: 'apps/*'}], values: {v: " +
				"'{{.path.basename}}'}}}]}}, " +
				"{list: {elements: [{part: x}]}}]}}]" + strings.ReplaceAll(app, ".app}}", ".app}}-{{.values.v}}"),
			files: files{"apps/one/x": ""},
			older: `values.v of the second generator of a matrix: Argo CD 2.14 evaluates "{{.path.basename}}"`,
			newer: "a-one",
		},
		"values of a matrix's second generator with its own path, as 2.14 needs it": {
			spec: "generators: [{matrix: {generators: [{list: {elements: [{app: a}]}}, {git: {repoURL: https://x, " +
				"revision: HEAD, " +
				"directories: [{path: 'apps/*'}], values: {v: '{{`{{.path.basename}}`}}-{{.app}}'}}}]}}]" +
				strings.ReplaceAll(app, ".app}}", ".app}}-{{.values.v}}"),
			files: files{"apps/one/x": ""},
			older: "a-one-a", newer: "a-one-a",
		},
		"a file with an empty list": {
			spec: "generators: [{git: {repoURL: https://x, revision: HEAD, files: [{path: 'apps/*.yaml'}]}}]" +
				strings.ReplaceAll(app, ".app}}", ".path.filename}}"),
			files: files{"apps/a.yaml": "[]", "apps/b.yaml": "[{x: y}]"},
			older: "a.yaml b.yaml", newer: "b.yaml",
		},
	} {
		t.Run(name, func(t *testing.T) {
			for version, want := range map[string]string{"2.14": test.older, "3.4": test.newer, "3.5": test.newer,
				"3.6": test.newer} {
				got := expandAs(t, version, set(t, test.spec), test.files)
				if strings.Contains(want, "Argo CD") {
					require.Contains(t, got, want, version)
					continue
				}
				require.Equal(t, want, got, version)
			}
		})
	}
}

// TestNesting: a matrix or merge can be in another one, and no deeper.
func TestNesting(t *testing.T) {
	const list = "{list: {elements: [{app: a}]}}"
	nest := func(kind, inner string) string {
		keys := ""
		if kind == "merge" {
			keys = "mergeKeys: [app], "
		}
		return "{" + kind + ": {" + keys + "generators: [" + list + ", " + inner + "]}}"
	}
	for _, kinds := range [][3]string{{"matrix", "matrix", "matrix"}, {"merge", "merge", "merge"},
		{"matrix", "merge", "matrix"}} {
		spec := "generators: [" + nest(kinds[0], nest(kinds[1], nest(kinds[2], list))) + "]\n" +
			"template: {metadata: {name: '{{.app}}'}, spec: {destination: {name: hub}}}"
		for _, version := range []string{"2.14", "3.6"} {
			require.Equal(t, `ApplicationSet "set": spec.generators[0].`+kinds[0]+".generators[1]."+kinds[1]+".generators[1]."+kinds[2]+
				" is nested too deep: a matrix or merge can be in another one, two levels at most",
				expandAs(t, version, set(t, spec), nil))
		}
	}
	unknown := "generators: [{matrix: {generators: [" + list + ", {lists: {elements: []}}]}}]\n" +
		"template: {metadata: {name: '{{.app}}'}, spec: {destination: {name: hub}}}"
	require.Contains(t, expandAs(t, "3.6", set(t, unknown), nil),
		"a generator in the matrix or merge is of no kind that this Argo CD knows")
}

// TestTpl: 3.6 has the function tpl.
func TestTpl(t *testing.T) {
	spec := func(name string) string {
		return `generators: [{list: {elements: [{app: web, self: '{{tpl .self .}}', inner: '{{.app}}-{{.app | upper | lower}}'}]}}]
template: {metadata: {name: ` + name + `}, spec: {destination: {name: hub}}}`
	}
	for name, want := range map[string]string{
		`'{{tpl .inner .}}'`:                                                 "web-web",
		`'{{tpl "a-{{.app}}" .}}-{{tpl "b" .}}'`:                             "a-web-b",
		`'{{tpl "{{tpl .inner .}}" .}}'`:                                     "web-web",
		`'{{define "x"}}in-{{.app}}{{end}}{{tpl "{{template \"x\" .}}" .}}'`: "in-web",
		`'{{tpl .self .}}'`:                                                  "tpl is called more than 3 times inside itself",
		`'{{tpl "{{.gone}}" .}}'`:                                            `map has no entry for key "gone"`,
		`'{{tpl "{{" .}}'`:                                                   "unclosed action",
		`'{{tpl (printf "{{range until %d}}{{end}}" 30000) .}}'`:             "takes more than 20000 steps",
		`'{{tpl "{{now}}" .}}'`:                                              `function "now" not defined`,
	} {
		require.Contains(t, expandAs(t, "3.6", set(t, spec(name)), nil), want, name)
		require.Contains(t, expandAs(t, "3.5", set(t, spec(name)), nil), "Argo CD has the function tpl since 3.6", name)
	}
	own := "generators: [{list: {elements: [{app: web, inner: '{{define \"x\"}}d{{end}}{{template \"x\" .}}'}], " +
		"template: {metadata: " +
		"{name: '{{tpl .inner .}}-own'}}}}]\ntemplate: {metadata: {name: x}, spec: {destination: {name: hub}}}"
	require.Equal(t, "d-own", expandAs(t, "3.6", set(t, own), nil))
	require.Contains(t, expandAs(t, "3.6", set(t, "generators: [{clusters: {values: {v: '{{tpl .name .}}'}}}]\n"+
		"template: {metadata: {name: '{{.name}}'}, spec: {destination: {name: hub}}}"), nil),
		"the function tpl is not possible in a generator")
}

// TestTplManyTimes: what one call parses costs the next ones nothing, though they share the definitions around them.
func TestTplManyTimes(t *testing.T) {
	spec := "generators: [{list: {elements: [{app: a}, {app: b}, {app: c}]}}]\ntemplate: {metadata: {name: '{{.app}}" +
		`{{define "x"}}{{range list 1 2}}{{end}}{{end}}{{range until 500}}{{tpl "{{template \"x\" .}}" $}}{{end}}` +
		"'}, spec: {destination: {name: hub}}}"
	require.Equal(t, "a b c", expandAs(t, "3.6", set(t, spec), nil))
}

// TestTplWithoutStrictness: missing parameters are nothing, as in Argo CD.
func TestTplWithoutStrictness(t *testing.T) {
	object := set(t, "goTemplateOptions: []\ngenerators: [{list: {elements: [{app: web}]}}]\n"+
		`template: {metadata: {name: 'a{{tpl "{{.gone}}" .}}b'}, spec: {destination: {name: hub}}}`)
	require.Equal(t, "ab", expandAs(t, "3.6", object, nil))
}

// TestHiddenAnnotations: annotations that Argo CD writes on cluster Secrets are no parameters.
func TestHiddenAnnotations(t *testing.T) {
	clusters := []cluster.Cluster{{Name: "hub", Labels: map[string]string{"fleet_member": "hub-cluster"},
		Annotations: map[string]string{"region": "eu", "argocd.argoproj.io/refresh-timestamp": "1"}}}
	for version, want := range map[string]string{"3.5": "2", "3.6": "1"} {
		v, _, err := argocd.Parse(version)
		require.NoError(t, err)
		e, err := application.New(application.Options{Version: v, Repository: generator.Repository{FS: files{}.fs()}},
			clusters)
		require.NoError(t, err)
		x := e.Expand(t.Context(), set(t, "generators: [{clusters: {}}]\ntemplate: {metadata: {name: 'n{{len "+
			".metadata.annotations}}'}, spec: {destination: {name: hub}}}"))
		require.Empty(t, messages(x.Problems))
		require.Equal(t, []string{"n" + want}, names(x.Applications), version)
	}
	require.Len(t, clusters[0].Annotations, 2, "the caller's own")
}
