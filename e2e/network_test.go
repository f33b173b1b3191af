package e2e

import (
	"context"
	"net"
	"os/exec"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// network is what servers listen in: one thread that they are all started from. The kernel kills them when it ends,
// that is with the tests, however these end.
type network struct {
	calls   chan func()
	private error // nil: nobody else is in it; else why it is the machine's
	ports   int   // that were given away, if nobody else is in it
}

// firstPort is below those that the kernel takes for connections.
const firstPort = 10000

// host is the machine's network.
var host = newNetwork(false)

// newNetwork returns the machine's network, or, if that is allowed, one that has nothing but a loopback of its own.
func newNetwork(private bool) *network {
	n := &network{calls: make(chan func()), private: unix.ENOTSUP}
	go func() {
		runtime.LockOSThread()
		for call := range n.calls {
			call()
		}
	}()
	if private {
		n.do(func() { n.private = unshareNetwork() })
	}
	return n
}

func unshareNetwork() error {
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return err
	}
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(socket)
	loopback, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	loopback.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	return unix.IoctlIfreq(socket, unix.SIOCSIFFLAGS, loopback)
}

func (n *network) do(call func()) {
	done := make(chan struct{})
	n.calls <- func() {
		defer close(done)
		call()
	}
	<-done
}

func (n *network) start(command *exec.Cmd) (err error) {
	n.do(func() { err = command.Start() })
	return err
}

// dial connects to an IP address with a port, or to a socket.
func (n *network) dial(ctx context.Context, kind, address string) (connection net.Conn, err error) {
	n.do(func() { connection, err = new(net.Dialer).DialContext(ctx, kind, address) })
	return connection, err
}

// freePorts returns ports of loopback that nobody listens at. In the machine's network, somebody may take them before
// they are used: then the server ends, and is started again with others.
func (n *network) freePorts(count int) (ports []string, err error) {
	n.do(func() {
		for range count {
			if n.private == nil {
				ports = append(ports, strconv.Itoa(firstPort+n.ports))
				n.ports++
				continue
			}
			var listener net.Listener
			if listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
				return
			}
			//nolint:gocritic // all stay open until the last is found, so that none is given twice
			defer listener.Close()
			var port string
			if _, port, err = net.SplitHostPort(listener.Addr().String()); err != nil {
				return
			}
			ports = append(ports, port)
		}
	})
	return ports, err
}
