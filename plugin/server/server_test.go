package server_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/argoproj/argo-cd/v3/cmpserver/apiclient"
	"github.com/argoproj/argo-cd/v3/util/cmp"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/eks-fleet-management/fleet-cmp/plugin/archive"
	"github.com/eks-fleet-management/fleet-cmp/plugin/server"
)

// fake are workers that answer with what they were asked.
type fake struct {
	mu   sync.Mutex
	jobs []server.Job
	fail error
	wait chan<- context.Context // gets that of a job, which goes on until it ends; nil: nothing is waited for
}

func (f *fake) do(ctx context.Context, j server.Job) (files []string, err error) {
	f.mu.Lock()
	f.jobs = append(f.jobs, j)
	f.mu.Unlock()
	tree, err := archive.Read(j.Archive.Open(), archive.Limits{Bytes: 64 << 20, Files: 10_000})
	if err != nil {
		return nil, err
	}
	err = fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files = append(files, name)
		}
		return err
	})
	if f.wait != nil {
		f.wait <- ctx
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return files, errors.Join(err, f.fail)
}

func (f *fake) Generate(ctx context.Context, j server.Job) ([]string, error) {
	files, err := f.do(ctx, j)
	return append(files, j.App, j.Path, strings.Join(j.Environ, ",")), err
}

func (f *fake) Parameters(ctx context.Context, j server.Job) ([]byte, error) {
	_, err := f.do(ctx, j)
	return []byte(`[{"name": "group", "title": "Group", "required": true, "collectionType": "map", "map": {"a": "b"}}]`), err
}

func (f *fake) Discover(ctx context.Context, j server.Job) (bool, error) {
	files, err := f.do(ctx, j)
	return slices.Contains(files, "fleet.yaml"), err
}

// start starts a server, and returns the client that argocd-repo-server has.
func start(t testing.TB, workers server.Workers, config server.Config, options ...grpc.ServerOption) (
	apiclient.ConfigManagementPluginServiceClient, *server.Store) {
	t.Helper()
	// The name of a socket is short.
	directory, err := os.MkdirTemp("", "cmp")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(directory)) })
	socket := filepath.Join(directory, "fleet-cmp.sock")
	listener, err := net.Listen("unix", socket)
	require.NoError(t, err)
	if config.MaxArchive == 0 {
		config.MaxArchive = 16 << 20
	}
	store := newStore(directory, 8<<20)
	g := grpc.NewServer(options...)
	server.Register(g, config, workers, store)
	served := make(chan error, 1)
	go func() { served <- g.Serve(listener) }()
	t.Cleanup(func() {
		g.GracefulStop()
		require.NoError(t, <-served)
	})
	closer, client, err := apiclient.NewConfigManagementPluginClientSet(socket).NewConfigManagementPluginClient()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, closer.Close()) })
	return client, store
}

// repository makes a directory with some files.
func repository(t *testing.T) string {
	t.Helper()
	directory := t.TempDir()
	for name, text := range map[string]string{"fleet.yaml": "{}", "addons/values.yaml": "a: b", ".git/config": "[core]",
		"addons/empty": ""} {
		file := filepath.Join(directory, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	}
	require.NoError(t, os.Symlink("addons", filepath.Join(directory, "link")))
	return directory
}

// TestGenerate: Argo CD's own client is understood, and gets what the workers say.
func TestGenerate(t *testing.T) {
	workers := &fake{}
	client, _ := start(t, workers, server.Config{})
	directory := repository(t)
	stream, err := client.GenerateManifest(t.Context())
	require.NoError(t, err)
	require.NoError(t, cmp.SendRepoStream(t.Context(), filepath.Join(directory, "addons"), directory, stream,
		[]string{"ARGOCD_APP_NAME=web", "EMPTY="}, []string{".git/*"}))
	response, err := stream.CloseAndRecv()
	require.NoError(t, err)
	require.Equal(t, []string{"addons/empty", "addons/values.yaml", "fleet.yaml", "link", "addons", "addons",
		"ARGOCD_APP_NAME=web,EMPTY="}, response.Manifests)
	require.Empty(t, response.SourceType)
}

// TestOtherRequests: parameters, discovery and configuration.
func TestOtherRequests(t *testing.T) {
	client, _ := start(t, &fake{}, server.Config{Discovers: true})
	directory := repository(t)
	parameters, err := client.GetParametersAnnouncement(t.Context())
	require.NoError(t, err)
	require.NoError(t, cmp.SendRepoStream(t.Context(), directory, directory, parameters, nil, nil))
	announced, err := parameters.CloseAndRecv()
	require.NoError(t, err)
	require.Len(t, announced.ParameterAnnouncements, 1)
	one := announced.ParameterAnnouncements[0]
	require.Equal(t, "group Group true map", fmt.Sprint(one.Name, " ", one.Title, " ", one.Required, " ",
		one.CollectionType))
	require.Equal(t, map[string]string{"a": "b"}, one.Map)

	match, err := client.MatchRepository(t.Context())
	require.NoError(t, err)
	require.NoError(t, cmp.SendRepoStream(t.Context(), directory, directory, match, nil, nil))
	matched, err := match.CloseAndRecv()
	require.NoError(t, err)
	require.True(t, matched.IsSupported)
	require.True(t, matched.IsDiscoveryEnabled)

	configuration, err := client.CheckPluginConfiguration(t.Context(), &emptypb.Empty{})
	require.NoError(t, err)
	require.True(t, configuration.IsDiscoveryConfigured)
	require.False(t, configuration.ProvideGitCreds)

	without, _ := start(t, &fake{fail: errors.New("is not asked")}, server.Config{})
	match, err = without.MatchRepository(t.Context())
	require.NoError(t, err)
	require.NoError(t, cmp.SendRepoStream(t.Context(), directory, directory, match, nil, nil))
	matched, err = match.CloseAndRecv()
	require.NoError(t, err)
	require.False(t, matched.IsSupported || matched.IsDiscoveryEnabled)
}

// TestOddStreams: what is no request is refused in one line, after all of it was taken.
func TestOddStreams(t *testing.T) {
	chunk := cmp.AppFileRequest
	data := bytes.Repeat([]byte("x"), 1000)
	sum := sha256.Sum256(data)
	begin := func(checksum string) *apiclient.AppStreamRequest {
		return &apiclient.AppStreamRequest{Request: &apiclient.AppStreamRequest_Metadata{
			Metadata: &apiclient.ManifestRequestMetadata{AppName: "web", Checksum: checksum}}}
	}
	checksum := hex.EncodeToString(sum[:])
	many := []*apiclient.AppStreamRequest{begin(checksum)}
	for range 3000 {
		many = append(many, chunk(data))
	}
	for name, test := range map[string]struct {
		parts []*apiclient.AppStreamRequest
		want  string
	}{
		"nothing":        {nil, "is empty"},
		"no metadata":    {[]*apiclient.AppStreamRequest{chunk(data)}, "does not begin with its metadata"},
		"metadata alone": {[]*apiclient.AppStreamRequest{begin(checksum)}, "has no archive"},
		"metadata twice": {[]*apiclient.AppStreamRequest{begin(checksum), begin(checksum)},
			"something else than parts"},
		"another checksum": {[]*apiclient.AppStreamRequest{begin("ab"), chunk(data)}, "checksum is another"},
		"too large":        {many, "too large"},
		"no archive": {[]*apiclient.AppStreamRequest{begin(checksum), chunk(data)},
			"not compressed with gzip"},
		"parts before the first": {append([]*apiclient.AppStreamRequest{chunk(data)}, many...), "does not begin"},
	} {
		t.Run(name, func(t *testing.T) {
			client, store := start(t, &fake{}, server.Config{MaxArchive: 1 << 20})
			stream, err := client.GenerateManifest(t.Context())
			require.NoError(t, err)
			for _, part := range test.parts {
				require.NoError(t, stream.Send(part), "an early answer would be a failure of the sender")
			}
			_, err = stream.CloseAndRecv()
			require.ErrorContains(t, err, test.want)
			require.NotContains(t, err.Error(), "\n")
			if name != "no archive" { // which could be asked for again
				require.Zero(t, store.Held())
			}
		})
	}
}

// TestStore: archives that are the same are kept once, others leave when there are too many bytes.
func TestStore(t *testing.T) {
	directory := t.TempDir()
	store := newStore(directory, 4<<20)
	put := func(fill byte, size int) (*server.Archive, string) {
		data := bytes.Repeat([]byte{fill}, size)
		sum := sha256.Sum256(data)
		w := store.Writer(hex.EncodeToString(sum[:]), 16<<20)
		defer w.Discard()
		for part := range slices.Chunk(data, 1000) {
			_, err := w.Write(part)
			require.NoError(t, err)
		}
		a, err := w.Finish(t.Context())
		require.NoError(t, err)
		got, err := io.ReadAll(a.Open())
		require.NoError(t, err)
		require.True(t, bytes.Equal(data, got))
		return a, a.Content
	}
	first, _ := put('a', 100_000)
	again, _ := put('a', 100_000)
	require.Same(t, first, again)
	first.Release()
	again.Release()
	third, _ := put('a', 100_000)
	require.Same(t, first, third, "it is kept when nobody uses it")
	third.Release()
	large, _ := put('b', 8<<20)
	large.Release()
	for i := range 50 {
		a, _ := put(byte(i), 500_000)
		a.Release()
	}
	require.LessOrEqual(t, store.Held(), int64(4<<20))
	entries, err := os.ReadDir(directory)
	require.NoError(t, err)
	require.Empty(t, entries)
}

func newStore(directory string, memory int64) *server.Store {
	return server.NewStore(server.StoreConfig{Directory: directory, Memory: memory,
		Archive: archive.Limits{Bytes: 64 << 20, Files: 100_000}})
}
