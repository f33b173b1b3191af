package chart

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	helmchart "helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/cli"
	"helm.sh/helm/v3/pkg/downloader"
	"helm.sh/helm/v3/pkg/getter"
	helmregistry "helm.sh/helm/v3/pkg/registry"
)

// umbrella is a chart with dependencies.
func umbrella(dependencies string) files {
	return chartFiles("web", "1.0.0").with("Chart.yaml",
		"apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies:\n"+strings.TrimSpace(dependencies)+"\n")
}

// identities are the names and versions of a chart's dependencies.
func identities(ch *helmchart.Chart) []string {
	var all []string
	for _, d := range ch.Dependencies() {
		all = append(all, d.Name()+" "+d.Metadata.Version)
	}
	return all
}

// helmBuild runs Helm's own `dependency build` (and update, which writes the lock) in a directory, and loads the
// result.
func helmBuild(t *testing.T, dir, repositories string, update bool) (*helmchart.Chart, error) {
	t.Helper()
	registry, err := helmregistry.NewClient(helmregistry.ClientOptPlainHTTP(),
		helmregistry.ClientOptCredentialsFile(filepath.Join(t.TempDir(), "none")))
	require.NoError(t, err)
	m := downloader.Manager{Out: io.Discard, ChartPath: dir, Getters: getter.All(cli.New()), RegistryClient: registry,
		RepositoryConfig: repositories, RepositoryCache: t.TempDir()}
	run := m.Build
	if update {
		run = m.Update
	}
	if err := run(); err != nil {
		return nil, err
	}
	ch, err := loader.LoadDir(dir)
	require.NoError(t, err)
	sortDependencies(ch)
	return ch, nil
}

// newSources starts a chart repository and a registry with the same charts, and returns their URLs and a
// repositories.yaml that knows the former as "own".
func newSources(t *testing.T) (s *chartServer, registry, repositories string) {
	s = newChartServer(t)
	oci := newChartServer(t)
	oci.Config.Handler = registryHandler()
	for _, version := range []string{"1.0.0", "1.1.0", "2.0.0"} {
		for _, name := range []string{"db", "queue", "web"} {
			data := pack(t, chartFiles(name, version))
			s.add(name, version, data)
			push(t, oci.Config.Handler, name, version, data)
		}
	}
	for _, entries := range s.entries { // Helm is strict
		for _, e := range entries {
			delete(e, "unheardOf")
		}
	}
	repositories = writeFile(t, t.TempDir(), "repositories.yaml", fmt.Sprintf("repositories: [{name: own, url: %q}]",
		s.URL))
	return s, "oci://" + host(oci.Server) + "/charts", repositories
}

func TestDependenciesAsHelmBuildsThem(t *testing.T) {
	s, registry, repositories := newSources(t)
	for name, test := range map[string]struct {
		dependencies string
		want         []string
	}{
		"chart repository": {fmt.Sprintf("- {name: db, version: 1.x, repository: %q}", s.URL), []string{"db 1.1.0"}},
		"trailing slash": {fmt.Sprintf("- {name: db, version: ^1.0.0, repository: %q}", s.URL+"/"),
			[]string{"db 1.1.0"}},
		"exact version": {fmt.Sprintf("- {name: db, version: 1.0.0, repository: %q}", s.URL),
			[]string{"db 1.0.0"}},
		"registry": {fmt.Sprintf("- {name: db, version: 1.x, repository: %q}", registry),
			[]string{"db 1.1.0"}},
		"registry, exact": {fmt.Sprintf("- {name: db, version: 1.0.0, repository: %q}", registry),
			[]string{"db 1.0.0"}},
		"name":              {`- {name: db, version: ">=1", repository: "@own"}`, []string{"db 2.0.0"}},
		"alias":             {`- {name: db, version: "*", repository: "alias:own"}`, []string{"db 2.0.0"}},
		"directory":         {"- {name: lib, version: 1.x, repository: file://../lib}", []string{"lib 1.2.0"}},
		"disabled ones too": {`- {name: db, version: 1.0.0, repository: "@own", condition: db.enabled, tags: [a]}`, []string{"db 1.0.0"}},
		"same chart twice":  {`- {name: db, version: 1.0.0, repository: "@own"}` + "\n" + `- {name: db, alias: db2, version: 1.0.0, repository: "@own"}`, []string{"db 1.0.0"}},
		"two versions":      {`- {name: db, version: 1.0.0, repository: "@own"}` + "\n" + `- {name: db, alias: db2, version: 2.x, repository: "@own"}`, []string{"db 1.0.0", "db 2.0.0"}},
		"of the same name":  {`- {name: web, version: 2.x, repository: "@own"}`, []string{"web 2.0.0"}},
		"all kinds": {fmt.Sprintf("- {name: db, version: 1.x, repository: %q}\n- {name: queue, version: "+
			"2.x, repository: %q}\n- {name: lib, version: 1.x, repository: file://../lib}", s.URL, registry),
			[]string{"db 1.1.0", "lib 1.2.0", "queue 2.0.0"}},
		"one in charts/ only": {"- {name: own, version: 1.x}\n" + `- {name: db, version: 1.0.0, repository: "@own"}`, []string{"db 1.0.0", "own 1.0.0"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := umbrella(test.dependencies).below("a/web").and(chartFiles("lib", "1.2.0").
				with("Chart.yaml", "apiVersion: v2\nname: lib\nversion: 1.2.0\ntype: library").below("a/lib"))
			if strings.Contains(test.dependencies, "name: own") {
				f = f.and(chartFiles("own", "1.0.0").below("a/web/charts/own"))
			}
			dir, fsys := onDisk(t, f)
			cache := newTestCache(t, func(o *Options) { o.RepositoryConfig = repositories })

			ours, err := directory(cache, fsys, "a/web")
			require.NoError(t, err)
			require.Equal(t, test.want, identities(ours))

			helm, err := helmBuild(t, at(dir, "a/web"), repositories, true)
			require.NoError(t, err)
			require.Equal(t, identities(helm), identities(ours))
			for i, d := range ours.Dependencies() {
				require.Equal(t, helm.Dependencies()[i].Values, d.Values)
				require.Len(t, d.Templates, len(helm.Dependencies()[i].Templates))
				require.Same(t, ours, d.Parent())
			}

			// With the lock that Helm wrote, and without the charts.
			require.NoError(t, os.RemoveAll(at(dir, "a/web/charts")))
			for name, content := range f {
				writeFile(t, dir, name, content)
			}
			s.add("db", "1.9.0", pack(t, chartFiles("db", "1.9.0")))
			defer func() { s.entries["db"] = s.entries["db"][:len(s.entries["db"])-1] }()
			delete(s.entries["db"][len(s.entries["db"])-1], "unheardOf")
			locked, err := directory(newTestCache(t, func(o *Options) { o.RepositoryConfig = repositories }), fsys,
				"a/web")
			require.NoError(t, err)
			require.Equal(t, test.want, identities(locked))
		})
	}
}

func TestLockOutOfSync(t *testing.T) {
	s, _, repositories := newSources(t)
	dir, fsys := onDisk(t, umbrella(fmt.Sprintf("- {name: db, version: 1.x, repository: %q}", s.URL)).below("web"))
	_, err := helmBuild(t, filepath.Join(dir, "web"), repositories, true)
	require.NoError(t, err)
	require.NoError(t, os.RemoveAll(at(dir, "web/charts")))
	writeFile(t, dir, "web/Chart.yaml", umbrella(fmt.Sprintf("- {name: db, version: 2.x, repository: %q}",
		s.URL))["Chart.yaml"])

	_, err = directory(newTestCache(t), fsys, "web")
	requireOneLine(t, err, "web/Chart.yaml: the lock file (Chart.lock) is out of sync with the dependencies file "+
		"(Chart.yaml); run helm dependency update")
	_, helmErr := helmBuild(t, filepath.Join(dir, "web"), repositories, false)
	require.ErrorContains(t, helmErr,
		"the lock file (Chart.lock) is out of sync with the dependencies file (Chart.yaml)")

	writeFile(t, dir, "web/Chart.lock", "digest: x\ndependencies: [null]")
	_, err = directory(newTestCache(t), fsys, "web")
	requireOneLine(t, err, "out of sync")
}

func TestLocksOfApiVersion1(t *testing.T) {
	s, _, repositories := newSources(t)
	v1 := chartFiles("web", "1.0.0").with("Chart.yaml", "name: web\nversion: 1.0.0").
		with("requirements.yaml", fmt.Sprintf("dependencies: [{name: db, version: 1.x, repository: %q}]", s.URL))
	required := []*helmchart.Dependency{{Name: "db", Version: "1.x", Repository: s.URL}}
	helm2, err := lockDigest(map[string][]*helmchart.Dependency{"dependencies": required})
	require.NoError(t, err)
	for digest, ok := range map[string]bool{helm2: true, "sha256:0": false} {
		dir, fsys := onDisk(t, v1.with("requirements.lock",
			fmt.Sprintf("digest: %s\ndependencies: [{name: db, version: 1.0.0, repository: %q}]", digest, s.URL)).below(
			"web"))
		ch, err := directory(newTestCache(t), fsys, "web")
		helm, helmErr := helmBuild(t, filepath.Join(dir, "web"), repositories, false)
		if !ok {
			requireOneLine(t, err,
				"the lock file (requirements.lock) is out of sync with the dependencies file (requirements.yaml)")
			require.ErrorContains(t, helmErr, "the lock file (requirements.lock) is out of sync")
			continue
		}
		require.NoError(t, err)
		require.NoError(t, helmErr)
		require.Equal(t, []string{"db 1.0.0"}, identities(ch))
		require.Equal(t, identities(helm), identities(ch))
	}
}

func TestDependenciesInChartsAreNotFetched(t *testing.T) {
	_, fsys := onDisk(t, umbrella("- {name: db, version: 9.x, repository: https://charts.invalid}").
		and(chartFiles("db", "1.0.0").below("charts/db")).with("Chart.lock", "digest: stale").below("web"))
	ch, err := directory(newTestCache(t), fsys, "web")
	require.NoError(t, err)
	require.Equal(t, []string{"db 1.0.0"}, identities(ch))
}

func TestDependenciesOfArchives(t *testing.T) {
	s, _, _ := newSources(t)
	s.add("umbrella", "1.0.0", pack(t, umbrella(fmt.Sprintf("- {name: db, version: 1.x, repository: %q}", s.URL)).with(
		"x", "").
		with("Chart.yaml", fmt.Sprintf("apiVersion: v2\nname: umbrella\nversion: 1.0.0\ndependencies: [{name: db, "+
			"version: 1.x, repository: %q}]", s.URL))))
	ch, err := fetch(newTestCache(t), s.URL, "umbrella", "1.0.0")
	require.NoError(t, err)
	require.Equal(t, []string{"db 1.1.0"}, identities(ch))

	for message, repository := range map[string]string{
		"only charts in the repository may have dependencies of file://": "file://../db",
		"dependency chart bad 1.x from " + s.URL + ": the chart depends": s.URL,
	} {
		s.entries["bad"] = nil
		s.add("bad", "1.0.0",
			pack(t, files{"Chart.yaml": fmt.Sprintf("apiVersion: v2\nname: bad\nversion: 1.0.0\ndependencies: "+
				"[{name: bad, version: 1.x, repository: %q}]", repository)}))
		_, err = fetch(newTestCache(t), s.URL, "bad", "1.0.0")
		requireOneLine(t, err, "chart bad 1.0.0 from "+s.URL+": ", message)
	}
}

func TestBadDependencies(t *testing.T) {
	s, _, repositories := newSources(t)
	for name, test := range map[string]struct {
		dependency string
		message    string
	}{
		"no repository": {"{name: db, version: 1.x}",
			"web/Chart.yaml: dependency db has no repository, and is missing in charts/; add it to charts/"},
		"unknown name":   {`{name: db, version: 1.x, repository: "@stable"}`, `has no repository named "stable"; write its URL, or add it with helm repo add`},
		"unknown alias":  {`{name: db, version: 1.x, repository: "alias:stable"}`, `has no repository named "stable"`},
		"no URL":         {"{name: db, version: 1.x, repository: stable}", `dependency db: its repository "stable" is no URL; write a URL, or "@NAME"`},
		"unknown scheme": {"{name: db, version: 1.x, repository: s3://bucket/charts}", `dependency chart db 1.x: its repository URL has the unknown scheme "s3"; use https, http or oci`},
		"no such version": {fmt.Sprintf("{name: db, version: 7.x, repository: %q}", s.URL),
			"dependency chart db 7.x from " + s.URL + ": the repository has no such version; check the version"},
		"no such chart": {fmt.Sprintf("{name: bd, version: 1.x, repository: %q}", s.URL),
			"dependency chart bd 1.x from " + s.URL + ": the repository has no such chart"},
		"bad range": {fmt.Sprintf("{name: db, version: newest, repository: %q}", s.URL), `"newest" is no version or version range`},
		"outside": {"{name: db, version: 1.x, repository: file://../../db}",
			"it lies outside the repository; name a directory of the repository"},
		"absolute":          {"{name: db, version: 1.x, repository: file:///etc}", "it lies outside the repository"},
		"no such directory": {"{name: db, version: 1.x, repository: file://../db}", "there is no such directory"},
		"other version": {"{name: lib, version: 2.x, repository: file://../lib}",
			"dependency chart lib 2.x from file://../lib: the chart in lib has version 1.0.0"},
		"bad file range": {"{name: lib, version: newest, repository: file://../lib}", `its version range "newest" cannot be understood`},
		"itself": {"{name: other, version: 1.x, repository: file://.}",
			"the chart depends on itself; remove it"},
		"cycle": {"{name: a, version: 1.x, repository: file://../a}",
			"the dependencies form a cycle: web -> a -> b -> a; remove one"},
	} {
		t.Run(name, func(t *testing.T) {
			_, fsys := onDisk(t, umbrella("- "+test.dependency).below("web").and(chartFiles("lib", "1.0.0").below(
				"lib")).and(files{
				"a/Chart.yaml": "apiVersion: v2\nname: a\nversion: 1.0.0\ndependencies: [{name: b, version: 1.x, " +
					"repository: file://../b}]",
				"b/Chart.yaml": "apiVersion: v2\nname: b\nversion: 1.0.0\ndependencies: [{name: a, version: 1.x, " +
					"repository: file://../a}]",
			}))
			_, err := directory(newTestCache(t, func(o *Options) { o.RepositoryConfig = repositories }), fsys, "web")
			requireOneLine(t, err, "web/Chart.yaml: ", test.message)
		})
	}
}

func TestDependenciesOfDependenciesAreLeftAsTheyAre(t *testing.T) {
	dir, fsys := onDisk(t, umbrella("- {name: a, version: 1.x, repository: file://../a}").below("web").and(files{
		"a/Chart.yaml": "apiVersion: v2\nname: a\nversion: 1.0.0\ndependencies: [{name: b, version: 1.x, repository: " +
			"file://../b}]",
		"b/Chart.yaml": "apiVersion: v2\nname: b\nversion: 1.0.0",
	}))
	ch, err := directory(newTestCache(t), fsys, "web")
	require.NoError(t, err)
	require.Empty(t, ch.Dependencies()[0].Dependencies())
	helm, err := helmBuild(t, filepath.Join(dir, "web"), "", false)
	require.NoError(t, err)
	require.Empty(t, helm.Dependencies()[0].Dependencies())
}
