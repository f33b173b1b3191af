package chart

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	helmchart "helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
)

// bomb is an archive whose one file unpacks to many zeros.
func bomb(t testing.TB, name string, size int64) []byte {
	return packEntries(t, []tar.Header{{Name: name, Mode: 0o644, Size: size}}, func(h tar.Header) []byte {
		return make([]byte, h.Size)
	})
}

func TestBadArchives(t *testing.T) {
	entry := func(h tar.Header) []byte {
		return packEntries(t, []tar.Header{{Name: "web/Chart.yaml"}, h}, func(tar.Header) []byte { return nil })
	}
	good := pack(t, chartFiles("web", "1.0.0"))
	var flat bytes.Buffer
	zipped := gzip.NewWriter(&flat)
	_, err := zipped.Write([]byte(strings.Repeat("no tar ", 200)))
	require.NoError(t, err)
	require.NoError(t, zipped.Close())
	many := chartFiles("web", "1.0.0")
	for i := range 25 { // each may be unpacked, all together may not
		many[fmt.Sprintf("files/%d.bin", i)] = string(make([]byte, 4<<20))
	}
	nested := chartFiles("web", "1.0.0")
	fiveMiB := chartFiles("db", "1.0.0")
	for i := range 6 {
		fiveMiB[fmt.Sprintf("%d.bin", i)] = string(make([]byte, 4<<20))
	}
	inner := string(pack(t, fiveMiB))
	for i := range 5 {
		nested[fmt.Sprintf("charts/db%d.tgz", i)] = inner
	}
	deep := good
	for range archiveDepth + 1 {
		deep = pack(t, chartFiles("web", "1.0.0").with("charts/web.tgz", string(deep)))
	}

	for name, test := range map[string]struct {
		data    []byte
		message string
	}{
		"empty":    {nil, "the archive is empty"},
		"no files": {pack(t, nil), "no files in chart archive"},
		"no gzip": {[]byte("<html>this is no chart</html>"),
			"the archive is not the .tgz of a chart: gzip: invalid header"},
		"no tar": {flat.Bytes(),
			"the archive is not the .tgz of a chart: archive/tar: invalid tar header"},
		"truncated": {good[:len(good)/2], "the archive is truncated"},
		"no Chart.yaml": {pack(t, files{"values.yaml": "a: 1"}),
			"it is no valid chart: Chart.yaml file is missing"},
		"no name":        {pack(t, files{"Chart.yaml": "version: 1.0.0"}), "chart.metadata.name is required"},
		"no version":     {pack(t, files{"Chart.yaml": "name: web"}), "chart.metadata.version is required"},
		"bad version":    {pack(t, files{"Chart.yaml": "name: web\nversion: one"}), `chart.metadata.version "one" is invalid`},
		"bad Chart.yaml": {pack(t, files{"Chart.yaml": "{"}), "cannot load Chart.yaml"},
		"bad values": {pack(t, chartFiles("web", "1.0.0").with("values.yaml", "a: [")),
			"cannot load values.yaml"},
		"null dependency": {pack(t, files{"Chart.yaml": "name: web\nversion: 1.0.0\ndependencies: [null]"}),
			"dependencies must not contain empty or null nodes"},
		"bad chart in charts": {pack(t, chartFiles("web", "1.0.0").with("charts/db/values.yaml", "")),
			"Chart.yaml file is missing"},
		"parent directory":    {entry(tar.Header{Name: "web/../../etc/passwd"}), `lies outside of it: "web/../../etc/passwd"`},
		"parent by backslash": {entry(tar.Header{Name: `web\..\..\etc\passwd`}), "lies outside of it"},
		"absolute":            {entry(tar.Header{Name: "/etc/passwd"}), "lies outside of it"},
		"symbolic link":       {entry(tar.Header{Name: "web/values.yaml", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}), `has a link: "web/values.yaml"`},
		"hard link": {entry(tar.Header{Name: "web/values.yaml", Typeflag: tar.TypeLink, Linkname: "web/a"}),
			"has a link"},
		"one file too large": {bomb(t, "web/values.yaml", 6<<20),
			"too large when it is unpacked; it may hold at most 100 MiB"},
		"one bomb":             {bomb(t, "web/values.yaml", 20<<20), "too large when it is unpacked"},
		"together too large":   {pack(t, many), "too large when it is unpacked"},
		"archives in archives": {pack(t, nested), "too large when it is unpacked"},
		"nested too deep":      {deep, "charts in charts more than 4 deep"},
		"directories too deep": {pack(t, chartFiles("web", "1.0.0").with(strings.Repeat("charts/a/", 17)+"x", "")),
			"charts in charts more than 16 deep"},
		"a library": {pack(t, chartFiles("web", "1.0.0").with("Chart.yaml",
			"apiVersion: v2\nname: web\nversion: 1.0.0\ntype: library")),
			"it is a library chart, which cannot be installed"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newChartServer(t)
			s.add("web", "1.0.0", test.data)
			_, err := fetch(newTestCache(t), s.URL, "web", "1.0.0")
			requireOneLine(t, err, "chart web 1.0.0 from "+s.URL+": ", test.message)
		})
	}
}

func TestFilesThatOnlyLookLikeNestedArchives(t *testing.T) {
	f := chartFiles("web", "1.0.0").with("files/charts/a.tgz", "x").with("charts/_a.tgz", "x")
	_, err := loader.LoadArchive(bytes.NewReader(pack(t, f)))
	require.NoError(t, err)
	_, err = loadArchive(pack(t, f))
	require.NoError(t, err)
}

func TestOrderOfDependenciesIsStable(t *testing.T) {
	f := chartFiles("web", "1.0.0")
	want := []string{"a", "b", "c", "d", "e"}
	for _, name := range want {
		f["charts/"+name+"/Chart.yaml"] = "name: " + name + "\nversion: 1.0.0"
	}
	data := pack(t, f)
	for range 20 {
		ch, err := loadArchive(data)
		require.NoError(t, err)
		var got []string
		for _, d := range ch.Dependencies() {
			got = append(got, d.Name())
		}
		require.Equal(t, want, got)
	}
}

// FuzzLoadArchive shows that no archive makes the loader panic, that what it accepts Helm accepts too and reads alike,
// and that a clone is the same chart.
func FuzzLoadArchive(f *testing.F) {
	unzipped := func(data []byte) []byte { // fuzzing gets nowhere through checksums
		reader, err := gzip.NewReader(bytes.NewReader(data))
		require.NoError(f, err)
		var out bytes.Buffer
		_, err = out.ReadFrom(reader)
		require.NoError(f, err)
		return out.Bytes()
	}
	inner := chartFiles("db", "1.0.0")
	for _, seed := range []files{
		chartFiles("web", "1.0.0"),
		inner.with("charts/a/Chart.yaml", "name: a\nversion: 1.0.0"),
		inner.with("charts/a.tgz", string(pack(f, inner))),
		{"Chart.yaml": "name: a\nversion: 1.0.0\n",
			"requirements.yaml": "dependencies: [{name: b, version: 1.x, import-values: [x, {child: a, parent: b}], " +
				"tags: [t]}]",
			"requirements.lock": "digest: x\ndependencies: [null, {name: b}]"},
		{"Chart.yaml": "apiVersion: v2\nname: a\nversion: 1.0.0", "Chart.lock": "null", "values.yaml": "null",
			"values.schema.json": "{}"},
	} {
		f.Add(unzipped(pack(f, seed)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var archive bytes.Buffer
		zipped := gzip.NewWriter(&archive)
		_, err := zipped.Write(data)
		require.NoError(t, err)
		require.NoError(t, zipped.Close())
		ch, err := loadArchive(archive.Bytes())
		if err != nil {
			return
		}
		helm, err := loader.LoadArchive(bytes.NewReader(archive.Bytes()))
		require.NoError(t, err)
		sortDependencies(helm)
		requireSameChart(t, helm, ch)
		requireSameChart(t, helm, clone(ch))
	})
}

// requireSameChart compares all that rendering looks at.
func requireSameChart(t testing.TB, want, got *helmchart.Chart) {
	t.Helper()
	text := func(c *helmchart.Chart) string {
		data, err := json.Marshal(c)
		require.NoError(t, err)
		return string(data)
	}
	require.Equal(t, text(want), text(got))
	require.Len(t, got.Dependencies(), len(want.Dependencies()))
	for i, d := range want.Dependencies() {
		requireSameChart(t, d, got.Dependencies()[i])
	}
}

func BenchmarkFetch(b *testing.B) {
	s := newChartServer(b)
	chart := chartFiles("web", "1.0.0")
	chart["values.yaml"] = strings.Repeat("# a comment\n", 2000) + "replicas: 1\nnested: {list: [a, b]}\n"
	for i := range 50 {
		chart[fmt.Sprintf("templates/%d.yaml", i)] = strings.Repeat("kind: {{ .Values.kind }}\n", 100)
	}
	s.add("web", "1.0.0", pack(b, chart))
	warm := newTestCache(b)
	_, err := fetch(warm, s.URL, "web", "1.0.0")
	require.NoError(b, err)
	b.Run("memory", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err := warm.Fetch(context.Background(), Reference{s.URL, "web", "1.0.0"})
			require.NoError(b, err)
		}
	})
	b.Run("directory", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err := fetch(newTestCache(b, inDirectory(warm.options.Dir)), s.URL, "web", "1.0.0")
			require.NoError(b, err)
		}
	})
}
