package hierarchy

import (
	"errors"
	"io"
	"io/fs"
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

// A counter is an endless file that counts what was read of it.
type counter struct{ read int }

func (c *counter) Read(p []byte) (int, error) {
	c.read += len(p)
	return len(p), nil
}

var _ io.Reader = (*counter)(nil)
