package outdated_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	helmchart "helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"

	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/chart"
	"github.com/eks-fleet-management/fleet-cmp/render/matrix"
	"github.com/eks-fleet-management/fleet-cmp/render/outdated"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

const components = "charts/application-sets/values/addons.yaml"

// example is the example fleet, whose addons all come from one repository, with text replaced as OLD, NEW.
func example(t *testing.T, repository string, edits ...string) fs.FS {
	t.Helper()
	tree := os.DirFS("../../testdata/fleet")
	data, err := fs.ReadFile(tree, components)
	require.NoError(t, err)
	text := regexp.MustCompile(`chartRepository: \S+`).ReplaceAllString(string(data), "chartRepository: "+repository)
	for i := 0; i < len(edits); i += 2 {
		require.Contains(t, text, edits[i])
		text = strings.ReplaceAll(text, edits[i], edits[i+1])
	}
	return worktree.With(tree, components, []byte(text))
}

// A published is a version of a chart.
type published struct {
	name, version, kubernetes string
	deprecated                bool
}

// serve serves charts, whose one ConfigMap says their version, and counts how often the index is asked for.
func serve(t *testing.T, charts ...published) (address string, asked *int) {
	t.Helper()
	directory := t.TempDir()
	entries := map[string][]map[string]any{}
	for _, p := range charts {
		c := &helmchart.Chart{Metadata: &helmchart.Metadata{APIVersion: "v2", Name: p.name, Version: p.version},
			Templates: []*helmchart.File{
				{Name: "templates/same.yaml",
					Data: []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: same}\n")},
				{Name: "templates/version.yaml",
					Data: []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: version}\n" +
						"data: {version: '{{ .Chart.Version }}'}\n")},
			}}
		if strings.HasPrefix(p.version, "2.") {
			c.Templates = append(c.Templates, &helmchart.File{Name: "templates/new.yaml",
				Data: []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: new}\n")})
		}
		file, err := chartutil.Save(c, directory)
		require.NoError(t, err)
		entries[p.name] = append(entries[p.name], map[string]any{"apiVersion": "v2", "name": p.name,
			"version":     p.version,
			"kubeVersion": p.kubernetes, "deprecated": p.deprecated, "urls": []string{filepath.Base(file)}})
	}
	asked = new(int)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/index.yaml" {
			http.FileServer(http.Dir(directory)).ServeHTTP(w, r)
			return
		}
		*asked++
		_ = json.NewEncoder(w).Encode(map[string]any{"apiVersion": "v1", "entries": entries})
	}))
	t.Cleanup(server.Close)
	return server.URL, asked
}

func of(t *testing.T, tree fs.FS, cache string, offline bool, diff bool, components ...string) *outdated.Report {
	t.Helper()
	session, err := stages.Config{}.Open(t.Context(), tree, render.Options{}, stages.Charts{CacheDir: cache,
		Offline: offline})
	require.NoError(t, err)
	report, err := outdated.Of(t.Context(), session, outdated.Options{Diff: diff, Matrix: matrix.Options{
		Request: render.Request{Targets: render.Targets{All: true}, Group: "addons", Components: components}}})
	require.NoError(t, err)
	return report
}

// shown is a row as one line: what the tests compare.
func shown(r outdated.Row) string {
	text := func(v *outdated.Version) string {
		if v == nil {
			return "-"
		}
		of := v.Version + v.Kubernetes
		if v.Deprecated {
			of += " deprecated"
		}
		return of
	}
	return strings.Join([]string{r.Component, r.Release, r.Version, string(r.Status), text(r.InUse), text(r.InMajor),
		text(r.Newest), fmt.Sprint(len(r.Clusters))}, " | ")
}

func lines(r *outdated.Report) []string {
	var all []string
	for _, row := range r.Rows {
		all = append(all, shown(row))
	}
	return all
}

func TestVersions(t *testing.T) {
	repository, asked := serve(t,
		published{name: "cert-manager", version: "v1.17.2", kubernetes: ">=1.22"},
		published{name: "cert-manager", version: "v1.18.2", kubernetes: ">=1.23"},
		published{name: "cert-manager", version: "v1.19.0-rc.1"},
		published{name: "cert-manager", version: "v2.0.0", kubernetes: ">=1.30", deprecated: true},
		published{name: "external-secrets", version: "0.18.2"},
		published{name: "kyverno", version: "3.5.0-rc.2"},
		published{name: "kyverno", version: "3.4.9"},
		published{name: "reloader", version: "1.0.0"})
	tree := example(t, repository, `defaultVersion: "3.4.4"`, `defaultVersion: "3.5.0-rc.1"`,
		`defaultVersion: "2.1.3"`, `defaultVersion: "1.x"`)
	cache := t.TempDir()
	asking := []string{"cert_manager", "external-secrets", "kyverno", "reloader"}
	online := of(t, tree, cache, false, false, asking...)
	require.Empty(t, online.Failures)
	require.Equal(t, 1, *asked)
	require.True(t, online.Outdated())
	require.Equal(t, []string{
		"cert_manager | next | v1.18.2 | outdated | v1.18.2>=1.23 | v1.18.2>=1.23 | v2.0.0>=1.30 deprecated | 2",
		"cert_manager | stable | v1.17.2 | outdated | v1.17.2>=1.22 | v1.18.2>=1.23 | v2.0.0>=1.30 deprecated | 4",
		"external-secrets | next | 0.18.2 | current | 0.18.2 | 0.18.2 | 0.18.2 | 2",
		// which the repository has no more
		"external-secrets | stable | 0.17.0 | outdated | 0.17.0 | 0.18.2 | 0.18.2 | 4",
		"kyverno | next | 3.5.0-rc.1 | outdated | 3.5.0-rc.1 | 3.5.0-rc.2 | 3.5.0-rc.2 | 2",
		"kyverno | stable | 3.4.3 | outdated | 3.4.3 | 3.4.9 | 3.4.9 | 1",
		"kyverno | stable | 3.5.0-rc.1 | outdated | 3.5.0-rc.1 | 3.5.0-rc.2 | 3.5.0-rc.2 | 2",
		"reloader | next | 1.x | current | 1.0.0 | 1.0.0 | 1.0.0 | 1",
		"reloader | stable | 1.x | current | 1.0.0 | 1.0.0 | 1.0.0 | 3",
	}, lines(online))
	require.Equal(t, "the repository does not have this version", online.Rows[3].Reason)
	require.Equal(t, []string{"v2.0.0", "v1.18.2", "", "0.18.2"}, []string{online.Rows[0].Target(),
		online.Rows[1].Target(),
		online.Rows[2].Target(), online.Rows[3].Target()})
	require.True(t, online.Oldest().IsZero())
	listings, err := filepath.Glob(filepath.Join(cache, "listings", "*"))
	require.NoError(t, err)
	require.NotEmpty(t, listings)
	kept := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	require.NoError(t, os.Chtimes(listings[0], kept, kept))
	again := of(t, tree, cache, true, false, asking...)
	require.Empty(t, again.Failures)
	require.Equal(t, lines(online), lines(again))
	require.Equal(t, 1, *asked)
	require.Equal(t, kept, again.Oldest())
}

// TestNothingIsLeftOut: what has no version, and what nobody has, are rows too.
func TestNothingIsLeftOut(t *testing.T) {
	repository, _ := serve(t, published{name: "cert-manager", version: "1.0.0"})
	tree := example(t, repository, "enabled: false\n  namespace: argo-rollouts",
		"enabled: false\n  selectorMatchLabels: {a: b}\n  namespace: x",
		"chartRepository: "+repository+"\n  defaultVersion: \"3.12.1\"",
		"path: charts/storage-classes\n  defaultVersion: \"3.12.1\"",
		`defaultVersion: "v1.17.2"`, `defaultVersion: "latest"`, `defaultVersion: "1.17.0"`, `defaultVersion: "5.x"`)
	report := of(t, tree, t.TempDir(), false, false)
	statuses := map[string]map[outdated.Status]string{}
	for _, row := range report.Rows {
		if statuses[row.Component] == nil {
			statuses[row.Component] = map[outdated.Status]string{}
		}
		statuses[row.Component][row.Status] = row.Reason
	}
	require.Equal(t, "it is a directory of a Git repository", statuses["metrics-server"][outdated.NotVersioned])
	require.Equal(t, `the revision "latest" is no version`, statuses["cert_manager"][outdated.NotVersioned])
	require.Equal(t, "no cluster has it", statuses["argo-rollouts"][outdated.NotDeployed])
	require.Contains(t, statuses["external-dns"], outdated.Unknown)
	m, err := matrix.Of(t.Context(), open(t, tree), matrix.Options{Request: render.Request{Group: "addons",
		Targets: render.Targets{All: true}}})
	require.NoError(t, err)
	for _, row := range m.Rows {
		require.Contains(t, statuses, row.Component)
	}
}

func open(t *testing.T, tree fs.FS) *stages.Session {
	t.Helper()
	session, err := stages.Config{}.Open(t.Context(), tree, render.Options{}, stages.Charts{Offline: true})
	require.NoError(t, err)
	return session
}

func TestFailures(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	report := of(t, example(t, server.URL), t.TempDir(), false, false, "cert_manager", "external-dns")
	require.Len(t, report.Failures, 1) // one for the repository
	require.EqualError(t, report.Failures[0], components+":32: chart repository "+server.URL+
		": index.yaml: the server answered "+
		"404 Not Found (components addons/cert_manager, addons/external-dns); check repository, name and version")
	for _, row := range report.Rows {
		require.Equal(t, outdated.Unknown, row.Status)
		require.Equal(t, "the repository cannot be asked", row.Reason)
		require.NotEmpty(t, row.Clusters)
	}
	repository, _ := serve(t, published{name: "cert-manager", version: "1.0.0"})
	report = of(t, example(t, repository, `defaultVersion: "1.17.0"`, `defaultVersion: "5.x"`), t.TempDir(), false, false, "external-dns")
	require.Len(t, report.Failures, 1)
	require.ErrorContains(t, report.Failures[0],
		"the repository has no such chart (component addons/external-dns); check the name")

	report = of(t, example(t, repository, `defaultVersion: "v1.17.2"`, `defaultVersion: "5.x"`), t.TempDir(), false, false, "cert_manager")
	require.Len(t, report.Failures, 1)
	require.ErrorContains(t, report.Failures[0],
		": 5.x: the repository has no version that it stands for (component addons/cert_manager); check the version")
	report = of(t, example(t, repository), t.TempDir(), true, false, "cert_manager")
	require.ErrorIs(t, report.Failures[0], chart.ErrOffline)
}

// TestWhatCannotBeRendered is a row of which nothing is known.
func TestWhatCannotBeRendered(t *testing.T) {
	repository, _ := serve(t, published{name: "cert-manager", version: "1.0.0"})
	tree := example(t, repository, "cert_manager:\n  enabled: true\n",
		"cert_manager:\n  enabled: true\n  applicationName: '{{.nope}}'\n")
	report := of(t, tree, t.TempDir(), false, false, "cert_manager")
	require.NotEmpty(t, report.Failures)
	require.NotEmpty(t, report.Rows)
	for _, row := range report.Rows {
		require.Equal(t, outdated.Unknown, row.Status)
		require.NotEmpty(t, row.Reason)
	}
	_, err := outdated.Of(t.Context(), open(t, tree), outdated.Options{Matrix: matrix.Options{Request: render.Request{
		Targets: render.Targets{All: true}, Components: []string{"nope"}}}})
	require.ErrorIs(t, err, render.ErrNoComponent)
}

func TestDiff(t *testing.T) {
	repository, asked := serve(t, published{name: "reloader", version: "1.0.0"}, published{name: "reloader",
		version: "1.1.0"},
		published{name: "argo-rollouts", version: "1.0.0"}, published{name: "argo-rollouts", version: "2.0.0"},
		published{name: "kyverno", version: "9.0.0"})
	tree := example(t, repository, `defaultVersion: "2.1.3"`, `defaultVersion: "1.0.0"`, `defaultVersion: "2.40.1"`, `defaultVersion: "1.0.0"`)
	report := of(t, tree, t.TempDir(), false, true, "reloader", "argo-rollouts", "kyverno")
	require.Equal(t, 1, *asked)
	changes := map[string]outdated.Changes{}
	for _, row := range report.Rows {
		if row.Changes != nil {
			changes[row.Component+" "+row.Release+" "+row.Version] = *row.Changes
		}
	}
	require.Equal(t, outdated.Changes{To: "1.1.0", Applications: 3, Changed: 3}, changes["reloader stable 1.0.0"])
	require.Equal(t, outdated.Changes{To: "2.0.0", Applications: 1, Changed: 1, Added: 1},
		changes["argo-rollouts next 1.0.0"])
	require.Equal(t, outdated.Changes{To: "9.0.0", Applications: 1, Failed: 1}, changes["kyverno stable 3.4.3"])
	require.NotEmpty(t, report.Failures) // the repository has none of the versions of kyverno that are in use
}

// TestDiffOfStoppedRender proves that what stops a render of manifests, and is only a finding before, is a failure, and
// not an update that changes nothing.
func TestDiffOfStoppedRender(t *testing.T) {
	repository, _ := serve(t, published{name: "cert-manager", version: "v1.17.2"},
		published{name: "cert-manager", version: "v1.18.2"}, published{name: "cert-manager", version: "v1.19.0"})
	tree := example(t, repository)
	data, err := fs.ReadFile(tree, "fleet.yaml")
	require.NoError(t, err)
	text := strings.Replace(string(data), "tenant: control-plane", "tenant: nowhere", 1)
	require.NotEqual(t, string(data), text)
	report := of(t, worktree.With(tree, "fleet.yaml", []byte(text)), t.TempDir(), false, true, "cert_manager")
	require.Len(t, report.Failures, 1)
	require.ErrorContains(t, report.Failures[0], `cluster "hub-prod": tenant "nowhere" has no directory`)
	for _, row := range report.Rows {
		require.NotNil(t, row.Changes)
		require.Positive(t, row.Changes.Failed) // the Argo CD of hub-prod; other clusters have one of their own
		require.Equal(t, row.Changes.Applications, row.Changes.Failed+row.Changes.Changed)
	}
}

// TestWithdrawn proves that an older version is no update, where the repository no longer has the one in use.
func TestWithdrawn(t *testing.T) {
	repository, _ := serve(t, published{name: "external-secrets", version: "0.18.2"})
	tree := example(t, repository, `defaultVersion: "0.17.0"`, `defaultVersion: "0.19.0"`)
	report := of(t, tree, t.TempDir(), false, false, "external-secrets")
	require.Empty(t, report.Failures)
	require.Equal(t, []string{
		"external-secrets | next | 0.18.2 | current | 0.18.2 | 0.18.2 | 0.18.2 | 2",
		"external-secrets | stable | 0.19.0 | current | 0.19.0 | - | - | 4",
	}, lines(report))
	require.Equal(t, "the repository does not have this version", report.Rows[1].Reason)
	require.Empty(t, report.Rows[1].Target())
}
