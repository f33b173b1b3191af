package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/command"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/files"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/output"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/releases"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

func (p Program) newReleasesCommand() *cobra.Command {
	var format, repoRoot, clusterFile string
	var checkouts files.Checkouts
	var readSecrets bool
	formats := append([]string{"wide"}, render.Formats...)
	cmd := &cobra.Command{
		Use:   "releases [PATH]",
		Short: "List the releases, and which clusters are on which",
		Long: `List the releases of each group, with the chart that each release has its catalog from, and the clusters on it. A cluster
is on the release that its label GROUPRelease names, without that label on the first one; if the hub renders no release for such clusters,
that is said.`,
		Args: command.OnePath,
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "" {
				if err := command.OneOf("output", format, formats); err != nil {
					return err
				}
			}
			session, err := p.openFleet(cmd, args, repoRoot, &checkouts, clusterFile, readSecrets)
			if err != nil {
				return err
			}
			clusters, warnings, err := session.Clusters(render.Request{})
			if err != nil {
				return err
			}
			f := session.Fleet()
			groups, found, err := releases.Of(session.Repository(), f, clusters)
			if err != nil {
				return err
			}
			output.Warnings(cmd.ErrOrStderr(), f.Wanted(append(warnings, found...)))
			if format != "" && format != "wide" {
				return output.Value(cmd.OutOrStdout(), groups, format)
			}
			return output.Table(cmd.OutOrStdout(), releases.Rows(groups, format == "wide"))
		},
	}
	cmd.Flags().StringVarP(&format, "output", "o", "",
		"output format: "+strings.Join(formats, ", ")+"; by default a table")
	addRepositoryFlags(cmd.Flags(), &repoRoot, &clusterFile, &checkouts)
	addSecretsFlag(cmd.Flags(), &readSecrets)
	return cmd
}
