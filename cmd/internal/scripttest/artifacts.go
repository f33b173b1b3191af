package scripttest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/registry"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/rogpeppe/go-internal/testscript"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	helmregistry "helm.sh/helm/v3/pkg/registry"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/registry/remote"
)

// serveArtifacts serves the directories of a directory as artifacts of a registry, each as version 1.0.0, and sets
// $REGISTRY to its address without a scheme. A directory with a Chart.yaml becomes what helm push makes of it, another
// one what oras push does.
func serveArtifacts(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: artifacts DIRECTORY")
	}
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	ts.Defer(server.Close)
	address := server.Listener.Addr().String()
	directories, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	for _, directory := range directories {
		path := filepath.Join(ts.MkAbs(args[0]), directory.Name())
		repository, err := remote.NewRepository(address + "/" + directory.Name())
		ts.Check(err)
		repository.PlainHTTP = true
		if _, err := os.Stat(filepath.Join(path, "Chart.yaml")); err == nil {
			chart, err := loader.LoadDir(path)
			ts.Check(err)
			archive, err := chartutil.Save(chart, ts.MkAbs("."))
			ts.Check(err)
			data, err := os.ReadFile(archive)
			ts.Check(err)
			ts.Check(os.Remove(archive))
			ts.Check(push(repository, helmregistry.ConfigMediaType, helmregistry.ChartLayerMediaType, data))
			continue
		}
		var data bytes.Buffer
		zipped := gzip.NewWriter(&data)
		files := tar.NewWriter(zipped)
		ts.Check(files.AddFS(os.DirFS(path)))
		ts.Check(files.Close())
		ts.Check(zipped.Close())
		ts.Check(push(repository, ocispec.MediaTypeEmptyJSON, ocispec.MediaTypeImageLayerGzip, data.Bytes()))
	}
	ts.Setenv("REGISTRY", address)
}

// push puts an artifact with one layer into a repository, as version 1.0.0.
func push(to *remote.Repository, config, mediaType string, data []byte) error {
	ctx := context.Background()
	layer := content.NewDescriptorFromBytes(mediaType, data)
	if err := to.Push(ctx, layer, bytes.NewReader(data)); err != nil {
		return err
	}
	empty := content.NewDescriptorFromBytes(config, []byte("{}"))
	if err := to.Push(ctx, empty, bytes.NewReader([]byte("{}"))); err != nil {
		return err
	}
	manifest, err := oras.PackManifest(ctx, to, oras.PackManifestVersion1_1, "application/vnd.example.files",
		oras.PackManifestOptions{Layers: []ocispec.Descriptor{layer}, ConfigDescriptor: &empty})
	if err != nil {
		return err
	}
	return to.Tag(ctx, manifest, "1.0.0")
}
