package render_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// stall and booth are two more clusters, that only Secrets know.
const (
	stall = "kind: Secret\nmetadata: {labels: {argocd.argoproj.io/secret-type: cluster, role: hub, tenant: shops, " +
		"environment: live}}\nstringData: {name: stall}\n"
	booth = "kind: Secret\nmetadata: {labels: {argocd.argoproj.io/secret-type: cluster, role: hub, tenant: shops, " +
		"environment: test}}\nstringData: {name: booth}\n"
)

// TestOrderDoesNotMatter renders one fleet 50 times, with the keys of each file in another order, and flags, labels,
// component files and Secrets in another order. Every fifth time, it is also with the files written to disk, in another
// order. The bytes are the same.
func TestOrderDoesNotMatter(t *testing.T) {
	fleet := files(small, probeValueFiles)
	random := rand.New(rand.NewPCG(3, 4)) // always the same permutations
	shuffled := func(list []string) []string {
		random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		return list
	}
	texts := func(from map[string]string) map[string]string {
		m := map[string]string{}
		for _, key := range shuffled(sorted(from)) {
			m[key] = from[key]
		}
		return m
	}
	run := func(round int) map[string]string {
		written := maps.Clone(fleet)
		if round > 0 {
			for _, name := range sorted(fleet) {
				file := fleet[name]
				written[name] = &fstest.MapFile{Data: []byte(shuffleKeys(t, random, string(file.Data))),
					Mode: file.Mode}
			}
		}
		var repository fs.FS = written
		if round%5 == 4 {
			repository = onDisk(t, t.TempDir(), written, shuffled(sorted(written)))
		}
		r := question{Tree: repository,
			Options: render.Options{ClusterSecrets: []render.File{{Name: "secrets.yaml",
				Data: []byte(strings.Join(shuffled([]string{stall, booth}), "---\n"))}}},
			Request: render.Request{Group: "core", Cluster: "hub",
				Labels:      texts(map[string]string{"zone": "a", "area": "b", "coreRelease": "Next"}),
				Annotations: texts(map[string]string{"one": "1", "two": "2"}),
				Settings: texts(map[string]string{"namespace": "gitops",
					"globalSelectors": "{role: hub, zone: a, area: b}", "useSelectors": "true",
					"commonLabels": "{c: d, a: b}"}),
				ComponentFiles: shuffled([]string{"base", "extra"})}}
		got := map[string]string{}
		result := mustRender(t, r)
		require.Equal(t, []string{"extra-stable", "probe-stable", "extra-next", "probe-next"}, names(result.Objects))
		for _, format := range render.Formats {
			data, err := render.Encode(result.Objects, format)
			require.NoError(t, err)
			got["objects in "+format] = string(data)
		}
		for _, w := range result.Warnings {
			got["warnings"] += lineNumber.ReplaceAllString(w.Message, ":N)") + "\n" // which do depend on the order
		}
		r.Components = []string{"probe"}
		values, err := render.EncodeValue(mustValues(t, r).Values.Map(), "yaml")
		require.NoError(t, err)
		got["values"] = string(values)
		return got
	}
	want := run(0)
	for round := range 50 {
		require.Equal(t, want, run(round+1))
	}
}

var lineNumber = regexp.MustCompile(`:\d+\)`)

// onDisk writes files into a directory, in the order of the names, and returns the directory as a repository.
func onDisk(t testing.TB, dir string, fsys fstest.MapFS, names []string) fs.FS {
	t.Helper()
	for _, name := range names {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, fsys[name].Data, 0o644))
	}
	repository, err := worktree.Open(dir)
	require.NoError(t, err)
	return repository
}

// shuffleKeys returns YAML with the keys of all maps in a random order.
func shuffleKeys(t testing.TB, random *rand.Rand, text string) string {
	t.Helper()
	var value any
	require.NoError(t, yaml.Unmarshal([]byte(text), &value))
	var write func(value any) string
	write = func(value any) string {
		var parts []string
		switch value := value.(type) {
		case map[string]any:
			keys := sorted(value)
			random.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
			for _, key := range keys {
				parts = append(parts, write(key)+": "+write(value[key]))
			}
			return "{" + strings.Join(parts, ",\n ") + "}"
		case []any:
			for _, item := range value {
				parts = append(parts, write(item))
			}
			return "[" + strings.Join(parts, ", ") + "]"
		}
		data, err := json.Marshal(value)
		require.NoError(t, err)
		return string(data)
	}
	return write(value)
}

// TestRequestsAreNotChanged: a request can be rendered again, also at the same time, with the same result.
func TestRequestsAreNotChanged(t *testing.T) {
	r := smallHub(probeValueFiles)
	r.Labels, r.Annotations = map[string]string{"coreRelease": "Next"}, map[string]string{"a": "b"}
	r.Settings = map[string]string{"globalSelectors": "{role: hub}", "useSelectors": "true"}
	r.Files = valuesFiles("globalValuesObject: {a: {b: 1}}\nprobe: {valuesObject: {a: {c: 1}}, labels: {}}")
	r.ComponentFiles, r.Components = []string{"base", "extra"}, []string{"probe"}
	r.Defaults = &render.File{Name: "d.yaml", Data: []byte("repoURLGit: x\nsyncPolicy: {automated: {}}")}
	labels, annotations, settings := maps.Clone(r.Labels), maps.Clone(r.Annotations), maps.Clone(r.Settings)
	data, defaults := string(r.Files[0].Data), string(r.Defaults.Data)
	first := mustRender(t, r)
	before, err := render.Encode(first.Objects, "yaml")
	require.NoError(t, err)

	var group sync.WaitGroup
	for range 4 { // says something with the race detector
		group.Go(func() {
			result, err := renderOf(r)
			if err != nil {
				t.Error(err)
				return
			}
			after, err := render.Encode(result.Objects, "yaml")
			if err != nil || !bytes.Equal(after, before) {
				t.Errorf("another result: %v", err)
			}
			if _, err := valuesOf(r); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	after, err := render.Encode(first.Objects, "yaml")
	require.NoError(t, err)
	require.Equal(t, string(before), string(after))
	require.Equal(t, labels, r.Labels)
	require.Equal(t, annotations, r.Annotations)
	require.Equal(t, settings, r.Settings)
	require.Equal(t, []string{"base", "extra"}, r.ComponentFiles)
	require.Equal(t, []string{"probe"}, r.Components)
	require.Equal(t, data, string(r.Files[0].Data))
	require.Equal(t, defaults, string(r.Defaults.Data))
}
