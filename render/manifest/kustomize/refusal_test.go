package kustomize

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/kustomize/api/krusty"
)

// A watch sees connections to an address, and processes named like those which Kustomize would start.
type watch struct {
	address string
	hits    chan struct{}
	canary  string
}

func newWatch(t *testing.T) *watch {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	dir := t.TempDir()
	w := &watch{address: listener.Addr().String(), hits: make(chan struct{}, 100), canary: filepath.Join(dir, "canary")}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			w.hits <- struct{}{}
			connection.Close()
		}
	}()
	t.Cleanup(func() {
		listener.Close()
		<-done
	})
	bin := filepath.Join(dir, "bin")
	require.NoError(t, os.Mkdir(bin, 0o755))
	for _, name := range []string{"git", "helm", "docker", "sh", "plugin"} {
		require.NoError(t, os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\necho "+name+" >> "+w.canary+"\n"),
			0o755))
	}
	t.Setenv("PATH", bin)
	t.Setenv("KUSTOMIZE_PLUGIN_HOME", bin)
	return w
}

func (w *watch) connected() bool { return len(w.hits) > 0 }

func (w *watch) started() bool {
	_, err := os.Stat(w.canary)
	return !errors.Is(err, fs.ErrNotExist)
}

// alarm fails the test if anything connects to the address that it returns, or starts a process.
func alarm(t *testing.T) (address string) {
	t.Helper()
	w := newWatch(t)
	t.Cleanup(func() {
		require.False(t, w.connected(), "something was downloaded")
		require.False(t, w.started(), "a process was started")
	})
	return w.address
}

// Without the check, Kustomize does what the other tests watch for: else they would prove nothing.
func TestTheWatchSeesWhatKustomizeWouldDo(t *testing.T) {
	for name, reference := range map[string]string{"download": "http://%s/x.yaml", "clone": "ssh://git@%s/org/repo"} {
		t.Run(name, func(t *testing.T) {
			w := newWatch(t)
			files := archive("-- app/kustomization.yaml --\nresources: [" + fmt.Sprintf(reference, w.address) + "]\n")
			_, err := newChecker(newTree(files)).run(absolute("app"), "app", krusty.ReorderOptionUnspecified)
			require.Error(t, err)
			require.True(t, w.connected() || w.started())
		})
	}
}

func TestRemoteReferencesAreRefused(t *testing.T) {
	address := alarm(t)
	references := []string{
		"http://" + address + "/x.yaml", "HTTP://" + address + "/x", "https://" + address + "/org/repo", "http:" +
			address,
		"https://github.com/org/repo?ref=v1", "github.com/org/repo", "GitHub.com/org/repo//path?ref=main",
		"github.com:org/repo",
		"git@github.com:org/repo.git", "git@" + address + ":org/repo", "user@host/org/repo", "ssh://git@" + address +
			"/org/repo",
		"git::https://" + address + "/org/repo", "git::git@host:org/repo", "git::github.com/org/repo", "file:///etc",
		"file://" + t.TempDir(),
		"oci://" + address + "/x", "https://dev.azure.com/org/project/_git/repo",
	}
	fields := map[string]string{
		"resources":             "resources: [ok.yaml, %q]",
		"bases":                 "bases: [%q]",
		"components":            "components: [%q]",
		"generators":            "generators: [%q]",
		"transformers":          "transformers: [%q]",
		"validators":            "validators: [%q]",
		"crds":                  "crds: [%q]",
		"configurations":        "configurations: [%q]",
		"openapi":               "openapi: {path: %q}",
		"replacements":          "replacements: [{path: %q}]",
		"patches":               "patches: [{path: %q}]",
		"patchesJson6902":       "patchesJson6902: [{path: %q, target: {kind: A, name: a}}]",
		"patchesStrategicMerge": "patchesStrategicMerge: [%q]",
		"files":                 "configMapGenerator: [{name: a, files: [%q]}]",
		"files with a key":      "configMapGenerator: [{name: a, files: [%q]}]",
		"envs":                  "secretGenerator: [{name: a, envs: [%q]}]",
		"env":                   "secretGenerator: [{name: a, env: %q}]",
		"another case":          "RESOURCES: [%q]",
		"an alias":              "metadata: {name: &a %q}\nresources: [*a]",
		"a merge key":           "openapi: {<<: {path: %q}}",
	}
	for name, field := range fields {
		t.Run(name, func(t *testing.T) {
			for _, reference := range references {
				value := reference
				if name == "files with a key" {
					value = "key=" + reference
				}
				// A local file of the same name changes nothing: Kustomize would clone first.
				files := archive("-- app/ok.yaml --\n" + deployment + "-- app/kustomization.yaml --\nnamespace: x\n" +
					fmt.Sprintf(field, value) + "\n")
				if local := "app/" + strings.TrimSuffix(reference, "/"); fs.ValidPath(local) {
					files[local] = &fstest.MapFile{Data: []byte("broken: [")}
				}
				objects, err := Build(files, "app", Options{})
				require.Empty(t, objects)
				require.ErrorContains(t, err,
					"is not in the repository, and nothing is cloned or downloaded; copy it into the repository",
					reference)
				require.Regexp(t, `^app/kustomization\.yaml(:[1-4])?: `, err.Error())

				_, err = Overlay(files, []string{"app"}, objects)
				require.ErrorContains(t, err, "is not in the repository", reference)
			}
		})
	}
	t.Run("with the line", func(t *testing.T) {
		_, err := Build(archive("-- app/kustomization.yaml --\nresources:\n- ../base\n-- base/kustomization.yaml "+
			"--\nnamespace: x\nresources:\n- a.yaml\n- github.com/org/repo\n-- base/a.yaml --\n"+deployment), "app",
			Options{})
		require.EqualError(t, err, `base/kustomization.yaml:4: "github.com/org/repo" is not in the repository, and nothing is cloned or downloaded; copy it into the repository, and name it by a relative path`)
	})
}

func TestPluginsAreRefused(t *testing.T) {
	address := alarm(t)
	url := "http://" + address + "/x"
	config := func(kind, fields string) string {
		return "apiVersion: builtin\nkind: " + kind + "\nmetadata: {name: a}\n" + fields + "\n"
	}
	for _, test := range []struct{ name, config, want string }{
		{"an exec or Go plugin", "apiVersion: example.com/v1\nkind: plugin\nmetadata: {name: a}\n",
			"plugin is a plugin or function, and none is run"},
		{"a container", config("PrefixTransformer", "prefix: a") + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: " +
			"{name: b, annotations: {config.kubernetes.io/function: \"container: {image: x}\"}}\n",
			"ConfigMap is a plugin or function, and none is run"},
		{"an executable", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, annotations: " +
			"{config.kubernetes.io/function: \"exec: {path: ./plugin}\"}}\n",
			"ConfigMap is a plugin or function, and none is run"},
		{"a function that calls itself built in", "apiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: b, " +
			"annotations: {config.kubernetes.io/function: \"exec: {path: ./plugin}\"}}\n",
			"PrefixTransformer is a plugin or function, and none is run"},
		{"helm", config("HelmChartInflationGenerator", "name: x\nrepo: "+url),
			"HelmChartInflationGenerator is not run, since it would start helm"},
		{"a patch", config("PatchTransformer", "path: "+url), "nothing is downloaded"},
		{"a patch in another case", config("PatchTransformer", "PATH: "+url), "nothing is downloaded"},
		{"a patch in a case that only Unicode knows", config("PatchStrategicMergeTransformer", "path\u017f: ["+url+"]"),
			"nothing is downloaded"},
		{"patches", config("PatchStrategicMergeTransformer", "paths: ["+url+"]"), "nothing is downloaded"},
		{"a JSON patch", config("PatchJson6902Transformer", "target: {name: a}\npath: "+url), "nothing is downloaded"},
		{"replacements", config("ReplacementTransformer", "replacements: [{path: "+url+"}]"), "nothing is downloaded"},
		{"targets", config("ValueAddTransformer", "value: a\ntargetFilePath: "+url), "nothing is downloaded"},
		{"files", config("ConfigMapGenerator", "files: [a="+url+"]"), "nothing is downloaded"},
		{"files without a key", config("SecretGenerator", "files: ["+url+"]"), "nothing is downloaded"},
		{"envs", config("SecretGenerator", "envs: ["+url+"]"), "nothing is downloaded"},
		{"env", config("ConfigMapGenerator", "env: "+url), "nothing is downloaded"},
		{"a list of configurations", "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: builtin, kind: " +
			"PatchTransformer, metadata: {name: a}, path: \"" + url + "\"}\n", "nothing is downloaded"},
		{"an alias", config("PatchTransformer", "note: &a "+url+"\npath: *a"), "nothing is downloaded"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, field := range []string{"generators", "transformers", "validators"} {
				indented := "  " + strings.ReplaceAll(strings.TrimSuffix(test.config, "\n"), "\n", "\n  ")
				for _, files := range []fstest.MapFS{
					archive("-- app/kustomization.yaml --\n" + field + ": [config.yaml]\n-- app/config.yaml --\n" +
						test.config),
					archive("-- app/kustomization.yaml --\n" + field + ":\n- |\n" + indented + "\n"),
					archive("-- app/kustomization.yaml --\n" + field +
						": [configs]\n-- app/configs/kustomization.yaml --\nresources: [../more]\n" +
						"-- app/more/kustomization.yaml --\nresources: [config.yaml]\n-- app/more/config.yaml --\n" +
						test.config),
					archive("-- app/kustomization.yaml --\ncomponents: [../component]\n-- " +
						"component/kustomization.yaml --\nkind: Component\n" + field + ": [config.yaml]\n" +
						"-- component/config.yaml --\n" + test.config),
				} {
					_, err := Build(files, "app", Options{})
					require.ErrorContains(t, err, test.want)
					require.Contains(t, err.Error(), "kustomization.yaml:")
				}
			}
		})
	}
	t.Run("configurations that are put together", func(t *testing.T) {
		_, err := Build(archive("-- app/kustomization.yaml --\ntransformers: [configs]\n-- "+
			"app/configs/kustomization.yaml --\nresources: [config.yaml]\nnamePrefix: x\n-- app/configs/config.yaml "+
			"--\n"+
			config("PatchTransformer", "path: a")), "app", Options{})
		require.EqualError(t, err, "app/configs/kustomization.yaml:1: lists configurations for transformers of "+
			"app/kustomization.yaml, and may have no other field than resources; name the files directly")
	})
	t.Run("configurations in a circle", func(t *testing.T) {
		_, err := Build(archive("-- app/kustomization.yaml --\ntransformers: [a]\n-- app/a/kustomization.yaml "+
			"--\nresources: [../b]\n-- app/b/kustomization.yaml --\nresources: [../a]\n"), "app", Options{})
		require.EqualError(t, err, `app/b/kustomization.yaml:1: "../a" makes a cycle`)
	})
}

func TestHelmChartsAreRefused(t *testing.T) {
	alarm(t)
	const hint = "; make the chart a source of its own, and patch it with a level's overlay"
	for kustomization, want := range map[string]string{
		"namespace: a\nhelmCharts:\n- {name: minecraft, repo: https://example.com}\n": "app/kustomization.yaml:3: " +
			"helmCharts are not rendered, since Kustomize would start helm" + hint,
		"helmChartInflationGenerator:\n- {chartName: a, chartRepoUrl: b}\n": "app/kustomization.yaml:2: " +
			"helmChartInflationGenerator are not rendered, since Kustomize would start helm" + hint,
	} {
		_, err := Build(archive("-- app/kustomization.yaml --\n"+kustomization), "app", Options{})
		require.EqualError(t, err, want)
	}
}

func TestNothingOutsideTheRepositoryIsRead(t *testing.T) {
	outside := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(outside, "secret.yaml"), []byte(strings.ReplaceAll(deployment, "web",
		"canary")), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(outside, "kustomization.yaml"), []byte("resources: [secret.yaml]\n"),
		0o600))
	dir := t.TempDir()
	for _, name := range []string{"app", "sub/base", "other"} {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, name), 0o755))
	}
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	write("sub/base/kustomization.yaml", "resources: [d.yaml]\n")
	write("sub/base/d.yaml", deployment)
	write("other/d.yaml", deployment)
	for link, target := range map[string]string{
		"app/file.yaml": filepath.Join(outside, "secret.yaml"), "app/directory": outside, "app/up.yaml": "../../" +
			filepath.Base(outside) + "/secret.yaml",
		"app/base": "../sub/base", "app/sideways.yaml": "../other/d.yaml", "app/loop": "loop",
		"app/nothing.yaml": "nowhere",
	} {
		require.NoError(t, os.Symlink(target, filepath.Join(dir, link)))
	}
	repository := rooted(t, dir)
	for kustomization, want := range map[string]string{
		"resources: [file.yaml]":                                    `"file.yaml" leaves the repository`,
		"resources: [directory]":                                    `"directory" leaves the repository`,
		"resources: [directory/secret.yaml]":                        `"directory/secret.yaml" leaves the repository`,
		"resources: [up.yaml]":                                      `"up.yaml" leaves the repository`,
		"resources: [../../" + filepath.Base(outside):               "", // completed below
		"components: [directory]":                                   `"directory" leaves the repository`,
		"patches: [{path: file.yaml}]":                              `"file.yaml" leaves the repository`,
		"configMapGenerator: [{name: a, files: [a=file.yaml]}]":     `"file.yaml" leaves the repository`,
		"configMapGenerator: [{name: a, files: [../other/d.yaml]}]": `"../other/d.yaml" is not in or below app`,
		"resources: [sideways.yaml]":                                `"sideways.yaml" is not in or below app`,
		"resources: [../other/d.yaml]":                              `"../other/d.yaml" is not in or below app`,
		"resources: [/etc/passwd]":                                  `"/etc/passwd" is an absolute path`,
		"resources: [/repository/other/d.yaml]":                     `"/repository/other/d.yaml" is an absolute path`,
		"resources: [../../overlays/objects]":                       `"../../overlays/objects" leaves the repository`,
		"resources: [loop]":                                         `"loop": too many links`,
		"resources: [nothing.yaml]":                                 `there is no file or directory "nothing.yaml"`,
		"resources: [gone.yaml]":                                    `there is no file or directory "gone.yaml"`,
		"transformers: [file.yaml]":                                 `"file.yaml" leaves the repository`,
		"transformers: [gone.yaml]":                                 `there is no file or directory "gone.yaml"`,
		"openapi: {path: file.yaml}":                                `"file.yaml" leaves the repository`,
	} {
		if want == "" {
			kustomization, want = kustomization+"]", `leaves the repository`
		}
		write("app/kustomization.yaml", kustomization+"\n")
		objects, err := Build(repository, "app", Options{})
		require.ErrorContains(t, err, want)
		require.Regexp(t, `^app/kustomization\.yaml:1: `, err.Error())
		require.Empty(t, objects)
		require.NotContains(t, err.Error(), outside)
		require.NotContains(t, err.Error(), dir)
	}
	write("app/kustomization.yaml", "resources: [base]\n")
	objects, err := Build(repository, "app", Options{})
	require.NoError(t, err)
	require.Len(t, objects, 1)

	require.NoError(t, os.Remove(filepath.Join(dir, "app", "kustomization.yaml")))
	require.NoError(t, os.Symlink(filepath.Join(outside, "kustomization.yaml"), filepath.Join(dir, "app",
		"kustomization.yaml")))
	_, err = Build(repository, "app", Options{})
	require.EqualError(t, err, "app/kustomization.yaml: cannot be read: leaves the repository")
	_, err = Build(repository, "app/directory", Options{})
	require.EqualError(t, err, "app/directory: cannot be read: leaves the repository")
}
