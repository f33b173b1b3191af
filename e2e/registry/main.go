// Command registry is an OCI registry in memory, with TLS, at a loopback address: registry ADDRESS CERTIFICATE KEY.
package main

import (
	"log"
	"net/http"
	"os"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
)

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: registry ADDRESS CERTIFICATE KEY")
	}
	server := &http.Server{
		Addr: os.Args[1], Handler: registry.New(registry.Logger(log.New(os.Stderr, "", 0))), ReadHeaderTimeout: time.Minute,
	}
	log.Fatal(server.ListenAndServeTLS(os.Args[2], os.Args[3]))
}
