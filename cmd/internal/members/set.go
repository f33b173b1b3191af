package members

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/command"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/limiting"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/output"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
)

func newMemberSetCommand(limit *limiting.Limiter) *cobra.Command {
	flags := command.Fleet{Limit: limit}
	var hub string
	var set []string
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "set NAME --set KEY=VALUE",
		Short: "Change keys in the member file of a spoke",
		Long: `Change keys in the member file of a spoke, each in its place, and print the path. Comments and the order
of the keys stay. The file is checked first as that of a new member is. With --dry-run, it is printed and not written.

A cluster cannot be renamed, since its Applications would be others: remove the member, and add another.`,
		Example: `  cmp member set retail-np-1 --set use_remote_argo=true --set enable_remote_addons=true
  cmp member set payments-np-1 --hub hub-prod --set environment=prod --dry-run`,
		Args: oneMember,
		RunE: func(cmd *cobra.Command, args []string) error {
			changes, err := parseChanges(set)
			if err != nil {
				return err
			}
			if err := checkChanges(changes); err != nil {
				return usage.Error(err)
			}
			return change(cmd, &flags, args[0], hub, changes, dryRun)
		},
		ValidArgsFunction: completeMembers(&flags, &hub),
	}
	cmd.Flags().StringVar(&hub, "hub", "", "hub that it is registered with, where several have one of its name")
	cmd.Flags().StringArrayVar(&set, "set", nil, "a key and its new value, as use_remote_argo=true (repeatable)")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, dryRunUsage)
	flags.Add(cmd.Flags())
	return cmd
}

// checkChanges fails without changes, and for keys that cannot be changed.
func checkChanges(changes []member.Change) error {
	if len(changes) == 0 {
		return errors.New("give --set KEY=VALUE")
	}
	for _, change := range changes {
		if change.Key == "clusterName" {
			return errors.New("a cluster cannot be renamed, since its Applications would be others: " +
				"remove the member, and add another")
		}
		if err := new(member.Member).Set(change.Key, change.Value); err != nil {
			return fmt.Errorf("--set: %w", err)
		}
	}
	return nil
}

// change checks a member with changes beside the others, and writes its file, or only prints it.
func change(cmd *cobra.Command, flags *command.Fleet, name, hub string, changes []member.Change, dryRun bool) error {
	repository, f, root, err := flags.Open(flags.Directory())
	if err != nil {
		return err
	}
	m, err := find(f, repository, name, hub)
	if err != nil {
		return err
	}
	text, warnings, err := member.CheckChanged(f, repository, m, changes)
	if err != nil {
		return err
	}
	output.Warnings(cmd.ErrOrStderr(), warnings)
	if dryRun {
		return show(cmd, root, m.File, text, isOwn)
	}
	if err := changeMember(root, m.File, text); err != nil {
		return err
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), m.File)
	return err
}
