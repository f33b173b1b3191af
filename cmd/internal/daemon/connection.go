package daemon

import (
	"context"
	"net"
	"slices"
	"sync"

	"google.golang.org/grpc/peer"
)

// A connection knows how much was written to it: gRPC takes a whole answer at once, and has it in memory until whoever
// asked for it has read it.
type connection struct {
	net.Conn

	mu      sync.Mutex
	written int64
	closed  bool
	pending []pending
}

// pending is what is to be called when so many bytes were written.
type pending struct {
	at   int64
	call func()
}

// counted is a listener whose connections count.
type counted struct{ net.Listener }

// Accept implements [net.Listener].
func (l counted) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &connection{Conn: c}, nil
}

// Write implements [net.Conn].
func (c *connection) Write(data []byte) (int, error) {
	n, err := c.Conn.Write(data)
	c.update(func() { c.written += int64(n) })
	return n, err
}

// Close implements [net.Conn].
func (c *connection) Close() error {
	c.update(func() { c.closed = true })
	return c.Conn.Close()
}

// sent returns how many bytes were written.
func (c *connection) sent() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.written
}

// when has something called once so many bytes were written in all, or none can be any more.
func (c *connection) when(at int64, call func()) {
	c.update(func() { c.pending = append(c.pending, pending{at, call}) })
}

// update changes the connection, and calls what is to be called then.
func (c *connection) update(change func()) {
	var due []pending
	c.mu.Lock()
	change()
	c.pending = slices.DeleteFunc(c.pending, func(p pending) bool {
		is := c.closed || c.written >= p.at
		if is {
			due = append(due, p)
		}
		return is
	})
	c.mu.Unlock()
	for _, p := range due {
		p.call()
	}
}

// RemoteAddr implements [net.Conn]. It is by this address that gRPC tells a request of its connection.
func (c *connection) RemoteAddr() net.Addr { return address{c.Conn.RemoteAddr(), c} }

type address struct {
	net.Addr
	of *connection
}

// connectionOf returns the connection of a request; nil if it is not known.
func connectionOf(ctx context.Context) *connection {
	p, ok := peer.FromContext(ctx)
	if !ok {
		return nil
	}
	a, _ := p.Addr.(address)
	return a.of
}

// hold keeps the memory of a request's result until that is sent, or is not to be sent.
func hold(ctx context.Context, release func()) {
	own, is := ctx.Value(requestKey{}).(*request)
	if !is {
		context.AfterFunc(ctx, release)
		return
	}
	own.mu.Lock()
	defer own.mu.Unlock()
	own.release = release
}

// free gives the memory of the request's result back, once it is sent.
func (r *request) free(err error) {
	r.mu.Lock()
	release := r.release
	r.mu.Unlock()
	switch {
	case release == nil:
	case err != nil || r.connection == nil:
		release()
	default:
		r.connection.when(r.begun+r.sent, release)
	}
}
