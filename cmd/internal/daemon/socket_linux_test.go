package daemon

import (
	"net"
	"os"
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

// TestSocketOfAnotherUser: a socket that this user may not connect to may be that of a server that works, and is not
// taken for one that was left. This test may run as root, which may all.
func TestSocketOfAnotherUser(t *testing.T) {
	for _, no := range []error{unix.EACCES, unix.EPERM, unix.EPROTOTYPE} {
		err := whose("/plugins/test.sock", &net.OpError{Op: "dial", Net: "unix", Err: os.NewSyscallError("connect",
			no)})
		require.ErrorIs(t, err, no)
		require.ErrorContains(t, err, "/plugins/test.sock is there, and cannot be asked whether a server listens: ")
		require.ErrorContains(t, err,
			"; remove it, or run this container as the user whose it is (securityContext.runAsUser)")
		require.NotContains(t, err.Error(), "\n")
	}
	for _, gone := range []error{unix.ECONNREFUSED, unix.ENOENT} {
		require.NoError(t, whose("/plugins/test.sock", os.NewSyscallError("connect", gone)))
	}
}
