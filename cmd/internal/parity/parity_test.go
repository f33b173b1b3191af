package parity

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/cli"
)

// A parityCase is the file case.yaml of a case; the corpus' README says what its keys mean.
type parityCase struct {
	Shows       string   `json:"shows"`
	ReleaseName string   `json:"releaseName"`
	Values      []string `json:"values"`
	Outcome     string   `json:"outcome"`
	Reason      string   `json:"reason"`
}

// corpus returns the directory of the corpus.
func corpus() string {
	if dir := os.Getenv("PARITY_DIR"); dir != "" {
		return dir
	}
	return filepath.Join("..", "..", "..", "testdata", "parity")
}

// TestCases renders each case, and compares the objects as data.
func TestCases(t *testing.T) {
	root := corpus()
	var files []string
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Name() == "case.yaml" {
			files = append(files, path)
		}
		return err
	}))
	require.NotEmpty(t, files, "%s has no cases", root)
	for _, file := range files {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) { testCase(t, root, file) })
	}
}

func testCase(t *testing.T, root, file string) {
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var c parityCase
	require.NoError(t, yaml.Unmarshal(text, &c))
	require.Contains(t, []string{"ok", "error"}, c.Outcome, "%s: outcome", file)
	dir := filepath.Dir(file)
	args := []string{"render", "--catalog", catalogOf(t, root, dir), "--release-name", c.ReleaseName, "--allow-empty"}
	for _, name := range c.Values {
		args = append(args, "-f", filepath.Join(dir, "values", name))
	}
	var stdout, stderr bytes.Buffer
	status := cli.Program{}.Run(args, strings.NewReader(""), &stdout, &stderr)
	if c.Outcome == "error" {
		require.NotZero(t, status, "%s (%s)\nshould be refused", c.Shows, c.Reason)
		require.Empty(t, stdout.String(), "a render that fails prints nothing")
		return
	}
	require.Zero(t, status, "%s\n%s", c.Shows, stderr.String())
	compare(t, filepath.Join(dir, "expected.json"), stdout.String())
}

// catalogOf makes the catalog of a case: the settings and component files of the corpus, and over these its own.
func catalogOf(t *testing.T, root, dir string) string {
	catalog := t.TempDir()
	settings, err := os.ReadFile(filepath.Join(root, "defaults.yaml"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(catalog, "values.yaml"), settings, 0o600))
	for _, from := range []string{root, dir} {
		components := os.DirFS(filepath.Join(from, "catalogues"))
		err := fs.WalkDir(components, ".", func(name string, entry fs.DirEntry, err error) error {
			to := filepath.Join(catalog, "values", name)
			if err != nil || entry.IsDir() {
				return cmp.Or(err, os.MkdirAll(to, 0o700))
			}
			text, err := fs.ReadFile(components, name)
			return cmp.Or(err, os.WriteFile(to, text, 0o600))
		})
		if !errors.Is(err, fs.ErrNotExist) {
			require.NoError(t, err)
		}
	}
	return catalog
}

// TestFleet renders the groups of the real fleet's hub.
func TestFleet(t *testing.T) {
	expected := filepath.Join(corpus(), "fleet")
	repository := filepath.Join(expected, "repository")
	if _, err := os.Stat(repository); err != nil {
		repository = filepath.Join(corpus(), "..", "fleet") // of a corpus that has it beside it
	}
	for _, group := range []string{"addons", "monitoring", "fleet"} {
		t.Run(group, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			args := []string{"render", filepath.Join(repository, "addons"), "--group", group, "--cluster",
				"hub-cluster-np", "--release", "default", "--offline"}
			require.Zero(t, cli.Program{}.Run(args, strings.NewReader(""), &stdout, &stderr), stderr.String())
			compare(t, filepath.Join(expected, "hub-"+group+".json"), stdout.String())
		})
	}
}

// compare compares a YAML stream with the objects in a file of JSON, also in their order.
func compare(t *testing.T, file, stream string) {
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var want, got []any
	require.NoError(t, json.Unmarshal(text, &want))
	for _, document := range regexp.MustCompile(`(?m)^---\n`).Split(stream, -1) {
		if strings.TrimSpace(document) == "" {
			continue
		}
		var object any
		require.NoError(t, yaml.UnmarshalStrict([]byte(document), &object)) // which refuses a key that is there twice
		got = append(got, object)
	}
	if difference := firstDifference("", neutral(want), neutral(got)); difference != "" {
		t.Errorf("%s: %s", file, difference)
	}
}

// neutral leaves out what tells which program made the objects, and a field whose value is its default.
func neutral(objects []any) []any {
	for _, object := range objects {
		for _, path := range [][]string{
			{"metadata", "labels"}, {"metadata", "annotations"},
			{"spec", "template", "metadata", "labels"}, {"spec", "template", "metadata", "annotations"},
		} {
			holder := at(object, path[:len(path)-1]...)
			texts := at(holder, path[len(path)-1])
			for _, key := range []string{"helm.sh/chart", "app.kubernetes.io/version", "app.kubernetes.io/managed-by"} {
				delete(texts, key)
			}
			if len(texts) == 0 {
				delete(holder, path[len(path)-1])
			}
		}
		if spec := at(object, "spec"); spec["applyNestedSelectors"] == false {
			delete(spec, "applyNestedSelectors")
		}
	}
	return objects
}

// at returns the map at a path, nil if there is none.
func at(value any, path ...string) map[string]any {
	fields, _ := value.(map[string]any)
	for _, key := range path {
		fields, _ = fields[key].(map[string]any)
	}
	return fields
}

// firstDifference says where two values differ first, and "" where they do not.
func firstDifference(path string, want, got any) string {
	switch want := want.(type) {
	case map[string]any:
		got, isMap := got.(map[string]any)
		if !isMap {
			break
		}
		keys := maps.Clone(want)
		maps.Copy(keys, got)
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			value, wanted := want[key]
			other, given := got[key]
			if wanted != given {
				return fmt.Sprintf("%s.%s: want it: %t, is there: %t", path, key, wanted, given)
			}
			if difference := firstDifference(path+"."+key, value, other); difference != "" {
				return difference
			}
		}
		return ""
	case []any:
		got, isList := got.([]any)
		if !isList {
			break
		}
		for i := range min(len(want), len(got)) {
			if difference := firstDifference(fmt.Sprintf("%s[%d]", path, i), want[i], got[i]); difference != "" {
				return difference
			}
		}
		if len(want) != len(got) {
			return fmt.Sprintf("%s: want %d, have %d", path, len(want), len(got))
		}
		return ""
	}
	if !reflect.DeepEqual(want, got) {
		return fmt.Sprintf("%s: want %v, have %v", path, want, got)
	}
	return ""
}

// TestFirstDifference: the comparison itself must be able to fail.
func TestFirstDifference(t *testing.T) {
	for _, test := range []struct{ name, want, got, difference string }{
		{"equal", `{a: [{b: 1}], c: null}`, `{c: null, a: [{b: 1}]}`, ""},
		{"another value", `{a: [{b: 1}]}`, `{a: [{b: 2}]}`, ".a[0].b: want 1, have 2"},
		{"another type", `{a: "1"}`, `{a: 1}`, ".a: want 1, have 1"},
		{"a map in the place of a list", `{a: [1]}`, `{a: {b: 1}}`, ".a: want [1], have map[b:1]"},
		{"a list in the place of a map", `{a: {b: 1}}`, `{a: [1]}`, ".a: want map[b:1], have [1]"},
		{"a key that is missing", `{a: null}`, `{}`, ".a: want it: true, is there: false"},
		{"a key too many", `{}`, `{a: null}`, ".a: want it: false, is there: true"},
		{"a shorter list", `[1, 2]`, `[1]`, ": want 2, have 1"},
		{"a longer list", `[1]`, `[1, 2]`, ": want 1, have 2"},
		{"another order", `[1, 2]`, `[2, 1]`, "[0]: want 1, have 2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var want, got any
			require.NoError(t, yaml.Unmarshal([]byte(test.want), &want))
			require.NoError(t, yaml.Unmarshal([]byte(test.got), &got))
			require.Equal(t, test.difference, firstDifference("", want, got))
		})
	}
}
