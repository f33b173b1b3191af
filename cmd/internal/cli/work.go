package cli

import (
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/output"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/serving"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/plugin/archive"
)

// ofOperator begins the names of variables that whoever runs the plugin sets, and no Application can.
const ofOperator = "CMP_"

// environ returns the environment that Argo CD gives the plugin.
func (p Program) environ() []string {
	environ := os.Environ()
	if p.work == nil {
		return environ
	}
	for _, entry := range p.work.Environ {
		if !strings.HasPrefix(entry, ofOperator) {
			environ = append(environ, entry)
		}
	}
	return environ
}

// warn prints findings.
func (p Program) warn(cmd *cobra.Command, warnings []*problem.Problem) {
	if p.work != nil {
		p.work.Found(warnings)
	}
	output.Warnings(cmd.ErrOrStderr(), warnings)
}

// variable returns a variable of that environment, of which the last counts that has the name.
func (p Program) variable(name string) string {
	for _, entry := range slices.Backward(p.environ()) {
		if key, value, _ := strings.Cut(entry, "="); key == name {
			return value
		}
	}
	return ""
}

// openApplication opens the repository of the Application that the plugin is asked about, and returns where in it the
// Application is.
func (p Program) openApplication(sourcePath string) (fs.FS, string, error) {
	if p.work != nil {
		return p.work.Application(sourcePath)
	}
	return openApplication(sourcePath)
}

// newWorkCommand returns the command by which a plugin server starts its workers.
func (p Program) newWorkCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "work",
		Short:  "Do what a plugin server asks for on standard input",
		Hidden: true,
		Args:   noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			watch := p.limit.Watch
			watch.Stop() // until there is work
			l := serving.Limits{Archive: archive.Limits{Bytes: watch.Limits().Memory / 4, Files: 200_000},
				Repositories: 4, Memory: watch.Limits().Memory / 3}
			return serving.Serve(cmd.InOrStdin(), cmd.OutOrStdout(), l, watch,
				func(w *serving.Work, command string, stdout, stderr io.Writer) int {
					p.work = w
					return p.run(watch, []string{command}, nil, stdout, stderr)
				})
		},
	}
}
