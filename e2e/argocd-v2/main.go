// Command argocd is what the tests need of Argo CD v2 in one file: the program name chooses, as in the official image.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	applicationset "github.com/argoproj/argo-cd/v2/cmd/argocd-applicationset-controller/commands"
	cmpserver "github.com/argoproj/argo-cd/v2/cmd/argocd-cmp-server/commands"
	askpass "github.com/argoproj/argo-cd/v2/cmd/argocd-git-ask-pass/commands"
	reposerver "github.com/argoproj/argo-cd/v2/cmd/argocd-repo-server/commands"
	"github.com/spf13/cobra"
)

func main() {
	var command *cobra.Command
	switch name := filepath.Base(os.Args[0]); name {
	case "argocd-cmp-server":
		command = cmpserver.NewCommand()
	case "argocd-repo-server":
		command = reposerver.NewCommand()
	case "argocd-git-ask-pass":
		command = askpass.NewCommand()
	case "argocd-applicationset-controller":
		command = applicationset.NewCommand()
	default:
		fmt.Fprintf(os.Stderr, "unknown program %s\n", name)
		os.Exit(2)
	}
	if command.Execute() != nil {
		os.Exit(1)
	}
}
