package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/render"
)

func newRenderCommand() *cobra.Command {
	var flags requestFlags
	var output, outputDir string
	cmd := &cobra.Command{
		Use:   "render [PATH]",
		Short: "Print the ApplicationSets of a group for a cluster",
		Long: `Print the ApplicationSets of a group for a cluster. PATH is the app path; without it, or at the root of the repository, it
is the group's path of fleet.yaml.

Without --group and --cluster there is no hierarchy: 'cmp render --catalog DIR -f a.yaml -f b.yaml' takes the place of
'helm template NAME DIR -f a.yaml -f b.yaml' with the wrapper chart.`,
		Example: `  cmp render addons --group addons --cluster hub-prod
  cmp render --group addons --cluster hub-prod --release next --component karpenter -o json
  cmp render --catalog charts/application-sets -f site.yaml --output-dir out`,
		Args: onePath,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := oneOf("output", output, render.Formats); err != nil {
				return err
			}
			if err := oneOf("stage", flags.request.Stage, render.Stages); err != nil {
				return err
			}
			request, err := flags.build(cmd, args)
			if err != nil {
				return err
			}
			return printRendered(cmd, request, output, outputDir)
		},
	}
	flags.add(cmd.Flags())
	flags.complete(cmd)
	cmd.Flags().StringVar(&flags.request.Stage, "stage", render.StageApplicationSets, "what to emit: "+strings.Join(render.Stages, ", "))
	cmd.Flags().StringVar(&flags.request.ReleaseName, "release-name", "", "instance name for labels; by default the group")
	cmd.Flags().BoolVar(&flags.request.AllowEmpty, "allow-empty", false, "nothing to render is no error")
	cmd.Flags().StringVarP(&output, "output", "o", "yaml", "output format: "+strings.Join(render.Formats, ", "))
	cmd.Flags().StringVar(&outputDir, "output-dir", "", "write one file per object into this folder, and nothing to standard output")
	return cmd
}

// printRendered renders a request and prints the objects, or writes them to a folder if one is given.
func printRendered(cmd *cobra.Command, request render.Request, output, outputDir string) error {
	result, err := render.Render(request)
	if err != nil {
		return err
	}
	printWarnings(cmd.ErrOrStderr(), result.Warnings)
	if outputDir != "" {
		return writeFiles(outputDir, output, result.Objects)
	}
	data, err := render.Encode(result.Objects, output)
	if err != nil {
		return err
	}
	_, err = cmd.OutOrStdout().Write(data)
	return err
}

// writeFiles writes each object into a file of its own. Every file is complete when it appears under its name.
func writeFiles(dir, format string, objects []render.Object) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	files := make(map[string][]byte, len(objects))
	for _, object := range objects {
		name := render.FileName(object, format)
		if _, taken := files[name]; taken {
			return fmt.Errorf("two objects would be written to %s", name)
		}
		data, err := render.EncodeValue(object, format)
		if err != nil {
			return err
		}
		files[name] = data
	}
	for name, data := range files {
		if err := writeFile(filepath.Join(dir, name), data); err != nil {
			return err
		}
	}
	return nil
}

func writeFile(name string, data []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(name), ".cmp-*")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name()) // of no effect once it is renamed
	_, err = temporary.Write(data)
	if closeErr := temporary.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Chmod(temporary.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(temporary.Name(), name)
	}
	return err
}
