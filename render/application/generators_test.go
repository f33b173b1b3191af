package application_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml/explosive"
	"github.com/eks-fleet-management/fleet-cmp/render/application"
	"github.com/eks-fleet-management/fleet-cmp/render/application/generator"
)

// gitRepository is what Argo CD's documentation uses for its git generator.
var gitRepository = files{
	"cluster-config/engineering/dev/config.json":          `{"aws_account": "123456", "cluster": {"owner": "cluster-admin@company.com", "name": "engineering-dev", "address": "https://1.2.3.4"}}`,
	"cluster-config/engineering/prod/config.json":         `{"aws_account": "654321", "cluster": {"owner": "cluster-admin@company.com", "name": "engineering-prod", "address": "https://2.4.6.8"}}`,
	"cluster-addons/argo-workflows/kustomization.yaml":    "resources: []\n",
	"cluster-addons/prometheus-operator/Chart.yaml":       "name: prometheus-operator\n",
	"cluster-addons/exclude-helm-guestbook/values.yaml":   "a: b\n",
	"cluster-addons/prometheus-operator/templates/x.yaml": "a: b\n",
	"clusters/east/values.yaml":                           "version: 2.0.0\nlist: [1, 2]\n",
	"clusters/west/values.yaml":                           "version: 3.0.0\nlist: []\n",
	"clusters/hub/values.yaml":                            "- version: 1.0.0\n- version: 1.1.0\n",
	"empty.yaml":                                          "[]\n",
	"apps.yaml":                                           "- {app: one, cluster: east}\n- {app: two, cluster: west}\n",
}

func TestGenerators(t *testing.T) {
	const template = `
template:
  metadata: {name: '%NAME%'}
  spec: {destination: {name: '%DESTINATION%'}, source: {path: '%PATH%'}}
`
	for _, test := range []struct {
		name, generators, app, destination, path string
		plain                                    string // the same without Go templates: NAME | DESTINATION | PATH
		want                                     string // NAME DESTINATION PATH, ...
	}{
		{
			name:       "list",
			generators: "[{list: {elements: [{cluster: east, app: b}, {cluster: west, app: a, values: {v: w}}]}}]",
			app:        "{{.app}}-app", destination: "{{.cluster}}", path: "p", plain: "{{app}}-app|{{cluster}}|p",
			want: "a-app west p, b-app east p",
		},
		{
			name:       "list as YAML",
			generators: `[{list: {elements: [], elementsYaml: "- {cluster: east}\n- {cluster: west}"}}]`,
			app:        "{{.cluster}}", destination: "{{.cluster}}", path: "p", plain: "{{cluster}}|{{cluster}}|p",
			want: "east east p, west west p",
		},
		{
			name:       "clusters, all",
			generators: "[{clusters: {}}]",
			app:        "{{.nameNormalized}}", destination: "{{.name}}", path: "{{.server}}",
			plain: "{{nameNormalized}}|{{name}}|{{server}}",
			want: "east east https://east.example, hub hub https://kubernetes.default.svc, west west " +
				"https://west.example",
		},
		{
			name:       "clusters by label, with values",
			generators: "[{clusters: {selector: {matchLabels: {env: prod}}, values: {v: fixed, t: 'x-{{.name}}'}}}]",
			app:        "{{.name}}", destination: "{{.name}}",
			path: "{{.values.v}}-{{.values.t}}-{{.metadata.annotations.region}}",
			want: "hub hub fixed-x-hub-eu-1, west west fixed-x-west-us-2",
		},
		{
			name:       "clusters by label, with values, without Go templates",
			generators: "[{clusters: {selector: {matchLabels: {env: prod}}, values: {v: fixed, t: 'x-{{name}}'}}}]",
			plain: "{{name}}|{{name}}|" +
				"{{values.v}}-{{values.t}}-{{metadata.annotations.region}}-{{metadata.labels.tenant}}",
			want: "hub hub fixed-x-hub-eu-1-control-plane, west west fixed-x-west-us-2-b",
		},
		{
			name: "clusters by expression",
			generators: "[{clusters: {selector: {matchExpressions: [{key: env, operator: In, values: [prod, other]}, " +
				"{key: tenant, operator: NotIn, values: [b]}, {key: fleet_member, operator: Exists}, {key: x, " +
				"operator: DoesNotExist}]}}}]",
			app: "{{.name}}", destination: "{{.name}}", path: "p", plain: "{{name}}|{{name}}|p",
			want: "hub hub p",
		},
		{
			name: "clusters in a flat list",
			generators: "[{clusters: {flatList: true, selector: {matchLabels: {fleet_member: spoke}}, values: {v: " +
				"'{{.name}}'}}}]",
			app: "all", destination: "hub",
			path: "{{range $i, $c := .clusters}}{{if $i}},{{end}}{{$c.name}}={{$c.values.v}}{{end}}",
			want: "all hub east=east,west=west",
		},
		{
			name: "a selector after the generator",
			generators: "[{clusters: {}, selector: {matchLabels: {name: east}}}, {list: {elements: [{name: west}, " +
				"{name: hub}]}, selector: {matchExpressions: [{key: name, operator: In, values: [west]}]}}]",
			app: "{{.name}}", destination: "{{.name}}", path: "p", plain: "{{name}}|{{name}}|p",
			want: "east east p, west west p",
		},
		{
			name: "several generators, one with its own template",
			generators: "[{clusters: {selector: {matchLabels: {tenant: a}}, template: {metadata: {}, spec: " +
				"{destination: {}, project: '', source: {repoURL: '', path: own}}}}}, {list: {elements: [{name: " +
				"west}]}}]",
			app: "{{.name}}", destination: "{{.name}}", path: "p", plain: "{{name}}|{{name}}|p",
			want: "east east own, west west p",
		},
		{
			name:       "git files",
			generators: "[{git: {repoURL: u, revision: HEAD, files: [{path: 'cluster-config/**/config.json'}]}}]",
			app:        "{{.cluster.name}}-{{.path.basename}}", destination: "hub",
			path: "{{.path.path}}:{{.path.filename}}:{{index .path.segments " +
				"1}}:{{.aws_account}}:{{.path.filenameNormalized}}",
			plain: "{{cluster.name}}-{{path.basename}}|hub|" +
				"{{path}}:{{path.filename}}:{{path[1]}}:{{aws_account}}:{{path.filenameNormalized}}",
			want: "engineering-dev-dev hub " +
				"cluster-config/engineering/dev:config.json:engineering:123456:config.json, " +
				"engineering-prod-prod hub cluster-config/engineering/prod:config.json:engineering:654321:config.json",
		},
		{
			name: "git files with a prefix and values",
			generators: "[{git: {repoURL: u, revision: HEAD, pathParamPrefix: my, values: {v: '{{.cluster.name}}'}, " +
				"files: [{path: 'cluster-config/engineering/dev/*'}]}}]",
			app: "{{.values.v}}", destination: "hub", path: "{{.my.path.path}}",
			want: "engineering-dev hub cluster-config/engineering/dev",
		},
		{
			name: "git files, a list and an empty one",
			generators: "[{git: {repoURL: u, revision: HEAD, files: [{path: apps.yaml}]}}, {git: {repoURL: u, " +
				"revision: HEAD, files: [{path: none.yaml}]}}]",
			app: "{{.app}}", destination: "{{.cluster}}", path: "{{.path.path}}", plain: "{{app}}|{{cluster}}|{{path}}",
			want: "one east ., two west .",
		},
		{
			name: "git directories with an exception",
			generators: "[{git: {repoURL: u, revision: HEAD, directories: [{path: cluster-addons/*}, {path: " +
				"cluster-addons/exclude-*, exclude: true}]}}]",
			app: "{{.path.basenameNormalized}}", destination: "hub", path: "{{.path.path}}:{{index .path.segments 0}}",
			plain: "{{path.basenameNormalized}}|hub|{{path}}:{{path[0]}}",
			want: "argo-workflows hub cluster-addons/argo-workflows:cluster-addons, prometheus-operator hub " +
				"cluster-addons/prometheus-operator:cluster-addons",
		},
		{
			name: "git directories with a prefix and values",
			generators: "[{git: {repoURL: u, revision: HEAD, pathParamPrefix: my, values: {v: " +
				"'x-{{.my.path.basename}}'}, directories: [{path: clusters/e*}]}}]",
			app: "{{.values.v}}", destination: "hub", path: "{{.my.path.path}}",
			want: "x-east hub clusters/east",
		},
		{
			name: "matrix of git files and clusters by what is in them",
			generators: "[{matrix: {generators: [{git: {repoURL: u, revision: HEAD, files: [{path: apps.yaml}]}}, " +
				"{clusters: {selector: {matchLabels: {fleet_member: spoke}}, values: {first: '{{.app}}'}}}]}}]",
			app: "{{.app}}-{{.name}}", destination: "{{.name}}", path: "{{.values.first}}",
			want: "one-east east one, one-west west one, two-east east two, two-west west two",
		},
		{
			name: "matrix of clusters and their files",
			generators: "[{matrix: {generators: [{clusters: {values: {chart: c}}}, " +
				"{git: {repoURL: u, revision: HEAD, files: [{path: 'clusters/{{.name}}/values.yaml'}]}}]}}]",
			app: "{{.name}}-{{.version}}", destination: "{{.name}}", path: "{{.path.path}}/{{.values.chart}}",
			want: "east-2.0.0 east clusters/east/c, hub-1.0.0 hub clusters/hub/c, hub-1.1.0 hub clusters/hub/c, " +
				"west-3.0.0 west clusters/west/c",
		},
		{
			name: "matrix without Go templates",
			generators: "[{matrix: {generators: [{clusters: {selector: {matchLabels: {fleet_member: spoke}}}}, " +
				"{git: {repoURL: u, revision: HEAD, files: [{path: 'clusters/{{name}}/values.yaml'}]}}]}}]",
			plain: "{{name}}-{{version}}|{{name}}|{{path}}",
			want:  "east-2.0.0 east clusters/east, west-3.0.0 west clusters/west",
		},
		{
			name: "merge overrides values",
			generators: "[{merge: {mergeKeys: [server], generators: [" +
				"{clusters: {values: {v: base, w: base}}}, " +
				"{clusters: {selector: {matchLabels: {env: prod}}, values: {v: prod}}}, " +
				"{list: {elements: [{server: 'https://west.example', extra: list}]}}]}}]",
			app: "{{.name}}", destination: "{{.name}}",
			path: "{{.values.v}}-{{.values.w}}-{{if index . `extra`}}{{.extra}}{{end}}",
			want: "east east base-base-, hub hub prod-base-, west west prod-base-list",
		},
		{
			name: "merge overrides values, without Go templates",
			generators: "[{merge: {mergeKeys: [server], generators: [" +
				"{clusters: {values: {v: base, w: '{{name}}'}}}, " +
				"{clusters: {selector: {matchLabels: {env: prod}}, values: {v: prod}}}, " +
				"{list: {elements: [{server: 'https://west.example', values.w: list}]}}]}}]",
			plain: "{{name}}|{{name}}|{{values.v}}-{{values.w}}",
			want:  "east east base-east, hub hub prod-hub, west west prod-list",
		},
		{
			name: "merge of nested matrices, with nested selectors",
			generators: "[{merge: {mergeKeys: [name, app], generators: [" +
				"{matrix: {generators: [{clusters: {values: {v: base}}, selector: {matchLabels: {name: west}}}, " +
				"{list: {elements: [{app: x1}, {app: x2}]}}]}}, " +
				"{list: {elements: [{name: west, app: x2, extra: e}]}}]}}]\napplyNestedSelectors: true",
			app: "{{.name}}-{{.app}}", destination: "{{.name}}",
			path: "{{.values.v}}{{if eq .app `x2`}}{{.extra}}{{end}}",
			want: "west-x1 west base, west-x2 west basee",
		},
		{
			name: "a selector on labels of the cluster",
			generators: "[{clusters: {}, selector: {matchLabels: {metadata.labels.env: prod, " +
				"metadata.annotations.region: us-2}}}]",
			app: "{{.name}}", destination: "{{.name}}", path: "p", plain: "{{name}}|{{name}}|p",
			want: "west west p",
		},
		{
			name: "git files with an exception",
			generators: "[{git: {repoURL: u, revision: HEAD, files: [{path: 'clusters/*/values.yaml'}, {path: " +
				"'clusters/[eh]*/*', exclude: true}]}}]",
			app: "{{.path.basename}}", destination: "west", path: "p", plain: "{{path.basename}}|west|p",
			want: "west west p",
		},
		{
			name: "a git file with an empty list beside others",
			generators: "[{matrix: {generators: [{clusters: {selector: {matchLabels: {env: prod}}}}, " +
				"{git: {repoURL: u, revision: HEAD, files: [{path: empty.yaml}, {path: apps.yaml}]}}]}}]",
			app: "{{.name}}-{{.app}}", destination: "{{.name}}", path: "p", plain: "{{name}}-{{app}}|{{name}}|p",
			want: "hub-one hub p, hub-two hub p, west-one west p, west-two west p",
		},
		{
			name: "a git file with an empty list",
			generators: "[{git: {repoURL: u, revision: HEAD, files: [{path: empty.yaml}]}}, {list: {elements: [{app: " +
				"other}]}}]",
			app: "{{.app}}", destination: "hub", path: "p", plain: "{{app}}|hub|p",
			want: "other hub p",
		},
		{
			name: "values with the generator's own parameters, second in a matrix",
			generators: "[{matrix: {generators: [{list: {elements: [{app: one}]}}, " +
				"{clusters: {selector: {matchLabels: {env: prod}}, values: {v: '{{.name}}-{{index " +
				".metadata.annotations `region`}}', w: '{{.app}}'}}}]}}]",
			app: "{{.app}}-{{.name}}", destination: "{{.name}}", path: "{{.values.v}}-{{.values.w}}",
			want: "one-hub hub hub-eu-1-one, one-west west west-us-2-one",
		},
		{
			name: "nested selectors need not be allowed",
			generators: "[{matrix: {generators: [{matrix: {generators: [{clusters: {}, selector: {matchLabels: " +
				"{name: west}}}, {list: {elements: [{app: x}]}}]}}, " +
				"{list: {elements: [{part: p}]}}]}}]",
			app: "{{.name}}-{{.app}}{{.part}}", destination: "{{.name}}", path: "p",
			plain: "{{name}}-{{app}}{{part}}|{{name}}|p",
			want:  "west-xp west p",
		},
	} {
		fill := func(name, destination, path string) string {
			return strings.NewReplacer("%NAME%", name, "%DESTINATION%", destination, "%PATH%", path).Replace(template) +
				"generators: " + test.generators + "\n"
		}
		check := func(t *testing.T, object map[string]any) {
			var got []string
			for _, a := range expand(t, object, gitRepository) {
				destination := at(a.Object, "spec", "destination", "name").(string)
				require.Equal(t, destination, a.Cluster)
				got = append(got, at(a.Object, "metadata", "name").(string)+" "+destination+" "+at(a.Object, "spec",
					"source", "path").(string))
			}
			require.Equal(t, test.want, strings.Join(got, ", "))
		}
		if test.app != "" {
			t.Run(test.name, func(t *testing.T) { check(t, set(t, fill(test.app, test.destination, test.path))) })
		}
		if test.plain != "" {
			t.Run(test.name+", plain", func(t *testing.T) {
				parts := strings.Split(test.plain, "|")
				check(t, plainSet(t, fill(parts[0], parts[1], parts[2])))
			})
		}
	}
}

func TestOwnClusterIsThereWithoutASelectorOnly(t *testing.T) {
	spokes := threeClusters()[1:]
	for generators, want := range map[string][]string{
		"[{clusters: {}}]": {"app-east", "app-in-cluster", "app-west"},
		"[{clusters: {selector: {matchLabels: {fleet_member: spoke}}}}]": {
			"app-east", "app-west"},
		"[{clusters: {selector: {matchExpressions: [{key: tenant, operator: Exists}]}}}]": {
			"app-east", "app-west"},
		"[{clusters: {selector: {matchExpressions: [{key: fleet_member, operator: NotIn, values: [spoke]}]}}}]": nil,
	} {
		expansion := expander(t, nil, spokes).Expand(t.Context(), set(t, "generators: "+generators))
		require.Empty(t, expansion.Problems)
		require.Equal(t, want, names(expansion.Applications), generators)
		if len(want) == 3 {
			require.Equal(t, "in-cluster", expansion.Applications[1].Cluster)
		}
	}
	none := expander(t, nil, nil).Expand(t.Context(), set(t, "generators: [{clusters: {}}]"))
	require.Equal(t, []string{"app-in-cluster"}, names(none.Applications))
}

func TestGitGeneratorReportsFiles(t *testing.T) {
	repository := files{"a/broken.yaml": "a: b: c", "a/text.yaml": "text"}
	for path, want := range map[string]string{
		"../x":          `"../x" is outside of the repository`,
		"/etc/passwd":   `"/etc/passwd" is outside of the repository`,
		"a/broken.yaml": "a/broken.yaml",
		"a/text.yaml":   "a/text.yaml",
		":(exclude)a":   "pathspec magic is not possible here",
	} {
		expansion := expander(t, repository, threeClusters()).Expand(t.Context(),
			set(t, "generators: [{git: {repoURL: u, revision: HEAD, files: [{path: '"+path+"'}]}}]"))
		require.Empty(t, expansion.Applications)
		require.Len(t, expansion.Problems, 1)
		require.Contains(t, expansion.Problems[0].Error(), want)
	}
	// A path with a template is one of a cluster, and so is its mistake.
	clusters := threeClusters()
	clusters[1].Annotations["region"] = "../../../etc"
	expansion := expander(t, repository, clusters).Expand(t.Context(), set(t,
		"generators: [{matrix: {generators: [{clusters: {}}, {git: {repoURL: u, revision: HEAD, files: [{path: "+
			"'x/{{.metadata.annotations.region}}/passwd'}]}}]}}]"))
	require.Empty(t, expansion.Applications)
	require.Len(t, expansion.Problems, 1)
	require.Contains(t, expansion.Problems[0].Error(), `members/east.yaml: ApplicationSet "set": cluster "east"`)
	require.Contains(t, expansion.Problems[0].Error(), "outside of the repository")
}

func TestMergeDoesNotWriteIntoTheClusters(t *testing.T) {
	clusters := threeClusters()
	e := expander(t, nil, clusters)
	merged := set(t, `
generators:
- merge:
    mergeKeys: [name]
    generators:
    - clusters: {}
    - list: {elements: [{name: east, metadata: {labels: {tenant: other}, annotations: {region: other}}}]}
template: {metadata: {annotations: {tenant: '{{.metadata.labels.tenant}}', region: '{{.metadata.annotations.region}}'}}}
`)
	plain := set(t, "generators: [{clusters: {}}]\ntemplate: {metadata: {annotations: {tenant: "+
		"'{{.metadata.labels.tenant}}', region: '{{.metadata.annotations.region}}'}}}")
	before := e.Expand(t.Context(), plain)
	e.Expand(t.Context(), merged)
	require.Equal(t, before, e.Expand(t.Context(), plain))
	require.Equal(t, threeClusters(), clusters)
}

func TestYAMLIsGuarded(t *testing.T) {
	const list = "generators: [{list: {elements: [{name: east}]}}]\n"
	for _, document := range explosive.Documents {
		repository := files{"a/file": document.YAML}
		for name, spec := range map[string]string{
			"templatePatch": list + "templatePatch: |\n" + document.Indented("  "),
			"a made patch": "generators:\n- list:\n    elements:\n    - name: east\n      text: |\n" +
				document.Indented("        ") + "templatePatch: '{{ .text }}'\n",
			"fromYaml": "generators:\n- list:\n    elements:\n    - name: east\n      text: |\n" +
				document.Indented("        ") + "template: {metadata: {name: '{{ fromYaml .text | toYaml }}'}}\n",
			"fromYamlArray": "generators:\n- list:\n    elements:\n    - name: east\n      text: |\n        -\n" +
				document.Indented("          ") +
				"template: {metadata: {name: '{{ fromYamlArray .text | toYaml }}'}}\n",
			"elementsYaml":       "generators:\n- list:\n    elementsYaml: |\n" + document.Indented("      "),
			"a file of git":      "generators: [{git: {repoURL: r, revision: HEAD, files: [{path: a/file}]}}]\n",
			"fromYaml in values": "generators: [{clusters: {values: {a: '{{ fromYaml .name }}'}}}]\n",
		} {
			t.Run(document.Name+" in "+name, func(t *testing.T) {
				expansion := expander(t, repository, threeClusters()).Expand(t.Context(), set(t, spec))
				require.Len(t, expansion.Problems, 1)
				require.Empty(t, expansion.Applications)
				message := expansion.Problems[0].Error()
				if name == "fromYaml in values" {
					require.Contains(t, message, "the function fromYaml is not possible in a generator")
					return
				}
				require.Contains(t, message, strings.Split(document.Message, " (line")[0])
				require.NotContains(t, message, "\n")
			})
		}
	}
}

// TestGeneratorsOfOtherRepositories: what is in this checkout would be an answer about another repository.
func TestGeneratorsOfOtherRepositories(t *testing.T) {
	repository := generator.Repository{FS: fstest.MapFS{"app/x.yaml": {Data: []byte("a: b")}},
		FileSize: hierarchy.MaxFileSize,
		URLs:     []string{"https://git.example.com/own.git"}}
	e, err := application.New(application.Options{Version: argocd.Newest(), Repository: repository}, threeClusters())
	require.NoError(t, err)
	for url, own := range map[string]bool{
		"https://git.example.com/own": true, "https://GIT.example.com/own.git": true,
		"https://git.example.com/other.git": false,
	} {
		for _, what := range []string{"directories: [{path: '*'}]", "files: [{path: '**/x.yaml'}]"} {
			x := e.Expand(t.Context(), set(t, "generators: [{git: {repoURL: '"+url+"', revision: HEAD, "+what+"}}]\n"+
				"template: {metadata: {name: '{{.path.basename}}'}, spec: {destination: {name: hub}}}"))
			if own {
				require.Empty(t, messages(x.Problems), url)
				require.Len(t, x.Applications, 1)
				continue
			}
			require.Empty(t, x.Applications)
			require.Len(t, x.Problems, 1)
			require.ErrorContains(t, x.Problems[0], "the git generator is of the repository "+url+
				", which is not this one; its files are not here")
		}
	}
}
