package server

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// archiveOf returns an archive of a file that was written at a time, and the archive's checksum.
func archiveOf(t testing.TB, text string, at time.Time) (data []byte, checksum string) {
	t.Helper()
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	w := tar.NewWriter(zipped)
	require.NoError(t, w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "a", Size: int64(len(text)),
		ModTime: at}))
	_, err := io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	require.NoError(t, zipped.Close())
	sum := sha256.Sum256(out.Bytes())
	return out.Bytes(), hex.EncodeToString(sum[:])
}

// TestSameContent: archives that hold the same, whenever that was written, are one, in memory as on disk. Others are
// not, nor is what cannot be read.
func TestSameContent(t *testing.T) {
	for _, memory := range []int64{1 << 20, 1} {
		store := newStore(t.TempDir(), memory)
		put := func(ctx context.Context, data []byte, checksum string) *Archive {
			w := store.Writer(checksum, 1<<20)
			defer w.Discard()
			for part := range bytes.Lines(data) { // of any size
				_, err := w.Write(part)
				require.NoError(t, err)
			}
			a, err := w.Finish(ctx)
			require.NoError(t, err)
			return a
		}
		text := strings.Repeat("text\n", 50_000)
		data, checksum := archiveOf(t, text, time.Unix(1, 0))
		first := put(t.Context(), data, checksum)
		require.NotEqual(t, checksum, first.Content)
		again, checksum := archiveOf(t, text, time.Unix(2, 0))
		require.Same(t, first, put(t.Context(), again, checksum))
		other, checksum := archiveOf(t, text+"x", time.Unix(1, 0))
		require.NotSame(t, first, put(t.Context(), other, checksum))

		sum := sha256.Sum256(data[:100])
		broken := put(t.Context(), data[:100], hex.EncodeToString(sum[:]))
		require.Equal(t, hex.EncodeToString(sum[:]), broken.Content)

		late, cancel := context.WithCancel(t.Context())
		cancel()
		unread, checksum := archiveOf(t, text+"y", time.Unix(1, 0))
		require.NotNil(t, put(late, unread, checksum), "it does not wait")
	}
}

// TestChecksums: an archive is found by the checksums of those that held the same, of which there are a few, and of
// those that arrive at once with one checksum, one is looked at meanwhile.
func TestChecksums(t *testing.T) {
	store := newStore(t.TempDir(), 1<<20)
	var first *Archive
	for i := range 20 {
		data, checksum := archiveOf(t, "text", time.Unix(int64(i), 0))
		leader, other := store.Writer(checksum, 1<<20), store.Writer(checksum, 1<<20)
		require.NotNil(t, leader.arriving)
		require.Nil(t, other.arriving)
		for _, w := range []*Writer{other, leader} {
			_, err := w.Write(data)
			require.NoError(t, err)
			a, err := w.Finish(t.Context())
			require.NoError(t, err)
			if first == nil {
				first = a
			}
			require.Same(t, first, a)
			w.Discard()
		}
		again := store.Writer(checksum, 1<<20)
		require.Same(t, first, again.same)
		again.Discard()
		require.LessOrEqual(t, len(store.byName), 9)
	}
	require.Empty(t, store.leads)
	for range 40 {
		first.Release()
	}
	require.Equal(t, 1, store.unused.Len())
}

// TestForgotten: an archive that leaves is not found by its checksum or content any more.
func TestForgotten(t *testing.T) {
	store := newStore(t.TempDir(), 1)
	data, checksum := archiveOf(t, "text", time.Unix(1, 0))
	w := store.Writer(checksum, 1<<20)
	_, err := w.Write(data)
	require.NoError(t, err)
	a, err := w.Finish(t.Context())
	require.NoError(t, err)
	w.Discard()
	require.Len(t, store.byName, 2)
	a.Release()
	require.Empty(t, store.byName)
	require.Zero(t, store.onDisk)
}

// TestDisk: archives that are used take no more of the disk than they may, and what leaves makes room.
func TestDisk(t *testing.T) {
	store := NewStore(StoreConfig{Directory: t.TempDir(), Memory: 1, Disk: 1 << 20})
	random := make([]byte, 600<<10)
	_, _ = rand.NewChaCha8([32]byte{}).Read(random)
	write := func(data []byte) (*Archive, error) {
		sum := sha256.Sum256(data)
		w := store.Writer(hex.EncodeToString(sum[:]), 2<<20)
		defer w.Discard()
		if _, err := w.Write(data[:1000]); err != nil {
			return nil, err
		}
		if _, err := w.Write(data[1000:]); err != nil {
			return nil, err
		}
		return w.Finish(t.Context())
	}
	first, err := write(random)
	require.NoError(t, err)
	_, err = write(random[1:])
	require.EqualError(t, err, "there is no room on disk for the repositories that arrive: they have 1 MiB together; "+
		"raise --disk-limit or --archive-memory, or lower --max-concurrent")
	require.Equal(t, codes.ResourceExhausted, status.Code(drained(&parts{end: io.EOF}, err)))
	require.Equal(t, int64(len(random)), store.onDisk, "what was begun is gone")
	first.Release()
	second, err := write(random[1:])
	require.NoError(t, err)
	second.Release()
	require.Zero(t, store.onDisk)

	full := NewStore(StoreConfig{Directory: "missing", Memory: 1, Disk: 1 << 20})
	w := full.Writer("", 1<<20)
	_, err = w.Write(random[:10])
	require.Error(t, err)
	w.Discard()
	require.Zero(t, full.onDisk)
}
