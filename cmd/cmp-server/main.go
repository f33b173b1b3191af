// Command cmp-server is the plugin server that runs in the sidecar of argocd-repo-server in place of argocd-cmp-server.
// It links gRPC and metrics, and none of Argo CD, Helm and Kustomize: those are in its workers, which are cmp-stages.
// So it takes little memory while it waits, and nothing that renders can end it.
package main

import (
	"os"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/daemon"
)

// version is set by the linker (make build).
var version string

func main() { os.Exit(daemon.Run(version, os.Args[1:], os.Stdout, os.Stderr)) }
