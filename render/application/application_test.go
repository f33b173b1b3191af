package application_test

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/render/application"
	"github.com/eks-fleet-management/fleet-cmp/render/application/generator"
)

func TestNewRefusesClustersThatCannotBeToldApart(t *testing.T) {
	_, err := application.New(application.Options{Version: argocd.Newest(), Repository: generator.Repository{
		FS: files{}.fs()}},
		[]cluster.Cluster{{Name: "a", File: "1"}, {Name: "a", File: "2"}})
	require.EqualError(t, err, `2: there is a cluster "a" in 1 as well`)
	_, err = application.New(application.Options{Version: argocd.Newest(), Repository: generator.Repository{
		FS: files{}.fs()}}, []cluster.Cluster{{File: "1"}})
	require.EqualError(t, err, "1: a cluster has no name")
}

func TestApplicationIsWhatTheControllerCreates(t *testing.T) {
	object := set(t, `
generators: [{clusters: {selector: {matchLabels: {tenant: a}}}}]
template:
  metadata:
    name: 'app-{{.name}}'
    namespace: ignored
    labels: {env: '{{.metadata.labels.env}}'}
    annotations: {region: '{{.metadata.annotations.region}}'}
  spec:
    project: ''
    source: null
    sources:
    - {repoURL: 'https://charts.example', chart: c, targetRevision: 1.0.0, helm: {valuesObject: {replicas: 2, ratio: 0.5, region: '{{.metadata.annotations.region}}', none: null}}}
    - {repoURL: 'https://git.example', path: p, helm: {}, directory: {recurse: false}}
    syncPolicy: {automated: {}, retry: {limit: 5}}
    revisionHistoryLimit: 3
templatePatch: |
  metadata: {labels: {patched: '{{.name}}'}}
  spec: {project: elsewhere, info: [{name: a, value: '{{.name}}'}]}
preservedFields: {labels: [a]}
`)
	got := expand(t, object, nil)
	require.Len(t, got, 1)
	require.Equal(t, "east", got[0].Cluster)
	require.Equal(t, parse(t, `
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: app-east
  namespace: argocd
  labels: {env: test, patched: east}
  annotations: {region: us-1}
  finalizers: [resources-finalizer.argocd.argoproj.io]
spec:
  project: default
  destination: {name: east, namespace: ns}
  sources:
  - {repoURL: 'https://charts.example', chart: c, targetRevision: 1.0.0, helm: {valuesObject: {replicas: 2, ratio: 0.5, region: us-1}}}
  - {repoURL: 'https://git.example', path: p}
  syncPolicy: {automated: {}, retry: {limit: 5}}
  info: [{name: a, value: east}]
  revisionHistoryLimit: 3
`), got[0].Object)
}

// A false that somebody has written stays.
func TestSwitchesOfAutomatedSyncStayAsWritten(t *testing.T) {
	for spec, want := range map[string]string{
		"{automated: {prune: false, selfHeal: true, enabled: false}}": "{automated: {prune: false, selfHeal: true, " +
			"enabled: false}}",
		"{retry: {limit: 1}}": "{retry: {limit: 1}}",
		"{automated: {prune: false, allowEmpty: false}}, templatePatch: 'spec: {syncPolicy: {automated: {prune: " +
			"true}}}'": "{automated: {prune: true, allowEmpty: false}}",
		"{automated: {prune: false, selfHeal: true}}, templatePatch: 'spec: {syncPolicy: {automated: {prune: " +
			"null}}}'": "{automated: {selfHeal: true}}",
		"{automated: {prune: true}}, templatePatch: 'spec: {syncPolicy: {automated: {selfHeal: {{eq .name " +
			"\"west\"}}}}}'": "{automated: {prune: true, selfHeal: false}}",
		"{automated: {prune: false}}, templatePatch: 'spec: {syncPolicy: {automated: null, " +
			"syncOptions: [a=b]}}'": "{syncOptions: [a=b]}",
		"{automated: {prune: false}, retry: {limit: 1}}, templatePatch: 'spec: {syncPolicy: null, " +
			"revisionHistoryLimit: 1}'": "null",
	} {
		sync, patch, _ := strings.Cut(spec, ", templatePatch: ")
		text := "generators: [{clusters: {selector: {matchLabels: {tenant: a}}}}]\ntemplate: {spec: {syncPolicy: " +
			sync + "}}\n"
		if patch != "" {
			text += "templatePatch: " + patch
		}
		got := expand(t, set(t, text), nil)
		require.Len(t, got, 1, spec)
		require.Equal(t, parse(t, "a: "+want)["a"], at(got[0].Object, "spec", "syncPolicy"), spec)
	}
}

func TestFinalizersDependOnTheSyncPolicy(t *testing.T) {
	for spec, want := range map[string]any{
		"": []any{"resources-finalizer.argocd.argoproj.io"},
		"syncPolicy: {preserveResourcesOnDeletion: " +
			"false}": []any{"resources-finalizer.argocd.argoproj.io"},
		"syncPolicy: {preserveResourcesOnDeletion: true}": nil,
		"syncPolicy: {preserveResourcesOnDeletion: true}\ntemplate: {metadata: {finalizers: " +
			"[own/finalizer]}}": []any{"own/finalizer"},
		"template: {metadata: {finalizers: " +
			"['resources-finalizer.argocd.argoproj.io/{{.name}}']}}": []any{
			"resources-finalizer.argocd.argoproj.io/east"},
		"templatePatch: 'metadata: {finalizers: [patched/finalizer]}'\nsyncPolicy: {preserveResourcesOnDeletion: " +
			"true}": []any{"patched/finalizer"},
	} {
		got := expand(t, set(t, "generators: [{clusters: {selector: {matchLabels: {tenant: a}}}}]\n"+spec), nil)
		require.Equal(t, want, at(got[0].Object, "metadata", "finalizers"), spec)
	}
}

func TestOperationOfAPatchStays(t *testing.T) {
	got := expand(t, set(t, "generators: [{clusters: {selector: {matchLabels: {tenant: a}}}}]\ntemplatePatch: "+
		"'operation: {retry: {limit: 2}, sync: {prune: true}}'"), nil)
	require.Equal(t, parse(t, "{initiatedBy: {}, retry: {limit: 2}, sync: {prune: true}}"), got[0].Object["operation"])
}

func TestOrderIsAlwaysTheSame(t *testing.T) {
	e := expander(t, nil, manyClusters(50))
	object := set(t, `
generators:
- merge: {mergeKeys: [server], generators: [{clusters: {selector: {matchLabels: {fleet_member: spoke}}, values: {a: b}}}, {clusters: {selector: {matchLabels: {tenant: t1}}, values: {a: c}}}]}
template: {metadata: {annotations: {a: '{{ .metadata.labels | toJson }}{{ keys (dict "x" 1 "y" 2 "z" 3) }}{{ values (dict "x" 1 "y" 2 "z" 3) }}'}}}
`)
	first := e.Expand(t.Context(), object)
	require.Len(t, first.Applications, 50)
	require.IsIncreasing(t, names(first.Applications))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 3 {
				if again := e.Expand(t.Context(), object); !reflect.DeepEqual(again, first) {
					t.Error("another result")
				}
			}
		})
	}
	all.Wait()
}

func TestDestinations(t *testing.T) {
	for destination, want := range map[string]string{
		"{name: east}": "east",
		"{name: null, server: 'https://east.example'}":           "east",
		"{name: null, server: 'https://kubernetes.default.svc'}": "hub",
		"{name: null}":                                 "",
		"{name: nowhere}":                              `Application "app-east": the destination is cluster "nowhere", which Argo CD does not know`,
		"{name: in-cluster}":                           `the destination is cluster "in-cluster", which Argo CD does not know`,
		"{name: null, server: 'https://x'}":            `the destination is server "https://x", which Argo CD does not know`,
		"{name: east, server: 'https://east.example'}": "both a name (east) and a server (https://east.example)",
	} {
		expansion := expander(t, nil, threeClusters()).Expand(t.Context(), set(t,
			"generators: [{clusters: {selector: {matchLabels: {tenant: a}}}}]\ntemplate: {spec: {destination: "+
				destination+"}}"))
		if strings.Contains(want, "destination") || strings.Contains(want, "both") {
			require.Empty(t, expansion.Applications, destination)
			require.Len(t, expansion.Problems, 1)
			require.Contains(t, expansion.Problems[0].Error(), want)
			continue
		}
		require.Empty(t, expansion.Problems, destination)
		require.Equal(t, want, expansion.Applications[0].Cluster, destination)
	}
}

func TestServersThatAreNotKnown(t *testing.T) {
	clusters := []cluster.Cluster{
		{Name: "hub", Labels: map[string]string{"fleet_member": "hub-cluster"}, File: "fleet.yaml"},
		{Name: "other-hub", Labels: map[string]string{"fleet_member": "hub-cluster"}, File: "fleet.yaml"},
		{Name: "east", Hub: "hub", File: "members/east.yaml"}, {Name: "far-east", Hub: "hub",
			File: "members/far-east.yaml"},
		{Name: "west", Hub: "hub", Server: "https://west.example", File: "members/west.yaml"},
	}
	e := expander(t, nil, clusters)
	expand := func(spec string) *application.Expansion {
		return e.Expand(t.Context(), set(t, "generators: [{clusters: {}}]\n"+spec))
	}

	unused := expand("")
	require.Empty(t, unused.Problems)
	require.Equal(t, []string{"app-east", "app-far-east", "app-hub", "app-other-hub", "app-west"},
		names(unused.Applications))

	for _, spec := range []string{
		"template: {spec: {destination: {name: null, server: '{{.server}}'}}}",
		"template: {spec: {source: {helm: {valuesObject: {'{{ trimPrefix \"https://\" .server }}': x}}}}}",
		"template: {metadata: {annotations: {a: '{{ normalize .server }}'}}}",
		"templatePatch: 'spec: {info: [{name: server, value: \"a {{.server}} b\"}]}'",
	} {
		used := expand(spec)
		require.Equal(t, []string{"app-hub", "app-west"}, names(used.Applications), spec)
		var want []string
		for _, name := range []string{"members/east.yaml|east", "members/far-east.yaml|far-east",
			"fleet.yaml|other-hub"} {
			file, name, _ := strings.Cut(name, "|")
			want = append(want, file+`: ApplicationSet "set": needs the server of cluster "`+name+`", which is not known; give it in fleet.yaml or with --cluster-file`)
		}
		require.ElementsMatch(t, want, messages(used.Problems), spec)
	}
	merged := e.Expand(t.Context(), set(t, "generators: [{merge: {mergeKeys: [server], generators: [{clusters: "+
		"{values: {a: b}}}, {clusters: {selector: {matchLabels: {fleet_member: hub-cluster}}, values: {a: c}}}]}}]\n"+
		"template: {metadata: {annotations: {a: '{{.values.a}}'}}}"))
	require.Empty(t, merged.Problems)
	require.Len(t, merged.Applications, 5)
	require.Equal(t, "c", at(merged.Applications[3].Object, "metadata", "annotations", "a"))

	literal := expand("template: {spec: {destination: {name: null, server: 'https://could-be-east.example'}}}")
	require.Empty(t, literal.Problems, "it may be the server of one of the clusters")
	require.Equal(t, "", literal.Applications[0].Cluster)

	flat := e.Expand(t.Context(), set(t, "generators: [{clusters: {flatList: true}}]\ntemplate: {metadata: {name: "+
		"all}, spec: {destination: {name: hub}, source: {path: '{{range .clusters}}{{.server}} {{end}}'}}}"))
	require.Empty(t, flat.Applications)
	require.Len(t, flat.Problems, 3)

	// A cluster alone is taken for Argo CD's own, unless it is known to be another's spoke.
	alone := set(t, "generators: [{clusters: {selector: {matchLabels: {argocd.argoproj.io/secret-type: "+
		"cluster}}}}]\ntemplate: {spec: {destination: {name: null, server: '{{.server}}'}}}")
	got := expander(t, nil, []cluster.Cluster{{Name: "only"}}).Expand(t.Context(), alone)
	require.Empty(t, got.Problems)
	require.Equal(t, "https://kubernetes.default.svc", at(got.Applications[0].Object, "spec", "destination", "server"))
	require.Equal(t, "only", got.Applications[0].Cluster)
	got = expander(t, nil, []cluster.Cluster{{Name: "only", Hub: "hub"}}).Expand(t.Context(), alone)
	require.Empty(t, got.Applications)
	require.Len(t, got.Problems, 1)
	taken := expander(t, nil, []cluster.Cluster{clusters[0],
		{Name: "own", Server: "https://kubernetes.default.svc"}}).Expand(t.Context(), alone)
	require.Equal(t, []string{"app-own"}, names(taken.Applications))
	require.Len(t, taken.Problems, 1)
}

// TestServerOfTheLongestName: a server without its scheme is that of the cluster whose whole name it has.
func TestServerOfTheLongestName(t *testing.T) {
	clusters := []cluster.Cluster{
		{Name: "hub", Labels: map[string]string{"fleet_member": "hub-cluster"}},
		{Name: "a-east", Hub: "hub", File: "a-east.yaml"}, {Name: "east", Hub: "hub", File: "east.yaml"},
	}
	got := expander(t, nil, clusters).Expand(t.Context(), set(t, "generators: [{clusters: {}}]\n"+
		"template: {spec: {source: {helm: {valuesObject: {'{{ trimPrefix \"https://\" .server }}': x}}}}}"))
	require.Equal(t, []string{"app-hub"}, names(got.Applications))
	require.Len(t, got.Problems, 2)
	require.Contains(t, got.Problems[0].Error(), `a-east.yaml: ApplicationSet "set": needs the server of cluster "a-east"`)
	require.Contains(t, got.Problems[1].Error(), `east.yaml: ApplicationSet "set": needs the server of cluster "east"`)
}

func TestDuplicateNames(t *testing.T) {
	expansion := expander(t, nil, threeClusters()).Expand(t.Context(), set(t, `
generators: [{clusters: {}}]
template: {metadata: {name: '{{if eq .metadata.labels.env "prod"}}same{{else}}other{{end}}'}}
`))
	require.Equal(t, []string{"other"}, names(expansion.Applications))
	require.Equal(t, []string{`ApplicationSet "set": 2 Applications have the same name "same" (clusters "hub", "west"), of which Argo CD makes one at most; ` +
		`make the template's metadata.name differ, for example by {{.name}}`}, messages(expansion.Problems))

	again := expander(t, nil, threeClusters()).Expand(t.Context(),
		set(t, "generators: [{list: {elements: [{name: east}]}}, {list: {elements: [{name: east}]}}]"))
	require.Empty(t, again.Applications, "also of two generators")
	require.Len(t, again.Problems, 1)

	const five = `"cluster-0000", "cluster-0001", "cluster-0002", "cluster-0003", "cluster-0004"`
	for n, want := range map[int]string{
		5: `5 Applications have the same name "same" (clusters ` + five + "), of which",
		6: `6 Applications have the same name "same" (clusters ` + five + " and 1 more), of which",
	} {
		many := expander(t, nil, manyClusters(n)).Expand(t.Context(), set(t, "generators: [{clusters: {selector: "+
			"{matchLabels: {fleet_member: spoke}}}}]\ntemplate: {metadata: {name: same}}"))
		require.Empty(t, many.Applications)
		require.Len(t, many.Problems, 1)
		require.Contains(t, many.Problems[0].Error(), want)
	}
}

func TestNothingOfTheMachineComesOut(t *testing.T) {
	t.Setenv("FLEET_CMP_CANARY", "CANARY")
	require.NotEmpty(t, os.Getenv("HOME"))
	for _, text := range []string{`{{ env "FLEET_CMP_CANARY" }}`, `{{ expandenv "$FLEET_CMP_CANARY" }}`, `{{ getHostByName "localhost" }}`, `{{ now }}`, `{{ uuidv4 }}`, `{{ randAlpha 5 }}`, `{{ genPrivateKey "rsa" }}`} {
		for _, spec := range []string{
			"generators: [{clusters: {}}]\ntemplate: {metadata: {annotations: {a: '" + text + "'}}}",
			"generators: [{clusters: {}}]\ntemplatePatch: 'metadata: {annotations: {a: ''" + strings.ReplaceAll(text,
				"'", "''") + "''}}'",
			"generators: [{clusters: {values: {a: '" + text + "'}}}]",
			"generators: [{matrix: {generators: [{clusters: {}}, {list: {elementsYaml: '" + text +
				"', elements: []}}]}}]",
		} {
			expansion := expander(t, nil, threeClusters()).Expand(t.Context(), set(t, spec))
			require.Empty(t, expansion.Applications, spec)
			require.NotEmpty(t, expansion.Problems, spec)
			require.NotContains(t, fmt.Sprint(messages(expansion.Problems)), "CANARY\"}")
			require.NotContains(t, fmt.Sprint(messages(expansion.Problems)), "127.0.0.1")
		}
		plain := expander(t, nil, threeClusters()).Expand(t.Context(),
			plainSet(t, "generators: [{clusters: {}}]\ntemplate: {spec: {source: {path: '"+text+"'}}}"))
		require.Equal(t, text, at(plain.Applications[0].Object, "spec", "source", "path"),
			"without Go templates it is text")
	}
}

// FuzzExpand makes sure that no ApplicationSet ends the program or gives something else the second time.
func FuzzExpand(f *testing.F) {
	for _, seed := range []string{
		"generators: [{clusters: {}}]",
		"generators: [{clusters: {flatList: true, values: {a: '{{.name}}'}}}]",
		"generators: [{list: {elements: [{a: 1}, null, {a: {b: c}}]}}]",
		"generators: [{matrix: {generators: [{clusters: {}}, {git: {repoURL: u, revision: r, files: [{path: " +
			"'{{.name}}/[a'}]}}]}}]",
		"generators: [{merge: {mergeKeys: [name], generators: [{clusters: {values: {a: b}}}, {list: {elements: " +
			"[{name: east, values: {a: c}}]}}]}}]",
		"generators: [{git: {repoURL: u, revision: r, directories: [{path: '*'}]}}]\ntemplate: {metadata: {name: " +
			"'{{.path.basename}}'}}",
		"generators: [{clusters: {}}]\ntemplatePatch: '{{ toYaml . }}'",
		"goTemplate: false\ngenerators: [{clusters: {}}]\ntemplate: {metadata: {name: '{{name}}'}}",
		"generators: [{}]", "generators: [null]", "template: null", "goTemplateOptions: [x]",
	} {
		f.Add(seed)
	}
	e := expander(f, gitRepository, threeClusters())
	f.Fuzz(func(t *testing.T, spec string) {
		object, ok := parsed("apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: s}\nspec:\n  " +
			"goTemplate: true\n  template: {metadata: {name: x}, spec: {destination: {}}}\n")
		if !ok {
			t.Fatal("the frame is no YAML")
		}
		if over, ok := parsed(spec); ok {
			object["spec"] = hierarchy.MergeMaps(object["spec"].(map[string]any), over)
		}
		first := e.Expand(t.Context(), object)
		for _, p := range first.Problems {
			if strings.ContainsAny(p.Error(), "\n\x1b") {
				t.Fatalf("not one line: %q", p.Error())
			}
		}
		if again := e.Expand(t.Context(), object); fmt.Sprint(names(first.Applications)) != fmt.Sprint(
			names(again.Applications)) {
			t.Fatal(first, again)
		}
	})
}

// TestProject: a cluster of one project has it as a parameter, and others an empty one.
func TestProject(t *testing.T) {
	clusters := []cluster.Cluster{
		{Name: "a", Server: "https://a.example", Project: "payments"}, {Name: "b", Server: "https://b.example"},
	}
	all := set(t, "generators: [{clusters: {selector: {matchExpressions: [{key: nobody, operator: DoesNotExist}]}}}]\n"+
		"template: {metadata: {name: '{{.name}}-of-{{.project}}x'}, spec: {destination: {name: '{{.name}}'}}}")
	x := expander(t, nil, clusters).Expand(t.Context(), all)
	require.Empty(t, messages(x.Problems))
	require.Equal(t, []string{"a-of-paymentsx", "b-of-x"}, names(x.Applications))
}
