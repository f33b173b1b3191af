package manifest

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"

	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml/explosive"
)

const own = "source: {repoURL: 'https://git/r.git', path: charts/app, targetRevision: main, helm: "

// chartValues returns the values that the chart saw.
func chartValues(t *testing.T, o Options, spec string) (map[string]any, error) {
	t.Helper()
	got, err := data(t, o, spec)
	if err != nil {
		return nil, err
	}
	var out map[string]any
	require.NoError(t, json.Unmarshal([]byte(got["values"].(string)), &out))
	return out, nil
}

func TestValueFiles(t *testing.T) {
	const multi = "sources: [{repoURL: r, ref: v, path: ''}, {repoURL: r, path: charts/app, helm: "
	fetched := Options{Charts: &charts{named: map[string]*fstest.MapFS{"app": chartTree()}}}
	for _, test := range []struct {
		name, spec, want string // the values as YAML
		o                Options
	}{
		{"in the chart's directory", own + "{valueFiles: [extra.yaml]}}", "key: extra of the chart", Options{}},
		{"above it", own + "{valueFiles: [../../shared.yaml]}}", "key: shared", Options{}},
		{"from the root", own + "{valueFiles: [/shared.yaml]}}", "key: shared", Options{}},
		{"in order", own + "{valueFiles: [/shared.yaml, values/b.yaml, values/a.yaml]}}", "{key: a, a: 1, b: 1}",
			Options{}},
		{"twice counts where it is first", own +
			"{valueFiles: [values/a.yaml, values/b.yaml, values/../values/a.yaml]}}", "{key: b, a: 1, b: 1}",
			Options{}},
		{"of a ref", multi + "{valueFiles: [$v/shared.yaml]}}]", "key: shared", Options{}},
		{"of a ref to the root", multi + "{valueFiles: [$v//teams/./x.yaml]}}]", "key: team x", Options{}},
		{"of a ref with variables", multi + "{valueFiles: ['$v/${ARGOCD_APP_SOURCE_PATH}/extra.yaml']}}]",
			"key: extra of the chart", Options{}},
		{"with variables", own + "{valueFiles: ['/${ARGOCD_APP_PROJECT_NAME}s/x.yaml']}}", "key: team x", Options{}},
		{"other variables are empty", own + "{valueFiles: ['/shared${HOME}.yaml']}}", "key: shared", Options{}},
		{"a ref of a single source is a variable", own + "{valueFiles: [$v/shared.yaml]}}", "key: shared", Options{}},
		{"missing is ignored", own + "{valueFiles: [none.yaml, extra.yaml, /no/such], ignoreMissingValueFiles: true}}",
			"key: extra of the chart", Options{}},
		{"pattern", own + "{valueFiles: [values/*.yaml]}}", "{key: b, a: 1, b: 1}", Options{}},
		{"deep pattern", own + "{valueFiles: [values/**/*.yaml]}}", "{key: c, a: 1, b: 1, c: 1}", Options{}},
		{"pattern and name", own + "{valueFiles: ['values/[ab].yaml', values/a.yaml]}}", "{key: a, a: 1, b: 1}",
			Options{}},
		{"pattern of a ref", multi + "{valueFiles: ['$v/charts/app/values/?.yaml']}}]", "{key: b, a: 1, b: 1}",
			Options{}},
		{"pattern without files is ignored", own + "{valueFiles: ['none/*.yaml'], ignoreMissingValueFiles: true}}",
			"key: chart", Options{}},
		{"in a fetched chart", "source: {repoURL: r, chart: app, helm: {valueFiles: [extra.yaml]}}",
			"key: extra of the chart", fetched},
		{"from the root of a fetched chart", "source: {repoURL: r, chart: app, helm: {valueFiles: [/values/a.yaml]}}",
			"{key: a, a: 1}", fetched},
		{"pattern in a fetched chart", "source: {repoURL: r, chart: app, helm: {valueFiles: ['values/**/*.yaml']}}",
			"{key: c, a: 1, b: 1, c: 1}", fetched},
		{"of the repository for a fetched chart", "sources: [{repoURL: r, ref: v}, {repoURL: x, chart: app, helm: " +
			"{valueFiles: [extra.yaml, $v/shared.yaml]}}]",
			"key: shared", fetched},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := chartValues(t, test.o, test.spec)
			require.NoError(t, err)
			var want map[string]any
			require.NoError(t, yaml.Unmarshal([]byte(test.want), &want))
			require.Equal(t, want, got)
		})
	}
}

// TestFurtherDocumentsOfValueFiles: what Helm 3 leaves out without a word is said, whoever delivers.
func TestFurtherDocumentsOfValueFiles(t *testing.T) {
	const further = ":3: only the first YAML document of a values file is read; " +
		"remove the line with ---, or move the rest to another file"
	for _, test := range []struct{ name, spec, file string }{
		{"in the repository", own + "{valueFiles: [/several.yaml, /shared.yaml]}}", "several.yaml"},
		{"by a pattern", own + "{valueFiles: ['/several*.yaml']}}", "several.yaml"},
		{"of a fetched chart", "source: {repoURL: r, chart: app, helm: {valueFiles: [several.yaml]}}",
			"app/several.yaml"},
	} {
		for _, lowest := range []bool{false, true} {
			o := Options{Repository: repository(), ValuesLowest: lowest, Version: argoCDVersion(t, "3.4")}
			several := &fstest.MapFile{Data: []byte("key: first\n---\nkey: second\n")}
			o.Repository.(fstest.MapFS)["several.yaml"] = several
			fetched := chartTree()
			(*fetched)["several.yaml"] = several
			o.Charts = &charts{named: map[string]*fstest.MapFS{"app": fetched}}
			_, warnings, err := renderObject(t, New(o), app(t, test.spec))
			require.NoError(t, err, test.name)
			require.Len(t, warnings, 1, test.name)
			require.EqualError(t, warnings[0], test.file+further)

			o.Version = argocd.Version{} // with Helm 4
			_, warnings, err = renderObject(t, New(o), app(t, test.spec))
			require.NoError(t, err, test.name)
			require.Empty(t, warnings, test.name)
		}
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	const where = " (application web, path charts/app)"
	for _, test := range []struct{ name, helm, want string }{
		{"missing", "{valueFiles: [none.yaml]}", "charts/app/none.yaml: there is no such file, which the Application " +
			"names as none.yaml: file does not exist" + where},
		{"outside", "{valueFiles: [../../../x.yaml]}", "the file ../../../x.yaml is outside the repository" + where},
		{"outside, though missing ones are ignored", "{valueFiles: [../../../x.yaml], ignoreMissingValueFiles: true}",
			"the file ../../../x.yaml is outside the repository" + where},
		{"outside from the root", "{valueFiles: [/../x.yaml]}", "the file /../x.yaml is outside the repository" +
			where},
		{"the root", "{valueFiles: [/]}", "the file / is outside the repository" + where},
		{"outside by a pattern", "{valueFiles: ['../../../*']}", "the file ../../../* is outside the repository" +
			where},
		{"a pattern without files", "{valueFiles: ['no/*.yaml']}", "the value file pattern no/*.yaml matches no files" +
			where},
		{"a wrong pattern", "{valueFiles: ['a[']}", "the value file pattern a[: syntax error in pattern" + where},
		{"a directory", "{valueFiles: [values]}", "charts/app/values: is not a regular file" + where +
			"; put one there, or remove it"},
		{"an address", "{valueFiles: ['https://user:secret@example.com/v.yaml?token=secret']}",
			"the file https://example.com/v.yaml is fetched from the network, which is refused" + where +
				"; put the file into the repository"},
		{"an address of files", "{valueFiles: ['file:///etc/passwd']}",
			"the file file:///etc/passwd is fetched from the network, which is refused" + where +
				"; put the file into the repository"},
		{"an address for a parameter", "{fileParameters: [{name: a, path: 's3://b/c'}]}",
			"the file s3://b/c is fetched from the network, which is refused" + where +
				"; put the file into the repository"},
		{"a parameter outside", "{fileParameters: [{name: a, path: ../../../etc/passwd}]}",
			"the file ../../../etc/passwd is outside the repository" + where},
		{"a missing parameter file", "{fileParameters: [{name: a, path: none}], ignoreMissingValueFiles: true}",
			"charts/app/none: there is no such file, which the Application names as none: file does not exist" + where},
		{"no YAML", "{valueFiles: [/broken.yaml]}", "broken.yaml:2: is no YAML map: error converting YAML to JSON: " +
			"yaml: line 2: mapping values are not allowed in this context" + where},
		{"values that are no YAML", "{values: 'a: b: c'}", "helm.values is no YAML map: error converting YAML to " +
			"JSON: yaml: mapping values are not allowed in this context" + where},
		{"values that are no map", "{values: '[a]'}", "helm.values is no YAML map: error unmarshaling JSON: while " +
			"decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}" + where},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := repository()
			r["broken.yaml"] = &fstest.MapFile{Data: []byte("a: 1\nb: c: d\n")}
			_, err := render(t, Options{Repository: r}, "source: {repoURL: r, path: charts/app, helm: "+test.helm+"}")
			require.EqualError(t, err, test.want)
		})
	}
}

func TestValuesOfTheApplication(t *testing.T) {
	for _, test := range []struct {
		name, helm, want string
		o                Options
	}{
		{"values", "{values: 'key: own'}", "key: own", Options{}},
		{"values over files", "{values: 'key: own', valueFiles: [extra.yaml]}", "key: own", Options{}},
		{"valuesObject alone counts", "{values: 'other: 1', valuesObject: {key: object}}", "key: object", Options{}},
		{"an empty valuesObject counts too", "{values: 'key: own', valuesObject: {}}", "key: chart", Options{}},
		{"a null valuesObject does not", "{values: 'key: own', valuesObject: null}", "key: own", Options{}},
		{"values lowest", "{valuesObject: {key: object, a: 0, z: 1}, valueFiles: [values/a.yaml]}",
			"{key: a, a: 1, z: 1}", Options{ValuesLowest: true}},
		{"values lowest over the chart", "{valuesObject: {key: object}}", "{key: object}", Options{ValuesLowest: true}},
		{"null deletes", "{valuesObject: {key: null}}", "{}", Options{}},
		{"parameters", "{valuesObject: {key: object}, parameters: [{name: key, value: parameter}]}", "key: parameter",
			Options{}},
		{"parameters with variables", "{parameters: [{name: key, value: " +
			"'$ARGOCD_APP_NAME/${ARGOCD_APP_NAMESPACE}/$ARGOCD_APP_REVISION_SHORT/$$x/$HOME'}]}",
			"key: web/target/main/$x/", Options{}},
		{"text parameters with variables",
			"{parameters: [{name: key, value: '$ARGOCD_APP_SOURCE_REPO_URL', forceString: true}]}",
			"key: https://git/r.git", Options{}},
		{"file parameters", "{fileParameters: [{name: key, path: /secret.txt}]}", `key: "text with, commas\n"`, Options{}},
		{"file parameters with variables", "{fileParameters: [{name: key, path: '/secret${NOTHING}.txt'}]}", `key: "text with, commas\n"`, Options{}},
		{"big numbers", "{valuesObject: {key: 12345678}}", "key: 12345678", Options{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := chartValues(t, test.o, own+test.helm+"}")
			require.NoError(t, err)
			var want map[string]any
			require.NoError(t, yaml.Unmarshal([]byte(test.want), &want))
			require.Equal(t, want, got)
		})
	}
}

func TestOverridesOfTheRepository(t *testing.T) {
	with := func(files map[string]string) Options {
		r := repository()
		for name, text := range files {
			r[name] = &fstest.MapFile{Data: []byte(text)}
		}
		return Options{Repository: r}
	}
	const helm = "source: {repoURL: r, path: charts/app, helm: {parameters: [{name: key, value: application}], " +
		"releaseName: rel}}"
	for _, test := range []struct {
		name, spec, want string
		files            map[string]string
	}{
		{"none", helm, `{"key":"application"}`, nil},
		{"for all", helm, `{"key":"all"}`, map[string]string{"charts/app/.argocd-source.yaml": "helm: {parameters: [{name: key, value: all}]}"}},
		{"for this one, over that for all", helm, `{"key":"web"}`, map[string]string{
			"charts/app/.argocd-source-web.yaml":   "helm: {parameters: [{name: key, value: web}]}",
			"charts/app/.argocd-source.yaml":       "helm: {parameters: [{name: key, value: all}]}",
			"charts/app/.argocd-source-other.yaml": "helm: {parameters: [{name: key, value: other}]}"}},
		{"a key of its own", helm, `{"key":"application","more":1}`, map[string]string{"charts/app/.argocd-source.yaml": "helm: {valuesObject: {more: 1}}"}},
		{"null removes nothing", helm, `{"key":"application"}`, map[string]string{"charts/app/.argocd-source.yaml": "helm: {parameters: null}"}},
		{"the place cannot be changed", helm, `{"key":"application"}`, map[string]string{"charts/app/.argocd-source.yaml": "{path: plain, repoURL: x, chart: other, targetRevision: z}"}},
		{"a tool is chosen", "source: {repoURL: r, path: charts/app}", `{"key":"chart"}`, map[string]string{"charts/app/.argocd-source.yaml": "helm: {releaseName: x}"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := data(t, with(test.files), test.spec)
			require.NoError(t, err)
			require.Equal(t, test.want, got["values"])
		})
	}
	objects, err := render(t, with(map[string]string{"kust/.argocd-source.yaml": "kustomize: {nameSuffix: -x}"}),
		"source: {repoURL: r, path: kust}")
	require.NoError(t, err)
	require.Equal(t, []string{"ConfigMap/kust-x"}, names(objects))

	for text, want := range map[string]string{
		"a: b: c":     "cannot be applied to the source",
		"[a]":         "cannot be applied to the source",
		"helm: text":  "cannot be applied to the source",
		"plugin: {}":  "multiple application sources defined",
		"helm: [a, b": "charts/app/.argocd-source.yaml",
	} {
		_, err := render(t, with(map[string]string{"charts/app/.argocd-source.yaml": text}), helm)
		require.ErrorContains(t, err, want, text)
	}
}

func TestYAMLOfTheApplicationIsGuarded(t *testing.T) {
	for _, document := range explosive.Documents {
		message, _, _ := strings.Cut(document.Message, "; ")
		fsys := repository()
		fsys["big.yaml"] = &fstest.MapFile{Data: []byte(document.YAML)}
		_, err := render(t, Options{Repository: fsys},
			"source: {repoURL: r, path: charts/app, helm: {valueFiles: [/big.yaml]}}")
		require.ErrorContains(t, err, message)
		require.Regexp(t, `^big\.yaml(:3)?: `, err.Error())

		_, err = render(t, Options{Repository: fsys},
			"source:\n  repoURL: r\n  path: charts/app\n  helm:\n    values: |\n"+document.Indented("      "))
		require.ErrorContains(t, err, message)
		require.Regexp(t, `^helm\.values(:3)?: `, err.Error())

		fsys["charts/app/.argocd-source.yaml"] = fsys["big.yaml"]
		_, err = render(t, Options{Repository: fsys}, "source: {repoURL: r, path: charts/app}")
		require.ErrorContains(t, err, message)
		require.Regexp(t, `^charts/app/\.argocd-source\.yaml(:3)?: `, err.Error())
	}
}
