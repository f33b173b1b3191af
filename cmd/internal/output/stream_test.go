package output

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/supervise"
	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/applicationset"
)

// rendered returns objects of one Application as the stages emit them.
func rendered(t testing.TB, format string, objects ...render.Object) []render.Rendered {
	t.Helper()
	var list []render.Rendered
	for _, object := range objects {
		data, err := render.EncodeValue(object, format)
		require.NoError(t, err)
		list = append(list, render.Rendered{Data: data, Name: render.FileName(object)})
	}
	return list
}

func object(name string) render.Object {
	return render.Object{"apiVersion": "v1", "kind": "ConfigMap", "metadata": render.Object{"name": name},
		"data": render.Object{"a": "b\nc", "html": "<&>"}}
}

func addAll(t testing.TB, out Sink, list []render.Rendered) {
	t.Helper()
	for _, r := range list {
		require.NoError(t, out.Add(r))
	}
}

// TestStreamIsAsEncode: one by one, objects are printed as they are all at once.
func TestStreamIsAsEncode(t *testing.T) {
	odd := render.Object{"apiVersion": "v1", "kind": "Odd", "metadata": render.Object{"name": "odd"},
		"empty": []any{}, "none": render.Object{}, "null": nil, "<<": "merge", "numbers": []any{1.0, 1.5, 1e21,
			math.Copysign(0, -1)}, "text": "— \u2028 é\t\"", "nested": []any{[]any{render.Object{"a": []any{}}}}}
	for name, objects := range map[string][]render.Object{
		"none": nil, "one": {object("a")}, "three": {object("a"), odd, object("c")},
	} {
		for _, format := range render.Formats {
			t.Run(name+" as "+format, func(t *testing.T) {
				want, err := render.Encode(objects, format)
				require.NoError(t, err)
				var got bytes.Buffer
				out := New(&got, format, Destination{})
				addAll(t, out, rendered(t, format, objects...))
				require.Empty(t, got.String(), "nothing before all is complete")
				require.NoError(t, out.Finish())
				require.Equal(t, string(want), got.String())

				got.Reset()
				out = New(&got, format, Destination{})
				require.NoError(t, AddAll(out, &render.Result{Objects: objects},
					func(object render.Object) ([]byte, error) { return render.EncodeValue(object, format) }))
				require.Empty(t, got.String(), "nothing before all is complete")
				require.NoError(t, out.Finish())
				require.Equal(t, string(want), got.String())
			})
		}
	}
}

// TestStreamNamesTheApplications in YAML, where there are comments.
func TestStreamNamesTheApplications(t *testing.T) {
	list := rendered(t, "yaml", render.Object{"kind": "A"}, render.Object{"kind": "B"}, render.Object{"kind": "C"},
		render.Object{"kind": "D"})
	for i, of := range [][2]string{{"hub", "one"}, {"hub", "one"}, {"hub", "two"}, {"spoke", "two"}} {
		list[i].Cluster, list[i].Application = of[0], of[1]
	}
	var got bytes.Buffer
	out := New(&got, "yaml", Destination{})
	addAll(t, out, list)
	require.NoError(t, out.Finish())
	require.Equal(t,
		"# Application one, cluster hub\nkind: A\n---\nkind: B\n---\n# Application two, cluster hub\nkind: C\n---\n"+
			"# Application two, cluster spoke\nkind: D\n", got.String())

	for i := range list {
		list[i].Data = []byte("{}")
	}
	got.Reset()
	out = New(&got, "json", Destination{})
	addAll(t, out, list)
	require.NoError(t, out.Finish())
	require.NotContains(t, got.String(), "#")
	require.NoError(t, yaml.Unmarshal(got.Bytes(), &render.Object{}))
}

// TestLargeStream goes through a temporary file, of which nothing is left.
func TestLargeStream(t *testing.T) {
	comment := "# " + strings.Repeat("a", maxInMemory*2/3) + "\n"
	list := []render.Rendered{{Data: []byte(comment + "kind: A\n")}, {Data: []byte(comment + "kind: B\n")},
		{Data: []byte("kind: C\n")}}
	for end, w := range map[string]io.Writer{"finish": &bytes.Buffer{}, "discard": &bytes.Buffer{},
		"a writer that fails": full{}} {
		t.Run(end, func(t *testing.T) {
			tmp := t.TempDir()
			t.Setenv("TMPDIR", tmp)
			out := New(w, "yaml", Destination{})
			addAll(t, out, list[:1])
			require.Empty(t, entries(t, tmp), "one fits into memory")
			addAll(t, out, list[1:])
			require.NotNil(t, out.(*stream).file)
			require.Empty(t, entries(t, tmp), "the file has no name")
			got, _ := w.(*bytes.Buffer)
			if got != nil {
				require.Zero(t, got.Len())
			}
			switch end {
			case "finish":
				require.NoError(t, out.Finish())
				require.True(t, got.String() == comment+"kind: A\n---\n"+comment+"kind: B\n---\nkind: C\n")
			case "discard":
				out.Discard()
				require.Zero(t, got.Len())
			default:
				require.ErrorIs(t, out.Finish(), errFull)
			}
			require.Empty(t, entries(t, tmp))
			out.Discard() // again, as after every render
		})
	}
	t.Run("as JSON", func(t *testing.T) {
		t.Setenv("TMPDIR", t.TempDir())
		objects := []render.Object{{"a": strings.Repeat("a", maxInMemory)}, {"b": "c"}}
		want, err := render.Encode(objects, "json")
		require.NoError(t, err)
		var got bytes.Buffer
		out := New(&got, "json", Destination{})
		addAll(t, out, rendered(t, "json", objects...))
		require.NoError(t, out.Finish())
		require.True(t, bytes.Equal(want, got.Bytes()))
	})
	t.Run("without a place for it", func(t *testing.T) {
		t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "gone"))
		out := New(&bytes.Buffer{}, "yaml", Destination{})
		err := out.Add(render.Rendered{Data: make([]byte, maxInMemory+1)})
		require.ErrorContains(t, err, "large output needs a temporary file")
		require.ErrorIs(t, err, os.ErrNotExist)
	})
}

var errFull = errors.New("disk full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

// entries returns the names in a directory; none if there is no such directory.
func entries(t testing.TB, dir string) []string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if !os.IsNotExist(err) {
		require.NoError(t, err)
	}
	names := []string{}
	for _, entry := range list {
		names = append(names, entry.Name())
	}
	return names
}

func TestDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "spoke"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "v1_configmap_a.yaml"), []byte("old"), 0o644))
	var stdout bytes.Buffer
	out := New(&stdout, "yaml", Destination{Dir: dir})
	list := rendered(t, "yaml", object("a"), object("b"), object("b"))
	list[1].Cluster, list[1].Application = "spoke", "one"
	list[2].Cluster, list[2].Application = "spoke", "two"
	addAll(t, out, list)
	require.Len(t, entries(t, dir), 3, "what there was, and a directory that nobody looks into")
	require.Empty(t, entries(t, filepath.Join(dir, "spoke")))
	before, err := os.ReadFile(filepath.Join(dir, "v1_configmap_a.yaml"))
	require.NoError(t, err)
	require.Equal(t, "old", string(before))

	require.NoError(t, out.Finish())
	require.Empty(t, stdout.String())
	require.Equal(t, []string{"spoke", "v1_configmap_a.yaml"}, entries(t, dir))
	for i, name := range []string{"v1_configmap_a.yaml", "spoke/one/v1_configmap_b.yaml",
		"spoke/two/v1_configmap_b.yaml"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		require.Equal(t, string(list[i].Data), string(data))
	}
	out.Discard()
	require.Equal(t, []string{"spoke", "v1_configmap_a.yaml"}, entries(t, dir))
}

// TestDirectoryOfNothing: neither a failure nor an empty result leaves anything.
func TestDirectoryOfNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	out := New(nil, "yaml", Destination{Dir: dir})
	require.NoError(t, out.Finish())
	require.NoDirExists(t, dir)

	out = New(nil, "yaml", Destination{Dir: dir})
	addAll(t, out, rendered(t, "yaml", object("a"), object("b")))
	out.Discard()
	require.Empty(t, entries(t, dir))
}

func TestDirectoryRefuses(t *testing.T) {
	object := rendered(t, "yaml", object("a"))[0]
	of := func(cluster, application, name string) render.Rendered {
		return render.Rendered{Data: object.Data, Cluster: cluster, Application: application, Name: name}
	}
	for name, test := range map[string]struct {
		list    []render.Rendered
		message string
	}{
		"two objects of one name": {[]render.Rendered{object, object},
			"two objects would be written to v1_configmap_a.yaml"},
		"two of one Application": {[]render.Rendered{of("c", "a", "n"), of("c", "a", "n")},
			"two objects would be written to c/a/n.yaml"},
		"a cluster that leads out": {[]render.Rendered{of("..", "a", "n")},
			`".." cannot be the name of a directory`},
		"one that leads out far": {[]render.Rendered{of("../../..", "a", "n")},
			`"../../.." cannot be the name of a directory`},
		"an Application that leads out": {[]render.Rendered{of("c", "../..", "n")},
			`"../.." cannot be the name of a directory`},
		"one that leads to other ones": {[]render.Rendered{of("c", "../d", "n")},
			`"../d" cannot be the name of a directory`},
		"an Application without a name": {[]render.Rendered{of("c", ".", "n")},
			`"." cannot be the name of a directory`},
		"a path of this machine": {[]render.Rendered{of("", "", "/etc/n")},
			`"/etc/n.yaml" cannot be the name of a file`},
		"an object that leads out": {[]render.Rendered{of("", "", "../n")},
			`"../n.yaml" cannot be the name of a file`},
		"one within an Application": {[]render.Rendered{of("c", "a", "../n")},
			`"../n.yaml" cannot be the name of a file`},
		"one that leads into the cluster": {[]render.Rendered{of("c", "a", "b/n")},
			`"b/n.yaml" cannot be the name of a file`},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			dir := filepath.Join(root, "one", "two")
			out := New(nil, "yaml", Destination{Dir: dir})
			last := len(test.list) - 1
			addAll(t, out, test.list[:last])
			require.EqualError(t, out.Add(test.list[last]), test.message)
			out.Discard()
			require.Empty(t, entries(t, dir))
		})
	}
	t.Run("an ARN is a directory of its own", func(t *testing.T) {
		dir := t.TempDir()
		out := New(nil, "json", Destination{Dir: dir})
		addAll(t, out, []render.Rendered{of("arn:aws:eks:r:1:cluster/c", "a", "n"), of("", "a", "n")})
		require.NoError(t, out.Finish())
		require.FileExists(t, filepath.Join(dir, "arn:aws:eks:r:1:cluster", "c", "a", "n.json"))
		require.FileExists(t, filepath.Join(dir, "a", "n.json"))
	})
	t.Run("a file where the directory should be", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		require.NoError(t, os.WriteFile(file, nil, 0o644))
		require.Error(t, New(nil, "yaml", Destination{Dir: file}).Add(object))
	})
}

// TestLimit: output is as large as the memory that a run may have, or an error says from which object on it is not.
func TestLimit(t *testing.T) {
	watch := supervise.Start(limits.Default, func(string) {})
	defer watch.Stop()
	for rule, test := range map[string]struct {
		rendered render.Rendered
		message  string
	}{
		"an ApplicationSet": {render.Rendered{Name: "argoproj.io_v1alpha1_applicationset_web"},
			"with argoproj.io_v1alpha1_applicationset_web the output"},
		"an object of an Application": {render.Rendered{Name: "v1_configmap_a", Application: "web", Cluster: "hub"},
			`with Application "web", cluster hub the output`},
	} {
		for _, dir := range []string{"", t.TempDir()} {
			t.Run(rule+" in "+dir, func(t *testing.T) {
				var got bytes.Buffer
				watch.Limit(limits.Limits{Memory: 1 << 30, Timeout: time.Hour},
					supervise.Raise{Memory: "raise --memory-limit"})
				out := New(&got, "yaml", Destination{Dir: dir, Watch: watch})
				out.(*limited).left = 10
				require.NoError(t, out.Add(render.Rendered{Name: "first", Data: []byte("a: bcdef\n")}))
				test.rendered.Data = []byte("a: b\n")
				require.EqualError(t, out.Add(test.rendered), test.message+
					" is larger than the run's limit of memory, 1 GiB; render fewer clusters or components at a time, "+
					"or raise --memory-limit")
				out.Discard()
				require.Empty(t, got.String())
			})
		}
	}
}

// TestSource: the comment above an ApplicationSet is one line, whatever the names in it, and JSON has none.
func TestSource(t *testing.T) {
	result := &render.Result{Objects: []render.Object{{"kind": "A"}, {"kind": "B"}, {"kind": "C"}},
		Components: []applicationset.Component{{Key: "one", File: "values/addons.yaml"},
			{Key: "two\nkind: X", File: "values/a\r\n---\u2028b.yaml"}, {Key: "three"}}}
	for format, want := range map[string]string{
		"yaml": "# Source: values/addons.yaml, component one\nkind: A\n---\n" +
			"# Source: values/a  ---\ufffdb.yaml, component two kind: X\nkind: B\n---\nkind: C\n",
		"json": "{\n  \"apiVersion\": \"v1\",\n  \"items\": [\n    {\n      \"kind\": \"A\"\n    },\n    {\n      " +
			"\"kind\": \"B\"\n    },\n    {\n      \"kind\": \"C\"\n    }\n  ],\n  \"kind\": \"List\"\n}\n",
	} {
		var out strings.Builder
		sink := New(&out, format, Destination{})
		require.NoError(t, AddAll(sink, result, func(o render.Object) ([]byte, error) {
			return render.EncodeValue(o, format)
		}))
		require.NoError(t, sink.Finish())
		require.Equal(t, want, out.String())
	}
}
