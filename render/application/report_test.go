package application_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
)

const (
	needsBoth = `template: {metadata: {labels: {tenant: '{{.metadata.labels.tenant}}'}, annotations: {region: '{{.metadata.annotations.region}}'}}}`
	hint      = "; add it to the cluster, or make it optional with index and default"
)

// lacking are the three clusters, without the tenant of east and any annotation of west.
func lacking() []cluster.Cluster {
	clusters := threeClusters()
	delete(clusters[1].Labels, "tenant")
	clusters[2].Annotations = nil
	return clusters
}

// stopped is the problem about Applications that are right, and that Argo CD does not make either.
func stopped(names string) string {
	return `ApplicationSet "set": while one of its clusters or generators fails, Argo CD makes and updates none of its Applications: left out are also ` + names
}

func TestClustersThatLackSomethingAreReported(t *testing.T) {
	east := `members/east.yaml: ApplicationSet "set": cluster "east" lacks label tenant, which its templates need` + hint
	west := `members/west.yaml: ApplicationSet "set": cluster "west" lacks annotation region, which its templates need` + hint
	for _, test := range []struct{ name, spec string }{
		{"in the template", "generators: [{clusters: {}}]\n" + needsBoth},
		{"in templatePatch", "generators: [{clusters: {}}]\ntemplatePatch: 'metadata: {labels: {t: " +
			"\"{{.metadata.labels.tenant}}\", r: \"{{.metadata.annotations.region}}\"}}'"},
		{"in values", "generators: [{clusters: {values: {t: '{{.metadata.labels.tenant}}', r: " +
			"'{{.metadata.annotations.region}}'}}}]"},
		{"in one's values and the other's template", "generators: [{clusters: {values: {t: " +
			"'{{.metadata.labels.tenant}}'}}}]\ntemplate: {metadata: {annotations: {region: " +
			"'{{.metadata.annotations.region}}'}}}"},
		{"in a matrix", "generators: [{matrix: {generators: [{clusters: {}}, {list: {elements: [{t: " +
			"'{{.metadata.labels.tenant}}'}, {r: '{{.metadata.annotations.region}}'}]}, selector: {matchExpressions: " +
			"[{key: r, operator: Exists}]}}]}}]"},
		{"in a merge", "generators: [{merge: {mergeKeys: [name], generators: [{clusters: {values: {a: b}}}, " +
			"{clusters: {values: {t: '{{.metadata.labels.tenant}}', r: '{{.metadata.annotations.region}}'}}}]}}]"},
		{"in a merge under a list", "generators: [{merge: {mergeKeys: [name], generators: [{list: {elements: [{name: " +
			"east}, {name: west}, {name: hub}]}}, {clusters: {values: {t: '{{.metadata.labels.tenant}}', r: " +
			"'{{.metadata.annotations.region}}'}}}]}}]"},
		{"as a key", "generators: [{clusters: {}}]\ntemplate: {metadata: {labels: {'{{.metadata.labels.tenant}}': " +
			"x}}, spec: {source: {helm: {valuesObject: {a: ['{{.metadata.annotations.region}}']}}}}}"},
		{"in the root's variable", "generators: [{clusters: {}}]\ntemplate: {metadata: {labels: {a: " +
			"'{{$.metadata.labels.tenant}}', b: '{{$.metadata.annotations.region}}'}}}"},
	} {
		t.Run(test.name, func(t *testing.T) {
			broken := expander(t, nil, lacking()).Expand(t.Context(), set(t, test.spec))
			require.Equal(t, []string{east, west, stopped("app-hub")}, messages(broken.Problems))
			require.Empty(t, broken.Applications)

			whole := expander(t, nil, threeClusters()).Expand(t.Context(), set(t, test.spec))
			require.Empty(t, whole.Problems)
			require.Len(t, whole.Applications, 3)
		})
	}
}

func TestAllThatAClusterLacksIsOneProblem(t *testing.T) {
	clusters := threeClusters()
	clusters[1] = cluster.Cluster{Name: "east", Server: "https://east.example", Hub: "hub", File: "members/east.yaml"}
	expansion := expander(t, nil, clusters).Expand(t.Context(),
		set(t, "generators: [{clusters: {values: {t: '{{.metadata.labels.tenant}}'}}}, {clusters: {}}]\n"+
			"template: {metadata: {name: '{{.name}}-{{index . \"values\" | empty}}', annotations: {region: "+
			"'{{.metadata.annotations.region}}', b: '{{.metadata.annotations.b}}'}}}"))
	require.Equal(t, []string{
		`fleet.yaml: ApplicationSet "set": cluster "hub" lacks annotation b, which its templates need` + hint,
		`members/east.yaml: ApplicationSet "set": cluster "east" lacks annotation b, annotation region, label tenant, which its templates need` + hint,
		`members/west.yaml: ApplicationSet "set": cluster "west" lacks annotation b, which its templates need` + hint,
	}, messages(expansion.Problems))
	require.Empty(t, expansion.Applications)
}

func TestOwnClusterLacksEverything(t *testing.T) {
	expansion := expander(t, nil, threeClusters()[1:]).Expand(t.Context(), set(t, "generators: [{clusters: {}}]\n"+
		needsBoth))
	require.Empty(t, expansion.Applications)
	require.Equal(t, []string{`ApplicationSet "set": cluster "in-cluster" lacks annotation region, label tenant, which its templates need; ` +
		`in-cluster is Argo CD's own cluster, which no file describes: add it to spec.clusters in fleet.yaml, or give the generator a selector`,
		stopped("app-east, app-west")}, messages(expansion.Problems))
	again := expander(t, nil, threeClusters()[1:]).Expand(t.Context(),
		set(t, "generators: [{clusters: {values: {a: '{{.metadata.labels.tenant}}'}}}]"))
	require.Empty(t, again.Applications)
	require.Len(t, again.Problems, 2)
	require.Equal(t, stopped("app-east, app-west"), again.Problems[1].Error())
}

func TestFlatListIsRightOrNotThere(t *testing.T) {
	for _, spec := range []string{
		"generators: [{clusters: {flatList: true}}]\ntemplate: {metadata: {name: all, annotations: {a: '{{range " +
			".clusters}}{{.metadata.labels.tenant}}{{end}}'}}, spec: {destination: {name: hub}}}",
		"generators: [{clusters: {flatList: true, values: {a: '{{.metadata.labels.tenant}}'}}}]\ntemplate: " +
			"{metadata: {name: all}, spec: {destination: {name: hub}}}",
	} {
		expansion := expander(t, nil, lacking()).Expand(t.Context(), set(t, spec))
		require.Empty(t, expansion.Applications)
		require.Len(t, expansion.Problems, 1)
		require.Contains(t, expansion.Problems[0].Error(), `members/east.yaml: ApplicationSet "set": cluster "east"`)
		require.Contains(t, expansion.Problems[0].Error(), "tenant")
	}
}

func TestConditionalKeysAreNamedByTheError(t *testing.T) {
	expansion := expander(t, nil, lacking()).Expand(t.Context(), set(t, "generators: [{clusters: {}}]\ntemplate: "+
		"{metadata: {labels: {a: '{{if .name}}{{.metadata.labels.tenant}}{{end}}'}}}"))
	require.Empty(t, expansion.Applications)
	require.Equal(t, []string{`members/east.yaml: ApplicationSet "set": cluster "east": template "{{if .name}}{{.metadata.labels.tenant}}{{end}}": ` +
		`1:23: <.metadata.labels.tenant>: map has no entry for key "tenant"`, stopped("app-hub, app-west")}, messages(expansion.Problems))
}

func TestWhatIsNotAboutAClusterIsReportedOnce(t *testing.T) {
	for spec, want := range map[string]string{
		"generators: [{clusters: {}}]\ntemplate: {metadata: {labels: {a: '{{.values.x}}'}}}":                                        `template "{{.values.x}}": 1:9: <.values.x>: map has no entry for key "values" (for clusters "east", "hub", "west")`,
		"generators: [{clusters: {}}]\ntemplatePatch: 'spec: {revisionHistoryLimit: many}'":                                         `templatePatch does not give a part of an Application`,
		"generators: [{clusters: {}}]\ntemplatePatch: 'a: b: c'":                                                                    `templatePatch does not give a part of an Application`,
		"generators: [{clusters: {}}]\ntemplatePatch: 'metadata: {$patch: nonsense}'":                                               ``,
		"generators: [{clusters: {values: {a: '{{.nope}}'}}}]":                                                                      `template "{{.nope}}": 1:2: <.nope>: map has no entry for key "nope" (for clusters "east", "hub", "west")`,
		"generators: [{merge: {mergeKeys: [env], generators: [{clusters: {}}, {clusters: {}}]}}]":                                   `not unique by the given mergeKeys`,
		"generators: [{matrix: {generators: [{clusters: {}}]}}]":                                                                    `found less than two generators`,
		"generators: [{clusters: {selector: {matchExpressions: [{key: a, operator: Nope}]}}}]":                                      `"Nope" is not a valid label selector operator`,
		"generators: [{list: {elements: [{a: 1}, {a: 2}]}}]":                                                                        `map has no entry for key "name"`,
		"generators: [{clusters: {}}]\ntemplate: {metadata: {name: '{{.name'}}":                                                     `spec.template.metadata.name is no template: template "{{.name": `,
		"generators: [{clusters: {}}]\ntemplate: {metadata: {name: '{{nope .name}}'}}":                                              `spec.template.metadata.name is no template: template "{{nope .name}}": 1: function "nope" not defined`,
		"generators: [{clusters: {values: {a: '{{nope}}'}}}]":                                                                       `spec.generators[0].clusters.values.a is no template`,
		"generators: [{matrix: {generators: [{clusters: {values: {a: '{{'}}}, {clusters: {}}]}}]":                                   `spec.generators[0].matrix.generators[0].clusters.values.a is no template`,
		"generators: [{clusters: {}}]\ntemplatePatch: '{{end}}'":                                                                    `spec.templatePatch is no template`,
		"generators: [{clusters: {}}]\ngoTemplateOptions: [missingkey=never]":                                                       `spec.goTemplateOptions: there is no option "missingkey=never"`,
		"generators: [{clusters: {}}]\ntemplate: {metadata: {name: '{{define \"x\"}}{{template \"x\"}}{{end}}{{template \"x\"}}'}}": `is nested too deeply`,
		"generators: [{clusters: {}}]\ntemplate: {metadata: {name: '{{range 1000000000000}}{{end}}'}}":                              `more than 20000 steps`,
		"generators: [{list: {elements: [x]}}]":                                                                                     `error unmarshling list element`,
	} {
		expansion := expander(t, nil, threeClusters()).Expand(t.Context(), set(t, spec))
		require.Len(t, expansion.Problems, 1, "%s: %v", spec, messages(expansion.Problems))
		p := expansion.Problems[0]
		require.Empty(t, p.File, spec)
		require.True(t, strings.HasPrefix(p.Error(), `ApplicationSet "set": `), p.Error())
		require.Contains(t, p.Error(), want)
		require.NotContains(t, p.Error(), "\n")
	}
}

func TestAPatchThatFailsForOneClusterNamesIt(t *testing.T) {
	expansion := expander(t, nil, threeClusters()).Expand(t.Context(), set(t, "generators: [{clusters: "+
		"{}}]\ntemplatePatch: 'spec: {revisionHistoryLimit: {{if eq .name \"east\"}}many{{else}}3{{end}}}'"))
	require.Empty(t, expansion.Applications)
	require.Len(t, expansion.Problems, 2)
	require.Equal(t, stopped("app-hub, app-west"), expansion.Problems[1].Error())
	require.Contains(t, expansion.Problems[0].Error(), `members/east.yaml: ApplicationSet "set": cluster "east": templatePatch does not give a part of an Application`)
}

func TestObjectsThatKubernetesRefuses(t *testing.T) {
	for template, want := range map[string]string{
		"{metadata: {name: 'A_{{.name}}'}}":                                                 `Application "A_east": is no name for an object: a lowercase RFC 1123 subdomain`,
		"{metadata: {name: ''}}":                                                            `Application "": is no name for an object`,
		"{metadata: {labels: {a: 'x {{.name}}'}}}":                                          `Application "app-east": a=x east is no label`,
		"{metadata: {labels: {'a b': x}}}":                                                  `Application "app-east": a b=x is no label`,
		"{metadata: {annotations: {'a b': x}}}":                                             `Application "app-east": a b is no key of an annotation`,
		"{metadata: {labels: {a: '{{index .metadata.labels `nope` | default `<none>`}}'}}}": `a=<none> is no label`,
	} {
		expansion := expander(t, nil, threeClusters()).Expand(t.Context(),
			set(t, "generators: [{clusters: {selector: {matchLabels: {tenant: a}}}}]\ntemplate: "+template))
		require.Empty(t, expansion.Applications, template)
		require.Len(t, expansion.Problems, 1)
		require.Contains(t, expansion.Problems[0].Error(), want)
	}
}

func TestWrongObjects(t *testing.T) {
	const head = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: s}\n"
	for text, want := range map[string]string{
		"kind: ConfigMap": `ApplicationSet "": is <nil> ConfigMap, not argoproj.io/v1alpha1 ApplicationSet`,
		"apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet": `has no metadata.name`,
		head:                            `ApplicationSet "s": has no spec.generators`,
		head + "spec: {generators: {}}": `spec.generators must be a list, not object`,
		head + "spec: text":             `spec must be a map, not string`,
		head + "spec: {generators: [], goTemplate: 'true'}":                `spec.goTemplate must be true or false, not string`,
		head + "spec: {generators: [{clusters: {values: {a: 1}}}]}":        `must be a string, not number`,
		head + "spec: {generators: [], template: {spec: {project: []}}}":   `spec.template.spec.project must be a string, not array`,
		head + "spec: {generators: [{git: {requeueAfterSeconds: often}}]}": `must be a number, not string`,
	} {
		expansion := expander(t, nil, nil).Expand(t.Context(), parse(t, text))
		require.Empty(t, expansion.Applications)
		require.Len(t, expansion.Problems, 1)
		require.Contains(t, expansion.Problems[0].Error(), want)
	}
	broken := expander(t, nil, nil).Expand(t.Context(), map[string]any{"apiVersion": "argoproj.io/v1alpha1",
		"kind": "ApplicationSet", "metadata": map[string]any{"name": "s"}, "x": func() {}})
	require.Len(t, broken.Problems, 1)
}

func TestWhatArgoCDDoesNotKnowIsAWarning(t *testing.T) {
	expansion := expander(t, nil, threeClusters()).Expand(t.Context(), set(t, "generators: [{clusters: {selecter: "+
		"{}}}, {clusterz: {}}]\nnewField: 1\ntemplate: {spec: {sources: null, destinationn: x}}"))
	require.Len(t, expansion.Applications, 3)
	require.Empty(t, expansion.Problems)
	require.ElementsMatch(t, []string{
		`ApplicationSet "set": Argo CD does not know the field spec.generators[0].clusters.selecter; correct it, unless a newer Argo CD knows it`,
		`ApplicationSet "set": Argo CD does not know the field spec.generators[1].clusterz; correct it, unless a newer Argo CD knows it`,
		`ApplicationSet "set": Argo CD does not know the field spec.newField; correct it, unless a newer Argo CD knows it`,
		`ApplicationSet "set": Argo CD does not know the field spec.template.spec.destinationn; correct it, unless a newer Argo CD knows it`,
		`ApplicationSet "set": spec.generators[1] is no generator that Argo CD 3.6 knows, and gives nothing`,
	}, messages(expansion.Warnings))
}

func TestWhatArgoCDDoesNotKnowOfAPatchIsAWarning(t *testing.T) {
	expansion := expander(t, nil, threeClusters()).Expand(t.Context(), set(t, "generators: [{clusters: {}}]\n"+
		"templatePatch: 'spec: {newField: a, source: {pathh: {{.name | quote}}}, syncPolicy: {$patch: replace, "+
		"automatd: {}}}'"))
	require.Len(t, expansion.Applications, 3)
	require.Empty(t, expansion.Problems)
	require.Equal(t, []string{ // once, not for each cluster
		`ApplicationSet "set": in templatePatch, Argo CD does not know the field spec.newField; correct it, unless a newer Argo CD knows it`,
		`ApplicationSet "set": in templatePatch, Argo CD does not know the field spec.source.pathh; correct it, unless a newer Argo CD knows it`,
		`ApplicationSet "set": in templatePatch, Argo CD does not know the field spec.syncPolicy.automatd; correct it, unless a newer Argo CD knows it`,
	}, messages(expansion.Warnings))
}

// TestWarningsAboutPatchesAreFew, also where each cluster has other fields.
func TestWarningsAboutPatchesAreFew(t *testing.T) {
	var clusters []cluster.Cluster
	for i := range 150 {
		clusters = append(clusters, cluster.Cluster{Name: fmt.Sprintf("c%d", i),
			Server: fmt.Sprintf("https://c%d.example", i)})
	}
	expansion := expander(t, nil, clusters).Expand(t.Context(),
		set(t, "generators: [{clusters: {selector: {matchLabels: {argocd.argoproj.io/secret-type: cluster}}}}]\n"+
			"templatePatch: 'spec: {x{{.name}}: a}'"))
	require.Len(t, expansion.Applications, 150)
	require.Len(t, expansion.Warnings, 100)
}

func TestWhatArgoCDDoesNotKnowOfAnApplicationIsAWarning(t *testing.T) {
	object := parse(t, "{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: app}, status: {a: b}, "+
		"spec: {project: 1, source: {tagPrefix: v, pathh: x}, destination: {name: east}}}")
	expansion := expander(t, nil, threeClusters()).Take(object)
	require.Len(t, expansion.Applications, 1)
	require.Equal(t, []string{
		`Application "app": spec.project must be a string for Argo CD, not a number; correct it`,
		`Application "app": Argo CD does not know the field spec.source.pathh; correct it, unless a newer Argo CD knows it`,
	}, messages(expansion.Warnings))
}

func TestDestinationsOfPlainApplications(t *testing.T) {
	for destination, want := range map[string][2]string{
		"{name: east}":                                     {"east", ""},
		"{server: https://east.example}":                   {"east", ""},
		"{server: https://east.example/}":                  {"east", ""},
		"{name: esat}":                                     {"", `Application "app": the destination is cluster "esat", which Argo CD does not know`},
		"{name: east, server: https://east.example}":       {"", `Application "app": the destination has both a name (east) and a server`},
		"{server: 'https://kubernetes.default.svc', x: y}": {"hub", `Application "app": Argo CD does not know the field spec.destination.x`},
	} {
		x := expander(t, nil, threeClusters()).Take(
			parse(t, "{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: app}, "+
				"spec: {source: {path: a}, destination: "+destination+"}}"))
		require.Empty(t, x.Problems)
		require.Equal(t, want[0], x.Applications[0].Cluster, destination)
		require.Equal(t, want[1] == "", len(x.Warnings) == 0, "%v", x.Warnings)
		require.Contains(t, strings.Join(messages(x.Warnings), ""), want[1])
	}
}

func TestFailuresOfArgoCDsCodeEndNothing(t *testing.T) {
	// mergo, of which Argo CD's merge generator makes use, panics where values of different types meet.
	expansion := expander(t, nil, threeClusters()).Expand(t.Context(), set(t, "generators: [{merge: {mergeKeys: "+
		"[name], generators: [{clusters: {values: {a: b}}}, {list: {elements: [{name: east, values: {a: c}}]}}]}}]"))
	require.Empty(t, expansion.Applications)
	require.Len(t, expansion.Problems, 1)
	require.Contains(t, expansion.Problems[0].Error(), `ApplicationSet "set": Argo CD's code breaks off: reflect`)
}

func TestManyBrokenClustersAreFoundQuickly(t *testing.T) {
	clusters := manyClusters(300)
	for i := range clusters {
		if i%3 == 0 {
			delete(clusters[i].Labels, "tenant")
		}
	}
	expansion := expander(t, nil, clusters).Expand(t.Context(), set(t, "generators: [{clusters: {selector: "+
		"{matchLabels: {fleet_member: spoke}}, values: {a: '{{.metadata.labels.tenant}}'}}}]"))
	require.Empty(t, expansion.Applications)
	require.Len(t, expansion.Problems, 101)
	require.Contains(t, expansion.Problems[100].Error(), "and 190 more")
	for i, p := range expansion.Problems[:100] {
		require.Equal(t, fmt.Sprintf("members/hub/%04d.yaml", 3*i), p.File)
	}
}
