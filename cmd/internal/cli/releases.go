package cli

import (
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/command"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/files"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/output"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/releases"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

func (p Program) newReleasesCommand() *cobra.Command {
	var format, repoRoot, clusterFile, group string
	var checkouts files.Checkouts
	var readSecrets, strict bool
	var charts workshop.Charts
	formats := append([]string{"wide", output.FormatName}, render.Formats...)
	cmd := &cobra.Command{
		Use:     "releases [PATH]",
		Aliases: []string{"release"},
		Short:   "List the releases, and which clusters are on which",
		Long: `List the releases of each group, with the chart that each release has its catalog from, and the clusters
on it. A cluster is on the release that its label GROUPRelease names, without that label on the first one; if the hub
renders no release for such clusters, that is said. So is it if the group is for other clusters (globalSelectors), and
if the catalog of a release cannot be had.`,
		Args: command.OnePath,
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "" {
				if err := command.OneOf("output", format, formats); err != nil {
					return err
				}
			}
			session, err := p.openFleetWith(cmd, args, repoRoot, &checkouts, clusterFile, readSecrets, charts)
			if err != nil {
				return err
			}
			clusters, warnings, err := session.Clusters(render.Request{})
			if err != nil {
				return err
			}
			lost, err := session.Lost()
			if err != nil {
				return err
			}
			f := session.Fleet()
			groups, found, err := releases.Of(session.Repository(), f, clusters, group)
			if err != nil {
				return p.handOverFor(err)
			}
			found = f.Wanted(slices.Concat(warnings, lost, found))
			if strict && len(found) > 0 {
				return render.Findings(found)
			}
			output.Warnings(cmd.ErrOrStderr(), found)
			return printReleases(cmd.OutOrStdout(), groups, format)
		},
	}
	cmd.Flags().StringVarP(&format, "output", "o", "",
		"output format: "+strings.Join(formats, ", ")+"; by default a table")
	command.Values(cmd.Flags(), "output", formats)
	cmd.Flags().StringVar(&group, "group", "", "only this group of the releases file")
	cmd.Flags().BoolVar(&strict, "strict", false, "findings are errors")
	charts.AddFlags(cmd.Flags())
	addRepositoryFlags(cmd.Flags(), &repoRoot, &clusterFile, &checkouts)
	addSecretsFlag(cmd.Flags(), &readSecrets)
	return cmd
}

// printReleases prints the releases of groups in a format; "" is the table.
func printReleases(w io.Writer, groups []releases.Group, format string) error {
	switch format {
	case "", "wide":
		return output.Table(w, releases.Rows(groups, format == "wide"))
	case output.FormatName:
		return output.Names(w, releases.Existing(groups))
	}
	return output.Value(w, groups, format)
}
