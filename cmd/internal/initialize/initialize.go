// Package initialize is the command init: a new fleet, from nothing or from the clusters that an Argo CD has.
package initialize

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/files"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/limiting"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/output"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/start"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// options are what the command line says.
type options struct {
	limit               *limiting.Limiter
	open                func(ctx context.Context, tree fs.FS) (*render.Session, error)
	fleet               start.Fleet
	components, members []string
	fromClusters        string
}

// New returns the command init, which opens a session on what it is about to write.
func New(limit *limiting.Limiter, open func(ctx context.Context, tree fs.FS) (*render.Session, error)) *cobra.Command {
	o := options{limit: limit, open: open}
	cmd := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Write a new fleet: a hub, its spokes and a few addons",
		Long: `Write a new fleet into a directory, by default the current one: fleet.yaml, a catalog with the
components, the hub, the members, and the directories of their levels. The paths are printed. All clusters get all
components; comments in the files say what to change. Nothing is overwritten, and of an init all files are written or
none.

What is missing is asked for, if standard input is a terminal. With --from-clusters, the cluster Secrets of an Argo CD
say the hub and the members as far as flags do not; no credentials are read of them.`,
		Example: `  cmp init my-fleet --hub hub --tenant platform --environment prod --region eu-west-1 \
    --repo-url https://git.example.com/platform/fleet.git \
    --component cert-manager=https://charts.jetstack.io/cert-manager:v1.17.2 \
    --component karpenter=oci://public.ecr.aws/karpenter/karpenter:1.5.0 \
    --member shop-np-1:shop:np --member shop-prod-1:shop:prod
  kubectl get secrets -n argocd -l argocd.argoproj.io/secret-type=cluster -o yaml |
    cmp init my-fleet --from-clusters - --component cert-manager=https://charts.jetstack.io/cert-manager:v1.17.2`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage.Error(fmt.Errorf("one directory is possible, not %d; see '%s --help'", len(args),
					cmd.CommandPath()))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			directory := "."
			if len(args) > 0 {
				directory = args[0]
			}
			return o.run(cmd, directory)
		},
	}
	f := cmd.Flags()
	for _, q := range start.Questions {
		f.StringVar(q.Value(&o.fleet), q.Flag, "", q.Text)
	}
	f.StringArrayVar(&o.components, "component", nil,
		"an addon of all clusters, as NAME=REPOSITORY/CHART:VERSION; a repository is https:// or oci:// (repeatable)")
	f.StringArrayVar(&o.members, "member", nil, "a spoke, as NAME:TENANT:ENVIRONMENT (repeatable)")
	f.StringVar(&o.fromClusters, "from-clusters", "",
		"file with Argo CD cluster Secrets, as kubectl prints them; - for standard input")
	return cmd
}

// run makes a fleet of what the command line, cluster Secrets and answers say, and writes it.
func (o *options) run(cmd *cobra.Command, directory string) error {
	if err := o.parse(); err != nil {
		return usage.Error(err)
	}
	warnings, err := o.take(cmd.InOrStdin())
	if err != nil {
		return err
	}
	if missing := missing(&o.fleet); len(missing) > 0 {
		if o.fromClusters == "-" || !isTerminal(cmd.InOrStdin()) || !isTerminal(cmd.ErrOrStderr()) {
			return usage.Error(fmt.Errorf("give %s; see '%s --help'", strings.Join(missing, ", "), cmd.CommandPath()))
		}
		o.limit.Watch.Stop() // people take their time
		if err := newDialog(cmd.InOrStdin(), cmd.ErrOrStderr()).complete(&o.fleet); err != nil {
			return err
		}
	}
	written, err := o.fleet.Files()
	if err != nil {
		return usage.Error(err)
	}
	err = start.Write(directory, written, o.check(cmd.Context()), func(w *start.Writing) func() {
		return o.limit.Watch.OnEnd(func() { _ = w.Undo() }) // what is left then, nobody can be told
	})
	if err != nil {
		return err
	}
	output.Messages(cmd.ErrOrStderr(), "Warning", warnings)
	for _, name := range slices.Sorted(maps.Keys(written)) {
		if _, err := fmt.Fprintln(cmd.OutOrStdout(), filepath.Join(directory, filepath.FromSlash(name))); err != nil {
			return err
		}
	}
	output.Message(cmd.ErrOrStderr(), "Note", errors.New(next(o.fleet, directory)))
	return nil
}

// next says what to do with a new fleet.
func next(f start.Fleet, directory string) string {
	what := "see its ApplicationSets with: cmp render " + quote(directory) + " --group " + wellknown.GroupAddons +
		" --cluster " + f.Hub
	if len(f.Members) > 0 {
		what += "; before clusters are registered, each member needs the secret in AWS Secrets Manager " +
			"that its file names"
	}
	return what
}

// quote returns a directory as a shell needs it.
func quote(directory string) string {
	if strings.Trim(directory, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-") == "" {
		return directory
	}
	return "'" + strings.ReplaceAll(directory, "'", `'\''`) + "'"
}

// parse reads the flags that are lists.
func (o *options) parse() error {
	for _, text := range o.components {
		c, err := start.ParseComponent(text)
		if err != nil {
			return fmt.Errorf("--component: %w", err)
		}
		o.fleet.Components = append(o.fleet.Components, c)
	}
	for _, text := range o.members {
		m, err := start.ParseMember(text)
		if err != nil {
			return fmt.Errorf("--member: %w", err)
		}
		o.fleet.Members = append(o.fleet.Members, m)
	}
	for _, q := range start.Questions {
		if value := *q.Value(&o.fleet); value != "" {
			if err := q.Check(value); err != nil {
				return fmt.Errorf("--%s: %w", q.Flag, err)
			}
		}
	}
	return nil
}

// take adds the clusters of the file with cluster Secrets.
func (o *options) take(stdin io.Reader) ([]error, error) {
	if o.fromClusters == "" {
		return nil, nil
	}
	streams, err := files.New(stdin).Stream(o.fromClusters)
	if err != nil {
		return nil, err
	}
	var clusters []cluster.Cluster
	for _, stream := range streams {
		found, err := cluster.ParseSecrets(stream.Name, stream.Data)
		if err != nil {
			return nil, err
		}
		clusters = append(clusters, found...)
	}
	return o.fleet.Take(clusters)
}

// missing returns the flags without which there is no fleet.
func missing(f *start.Fleet) []string {
	var flags []string
	for _, q := range start.Questions {
		if *q.Value(f) == "" {
			flags = append(flags, "--"+q.Flag)
		}
	}
	if len(f.Components) == 0 {
		flags = append(flags, "--component")
	}
	return flags
}

// check returns what fails for a fleet that is not in order.
func (o *options) check(ctx context.Context) func(fs.FS) error {
	return func(tree fs.FS) error {
		session, err := o.open(ctx, tree)
		if err != nil {
			return err
		}
		_, _, warnings, errs := session.Check()
		if len(errs) > 0 {
			return render.Failures(errs)
		}
		if len(warnings) > 0 {
			return render.Findings(warnings)
		}
		_, err = session.Render(render.Request{Group: wellknown.GroupAddons, Cluster: o.fleet.Hub, Strict: true})
		return err
	}
}

// isTerminal tells whether somebody reads or writes there.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
