// Command cmp-stages is cmp with everything that the stages after applicationsets need: Argo CD's, Helm's and
// Kustomize's code. cmp starts it for these stages; why there are two is said in cmd/cmp/main.go.
package main

import (
	"io"
	"log"
	"os"

	"github.com/eks-fleet-management/fleet-cmp/cmd/cmp-stages/internal/startup/collector"
	_ "github.com/eks-fleet-management/fleet-cmp/cmd/cmp-stages/internal/startup/translations" // for its init
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/cli"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/linked"
)

// version is set by the linker (make build).
var version string

func main() {
	collector.On()
	log.SetOutput(io.Discard) // on which Helm's libraries say what is not about the result
	os.Exit(cli.Program{Version: version, Stages: linked.New()}.Run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
