// Command registry is an OCI registry in memory, at a loopback address, with TLS for those that speak it and without
// for others. Older versions of Helm do not speak it to loopback addresses. It is called as registry ADDRESS
// CERTIFICATE KEY.
package main

import (
	"bytes"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
)

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: registry ADDRESS CERTIFICATE KEY")
	}
	certificate, err := tls.LoadX509KeyPair(os.Args[2], os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{
		Handler: registry.New(registry.Logger(log.New(os.Stderr, "", 0))), ReadHeaderTimeout: time.Minute,
	}
	config := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	log.Fatal(server.Serve(either{listener, config}))
}

// either accepts connections with TLS and without.
type either struct {
	net.Listener
	config *tls.Config
}

func (e either) Accept() (net.Conn, error) {
	conn, err := e.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &connection{Conn: conn, config: e.config}, nil
}

// connection becomes one with TLS if the first byte is that of its handshake.
type connection struct {
	net.Conn
	config *tls.Config
	known  bool
}

// handshake is the type of the first record of TLS.
const handshake = 22

func (c *connection) Read(into []byte) (int, error) {
	if !c.known {
		first := make([]byte, 1)
		if _, err := io.ReadFull(c.Conn, first); err != nil {
			return 0, err
		}
		c.known = true
		again := &replayed{Conn: c.Conn, Reader: io.MultiReader(bytes.NewReader(first), c.Conn)}
		if c.Conn = again; first[0] == handshake {
			c.Conn = tls.Server(again, c.config)
		}
	}
	return c.Conn.Read(into)
}

// replayed is a connection whose first byte is read again.
type replayed struct {
	net.Conn
	io.Reader
}

func (r *replayed) Read(into []byte) (int, error) { return r.Reader.Read(into) }
