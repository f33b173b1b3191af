// Package completion proposes to a shell what a fleet has: names of groups, clusters, components, releases and the
// like, for the flags and arguments that take them. It reads files only, needs no other executable, and where anything
// is wrong it proposes nothing: what that is, the command says.
package completion

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/command"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/limiting"
	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// proposals are what flags can be, by their names.
var proposals = map[string]func(source) []string{
	"argocd-version": func(source) []string { return versions() },
	"cluster":        source.clusters,
	"component":      source.components,
	"environment":    func(s source) []string { return s.labels(wellknown.LabelEnvironment) },
	"group":          source.groups,
	"hub":            source.hubs,
	"release":        source.releases,
	"rule":           func(source) []string { return rules() },
	"set-setting":    func(source) []string { return settings() },
	"tenant":         func(s source) []string { return s.labels(wellknown.LabelTenant) },
}

// Add adds the proposals to a command and all below it, when these have their flags. It leaves what has some already.
func Add(cmd *cobra.Command, limit *limiting.Limiter) {
	for _, below := range cmd.Commands() {
		Add(below, limit)
	}
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		if values := command.ValuesOf(flag); values != nil {
			_ = cmd.RegisterFlagCompletionFunc(flag.Name,
				cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
		}
	})
	for flag, propose := range proposals {
		if cmd.Flags().Lookup(flag) == nil {
			continue
		}
		directive := cobra.ShellCompDirectiveNoFileComp
		if flag == "set-setting" { // a value follows
			directive |= cobra.ShellCompDirectiveNoSpace
		}
		// The error is for a flag that has proposals of its own.
		_ = cmd.RegisterFlagCompletionFunc(flag,
			func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
				return command.Proposals(propose(source{cmd: cmd, args: args, limit: limit})), directive
			})
	}
}

// Component proposes components for the first argument of a command, and directories for the one behind it.
func Component(limit *limiting.Limiter) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveFilterDirs
		}
		return command.Proposals(source{cmd: cmd, limit: limit}.components()), cobra.ShellCompDirectiveNoFileComp
	}
}

func versions() []string {
	names := make([]string, len(argocd.Versions))
	for i, v := range argocd.Versions {
		names[i] = v.Name
	}
	return names
}

func rules() []string {
	var all []string
	for _, rule := range problem.Rules() {
		all = append(all, rule.Name+"\t"+rule.Summary)
	}
	return all
}

// settings returns the settings as flags have them, without their values.
func settings() []string {
	var all []string
	for _, name := range wellknown.Settings() {
		all = append(all, name+"=")
	}
	return all
}
