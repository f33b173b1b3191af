package daemon

import (
	"context"
	"net"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/argoproj/argo-cd/v3/cmpserver/apiclient"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// TestConnection: what waits for bytes is called when they are written, or none can be any more.
func TestConnection(t *testing.T) {
	one, other := net.Pipe()
	c := &connection{Conn: one}
	var called []string
	c.when(3, func() { called = append(called, "three") })
	c.when(10, func() { called = append(called, "ten") })
	go func() { _, _ = other.Read(make([]byte, 10)) }()
	n, err := c.Write([]byte("abcd"))
	require.NoError(t, err)
	require.Equal(t, 4, n)
	require.Equal(t, int64(4), c.sent())
	require.Equal(t, []string{"three"}, called)
	c.when(2, func() { called = append(called, "before") })
	require.Equal(t, []string{"three", "before"}, called)
	require.NoError(t, c.Close())
	require.NoError(t, c.Close())
	require.Equal(t, []string{"three", "before", "ten"}, called)
	require.Nil(t, connectionOf(t.Context()))

	ctx, cancel := context.WithCancel(t.Context())
	released := make(chan struct{})
	hold(ctx, func() { close(released) })
	cancel()
	<-released
}

// deaf is a connection whose reader stops after some bytes, until it is closed.
type deaf struct {
	net.Conn
	left   int
	closed chan struct{}
	once   sync.Once
}

func (d *deaf) Read(data []byte) (int, error) {
	if d.left <= 0 {
		<-d.closed
		return 0, net.ErrClosed
	}
	n, err := d.Conn.Read(data)
	d.left -= n
	return n, err
}

func (d *deaf) Close() error {
	d.once.Do(func() { close(d.closed) })
	return d.Conn.Close()
}

// TestSlowReader: a large answer that nobody reads takes memory until its connection is closed, and others wait for
// that in place of taking more. Small ones do not.
func TestSlowReader(t *testing.T) {
	t.Setenv("ARGOCD_GRPC_MAX_SIZE_MB", "1")
	r := start(t, pluginYAML, nil)
	client := connect(t, r.directory)
	connection, err := grpc.NewClient("passthrough:///plugin", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(context.Context, string) (net.Conn, error) {
			c, err := net.Dial("unix", filepath.Join(r.directory, "test.sock"))
			return &deaf{Conn: c, left: 4 << 10, closed: make(chan struct{})}, err
		}))
	require.NoError(t, err)
	ended := make(chan error, 2)
	const large = 900_000
	go func() {
		_, err := generate(t.Context(), t, apiclient.NewConfigManagementPluginServiceClient(connection),
			"SIZE="+strconv.Itoa(large))
		ended <- err
	}()
	require.Eventually(t, func() bool { return len(r.log.of("GenerateManifest")) == 1 }, time.Minute, time.Millisecond,
		"as far as the server is concerned, it is answered")
	go func() {
		_, err := generate(t.Context(), t, client, "SIZE="+strconv.Itoa(large))
		ended <- err
	}()
	objects, err := generate(t.Context(), t, client)
	require.NoError(t, err)
	require.Len(t, objects, 2)
	select {
	case err := <-ended:
		require.Fail(t, "it does not wait", "%v", err)
	case <-time.After(300 * time.Millisecond):
	}
	require.NoError(t, connection.Close())
	failed := 0
	for range 2 {
		if err := <-ended; err != nil {
			failed++
		}
	}
	require.Equal(t, 1, failed, "that of the connection")
	_, err = generate(t.Context(), t, client, "SIZE="+strconv.Itoa(large))
	require.NoError(t, err)
}
