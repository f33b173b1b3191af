package chart

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	helmregistry "helm.sh/helm/v3/pkg/registry"
)

const typeConfig = "application/vnd.oci.empty.v1+json"

// pushArtifact puts an artifact with a number of layers of one type into a registry, and returns its digest.
func pushArtifact(t testing.TB, handler http.Handler, name, tag, config, mediaType string, layers ...[]byte) string {
	t.Helper()
	blob := func(mediaType string, data []byte) ocispec.Descriptor {
		d := ocispec.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(data), Size: int64(len(data))}
		put(t, handler, "/v2/"+name+"/blobs/uploads/1?digest="+string(d.Digest), "application/octet-stream", data)
		return d
	}
	m := ocispec.Manifest{Config: blob(config, []byte("{}")), MediaType: ocispec.MediaTypeImageManifest}
	m.SchemaVersion = 2
	for _, data := range layers {
		m.Layers = append(m.Layers, blob(mediaType, data))
	}
	text, err := json.Marshal(m)
	require.NoError(t, err)
	put(t, handler, "/v2/"+name+"/manifests/"+tag, ocispec.MediaTypeImageManifest, text)
	return string(digest.FromBytes(text))
}

// packPlain makes an archive of files without a directory around them, and of one empty directory.
func packPlain(t testing.TB, f files) []byte {
	entries := []tar.Header{{Name: "./", Typeflag: tar.TypeDir}, {Name: "./empty/", Typeflag: tar.TypeDir}}
	for _, name := range slices.Sorted(maps.Keys(f)) {
		entries = append(entries, tar.Header{Name: "./" + name, Mode: 0o644, Size: int64(len(f[name]))})
	}
	return packEntries(t, entries, func(h tar.Header) []byte { return []byte(f[strings.TrimPrefix(h.Name, "./")]) })
}

func unzipped(t testing.TB, data []byte) []byte {
	in, err := gzip.NewReader(bytes.NewReader(data))
	require.NoError(t, err)
	out, err := io.ReadAll(in)
	require.NoError(t, err)
	return out
}

func artifact(c *Cache, address, revision string) (fs.FS, error) {
	return c.Artifact(context.Background(), Reference{RepoURL: address, Version: revision})
}

// requireFile checks the content of a file of an artifact.
func requireFile(t testing.TB, fsys fs.FS, name, content string) {
	t.Helper()
	data, err := fs.ReadFile(fsys, name)
	require.NoError(t, err)
	require.Equal(t, content, string(data))
}

func TestArtifactOfFiles(t *testing.T) {
	handler := registryHandler()
	plain := packPlain(t, files{"a.yaml": "a: 1\n", "deep/er/b.yaml": "b: 1\n"})
	pushArtifact(t, handler, "org/gz", "v1", typeConfig, ocispec.MediaTypeImageLayerGzip, plain)
	pushArtifact(t, handler, "org/tar", "v1", typeConfig, ocispec.MediaTypeImageLayer, unzipped(t, plain))
	s := httptest.NewServer(handler)
	defer s.Close()
	for _, name := range []string{"gz", "tar"} {
		c := newTestCache(t)
		for range 2 { // also from memory
			fsys, err := artifact(c, "oci://"+host(s)+"/org/"+name, "v1")
			require.NoError(t, err)
			requireFile(t, fsys, "a.yaml", "a: 1\n")
			requireFile(t, fsys, "deep/er/b.yaml", "b: 1\n")
			found, err := fs.Glob(fsys, "*")
			require.NoError(t, err)
			require.Equal(t, []string{"a.yaml", "deep", "empty"}, found)
		}
		_, err := artifact(newTestCache(t, inDirectory(c.options.Dir), offline), "oci://"+host(s)+"/org/"+name, "v1")
		require.NoError(t, err)
	}
}

func TestArtifactThatIsAChart(t *testing.T) {
	handler := registryHandler()
	push(t, handler, "web", "1.0.0", pack(t, chartFiles("web", "1.0.0")))
	s := httptest.NewServer(handler)
	defer s.Close()
	c := newTestCache(t)
	fsys, err := artifact(c, "oci://"+host(s)+"/charts/web", "1.0.0")
	require.NoError(t, err)
	requireFile(t, fsys, "templates/some.yaml", "kind: ConfigMap\n")
	ch, err := c.Directory(context.Background(), fsys, ".")
	require.NoError(t, err)
	require.Equal(t, "web", ch.Name())

	// The cache has it for sources with a chart too, and has what these fetched.
	s.Close()
	ch, err = fetch(newTestCache(t, inDirectory(c.options.Dir)), "oci://"+host(s)+"/charts", "web", "1.0.0")
	require.NoError(t, err)
	require.Equal(t, "web", ch.Name())
}

func TestRevisionsOfArtifacts(t *testing.T) {
	handler := registryHandler()
	digests := map[string]string{}
	for _, tag := range []string{"latest", "1.0.0", "1.2", "1.10.0", "2.0.0-rc.1", "1.x", "3.0.0_5"} {
		digests[tag] = pushArtifact(t, handler, "org/app", tag, typeConfig, ocispec.MediaTypeImageLayerGzip,
			packPlain(t, files{"tag": tag}))
	}
	s := httptest.NewServer(handler)
	defer s.Close()
	address := "oci://" + host(s) + "/org/app"
	dir := newTestCache(t).options.Dir
	for revision, want := range map[string]string{"latest": "latest", "1.0.0": "1.0.0", "1.2": "1.2", "1.0.x": "1.0.0",
		"^1":     "1.10.0",
		"<1.5.0": "1.2", "1.x": "1.x", ">=2.0.0-0 <3": "2.0.0-rc.1", "3.0.0_5": "3.0.0_5", digests["1.2"]: "1.2"} {
		fsys, err := artifact(newTestCache(t, inDirectory(dir)), address, revision)
		require.NoError(t, err, revision)
		requireFile(t, fsys, "tag", want)
	}
	for revision, message := range map[string]string{
		"":        "artifact " + address + ": no revision is given; name a tag, a digest, or a range of versions",
		"none":    "artifact " + address + " none: its manifest: the server answered 404 Not Found",
		"9.x":     "the registry has no such version; check the revision",
		"1.0.0+5": `the revision "1.0.0+5" is no tag, no digest, and no range of versions; tags have _ in place of +`,
		">=3":     "its highest version is 3.0.0+5, which Argo CD does not find: tags have no +; name the tag itself",
		"a b":     `the revision "a b" is no tag`,
	} {
		_, err := artifact(newTestCache(t), address, revision)
		requireOneLine(t, err, message)
	}

	// What moves is looked up again, and offline it is what it was last.
	pushArtifact(t, handler, "org/app", "latest", typeConfig, ocispec.MediaTypeImageLayerGzip,
		packPlain(t, files{"tag": "moved"}))
	for _, test := range []struct {
		options        []func(*Options)
		revision, want string
	}{{nil, "latest", "moved"}, {[]func(*Options){offline}, "latest", "moved"}, {[]func(*Options){offline},
		"1.5 - 1.20", "1.10.0"},
		{[]func(*Options){offline}, digests["1.2"], "1.2"}} {
		fsys, err := artifact(newTestCache(t, append(test.options, inDirectory(dir))...), address, test.revision)
		require.NoError(t, err, test.revision)
		requireFile(t, fsys, "tag", test.want)
	}
	for _, revision := range []string{"1.0.1", "5.x", "other"} {
		_, err := artifact(newTestCache(t, inDirectory(dir), offline), address, revision)
		requireOneLine(t, err, "artifact "+address+" "+revision+
			": it is not in the cache, and nothing is fetched while offline; run once without --offline")
	}
}

func TestVersionsOfArtifactsAreFetchedOnce(t *testing.T) {
	handler := registryHandler()
	pushArtifact(t, handler, "org/app", "1.0.0", typeConfig, ocispec.MediaTypeImageLayerGzip,
		packPlain(t, files{"a": ""}))
	s := httptest.NewServer(handler)
	dir := newTestCache(t).options.Dir
	_, err := artifact(newTestCache(t, inDirectory(dir)), "oci://"+host(s)+"/org/app", "1.0.0")
	require.NoError(t, err)
	s.Close()
	_, err = artifact(newTestCache(t, inDirectory(dir)), "oci://"+host(s)+"/org/app", "1.0.0")
	require.NoError(t, err)
	_, err = fetch(newTestCache(t, inDirectory(dir), offline), host(s)+"/org", "app", "1.0.0")
	requireOneLine(t, err, "is no Helm chart")
}

func TestArtifactAddresses(t *testing.T) {
	c := newTestCache(t, func(o *Options) { o.Allowed = []string{"oci://registry.example.com/ours"} })
	for address, message := range map[string]string{
		"oci://registry.example.com/theirs/app": "nothing may be fetched from there; add the repository to " +
			"spec.chartRepositories",
		"oci://registry.example.com/oursnot/app":     "nothing may be fetched",
		"oci://registry.example.com":                 "it is not the name of a repository in a registry",
		"oci://registry.example.com/ours/app:1.0.0":  "it is not the name of a repository in a registry",
		"oci://registry.example.com/ours/App":        "it is not the name of a repository in a registry",
		"https://registry.example.com/ours/app":      "it is not the name of a repository in a registry",
		"oci://me:canary@registry.example.com/ours/": "the artifact: its repository URL has credentials in it",
	} {
		_, err := artifact(c, address, "1.0.0")
		requireOneLine(t, err, message)
		require.NotContains(t, err.Error(), "canary")
	}
	_, err := artifact(New(Options{}), "oci://registry.example.com/app", "1.0.0")
	requireOneLine(t, err, "no cache directory is given")
}

func TestBadArtifacts(t *testing.T) {
	gz, chartLayer := ocispec.MediaTypeImageLayerGzip, helmregistry.ChartLayerMediaType
	entry := func(h tar.Header) []byte {
		return packEntries(t, []tar.Header{h}, func(tar.Header) []byte { return nil })
	}
	many := files{}
	for i := range directoryEntries {
		many[fmt.Sprint(i)] = ""
	}
	one := packPlain(t, files{"a": "1"})
	for name, test := range map[string]struct {
		config, mediaType string
		layers            [][]byte
		message           string
	}{
		"no layer": {typeConfig, gz, nil,
			"it has 0 layers with files, and Argo CD takes one; push the files as one archive"},
		"two layers": {typeConfig, gz, [][]byte{one, one}, "it has 2 layers with files"},
		"many layers": {typeConfig, "text/plain", slices.Repeat([][]byte{one}, 11),
			"it has 11 layers, and Argo CD takes 10 at most"},
		"a file":           {typeConfig, "text/plain", [][]byte{one}, "it has 0 layers with files"},
		"an image":         {typeConfig, "application/vnd.docker.image.rootfs.diff.tar.gzip", [][]byte{one}, `it has a layer of type "application/vnd.docker`},
		"a chart's config": {helmregistry.ConfigMediaType, gz, [][]byte{one}, "it has 0 layers with files"},
		"a chart in pieces": {helmregistry.ConfigMediaType, chartLayer, [][]byte{one},
			"the archive of a chart must hold one directory, and nothing beside it"},
		"no gzip": {typeConfig, gz, [][]byte{unzipped(t, one)},
			"the archive is not the archive that its type says: gzip: invalid header"},
		"no tar": {typeConfig, ocispec.MediaTypeImageLayer, [][]byte{bytes.Repeat([]byte("x"), 2048)},
			"the archive is not the archive that its type says"},
		"truncated": {typeConfig, gz, [][]byte{one[:len(one)/2]}, "the archive is truncated"},
		"outside":   {typeConfig, gz, [][]byte{entry(tar.Header{Name: "../a"})}, "lies outside of it"},
		"absolute":  {typeConfig, gz, [][]byte{entry(tar.Header{Name: "/a"})}, "lies outside of it"},
		"link": {typeConfig, gz, [][]byte{entry(tar.Header{Name: "a", Typeflag: tar.TypeSymlink,
			Linkname: "b"})}, "the archive has a link"},
		"hard link": {typeConfig, gz,
			[][]byte{entry(tar.Header{Name: "a", Typeflag: tar.TypeLink, Linkname: "b"})}, "the archive has a link"},
		"backslash": {typeConfig, gz, [][]byte{entry(tar.Header{Name: `a\b`})}, "a name that cannot be used"},
		"too deep": {typeConfig, gz, [][]byte{entry(tar.Header{Name: strings.Repeat("a/", 66)})},
			"directories that are more than 64 deep"},
		"too many": {typeConfig, gz, [][]byte{packPlain(t, many)}, "more than 20000 files"},
		"too large": {typeConfig, gz, [][]byte{bomb(t, "a", 6<<20)},
			"too large when it is unpacked; it may hold at most 100 MiB"},
		"file and directory": {typeConfig, gz, [][]byte{packPlain(t, files{"a": "", "a/b": ""})}, `both a file and a directory of the name "a"`},
	} {
		t.Run(name, func(t *testing.T) {
			handler := registryHandler()
			pushArtifact(t, handler, "org/app", "1.0.0", test.config, test.mediaType, test.layers...)
			s := httptest.NewServer(handler)
			defer s.Close()
			c := newTestCache(t)
			_, err := artifact(c, "oci://"+host(s)+"/org/app", "1.0.0")
			requireOneLine(t, err, "artifact oci://"+host(s)+"/org/app 1.0.0: ", test.message)
			require.NoDirExists(t, c.options.Dir+"/archives")
		})
	}
}

func TestManifestsThatAreNoArtifacts(t *testing.T) {
	handler := registryHandler()
	pushArtifact(t, handler, "org/app", "1.0.0", typeConfig, ocispec.MediaTypeImageLayerGzip,
		packPlain(t, files{"a": "1"}))
	for body, message := range map[string]string{
		`{"layers": [{"mediaType": "a.tar", "digest": "x"}]}`:                                                                                          `a layer of type "a.tar"`,
		`{"layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": "x"}]}`:                                                         "its layer has no valid digest",
		`{"layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "size": 900000000, "digest": "sha256:` + strings.Repeat("0", 64) + `"}]}`: "more than 100 MiB",
		`{"layers": 1}`: "it is not the manifest of one artifact",
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.Contains(r.URL.Path, "/manifests/") {
				handler.ServeHTTP(w, r)
				return
			}
			w.Header().Set("Content-Type", ocispec.MediaTypeImageManifest)
			w.Header().Set("Docker-Content-Digest", string(digest.FromString(body)))
			_, _ = io.WriteString(w, body)
		}))
		_, err := artifact(newTestCache(t), "oci://"+host(s)+"/org/app", "1.0.0")
		s.Close()
		requireOneLine(t, err, message)
	}
	index := ocispec.Index{MediaType: ocispec.MediaTypeImageIndex}
	index.SchemaVersion = 2
	text, err := json.Marshal(index)
	require.NoError(t, err)
	put(t, handler, "/v2/org/app/manifests/2.0.0", ocispec.MediaTypeImageIndex, text)
	s := httptest.NewServer(handler)
	defer s.Close()
	_, err = artifact(newTestCache(t), "oci://"+host(s)+"/org/app", "2.0.0")
	requireOneLine(t, err, `it is not the manifest of one artifact, but of type "application/vnd.oci.image.index.v1+json"`)
}

// FuzzUnpack shows that no archive breaks the reader, and that what it gives is a sound file system.
func FuzzUnpack(f *testing.F) {
	plain := packPlain(f, files{"a.yaml": "a: 1\n", "b/c.yaml": "b: 1\n"})
	f.Add(plain, true)
	f.Add(unzipped(f, plain), false)
	f.Add(pack(f, chartFiles("web", "1.0.0")), true)
	f.Add([]byte("x"), false)
	f.Fuzz(func(t *testing.T, data []byte, zipped bool) {
		mediaType := ocispec.MediaTypeImageLayer
		if zipped {
			mediaType = ""
		}
		found, err := unpack(mediaType, data)
		if err != nil {
			return
		}
		err = fs.WalkDir(found.files, ".", func(name string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				_, err = fs.ReadFile(found.files, name)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
