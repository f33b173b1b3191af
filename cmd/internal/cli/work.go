package cli

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/output"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/serving"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
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

// found tells the server of findings that are errors, and of defects.
func (p Program) found(messages []error) {
	if p.work == nil {
		return
	}
	for _, message := range messages {
		if finding := (*problem.Problem)(nil); errors.As(message, &finding) && finding.Rule != "" {
			p.work.Found([]*problem.Problem{finding})
		}
		if frames := problem.FramesOf(message); frames != "" {
			p.work.Met(frames)
		}
	}
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
	workers, largest, disk, files := 1, "1Gi", "", 100_000
	cmd := &cobra.Command{
		Use:    "work",
		Short:  "Do what a plugin server asks for on standard input",
		Hidden: true,
		Args:   noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			size, ok := limits.ParseSize(largest)
			onDisk, isSize := limits.ParseSize(cmp.Or(disk, "0"))
			if !ok || !isSize || workers < 1 || files < 1 {
				return usage.Error(errors.New(
					"--workers and --max-files are at least 1, --max-repository and --disk-limit are sizes"))
			}
			out := cmd.OutOrStdout()
			os.Stdout = os.Stderr // of what libraries print, nothing comes between the answers
			p.limit.Sidecar, p.limit.Container = true, limits.OfContainerAmong(workers)
			p.limit.Apply(limits.Limits{})
			watch, memory := p.limit.Watch, p.limit.Watch.Limits().Memory
			watch.Stop() // until there is work
			p.sharing = workers
			return serving.Worker{
				Limits: serving.Limits{Repositories: 4, Memory: memory / 3, Garbage: memory / 8, Disk: onDisk,
					Archive: archive.Limits{Bytes: size, Memory: memory / 8, Files: files, Directory: os.TempDir()}},
				Begin: func() {
					p.limit.Apply(limits.Limits{}) // not what the fleet of the job before says
					watch.Restart()
				},
				End: watch.Stop, Works: watch.Works,
				Do: func(w *serving.Work, command string, stdout, stderr io.Writer) int {
					p.work = w
					return p.run(watch, append([]string{command}, p.limit.Arguments()...), nil, stdout, stderr)
				},
			}.Serve(cmd.InOrStdin(), out)
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&workers, "workers", workers, "how many workers share the memory of the container")
	flags.StringVar(&largest, "max-repository", largest, "size of a repository beyond which it is refused")
	flags.StringVar(&disk, "disk-limit", disk, "disk for repositories that are kept; by default as much as there is")
	flags.IntVar(&files, "max-files", files, "number of files beyond which it is refused")
	return cmd
}
