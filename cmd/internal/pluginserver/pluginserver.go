// Package pluginserver is the command server of cmp: it hands over to cmp-server, which has the network code that cmp
// has not.
package pluginserver

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/called"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/programs"
)

const program = "cmp-server"

// New returns the command. It passes all flags on, and has cmp-server take the place of this process, so that signals
// and the exit status are those of one process. It fails if cmp-server is not there.
func New() *cobra.Command {
	return &cobra.Command{
		Use:   "server [FLAGS]",
		Short: "Serve Argo CD's plugin protocol, as a sidecar of argocd-repo-server",
		Long: `Serve Argo CD's plugin protocol in place of argocd-cmp-server. The flags are those of cmp-server, which
this command becomes; cmp server --help prints them.`,
		DisableFlagParsing: true,
		RunE: func(_ *cobra.Command, args []string) error {
			file, found := programs.Find(program)
			if !found {
				return fmt.Errorf("this needs %s, which belongs beside %s: install both files "+
					"(make build makes them in bin/)", program, called.Name())
			}
			return become(file, append([]string{program}, args...), os.Environ())
		},
	}
}
