package daemon

import (
	"net"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// TestSocketOfABusyServer: a server that has more connections waiting than it may is one that listens, too.
func TestSocketOfABusyServer(t *testing.T) {
	name := filepath.Join(place(t, pluginYAML), "test.sock")
	descriptor, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	require.NoError(t, err)
	defer func() { require.NoError(t, unix.Close(descriptor)) }()
	require.NoError(t, unix.Bind(descriptor, &unix.SockaddrUnix{Name: name}))
	require.NoError(t, unix.Listen(descriptor, 0))
	for {
		connection, err := net.Dial("unix", name)
		if err != nil {
			require.ErrorIs(t, err, unix.EAGAIN)
			break
		}
		t.Cleanup(func() { require.NoError(t, connection.Close()) })
	}
	_, err = listen(name)
	require.ErrorContains(t, err, "another server listens on "+name)
}
