// Package members is the command member: the files by which spokes are registered.
package members

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/command"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/limiting"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/output"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member/directories"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// New returns the command member. Its fleet holds the run to its limits. Sessions are for what follows from a removal.
func New(limit *limiting.Limiter, sessions Sessions) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "member",
		Aliases: []string{"members"},
		Short:   "Add, change, remove, list and check the members of the fleet",
		Long: `Add, change, remove, list and check the members of the fleet: the spokes, each registered by a file
HUB/SPOKE.yaml in the directory that fleet.yaml names (members).`,
		Args: command.NoCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newMemberAddCommand(limit), newMemberSetCommand(limit), newMemberRemoveCommand(limit, sessions),
		newMemberListCommand(limit), newMemberCheckCommand(limit))
	return cmd
}

func newMemberAddCommand(limit *limiting.Limiter) *cobra.Command {
	flags := command.Fleet{Limit: limit}
	var m member.Member
	var set []string
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "add NAME --tenant TENANT --environment ENVIRONMENT",
		Short: "Register a spoke: write its member file",
		Long: `Register a spoke: write its member file HUB/NAME.yaml into the directory of the members, and print the
path. The file is checked first, together with the other members; an existing one stays as it is. A name that no
Kubernetes object can have, and a tenant or an environment without a directory are refused. An empty file .keep beside
it keeps the directory of the hub in Git when its last member is removed. With --dry-run, the file is printed and not
written.

The keys for --set are ` + strings.Join(member.Keys(), ", ") + ".",
		Example: `  cmp member add retail-np-2 --tenant retail --environment np --set secretManagerSecretName=fleet/retail-np-2
  cmp member add data-prod-2 --tenant data --environment prod --hub hub-prod --set use_remote_argo=true`,
		Args: oneMember,
		RunE: func(cmd *cobra.Command, args []string) error {
			m.Name = args[0]
			if name := strings.TrimSuffix(strings.TrimSuffix(m.Name, ".yaml"), ".yml"); name != m.Name {
				return usage.Error(fmt.Errorf("%q is the name of a file; give that of the cluster, %s", m.Name, name))
			}
			if err := setKeys(cmd, &m, set); err != nil {
				return err
			}
			return add(cmd, &flags, m, dryRun)
		},
	}
	cmd.Flags().StringVar(&m.Tenant, "tenant", "", "tenant that the cluster belongs to")
	cmd.Flags().StringVar(&m.Environment, "environment", "", "its environment")
	cmd.Flags().StringVar(&m.Hub, "hub", "", "hub that it is registered with; by default the only one")
	cmd.Flags().StringArrayVar(&set, "set", nil, "another key of the file, as use_remote_argo=true (repeatable)")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, dryRunUsage)
	flags.Add(cmd.Flags())
	return cmd
}

const dryRunUsage = "print the file as it would be, and write nothing"

// parseChanges reads flags --set.
func parseChanges(set []string) ([]member.Change, error) {
	var changes []member.Change
	for _, pair := range set {
		key, value, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, usage.Error(fmt.Errorf("--set is KEY=VALUE, not %q", pair))
		}
		changes = append(changes, member.Change{Key: key, Value: value})
	}
	return changes, nil
}

// setKeys sets what the flags --set say. It fails for unknown keys, and without tenant and environment.
func setKeys(cmd *cobra.Command, m *member.Member, set []string) error {
	changes, err := parseChanges(set)
	if err != nil {
		return err
	}
	for _, change := range changes {
		key, value := change.Key, change.Value
		if slices.Contains([]string{"clusterName", wellknown.LabelTenant, wellknown.LabelEnvironment}, key) {
			return usage.Error(fmt.Errorf("%s has a place of its own in the command line; see '%s --help'", key,
				cmd.CommandPath()))
		}
		if err := m.Set(key, value); err != nil {
			return usage.Error(fmt.Errorf("--set: %w", err))
		}
	}
	if m.Tenant == "" || m.Environment == "" {
		return usage.Error(errors.New("give --tenant and --environment"))
	}
	return nil
}

// add checks a new member beside the others, and writes its file, or only prints it.
func add(cmd *cobra.Command, flags *command.Fleet, m member.Member, dryRun bool) error {
	repository, f, root, err := flags.Open(flags.Directory())
	if err != nil {
		return err
	}
	if m.Hub, err = chooseHub(repository, f, m.Hub); err != nil {
		return err
	}
	m.File = f.MemberFile(m.Hub, m.Name)
	text, warnings, err := member.CheckNew(f, repository, m)
	if err != nil {
		return err
	}
	output.Warnings(cmd.ErrOrStderr(), warnings)
	if dryRun {
		return show(cmd, root, m.File, text, isNew)
	}
	if err := writeMember(root, m.File, text); err != nil {
		return err
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), m.File)
	return err
}

// oneMember accepts the name of one cluster.
func oneMember(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usage.Error(fmt.Errorf("give the name of one cluster; see '%s --help'", cmd.CommandPath()))
	}
	return nil
}

// find is [member.Find]: a member that does not exist is a mistake of the command line.
func find(f *fleet.Fleet, repository *hierarchy.Repository, name, hub string) (member.Member, error) {
	m, err := member.Find(f, repository, name, hub)
	if errors.Is(err, member.ErrNoMember) {
		err = usage.Error(err)
	}
	return m, err
}

// chooseHub returns the hub that is asked for, or the only one.
func chooseHub(repository *hierarchy.Repository, f *fleet.Fleet, asked string) (string, error) {
	hubs, err := directories.Hubs(f, repository)
	switch {
	case err != nil:
		return "", err
	case asked == "" && len(hubs) == 1:
		return hubs[0], nil
	case len(hubs) == 0:
		return "", problem.New("", 0, "the fleet has no hub").
			WithHint("describe one in %s, with the label %s: %s", hierarchy.FleetFile, wellknown.LabelFleetMember,
				wellknown.FleetMemberHub)
	case asked == "":
		return "", usage.Error(fmt.Errorf("there are several hubs: give one of %s with --hub",
			strings.Join(hubs, ", ")))
	case cluster.CheckSegment(asked) != nil:
		return "", usage.Error(fmt.Errorf("--hub: %w", cluster.CheckSegment(asked)))
	case !slices.Contains(hubs, asked):
		if is, err := repository.HasDirectory(f.MemberDirectory(asked)); err != nil || is {
			return asked, err // about which there is a warning
		}
		return "", usage.Error(fmt.Errorf("there is no hub %q; %s", asked,
			problem.Suggest(asked, hubs, "the hubs are "+strings.Join(hubs, ", "))))
	}
	return asked, nil
}

// listFormats are the output formats of the list, besides the table.
var listFormats = append([]string{output.FormatName}, render.Formats...)

func newMemberListCommand(limit *limiting.Limiter) *cobra.Command {
	flags := command.Fleet{Limit: limit}
	var format string
	cmd := &cobra.Command{
		Use:   "list [PATH]",
		Short: "List the members as their files say",
		Args:  command.OnePath,
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "" {
				if err := command.OneOf("output", format, listFormats); err != nil {
					return err
				}
			}
			repository, f, _, err := flags.Open(command.PathIn(args, flags.RepoRoot))
			if err != nil {
				return err
			}
			members, warnings, err := member.Read(f, repository)
			if err != nil {
				return err
			}
			lost, err := directories.Lost(f, repository, member.HubsOf(members))
			if err != nil {
				return err
			}
			output.Warnings(cmd.ErrOrStderr(), f.Wanted(append(warnings, lost...)))
			if format == output.FormatName {
				names := make([]string, len(members))
				for i, m := range members {
					names[i] = m.Name
				}
				return output.Names(cmd.OutOrStdout(), names)
			}
			if format != "" {
				return output.Value(cmd.OutOrStdout(), slices.Concat([]member.Member{}, members), format)
			}
			rows := [][]string{{"NAME", "HUB", "TENANT", "ENVIRONMENT", "OWN ARGO CD", "SECRET", "FILE"}}
			for _, m := range members {
				rows = append(rows, []string{m.Name, m.Hub, m.Tenant, m.Environment, m.UseRemoteArgo, m.SecretName,
					m.File})
			}
			return output.Table(cmd.OutOrStdout(), rows)
		},
	}
	cmd.Flags().StringVarP(&format, "output", "o", "",
		"output format: "+strings.Join(listFormats, ", ")+"; by default a table")
	command.Values(cmd.Flags(), "output", listFormats)
	flags.Add(cmd.Flags())
	return cmd
}

func newMemberCheckCommand(limit *limiting.Limiter) *cobra.Command {
	flags := command.Fleet{Limit: limit}
	var strict bool
	cmd := &cobra.Command{
		Use:   "check [PATH]",
		Short: "Check the files of all members",
		Long: `Check the files of all members, and the labels and annotations that the levels give them. Each problem
is a line on standard error.`,
		Args: command.OnePath,
		RunE: func(cmd *cobra.Command, args []string) error {
			repository, f, _, err := flags.Open(command.PathIn(args, flags.RepoRoot))
			if err != nil {
				return err
			}
			members, warnings, failures := member.Check(f, repository)
			warnings, stopping := f.Judge(warnings)
			for _, finding := range stopping {
				failures = append(failures, finding)
			}
			if strict {
				for _, warning := range warnings {
					failures = append(failures, warning)
				}
			} else {
				output.Warnings(cmd.ErrOrStderr(), warnings)
			}
			if len(failures) > 0 {
				return render.Failures(failures)
			}
			checked := "members checked"
			if len(members) == 1 {
				checked = "member checked"
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), len(members), checked)
			return err
		},
	}
	cmd.Flags().BoolVar(&strict, "strict", false, "warnings are errors")
	flags.Add(cmd.Flags())
	return cmd
}
