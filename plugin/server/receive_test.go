package server

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/eks-fleet-management/fleet-cmp/plugin/archive"
	"github.com/eks-fleet-management/fleet-cmp/plugin/server/api"
)

// parts are the parts of a request as they arrive.
type parts struct {
	left []*api.AppStreamRequest
	end  error // after them
}

// Recv implements receiver.
func (p *parts) Recv() (*api.AppStreamRequest, error) {
	if len(p.left) == 0 {
		return nil, p.end
	}
	first := p.left[0]
	p.left = p.left[1:]
	return first, nil
}

func metadataPart(checksum string, environ ...*api.EnvEntry) *api.AppStreamRequest {
	return &api.AppStreamRequest{Request: &api.AppStreamRequest_Metadata{Metadata: &api.ManifestRequestMetadata{
		AppName: []byte("web"), Checksum: []byte(checksum), Env: environ}}}
}

func filePart(chunk []byte) *api.AppStreamRequest {
	return &api.AppStreamRequest{Request: &api.AppStreamRequest_File{File: &api.File{Chunk: chunk}}}
}

// encoded returns parts as a fuzz target takes them.
func encoded(t testing.TB, parts ...*api.AppStreamRequest) (all []byte) {
	for _, part := range parts {
		data, err := proto.Marshal(part)
		require.NoError(t, err)
		all = append(binary.AppendUvarint(all, uint64(len(data))), data...)
	}
	return all
}

// FuzzReceive: whatever arrives is taken to its end, and is a request only if its archive is what it says.
func FuzzReceive(f *testing.F) {
	data := []byte("an archive")
	sum := sha256.Sum256(data)
	good := metadataPart(hex.EncodeToString(sum[:]), &api.EnvEntry{Name: []byte("A"), Value: []byte("b")},
		&api.EnvEntry{Value: []byte("x")})
	f.Add(encoded(f, good, filePart(data[:3]), filePart(data[3:])), false)
	f.Add(encoded(f, good, good, filePart(data)), false)
	f.Add(encoded(f, filePart(data), good), true)
	f.Add(encoded(f, good, filePart(data)), true)
	f.Add(encoded(f, good, filePart(make([]byte, 5000))), false)
	directory := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte, canceled bool) {
		from := &parts{end: io.EOF}
		if canceled {
			from.end = context.Canceled
		}
		for len(data) > 0 {
			size, n := binary.Uvarint(data)
			if n <= 0 || size > uint64(len(data)-n) {
				break
			}
			var part api.AppStreamRequest
			if proto.Unmarshal(data[n:n+int(size)], &part) == nil {
				from.left = append(from.left, &part)
			}
			data = data[n+int(size):]
		}
		store := newStore(directory, 1<<10) // so that most is on disk
		s := &service{config: Config{MaxArchive: 4 << 10}, store: store}
		job, err := receiveMetadata(from)
		if err == nil {
			job.Archive, err = s.receive(t.Context(), from, job.Checksum)
		}
		if err != nil {
			require.Error(t, drained(from, err))
			require.Empty(t, from.left)
			require.Zero(t, store.Held())
			return
		}
		require.Empty(t, from.left)
		require.False(t, canceled)
		read, err := io.ReadAll(job.Archive.Open())
		require.NoError(t, err)
		require.LessOrEqual(t, len(read), 4<<10)
		is := sha256.Sum256(read)
		require.Equal(t, job.Archive.checksums[0], hex.EncodeToString(is[:]))
		job.Archive.Release()
	})
}

// TestWriterOfTheSame: an archive that arrives again is compared, and not kept twice.
func TestWriterOfTheSame(t *testing.T) {
	store := newStore(t.TempDir(), 1<<20)
	data := make([]byte, 100_000)
	sum := sha256.Sum256(data)
	checksum := hex.EncodeToString(sum[:])
	write := func(data []byte) (*Archive, *Writer, error) {
		w := store.Writer(checksum, 1<<20)
		_, err := w.Write(data)
		require.NoError(t, err)
		a, err := w.Finish(t.Context())
		return a, w, err
	}
	first, w, err := write(data)
	require.NoError(t, err)
	w.Discard()
	held := store.Held()
	_, w, err = write(data[1:])
	require.ErrorContains(t, err, "its checksum is another")
	require.Equal(t, held, store.Held())
	w.Discard()
	second, w, err := write(data)
	require.NoError(t, err)
	w.Discard()
	require.Same(t, first, second)
	require.Equal(t, held, store.Held())
	first.Release()
	require.Zero(t, store.unused.Len(), "it is used still")
	second.Release()
	require.Equal(t, 1, store.unused.Len())

	w = store.Writer(checksum, 1<<20)
	_, err = w.Write(data)
	require.NoError(t, err)
	w.Discard()
	require.Equal(t, 1, store.unused.Len(), "a request that was cut off uses nothing")

	full := newStore("/missing", 1)
	_, err = full.Writer("", 1<<20).Write(data)
	require.ErrorContains(t, err, "there is no room for the repository in /missing (no such file or directory): ")
}

// TestFullDisk: what cannot be written is a failure, and nothing of it is kept.
func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		full, err = os.Open(os.DevNull) // where that is missing, a file that cannot be written
	}
	require.NoError(t, err)
	store := newStore("tmp", 1)
	w := store.Writer("ab", 1<<20)
	w.a.file = full
	_, err = w.Write([]byte("text"))
	require.ErrorContains(t, err, "there is no room for the repository in tmp")
	w.Discard()
	require.Zero(t, store.Held())
}

func newStore(directory string, memory int64) *Store {
	return NewStore(StoreConfig{Directory: directory, Memory: memory,
		Archive: archive.Limits{Bytes: 64 << 20, Files: 100_000}})
}
