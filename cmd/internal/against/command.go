package against

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/files"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/limiting"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
)

// Options are what a command line asks for.
type Options struct {
	Stages    workshop.Stages
	Limit     *limiting.Limiter
	Other     string // the other executable
	Root      string // of the fleet
	Checkouts *files.Checkouts
	Compare   workshop.Compare // of which the side after has the session of this cmp
}

// Check fails for flags and arguments that do not go together with another executable.
func Check(cmd *cobra.Command, args []string) error {
	value := func(name string) string { return cmd.Flags().Lookup(name).Value.String() }
	switch {
	case value("against-cmp") == "":
		return usage.Error(errors.New("--against-cmp is empty: give an executable of cmp"))
	case len(args) > 0:
		return usage.Error(errors.New("--against-cmp compares the same files: leave out BASE and HEAD"))
	case strings.Contains(value("argocd-version")+value("kube-version"), "..") || value("release") != "":
		return usage.Error(errors.New("--against-cmp compares nothing else: give one version, and no --release"))
	case value("cluster-file") == "-":
		return usage.Error(errors.New("--against-cmp reads the clusters twice: give a file as --cluster-file"))
	}
	return nil
}

// Compare compares what this cmp and another one render of the same fleet, and prints what differs. It fails for what
// is no cmp, and for a program that cannot be run or takes too long.
func Compare(cmd *cobra.Command, o Options) (workshop.Compared, error) {
	if err := o.Compare.Sides[1].Err; err != nil {
		return workshop.Compared{}, err
	}
	own, err := os.Executable()
	if err != nil {
		return workshop.Compared{}, err
	}
	ctx, cancel := context.WithCancel(cmd.Context())
	defer cancel()
	environment, timeout := environmentWith(o.Limit.Arguments()), o.Compare.Output.Limits.Timeout
	of := &comparison{stage: o.Compare.Stage, filter: o.Compare.Filter, atOnce: programsAtOnce(),
		display: display{show: o.Compare.Output.Progress}}
	of.programs = [2]program{{path: o.Other, environment: environment, timeout: timeout,
		bound: newBound(mostWritten), given: given(cmd)},
		{path: own, name: os.Args[0], environment: environment, timeout: timeout}}
	compared := workshop.CompareRendered{Compare: o.Compare,
		Failures: func() []workshop.RenderFailure { return of.failures },
		Each:     func(_ context.Context, use func(workshop.Rendered) error) error { return of.each(ctx, use) }}
	for i, program := range of.programs {
		if compared.Names[i], err = program.version(ctx); err != nil {
			return workshop.Compared{}, err
		}
	}
	if of.argoCDs, err = o.Stages.ArgoCDs(o.Compare.Sides[1].Session, o.Compare.Filter); err != nil {
		return workshop.Compared{}, err
	}
	of.ofSets = func(group, argoCD string) map[string]string {
		found, err := o.Stages.Components(o.Compare.Sides[1].Session, group, argoCD)
		if err != nil {
			return nil // which the render of this cmp says, too
		}
		return found
	}
	if of.directory, err = os.MkdirTemp("", "cmp-against-"); err != nil {
		return workshop.Compared{}, err
	}
	remove := func() { _ = os.RemoveAll(of.directory) }
	defer remove()
	defer o.Limit.Watch.OnEnd(func() { cancel(); remove() })()
	of.flags, of.targets = o.ofRender(cmd)
	return o.Stages.CompareRendered(ctx, compared)
}

// given tells which flags of render a command line of diff need not have. The part of the fleet is asked for by others,
// too.
func given(cmd *cobra.Command) func(flag string) bool {
	return func(name string) bool {
		flag := cmd.Flags().Lookup(name)
		return flag != nil && flag.Changed && name != "stage" && name != "group" && name != "output"
	}
}

// ofRender returns the flags as render has them: those of all stages, and those that choose clusters.
func (o Options) ofRender(cmd *cobra.Command) (all, targets []string) {
	all = []string{"--repo-root", o.Root}
	for _, name := range []string{"cluster-file", "secrets-manager", "cache-dir", "offline", "argocd-version",
		"kube-version"} {
		if flag := cmd.Flags().Lookup(name); flag.Changed {
			all = append(all, "--"+name+"="+flag.Value.String())
		}
	}
	all = append(all, o.Checkouts.Arguments()...)
	filter := o.Compare.Filter
	switch {
	case filter.Cluster != "":
		return all, []string{"--cluster", filter.Cluster}
	case filter.Selector != "":
		return all, []string{"--selector", filter.Selector}
	}
	return all, []string{"--all-clusters"}
}

// environmentWith returns the variables of this process, with the limits that flags say: an older cmp may not have
// these flags.
func environmentWith(limits []string) []string {
	environment := os.Environ()
	for i := 0; i+1 < len(limits); i += 2 {
		variable := limiting.VariableMemory
		if limits[i] == "--timeout" {
			variable = limiting.VariableTimeout
		}
		environment = append(environment, variable+"="+limits[i+1])
	}
	return environment
}
