package manifest

import (
	"errors"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render/chart"
)

func TestSourceTypes(t *testing.T) {
	for _, test := range []struct {
		name, spec string
		want       []string
	}{
		{"Chart.yaml", "source: {repoURL: r, path: charts/app}", []string{"ConfigMap/values"}},
		{"kustomization", "source: {repoURL: r, path: kust}", []string{"ConfigMap/kust"}},
		{"both are Kustomize", "source: {repoURL: r, path: both}", []string{"ConfigMap/both"}},
		{"neither", "source: {repoURL: r, path: plain}", []string{"Service/plain"}},
		{"directory with options", "source: {repoURL: r, path: plain, directory: {recurse: true}}",
			[]string{"Service/plain", "Service/below"}},
		{"directory by its key", "source: {repoURL: r, path: kust, directory: {include: a.yaml}}",
			[]string{"ConfigMap/kust"}},
		{"Kustomize with options", "source: {repoURL: r, path: kust, kustomize: {namePrefix: pre-}}",
			[]string{"ConfigMap/pre-kust"}},
		{"Kustomize with the environment",
			"source: {repoURL: r, path: kust, kustomize: {commonLabels: {app: $ARGOCD_APP_NAME}}}",
			[]string{"ConfigMap/kust"}},
		{"Helm with options", "source: {repoURL: r, path: charts/app, helm: {releaseName: x}}",
			[]string{"ConfigMap/values"}},
		{"a path through a parent", "source: {repoURL: r, path: charts/../plain/.}", []string{"Service/plain"}},
		{"several sources in order",
			"sources: [{repoURL: r, path: plain}, {repoURL: r, ref: values}, {repoURL: r, path: kust}, {repoURL: r}]",
			[]string{"Service/plain", "ConfigMap/kust"}},
		{"a source that has both ref and path", "sources: [{repoURL: r, path: plain, ref: values}]",
			[]string{"Service/plain"}},
		{"sources win over source", "source: {repoURL: r, path: kust}\nsources: [{repoURL: r, path: plain}]",
			[]string{"Service/plain"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			objects, err := render(t, Options{}, test.spec)
			require.NoError(t, err)
			require.Equal(t, test.want, names(objects))
		})
	}
}

func TestRefusals(t *testing.T) {
	fleet := Options{RepositoryURLs: []string{"https://git.example.com/fleet.git"}}
	for _, test := range []struct {
		name, spec, want string
		o                Options
	}{
		{"no source", "x: y", "has neither spec.source nor spec.sources (application web)", fleet},
		{"neither path nor chart", "source: {repoURL: r}",
			"the source has neither path nor chart (application web, path)", Options{}},
		{"absolute path", "source: {repoURL: r, path: /plain}", "the path /plain is absolute (application web, path " +
			"/plain); paths are relative to the root of the repository", Options{}},
		{"path outside", "source: {repoURL: r, path: plain/../../x}",
			"the path plain/../../x is outside the repository (application web, path plain/../../x)", Options{}},
		{"no such path", "source: {repoURL: r, path: nothing}",
			"nothing: there is no such directory in the repository (application web, path nothing)", Options{}},
		{"a file", "source: {repoURL: r, path: shared.yaml}",
			"shared.yaml: is not a directory (application web, path shared.yaml)", Options{}},
		{"another repository", "source: {repoURL: 'https://elsewhere/x', path: plain}",
			"https://elsewhere/x is not this repository (application web, path plain)", fleet},
		{"a ref to another repository", "sources: [{repoURL: 'https://elsewhere/x', ref: v}, {repoURL: " +
			"'https://git.example.com/fleet', path: charts/app, helm: {valueFiles: [$v/shared.yaml]}}]",
			"https://elsewhere/x is not this repository (application web, source 2 of 2: path charts/app)", fleet},
		{"two tools", "source: {repoURL: r, path: plain, helm: {}, kustomize: {}}",
			"multiple application sources defined: Kustomize,Helm (application web, path plain)", Options{}},
		{"a plugin", "source: {repoURL: r, path: plain, plugin: {name: tool}}",
			"a plugin source (tool) cannot be rendered (application web, path plain)", Options{}},
		{"a chart as a directory", "source: {repoURL: r, chart: app, targetRevision: 1.0.0, directory: {}}",
			"a chart can be rendered by Helm only, not as a directory source (application web, chart app 1.0.0)",
			Options{Charts: &charts{named: map[string]*fstest.MapFS{"app": chartTree()}}}},
		{"an unknown chart", "source: {repoURL: r, chart: other, targetRevision: 1.0.0}",
			"file does not exist (application web, chart other 1.0.0)", Options{}},
		{"a hydrator", "sourceHydrator: {drySource: {repoURL: r}}",
			"spec.sourceHydrator cannot be rendered: its objects are in another branch (application web)", Options{}},
		{"a source of a wrong type", "source: text", "is no Application of Argo CD: json: cannot unmarshal string " +
			"into Go struct field ApplicationSpec.spec.source of type v1alpha1.ApplicationSource (application web)",
			Options{}},
		{"a wrong ref", "sources: [{repoURL: r, ref: a/b}]", `sources.ref "a/b" may hold letters, digits, - and _ only (application web)`, Options{}},
		{"a ref twice", "sources: [{repoURL: r, ref: a}, {repoURL: r, ref: a}]", `two sources have the ref "a" (application web)`, Options{}},
		{"an unknown ref", "sources: [{repoURL: r, ref: a}, {repoURL: r, path: charts/app, helm: {valueFiles: [$b/x]}}]", `$b/x refers to $b, which is none of $a (application web)`, Options{}},
		{"no ref at all", "sources: [{repoURL: r, path: charts/app, helm: {fileParameters: [{name: a, path: $b/x}]}}]", `$b/x refers to $b, but no source has a ref (application web)`, Options{}},
		{"a ref to a chart", "sources: [{repoURL: r, chart: c, ref: a}, {repoURL: r, path: charts/app, helm: {valueFiles: [$a/x]}}]", `$a/x refers to a chart, in which Argo CD does not look for files (application web)`, Options{}},
		{"refs of two revisions", "sources: [{repoURL: r, ref: a, targetRevision: one}, {repoURL: r.git, ref: b, " +
			"targetRevision: two}, {repoURL: r, path: charts/app, helm: {valueFiles: [$a/x, $b/x]}}]",
			`$a and $b refer to different revisions of the same repository (application web)`, Options{}},
		{"a Helm version", "source: {repoURL: r, path: charts/app, helm: {version: v2}}", `helm version "v2" is not supported by Argo CD 3.6 (application web, path charts/app)`, Options{}},
		{"no chart", "source: {repoURL: r, path: plain, helm: {}}",
			"Chart.yaml file is missing (application web, path plain)", Options{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := render(t, test.o, test.spec)
			require.EqualError(t, err, test.want)
		})
	}
	_, err := render(t, fleet, "source: {repoURL: 'https://GIT.example.com/fleet', path: plain}")
	require.NoError(t, err, "the same repository in another spelling")
	_, _, err = renderObject(t, New(Options{}), map[string]any{"spec": map[string]any{}})
	require.ErrorContains(t, err, "an Application has no name")
}

func chartTree() *fstest.MapFS {
	out := fstest.MapFS{}
	for name, file := range repository() {
		if name, ok := strings.CutPrefix(name, "charts/app/"); ok {
			out[name] = file
		}
	}
	return &out
}

func TestDifferentRevisionsOfTheCheckoutAreAWarning(t *testing.T) {
	r := New(Options{Repository: repository(), Charts: &charts{}})
	_, warnings, err := renderObject(t, r, app(t, "sources: [{repoURL: r, ref: v, targetRevision: main}, "+
		"{repoURL: r.git, path: charts/app, targetRevision: release, helm: {valueFiles: [$v/shared.yaml]}}]"))
	require.NoError(t, err)
	require.Len(t, warnings, 1)
	require.EqualError(t, warnings[0], `the source is of revision "release" and its value files are of revision "main" of the same repository `+
		`(application web, source 2 of 2: path charts/app); Argo CD refuses this unless they are the same commit`)
}

func TestHelmSettings(t *testing.T) {
	const source = "source: {repoURL: r, path: charts/app, targetRevision: main, helm: "
	o := Options{KubeVersion: "1.30.2+k3s1", APIVersions: []string{"monitoring/v1"}}
	got, err := data(t, o, "source: {repoURL: r, path: charts/app}")
	require.NoError(t, err)
	require.Equal(t, map[string]any{"values": `{"key":"chart"}`, "release": "web", "namespace": "target", "kube": "v1.30.2", "monitor": "true"}, got)

	got, err = data(t, o, source+"{releaseName: rel, namespace: own, kubeVersion: v1.29.0, apiVersions: [other/v1]}}")
	require.NoError(t, err)
	require.Equal(t, map[string]any{"values": `{"key":"chart"}`, "release": "rel", "namespace": "own", "kube": "v1.29.0", "monitor": "false"}, got)
}

func TestAPIVersionsOfTheCluster(t *testing.T) {
	const claim, widget = "resource.k8s.io/v1/ResourceClaim", "example.com/v1/Widget"
	const template = `apiVersion: v1
kind: ConfigMap
metadata: {name: c}
data:
  has: '{{ range list "v1" "v1/ConfigMap" "policy/v1/PodDisruptionBudget" "` + claim + `" "` + widget + `" "other/v1" }}
    {{- if $.Capabilities.APIVersions.Has . }}{{ . }} {{ end }}{{ end }}'
`
	chart := fstest.MapFS{
		"c/Chart.yaml":       {Data: []byte("{apiVersion: v2, name: c, version: 1.0.0}")},
		"c/templates/c.yaml": {Data: []byte(template)},
	}
	const source, old = "source: {repoURL: r, path: c}", "v1 v1/ConfigMap policy/v1/PodDisruptionBudget "
	const own = "source: {repoURL: r, path: c, helm: {kubeVersion: 1.25.0, apiVersions: [other/v1]}}"
	served, others := []string{"v1/ConfigMap"}, []string{widget}
	for _, test := range []struct {
		name, application, want string
		o                       Options
	}{
		{"the default", source, old + claim + " ", Options{}},
		{"of an older Argo CD", source, old, Options{Version: argoCDVersion(t, "2.14")}},
		{"of a version", source, old + claim + " ", Options{KubeVersion: "1.34.0"}},
		{"and others", source, old + widget + " ", Options{KubeVersion: "v1.33.1", AdditionalAPIVersions: others}},
		{"of a cluster", source, "v1 v1/ConfigMap ", Options{KubeVersion: "1.34.0", APIVersions: served}},
		{"of a cluster and others", source, "v1 v1/ConfigMap " + widget + " ",
			Options{APIVersions: served, AdditionalAPIVersions: others}},
		{"of a cluster that serves nothing", source, "v1 ", Options{APIVersions: []string{}}},
		{"of the Application", own, "v1 other/v1 ", Options{AdditionalAPIVersions: others}},
		{"of an Application with a version only", strings.Replace(own, "apiVersions: [other/v1]", "", 1), old + claim +
			" ",
			Options{KubeVersion: "1.36.0"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.o.Repository = chart
			got, err := data(t, test.o, test.application)
			require.NoError(t, err)
			require.Equal(t, map[string]any{"has": test.want}, got)
		})
	}
	require.Equal(t, []string{"v1/ConfigMap"}, served)
}

func TestChartsAreLoadedOnce(t *testing.T) {
	c := &charts{named: map[string]*fstest.MapFS{"app": chartTree()}}
	r := New(Options{Repository: repository(), Charts: c})
	for range 3 {
		for _, spec := range []string{"source: {repoURL: 'https://charts', chart: app, targetRevision: 1.0.0}",
			"source: {repoURL: r, path: charts/app}"} {
			_, _, err := renderObject(t, r, app(t, spec))
			require.NoError(t, err)
		}
	}
	require.Equal(t, []chart.Reference{{RepoURL: "https://charts", Name: "app", Version: "1.0.0"}}, c.fetched)
	require.Equal(t, []string{"charts/app"}, c.dirs)
}

func TestRendererIsSafeForConcurrentUse(t *testing.T) {
	r := New(Options{Repository: repository(), Charts: &charts{}})
	application := app(t, "source: {repoURL: r, path: charts/app, helm: {valueFiles: [extra.yaml], parameters: "+
		"[{name: a.b, value: '1'}], valuesObject: {a: {c: 2}}}}")
	want, _, err := renderObject(t, r, application)
	require.NoError(t, err)
	before := maps.Clone(application)
	var group sync.WaitGroup
	results := make([][]map[string]any, 8)
	for i := range results {
		group.Go(func() { results[i], _, _ = renderObject(t, r, application) })
	}
	group.Wait()
	for _, got := range results {
		require.Equal(t, want, got)
	}
	require.Equal(t, before, application)
}

func TestOverlaysChangeTheObjectsOfASource(t *testing.T) {
	r := New(Options{Repository: repository(), Charts: &charts{}})
	application := app(t, "sources: [{repoURL: r, path: plain}, {repoURL: r, path: charts/app}]")
	overlay := func(source int, objects []map[string]any) ([]map[string]any, error) {
		if source == 0 {
			return objects, nil
		}
		objects[0]["metadata"].(map[string]any)["name"] = "overlaid"
		return objects, nil
	}
	objects, _, err := renderObject(t, r, application, Destination{Overlay: overlay})
	require.NoError(t, err)
	require.Equal(t, []string{"Service/plain", "ConfigMap/overlaid"}, names(objects))

	_, _, err = renderObject(t, r, application, Destination{Overlay: func(int, []map[string]any) ([]map[string]any,
		error) {
		return nil, errors.New("broken")
	}})
	require.EqualError(t, err, "broken (application web, source 1 of 2: path plain)")
}

func TestHelmVersion(t *testing.T) {
	files := repository()
	files["charts/app/values.yaml"] = &fstest.MapFile{Data: []byte("key: chart\nnothing: ~\n---\nsecond: own\n")}
	files["charts/app/more.yaml"] = &fstest.MapFile{Data: []byte("a: 1\n---\nb: 2\n")}
	const spec = "source: {repoURL: r, path: charts/app, helm: {valueFiles: [more.yaml], values: \"c: 3\\n---\\nd: " +
		"4\\n\"}}"
	const ignored = ": only the first YAML document of a values file is read; remove the line with ---, or move the " +
		"rest to another file"
	const first = `{"a":1,"c":3,"key":"chart","nothing":null}`
	warnings := []string{"app/values.yaml:4" + ignored, "charts/app/more.yaml:3" + ignored, "helm.values:3" + ignored}
	for _, test := range []struct {
		version, values string
		warnings        []string
	}{
		{"", `{"a":1,"b":2,"c":3,"d":4,"key":"chart","second":"own"}`, nil},
		{"3.5", `{"a":1,"b":2,"c":3,"d":4,"key":"chart","second":"own"}`, nil},
		{"3.4", first, warnings},
		{"2.14", first, warnings},
	} {
		r := New(Options{Repository: files, Charts: &charts{}, Version: argoCDVersion(t, test.version)})
		objects, warnings, err := renderObject(t, r, app(t, spec))
		require.NoError(t, err)
		require.Equal(t, test.values, valueAt(objects[0], "data", "values"), test.version)
		var got []string
		for _, w := range warnings {
			got = append(got, w.Error())
		}
		require.Equal(t, test.warnings, got)
	}
}

// TestFieldsOfTheVersion: an API server drops what its version does not know, so that repo-server never sees it.
func TestFieldsOfTheVersion(t *testing.T) {
	files := fstest.MapFS{
		"p/kustomization.yaml": {Data: []byte("resources: [cm.yaml]")},
		"p/cm.yaml":            {Data: []byte("{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}")},
	}
	application := app(t,
		"source: {repoURL: r, path: p, kustomize: {components: [none], ignoreMissingComponents: true}}")
	objects, _, err := renderObject(t, New(Options{Repository: files}), application)
	require.NoError(t, err)
	require.Len(t, objects, 1)
	_, _, err = renderObject(t, New(Options{Repository: files, Version: argoCDVersion(t, "2.14")}), application)
	require.ErrorContains(t, err, `p/kustomization.yaml: there is no file or directory "none"`)
}

// TestSourcesOfVersions: where two versions of Argo CD make other objects of the same source.
func TestSourcesOfVersions(t *testing.T) {
	object := func(name string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + "}\n")}
	}
	component := func(prefix string) *fstest.MapFile {
		return &fstest.MapFile{
			Data: []byte("{apiVersion: kustomize.config.k8s.io/v1alpha1, kind: Component, namePrefix: " + prefix + "}")}
	}
	files := fstest.MapFS{
		"d/plain.yaml": object("plain"), "d/noext": object("noext"),
		"d/marked.yaml": {Data: []byte("# +argocd:skip-file-rendering\n" +
			string(object("marked").Data))},
		"p/kustomization.yaml":        {Data: []byte("resources: [cm.yaml]")},
		"p/cm.yaml":                   object("c"),
		"p/empty/readme.txt":          {Data: []byte("no component")},
		"p/one/kustomization.yaml":    component("one-"),
		"p/two/kustomization.yml":     component("two-"),
		"chart/Chart.yaml":            {Data: []byte("{apiVersion: v2, name: c, version: 1.0.0}")},
		"chart/templates/object.yaml": object("chart"),
	}
	components := func(list string) string {
		return "source: {repoURL: r, path: p, kustomize: {ignoreMissingComponents: true, components: " + list + "}}"
	}
	for _, test := range []struct{ name, version, spec, want string }{
		{"files of any name", "3.6", "source: {repoURL: r, path: d, directory: {disableExtensionFilter: true}}",
			"noext plain"},
		{"files of any name", "3.5", "source: {repoURL: r, path: d, directory: {disableExtensionFilter: true}}",
			"plain"},
		{"a marked file", "2.14", "source: {repoURL: r, path: d}", "marked plain"},
		{"a missing component", "3.6", components("[gone, empty, one]"), "one-c"},
		{"a component that is no directory", "3.6", components("[cm.yaml, one]"), "one-c"},
		{"two components", "3.6", components("[one, two]"), "one-c"},
		{"two components", "3.5", components("[gone, one, two]"), "two-one-c"},
		{"no component", "3.6", components("[gone]"), "c"},
		{"a component without a kustomization", "3.5", components("[empty, one]"), "p/empty: "},
		{"Helm 4", "3.5", "source: {repoURL: r, path: chart, helm: {version: v4}}", "chart"},
		{"Helm 4", "3.4", "source: {repoURL: r, path: chart, helm: {version: v4}}", `helm version "v4" is not supported by Argo CD 3.4`},
	} {
		t.Run(test.name+" "+test.version, func(t *testing.T) {
			r := New(Options{Repository: files, Charts: &charts{}, Version: argoCDVersion(t, test.version)})
			objects, warnings, err := renderObject(t, r, app(t, test.spec))
			if err != nil {
				require.ErrorContains(t, err, test.want)
				return
			}
			var names []string
			for _, o := range objects {
				names = append(names, valueAt(o, "metadata", "name").(string))
			}
			require.Equal(t, test.want, strings.Join(names, " "))
			if test.name != "two components" || test.version != "3.6" {
				require.Empty(t, warnings)
				return
			}
			require.Len(t, warnings, 1)
			require.EqualError(t, warnings[0],
				"with ignoreMissingComponents, Argo CD 3.6.1 adds only the first component that is there, "+
					"and not two (application web, path p); put the components into one")
		})
	}
}
