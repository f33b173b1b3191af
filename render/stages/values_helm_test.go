package stages_test

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	engine3 "helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/loader/archive"
	loader4 "helm.sh/helm/v4/pkg/chart/v2/loader"
	chartutil4 "helm.sh/helm/v4/pkg/chart/v2/util"
	engine4 "helm.sh/helm/v4/pkg/engine"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/explanation"
	"github.com/eks-fleet-management/fleet-cmp/render/internal/testfleet"
	"github.com/eks-fleet-management/fleet-cmp/render/manifest/helm"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// byHelm are versions of Argo CD with Helm 3 and with Helm 4.
var byHelm = map[string]template{
	"2.14": helm3Template("3.16.3"), "3.4": helm3Template("3.19.4"), "3.5": helm4Template, "3.6": helm4Template,
}

// A template returns what helm template prints of a chart with a file of values.
type template func(t testing.TB, files fs.FS, dir, name, namespace string, values []byte) []string

// TestValuesForHelm: what helm template makes of a chart with the values that are shown is what the stage manifests
// makes, for each Helm source of each Application of the example fleet.
func TestValuesForHelm(t *testing.T) {
	files := localFleet(t)
	for version, print := range byHelm {
		t.Run(version, func(t *testing.T) {
			session := open(t, question{Tree: files, Options: render.Options{ArgoCD: version},
				Charts: stages.Charts{CacheDir: t.TempDir(), Offline: true}})
			all := render.Request{Stage: render.StageManifests, Anywhere: true, AppPath: ".", AllowEmpty: true,
				Targets: render.Targets{All: true}}
			plan, err := session.Plan(t.Context(), all, render.Output{})
			require.NoError(t, err)
			require.Empty(t, plan.Failures)
			compared := 0
			for _, set := range plan.Sets {
				expanded, err := set.Expand(t.Context(), nil)
				require.NoError(t, err)
				for _, app := range expanded.Applications {
					if len(app.Overlays) > 0 { // whose kustomizations change what Helm prints
						continue
					}
					if (version == "2.14" || version == "3.5") && app.Application.Cluster != "hub-prod" {
						continue // of each Helm, one version has all clusters
					}
					compared += compareSources(t, session, files, set, app, print)
				}
			}
			require.Greater(t, compared, 15)
			t.Logf("%d sources", compared)
		})
	}
}

// compareSources compares the objects of the Helm sources of an Application with those of Helm, and returns how many
// sources that are.
func compareSources(t *testing.T, session *stages.Session, files fs.FS, set *stages.Set, app stages.Visited,
	print template) int {
	typed, err := app.Application.Typed()
	require.NoError(t, err)
	var found []string
	compared, others := 0, false
	for i, source := range typed.Spec.GetSources() {
		if source.Helm == nil {
			others = others || source.Path != "" || source.Chart != ""
			continue
		}
		compared++
		r := render.Request{Group: set.Group, Cluster: app.Application.Cluster, Anywhere: true, AppPath: ".",
			Components: []string{app.Component.Key}}
		o := render.ValuesOptions{Source: i + 1}
		if i == app.Component.MainSource {
			o.Source = 0
		}
		merged, err := session.Values(t.Context(), r, o, limits.Limits{}, nil)
		require.NoError(t, err)
		if merged.Application != app.Application.Name() {
			return 0 // one of several of the component
		}
		explained := explanation.Of(merged)
		values, err := render.EncodeValue(explained.Value(), "yaml")
		require.NoError(t, err)
		explained.Change()
		changed, err := render.EncodeValue(explained.Value(), "yaml")
		require.NoError(t, err)
		name := source.Helm.ReleaseName
		if name == "" {
			name = app.Application.Name()
		}
		printed := print(t, files, path.Clean(source.Path), name, typed.Spec.Destination.Namespace, values)
		require.ElementsMatch(t, printed,
			print(t, files, path.Clean(source.Path), name, typed.Spec.Destination.Namespace, changed), "of --changed")
		found = append(found, printed...)
	}
	objects, err := set.Objects(t.Context(), app)
	require.NoError(t, err)
	var want []string
	for _, object := range objects {
		data, err := render.EncodeValue(object, "yaml")
		require.NoError(t, err)
		want = append(want, string(data))
	}
	slices.Sort(want)
	slices.Sort(found)
	if others {
		require.Subset(t, want, found, app.Application.Name())
	} else {
		require.Equal(t, want, slices.Compact(found), app.Application.Name())
	}
	return compared
}

// localFleet returns the example fleet with charts of its own only. The one that stands for those from elsewhere prints
// all values, and has subcharts: one as it is, one under an alias, one that is off, and one that gives it values.
func localFleet(t testing.TB) fstest.MapFS {
	t.Helper()
	fleet := testfleet.Load(t, "../../testdata/fleet")
	testfleet.UseChart(fleet, "charts/any")
	for name, file := range files(anyChart) {
		fleet[name] = file
	}
	return fleet
}

const anyChart = `
-- charts/any/Chart.yaml --
apiVersion: v2
name: any
version: 1.0.0
dependencies:
- {name: plain, version: 1.0.0}
- {name: plain, version: 1.0.0, alias: other, condition: other.enabled}
- {name: plain, version: 1.0.0, alias: idle, condition: idle.enabled}
- {name: giving, version: 1.0.0, import-values: [given, {child: part, parent: taken}]}
-- charts/any/values.yaml --
chart: any
"null": null
removed: {a: 1, b: {c: 1}}
global: {shared: any, commonLabels: {own: any}}
plain: {from: any, gone: null, none: null}
other: {enabled: true}
idle: {enabled: false, from: any}
-- charts/any/templates/values.yaml --
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }}}
data: {values: {{ .Values | toYaml | quote }}}
-- charts/any/charts/plain/Chart.yaml --
apiVersion: v2
name: plain
version: 1.0.0
-- charts/any/charts/plain/values.yaml --
from: plain
gone: 1
own: {a: 1, b: null, c: 3}
global: {shared: plain, deep: {a: 1}, commonLabels: {own: plain, sub: plain}}
-- charts/any/charts/plain/templates/values.yaml --
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-{{ .Chart.Name }}, namespace: {{ .Release.Namespace }}}
data: {values: {{ .Values | toYaml | quote }}}
-- charts/any/charts/giving/Chart.yaml --
apiVersion: v2
name: giving
version: 1.0.0
-- charts/any/charts/giving/values.yaml --
exports: {given: {imported: 1, chart: giving}}
part: {a: 1, b: 2}
`

// chartFiles returns the files of a chart, by their names in it.
func chartFiles(t testing.TB, files fs.FS, dir string) map[string][]byte {
	t.Helper()
	chart := map[string][]byte{}
	require.NoError(t, fs.WalkDir(files, dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		chart[strings.TrimPrefix(name, dir+"/")], err = fs.ReadFile(files, name)
		return err
	}))
	return chart
}

// helm3Template is that of a version of Helm 3. The linked one is newer, and is compared where it does the same.
func helm3Template(version string) template {
	return func(t testing.TB, files fs.FS, dir, name, namespace string, values []byte) []string {
		t.Helper()
		var all []*loader.BufferedFile
		for name, data := range chartFiles(t, files, dir) {
			all = append(all, &loader.BufferedFile{Name: name, Data: data})
		}
		loaded, err := loader.LoadFiles(all)
		require.NoError(t, err)
		chart, err := helm.New(loaded, version)
		require.NoError(t, err)
		printed, err := chart.Render(t.Context(), helm.Options{ReleaseName: name, Namespace: namespace,
			KubeVersion: "1.34.0", ValueFiles: []helm.File{{Name: "-", Data: values}}})
		require.NoError(t, err)
		var objects []string
		for _, one := range printed {
			data, err := render.EncodeValue(one.Object, "yaml")
			require.NoError(t, err)
			objects = append(objects, string(data))
		}
		if dir != "charts/any" { // it has nulls
			require.ElementsMatch(t, objects, linkedHelm3(t, all, name, namespace, values))
		}
		return objects
	}
}

func linkedHelm3(t testing.TB, all []*loader.BufferedFile, name, namespace string, values []byte) []string {
	t.Helper()
	chart, err := loader.LoadFiles(all)
	require.NoError(t, err)
	given, err := chartutil.ReadValues(values)
	require.NoError(t, err)
	require.NoError(t, chartutil.ProcessDependenciesWithMerge(chart, given))
	top, err := chartutil.ToRenderValues(chart, given, chartutil.ReleaseOptions{Name: name, Namespace: namespace},
		chartutil.DefaultCapabilities)
	require.NoError(t, err)
	printed, err := engine3.Render(chart, top)
	require.NoError(t, err)
	return objectsIn(t, printed)
}

func helm4Template(t testing.TB, files fs.FS, dir, name, namespace string, values []byte) []string {
	t.Helper()
	var all []*archive.BufferedFile
	for name, data := range chartFiles(t, files, dir) {
		all = append(all, &archive.BufferedFile{Name: name, Data: data})
	}
	chart, err := loader4.LoadFiles(all)
	require.NoError(t, err)
	given, err := common.ReadValues(values)
	require.NoError(t, err)
	require.NoError(t, chartutil4.ProcessDependencies(chart, given))
	top, err := util.ToRenderValues(chart, given, common.ReleaseOptions{Name: name, Namespace: namespace},
		common.DefaultCapabilities)
	require.NoError(t, err)
	printed, err := engine4.Render(chart, top)
	require.NoError(t, err)
	return objectsIn(t, printed)
}

func objectsIn(t testing.TB, printed map[string]string) []string {
	t.Helper()
	var all []string
	for name, text := range printed {
		if !strings.HasSuffix(name, ".yaml") {
			continue
		}
		objects, err := hierarchy.ParseObjects(name, []byte(text))
		require.NoError(t, err, fmt.Sprint(text))
		for _, object := range objects {
			data, err := render.EncodeValue(object, "yaml")
			require.NoError(t, err)
			all = append(all, string(data))
		}
	}
	return all
}
