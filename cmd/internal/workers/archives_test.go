package workers_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/argoproj/argo-cd/v3/cmpserver/apiclient"
	"github.com/argoproj/argo-cd/v3/util/cmp"
	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/limiting"
)

// send sends an archive as it is, and returns the error of the answer; nil if there is none.
func send(t testing.TB, socket string, archive []byte, environ []string) error {
	t.Helper()
	closer, client, err := apiclient.NewConfigManagementPluginClientSet(socket).NewConfigManagementPluginClient()
	require.NoError(t, err)
	defer closer.Close()
	stream, err := client.GenerateManifest(t.Context())
	require.NoError(t, err)
	metadata := &apiclient.ManifestRequestMetadata{AppName: "web", AppRelPath: "core"}
	sum := sha256.Sum256(archive)
	metadata.Checksum = hex.EncodeToString(sum[:])
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		metadata.Env = append(metadata.Env, &apiclient.EnvEntry{Name: name, Value: value})
	}
	require.NoError(t, stream.Send(&apiclient.AppStreamRequest{
		Request: &apiclient.AppStreamRequest_Metadata{Metadata: metadata}}))
	for reader := bytes.NewReader(archive); reader.Len() > 0; {
		chunk := make([]byte, 64<<10)
		n, _ := reader.Read(chunk)
		require.NoError(t, stream.Send(cmp.AppFileRequest(chunk[:n])))
	}
	response, err := stream.CloseAndRecv()
	require.True(t, (err == nil) == (len(response.GetManifests()) > 0))
	return err
}

// tarOf returns an archive of what write writes.
func tarOf(t testing.TB, write func(w *tar.Writer) error) []byte {
	t.Helper()
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	w := tar.NewWriter(zipped)
	require.NoError(t, write(w))
	require.NoError(t, zipped.Close())
	return out.Bytes()
}

// TestOddArchives: what is no repository is refused in one line, and the next request is answered.
func TestOddArchives(t *testing.T) {
	t.Setenv(limiting.VariableTimeout, "1h") // so that a slow machine, too, gets to the end of the bomb
	socket := serve(t, newPool(t, "cmp", nil), t.TempDir())
	root, environ := fleetOf(t, "one"), environOf(t, 2)
	header := func(h tar.Header) []byte {
		return tarOf(t, func(w *tar.Writer) error { return w.WriteHeader(&h) })
	}
	good := packed(t, map[string]string{"core/a": strings.Repeat("a", 1000)})
	for name, test := range map[string]struct {
		archive []byte
		want    string
	}{
		"nothing":   {nil, "the request has no archive of a repository"},
		"truncated": {good[:len(good)-30], "the archive cannot be read: unexpected EOF"},
		"a link out": {header(tar.Header{Typeflag: tar.TypeSymlink, Name: "core", Linkname: "../.."}),
			"leads out"},
		"an absolute link": {header(tar.Header{Typeflag: tar.TypeSymlink, Name: "core", Linkname: "/etc"}),
			"leads out"},
		"a name out": {header(tar.Header{Typeflag: tar.TypeReg, Name: "../core/fleet.yaml"}), "is no name of a file"},
		"lines":      {header(tar.Header{Typeflag: tar.TypeChar, Name: "a\nError: b"}), "is neither a file nor"},
		"100,001 files": {tarOf(t, func(w *tar.Writer) (err error) {
			for i := 0; err == nil && i <= 100_000; i++ {
				err = w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: fmt.Sprint("f", i)})
			}
			return err
		}), "the repository is too large: it has more than 100000 files"},
		"a bomb": {tarOf(t, func(w *tar.Writer) error {
			const size = 3 << 30
			err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: ".git/zeros", Size: size})
			if err == nil {
				_, err = io.CopyN(w, zeros{}, 1500<<20)
			}
			return err
		}), "the repository is too large: it unpacks to more than "},
		"no Application": {good, "there is no group"},
	} {
		t.Run(name, func(t *testing.T) {
			err := send(t, socket, test.archive, environ)
			require.ErrorContains(t, err, test.want)
			require.NotContains(t, err.Error(), "\n")
			_, err = generate(t.Context(), socket, root, environ)
			require.NoError(t, err)
		})
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// TestRepositoryOnDisk: what a repository has beyond the memory of a worker is on disk, where nothing is to be seen of
// it, and without room there is one line.
func TestRepositoryOnDisk(t *testing.T) {
	root, files, missing := fleetOf(t, "one"), t.TempDir(), filepath.Join(t.TempDir(), "missing")
	random := make([]byte, 12<<20)
	_, _ = rand.NewChaCha8([32]byte{}).Read(random)
	require.NoError(t, os.WriteFile(filepath.Join(root, "charts", "large"), random, 0o600)) // before core
	t.Setenv(limiting.VariableMemory, "80Mi")
	environ := environOf(t, 2)
	want := wanted(t, root, environ)
	for _, directory := range []string{files, missing} {
		t.Setenv("TMPDIR", directory) // of the workers
		p := newPool(t, "cmp", nil)
		require.Eventually(t, func() bool { return p.Running() > 0 }, eventually, tick)
		require.NoError(t, os.Unsetenv("TMPDIR"))
		socket := serve(t, p, t.TempDir())
		for range 3 {
			got, err := generate(t.Context(), socket, root, environ)
			if directory == missing {
				require.ErrorContains(t, err, "there is no room for the repository in "+missing+
					" (no such file or directory): give it a larger volume, or more memory for repositories")
				require.NotContains(t, err.Error(), "\n")
				continue
			}
			require.NoError(t, err)
			require.Equal(t, want, got)
			entries, err := os.ReadDir(directory)
			require.NoError(t, err)
			require.Empty(t, entries)
		}
	}
}
