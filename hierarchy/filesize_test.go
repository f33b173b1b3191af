package hierarchy

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

func TestReadAll(t *testing.T) {
	data, err := ReadAll(strings.NewReader("12345"), "f", 5)
	require.NoError(t, err)
	require.Equal(t, "12345", string(data))
	_, err = ReadAll(strings.NewReader("123456"), "f", 5)
	require.ErrorContains(t, err, "f: is larger than 5 bytes; is this the right file? Only spec.limits.fileSize in ")
	_, err = ReadAll(iotest.ErrReader(&fs.PathError{Op: "read", Path: "/machine/f", Err: errors.New("broken")}), "f", 5)
	require.EqualError(t, err, "f: cannot be read: broken")
	endless := &counter{}
	_, err = ReadAll(endless, "f", LargestFileSize)
	require.EqualError(t, err, "f: is larger than 10 MiB; is this the right file? The limit cannot be raised")
	require.LessOrEqual(t, endless.read, LargestFileSize+1)
}

func TestReadAllOfAFileLooksAtItsSizeFirst(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	require.NoError(t, os.WriteFile(path, []byte("12345"), 0o600))
	for limit, want := range map[int64]string{5: "", 4: "f: is larger than 4 bytes"} {
		file, err := os.Open(path)
		require.NoError(t, err)
		data, err := ReadAll(file, "f", limit)
		at, seekErr := file.Seek(0, io.SeekCurrent)
		require.NoError(t, errors.Join(seekErr, file.Close()))
		if want != "" {
			require.ErrorContains(t, err, want)
			require.Zero(t, at, "nothing of it is read")
			continue
		}
		require.NoError(t, err)
		require.Equal(t, "12345", string(data))
		require.LessOrEqual(t, cap(data), 5+bytes.MinRead+1024, "it does not take far more than it has")
	}
}

// A counter is an endless file that counts what was read of it.
type counter struct{ read int }

func (c *counter) Read(p []byte) (int, error) {
	c.read += len(p)
	return len(p), nil
}

var _ io.Reader = (*counter)(nil)
