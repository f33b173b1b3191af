package manifest

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
)

// argoCD returns an Argo CD of the table.
func argoCD(t *testing.T, name string) argocd.Version {
	t.Helper()
	v, _, err := argocd.Parse(name)
	require.NoError(t, err)
	return v
}

// registry has an artifact that is a chart, and one that holds the directories of the repository.
func registry() *charts {
	return &charts{
		named: map[string]*fstest.MapFS{"app": chartTree()},
		artifacts: map[string]fstest.MapFS{
			"oci://r.example.com/charts/app 1.0.0": *chartTree(),
			"oci://r.example.com/configs latest":   repository(),
		},
	}
}

func TestArtifacts(t *testing.T) {
	const dirs = "source: {repoURL: 'oci://r.example.com/configs', targetRevision: latest, path: "
	for _, test := range []struct {
		name, spec string
		want       []string
	}{
		{"a chart", "source: {repoURL: 'oci://r.example.com/charts/app', targetRevision: 1.0.0, path: .}",
			[]string{"ConfigMap/values"}},
		{"a chart in a directory", dirs + "charts/app}", []string{"ConfigMap/values"}},
		{"a kustomization", dirs + "kust, kustomize: {namePrefix: pre-}}", []string{"ConfigMap/pre-kust"}},
		{"a directory", dirs + "plain, directory: {recurse: true}}", []string{"Service/plain", "Service/below"}},
		{"beside the repository", "sources: [{repoURL: r, path: kust}, {repoURL: 'oci://r.example.com/configs', " +
			"targetRevision: latest, path: plain}]",
			[]string{"ConfigMap/kust", "Service/plain"}},
		{"with a ref and no path",
			"sources: [{repoURL: r, path: kust}, {repoURL: 'oci://r.example.com/none', ref: none}]",
			[]string{"ConfigMap/kust"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, name := range []string{"3.4", "3.5", "3.6"} {
				o := Options{Charts: registry(), Version: argoCD(t, name), RepositoryURLs: []string{"r"}}
				objects, err := render(t, o, test.spec)
				require.NoError(t, err)
				require.Equal(t, test.want, names(objects))
			}
		})
	}
}

// TestValueFilesOfArtifacts: names without $ref are of the artifact, with it of the repository.
func TestValueFilesOfArtifacts(t *testing.T) {
	c := registry()
	c.artifacts["oci://r.example.com/configs latest"]["shared.yaml"] = &fstest.MapFile{
		Data: []byte("key: shared in the artifact\n")}
	c.artifacts["oci://r.example.com/charts/app 1.0.0"][".argocd-source-web.yaml"] = &fstest.MapFile{
		Data: []byte("helm: {valueFiles: [values/a.yaml]}\n")}
	for _, test := range []struct{ spec, want string }{
		{"source: {repoURL: 'oci://r.example.com/configs', targetRevision: latest, path: charts/app, helm: " +
			"{valueFiles: [/shared.yaml]}}",
			"shared in the artifact"},
		{"source: {repoURL: 'oci://r.example.com/configs', targetRevision: latest, path: charts/app, helm: " +
			"{valueFiles: ['values/*.yaml']}}",
			"b"},
		{"sources: [{repoURL: r, ref: v}, {repoURL: 'oci://r.example.com/configs', targetRevision: latest, path: " +
			"charts/app, " +
			"helm: {valueFiles: [$v/shared.yaml]}}]", "shared"},
		{"source: {repoURL: 'oci://r.example.com/charts/app', targetRevision: 1.0.0, path: .}", "a"},
	} {
		values, err := chartValues(t, Options{Charts: c}, test.spec)
		require.NoError(t, err)
		require.Equal(t, test.want, values["key"])
	}
}

func TestAddressesThatAreRefused(t *testing.T) {
	const artifact = "source: {repoURL: 'oci://r.example.com/configs', targetRevision: latest"
	for _, test := range []struct{ name, version, spec, want string }{
		{"an artifact before 3.1", "2.14", artifact + ", path: .}",
			"oci://r.example.com/configs is no Git repository, and Argo CD knows artifacts since 3.1 " +
				"(application web, artifact oci://r.example.com/configs latest, path .); for a Helm chart in a " +
				"registry, name the chart, and leave out oci://"},
		{"a chart with oci:// before 3.1", "2.14",
			"source: {repoURL: 'oci://r.example.com/charts', chart: app, targetRevision: 1.0.0}",
			"Argo CD 2.14 knows registries without oci:// only (application web, chart app 1.0.0); write repoURL: " +
				"r.example.com/charts beside the chart"},
		{"a chart with oci://", "3.5",
			"source: {repoURL: 'oci://r.example.com/charts/', chart: app, targetRevision: 1.0.0}",
			"Argo CD takes the whole address for the artifact, and fails or ignores the chart app (application web, " +
				"chart app 1.0.0); " +
				"write repoURL: oci://r.example.com/charts/app and path: . without chart, or repoURL: " +
				"r.example.com/charts beside the chart"},
		{"a chart that the address names", "3.4",
			"source: {repoURL: 'oci://r.example.com/charts/app', chart: app, path: ., targetRevision: 1.0.0}",
			"Argo CD takes the whole address for the artifact, and fails or ignores the chart app (application web, " +
				"chart app 1.0.0); " +
				"write repoURL: oci://r.example.com/charts/app and path: . without chart, or repoURL: " +
				"r.example.com/charts beside the chart"},
		{"no path", "3.5", artifact + "}",
			"the source has no path (application web, artifact oci://r.example.com/configs latest, path); " +
				"write path: . for the artifact as a whole"},
		{"no path in one of several", "3.5",
			"sources: [{repoURL: r, path: kust}, {repoURL: 'oci://r.example.com/configs', targetRevision: latest}]",
			"the source has no path (application web, source 2 of 2: artifact oci://r.example.com/configs latest, " +
				"path); " +
				"write path: . for the artifact as a whole"},
		{"no such directory", "3.5", artifact + ", path: none}",
			"configs/none: there is no such directory in the artifact " +
				"(application web, artifact oci://r.example.com/configs latest, path none)"},
		{"a path outside", "3.5", artifact + ", path: ../a}", "the path ../a is outside the artifact " +
			"(application web, artifact oci://r.example.com/configs latest, path ../a)"},
		{"no such file", "3.5", artifact + ", path: charts/app, helm: {valueFiles: [none.yaml]}}",
			"configs/charts/app/none.yaml: there is no such file, which the Application names as none.yaml: file " +
				"does not exist " +
				"(application web, artifact oci://r.example.com/configs latest, path charts/app)"},
		{"no such artifact", "3.5", "source: {repoURL: 'oci://r.example.com/x', path: .}",
			"file does not exist (application web, artifact oci://r.example.com/x, path .)"},
		{"a ref to an artifact", "3.5", "sources: [{repoURL: 'oci://r.example.com/configs', ref: a}, {repoURL: r, " +
			"path: charts/app, helm: {valueFiles: [$a/x]}}]",
			"$a/x refers to an artifact, in which Argo CD does not look for files (application web)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := render(t, Options{Charts: registry(), Version: argoCD(t, test.version)}, test.spec)
			require.EqualError(t, err, test.want)
		})
	}
}

// TestChartsOfThePlugin: what the plugin delivers, Argo CD does not fetch.
func TestChartsOfThePlugin(t *testing.T) {
	for _, name := range []string{"2.14", "3.5"} {
		o := Options{Charts: registry(), Version: argoCD(t, name), ValuesLowest: true}
		objects, err := render(t, o,
			"source: {repoURL: 'oci://r.example.com/charts', chart: app, targetRevision: 1.0.0}")
		require.NoError(t, err)
		require.Equal(t, []string{"ConfigMap/values"}, names(objects))
	}
	_, err := render(t, Options{Charts: registry(), Version: argoCD(t, "2.14")},
		"source: {repoURL: r.example.com/charts, chart: app, targetRevision: 1.0.0}")
	require.NoError(t, err, "without the scheme it is a chart for every Argo CD")
}
