package members

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/command"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/files"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/limiting"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/output"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
)

func newMemberRemoveCommand(limit *limiting.Limiter, sessions Sessions) *cobra.Command {
	flags := command.Fleet{Limit: limit}
	var hub string
	var yes bool
	cmd := &cobra.Command{
		Use:   "remove NAME --yes",
		Short: "Take a spoke out of the fleet: remove its member file",
		Long: `Take a spoke out of the fleet: remove its member file, and print the path. Once that is merged,
the registration of the hub no longer has the cluster: External Secrets deletes its Secret, and Argo CD loses the
cluster, and with it the Applications there. How many those are of each group is said first. The directory of the hub
stays, with a file .keep. Without --yes, only say what would be removed.`,
		Example: `  cmp member remove retail-np-1 --yes
  cmp member remove data-prod-1 --hub hub-prod --yes`,
		Args: oneMember,
		RunE: func(cmd *cobra.Command, args []string) error {
			return remove(cmd, &flags, sessions, removal{args[0], hub, yes})
		},
		ValidArgsFunction: completeMembers(&flags, &hub),
	}
	cmd.Flags().StringVar(&hub, "hub", "", "hub that it is registered with, where several have one of its name")
	cmd.Flags().BoolVar(&yes, "yes", false, "remove the file")
	flags.Add(cmd.Flags())
	return cmd
}

// completeMembers proposes the members, those of a hub if one is given.
func completeMembers(flags *command.Fleet, hub *string) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		repository, f, _, err := flags.Open(flags.Directory())
		if err != nil || len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		members, _, _ := member.Read(f, repository) // without those, there is nothing to propose
		var names []string
		for _, m := range members {
			if *hub == "" || *hub == m.Hub {
				names = append(names, m.Name)
			}
		}
		return command.Proposals(names), cobra.ShellCompDirectiveNoFileComp
	}
}

// A removal is which member is to be removed, and whether that is certain.
type removal struct {
	name, hub string
	yes       bool
}

// remove says what goes with a member, and removes its file if that is wanted.
func remove(cmd *cobra.Command, flags *command.Fleet, sessions Sessions, r removal) error {
	repository, f, root, err := flags.Open(flags.Directory())
	if err != nil {
		return err
	}
	m, err := find(f, repository, r.name, r.hub)
	if err != nil {
		return err
	}
	tree, _, err := files.OpenFleet(flags.Directory(), root, &flags.Checkouts)
	if err != nil {
		return err
	}
	goes, err := sessions.consequence(cmd.Context(), tree, m)
	if err != nil {
		return sessions.Otherwise(err)
	}
	if !r.yes {
		return usage.Error(fmt.Errorf("%s would be removed: the registration of hub %s then lacks the cluster %s, so "+
			"that External Secrets deletes its Secret and Argo CD loses it; %s; give --yes to remove the file", m.File,
			m.Hub, m.Name, goes))
	}
	if err := removeMember(root, m.File); err != nil {
		return err
	}
	output.Message(cmd.ErrOrStderr(), "Note", fmt.Errorf("cluster %s: once this is merged, %s", m.Name, goes))
	_, err = fmt.Fprintln(cmd.OutOrStdout(), m.File)
	return err
}
