package chart

import (
	"io/fs"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	utilio "github.com/argoproj/argo-cd/v3/util/io"
	"github.com/argoproj/argo-cd/v3/util/oci"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	helmregistry "helm.sh/helm/v3/pkg/registry"

	"github.com/eks-fleet-management/fleet-cmp/render/chart/network"
)

// argoCDArtifact returns the files of an artifact as Argo CD's own client unpacks them.
func argoCDArtifact(t *testing.T, address, revision string) (fs.FS, error) {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	none := func(string) func() { return func() {} }
	noneFor := func(string) func(string) { return func(string) {} }
	client, err := oci.NewClient(address, oci.Creds{InsecureHTTPOnly: true}, "", "", network.LayerTypes,
		oci.WithImagePaths(utilio.NewRandomizedTempPaths(t.TempDir())), oci.WithManifestMaxExtractedSize(1<<30),
		oci.WithEventHandlers(oci.EventHandlers{
			OnExtract: none, OnResolveRevision: none, OnDigestMetadata: none, OnTestRepo: none, OnGetTags: none,
			OnExtractFail: noneFor, OnResolveRevisionFail: noneFor, OnDigestMetadataFail: noneFor,
			OnTestRepoFail: none, OnGetTagsFail: none,
		}))
	require.NoError(t, err)
	digest, err := client.ResolveRevision(t.Context(), revision, true)
	if err != nil {
		return nil, err
	}
	directory, closer, err := client.Extract(t.Context(), digest)
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { _ = closer.Close() })
	return os.DirFS(directory), nil
}

// treeOf returns the content of the files of a file system; of directories it is "/".
func treeOf(t *testing.T, fsys fs.FS) map[string]string {
	t.Helper()
	out := map[string]string{}
	require.NoError(t, fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			out[name] = "/"
			return err
		}
		data, err := fs.ReadFile(fsys, name)
		out[name] = string(data)
		return err
	}))
	return out
}

// TestArtifactsAsArgoCD: what is an artifact, which one a revision means, and what is in it.
func TestArtifactsAsArgoCD(t *testing.T) {
	handler := registryHandler()
	plain := packPlain(t, files{"a.yaml": "a: 1\n", "deep/er/b.yaml": "b: 1\n", ".hidden/c": "c"})
	packed := pack(t, chartFiles("web", "1.0.0"))
	gz, chartLayer := ocispec.MediaTypeImageLayerGzip, helmregistry.ChartLayerMediaType
	for tag, of := range map[string]struct {
		config, mediaType string
		layers            [][]byte
	}{
		"plain": {typeConfig, gz, [][]byte{plain}}, "tar": {typeConfig, ocispec.MediaTypeImageLayer,
			[][]byte{unzipped(t, plain)}},
		"chart": {helmregistry.ConfigMediaType, chartLayer, [][]byte{packed}}, "chart-layer": {typeConfig, chartLayer,
			[][]byte{packed}},
		"chart-plain": {helmregistry.ConfigMediaType, gz, [][]byte{packed}}, "pieces": {helmregistry.ConfigMediaType,
			chartLayer, [][]byte{plain}},
		"two": {typeConfig, gz, [][]byte{plain, packed}}, "none": {typeConfig, gz, nil},
		"file":   {typeConfig, "text/plain", [][]byte{plain}},
		"docker": {typeConfig, "application/vnd.docker.image.rootfs.diff.tar.gzip", [][]byte{plain}},
	} {
		pushArtifact(t, handler, "org/app", tag, of.config, of.mediaType, of.layers...)
	}
	for _, tag := range []string{"1.0.0", "1.2", "v1.4.0", "1.10.0-rc.1", "2.0.0", "3.x", "4.0.0_5"} {
		pushArtifact(t, handler, "org/app", tag, typeConfig, gz, packPlain(t, files{"tag": tag}))
	}
	s := httptest.NewServer(handler)
	defer s.Close()
	address := "oci://" + host(s) + "/org/app"
	c := newTestCache(t)
	right := map[bool]int{}
	for _, revision := range strings.Fields("plain tar chart chart-layer chart-plain pieces two none file docker " +
		"1.0.0 1.2 1.3 v1.4.0 1.4.0 1.x ^1 ~1.0 * >=1.5.0-0 <2 3.x 4.0.0_5 4.0.0+5 4.x 9.x HEAD latest") {
		want, wantErr := argoCDArtifact(t, address, revision)
		got, err := artifact(c, address, revision)
		right[err == nil]++
		if wantErr != nil {
			require.Error(t, err, "%s: %v", revision, wantErr)
			continue
		}
		require.NoError(t, err, revision)
		require.Equal(t, treeOf(t, want), treeOf(t, got), revision)
	}
	require.Greater(t, right[true], 12)
	require.Greater(t, right[false], 8)
}
