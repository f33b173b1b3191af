package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

func newClustersCommand() *cobra.Command {
	var output, selector, repoRoot, clusterFile string
	formats := append([]string{"wide"}, render.Formats...)
	cmd := &cobra.Command{
		Use:   "clusters [PATH]",
		Short: "List the fleet's clusters with their labels",
		Long: `List the fleet's clusters with their labels: those of fleet.yaml, the members, and those in Argo CD cluster Secrets
(--cluster-file). Where two of these know one cluster, the later source wins, and labels and annotations merge.`,
		Example: `  cmp clusters
  cmp clusters -l environment=prod -o yaml
  kubectl get secrets -n argocd -l argocd.argoproj.io/secret-type=cluster -o yaml | cmp clusters --cluster-file -`,
		Args: onePath,
		RunE: func(cmd *cobra.Command, args []string) error {
			if output != "" {
				if err := oneOf("output", output, formats); err != nil {
					return err
				}
			}
			selects, err := labels.Parse(selector)
			if err != nil {
				return &usageError{fmt.Errorf("--selector: %w", err)}
			}
			var request render.Request
			if request.Repository, request.AppPath, err = openRepository(pathOf(args), repoRoot); err != nil {
				return err
			}
			if request.ClusterSecrets, err = clusterSecrets(&standardInput{reader: cmd.InOrStdin()}, clusterFile); err != nil {
				return err
			}
			clusters, warnings, err := render.Clusters(request)
			if err != nil {
				return err
			}
			clusters = slices.DeleteFunc(clusters, func(c hierarchy.Cluster) bool { return !selects.Matches(c.AllLabels()) })
			printWarnings(cmd.ErrOrStderr(), warnings)
			if output == "" || output == "wide" {
				return printClusters(cmd.OutOrStdout(), clusters, output == "wide")
			}
			if clusters == nil {
				clusters = []hierarchy.Cluster{}
			}
			data, err := render.EncodeValue(clusters, output)
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(data)
			return err
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "", "output format: "+strings.Join(formats, ", ")+"; by default a table")
	cmd.Flags().StringVarP(&selector, "selector", "l", "", "label selector, as of kubectl")
	addRepositoryFlags(cmd.Flags(), &repoRoot, &clusterFile)
	return cmd
}

// printClusters prints a table, as kubectl does; wide adds server and annotations.
func printClusters(w io.Writer, clusters []hierarchy.Cluster, wide bool) error {
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	header := []string{"NAME", "HUB", "TENANT", "ENVIRONMENT", "LABELS"}
	if wide {
		header = append(header, "SERVER", "ANNOTATIONS")
	}
	rows := [][]string{header}
	for _, c := range clusters {
		row := []string{c.Name, c.Hub, c.Labels[hierarchy.LabelTenant], c.Labels[hierarchy.LabelEnvironment], pairs(c.Labels)}
		if wide {
			row = append(row, c.Server, pairs(c.Annotations))
		}
		rows = append(rows, row)
	}
	for _, row := range rows {
		for i, cell := range row {
			if cell == "" {
				row[i] = "<none>"
			}
		}
		if _, err := fmt.Fprintln(table, strings.Join(row, "\t")); err != nil {
			return err
		}
	}
	return table.Flush()
}

func pairs(m map[string]string) string {
	list := make([]string, 0, len(m))
	for _, key := range slices.Sorted(maps.Keys(m)) {
		list = append(list, key+"="+m[key])
	}
	return strings.Join(list, ",")
}
