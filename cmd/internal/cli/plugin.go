package cli

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/files"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/output"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/plugin"
)

func (p Program) newGenerateCommand() *cobra.Command {
	var printRequest bool
	cmd := &cobra.Command{
		Use:   "generate",
		Short: "Print the manifests of an Application, as a plugin of Argo CD",
		Long: `Print the manifests of an Application: what plugin.yaml calls. The request comes from the environment that Argo CD sets
(ARGOCD_APP_PARAMETERS, ARGOCD_ENV_*, ARGOCD_APP_*) and from the working directory, the app path.`,
		Example: `  cd addons && ARGOCD_ENV_GROUP=addons ARGOCD_ENV_CLUSTER=hub-prod cmp generate --print-request`,
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			invocation, err := plugin.Read(p.environ())
			if err != nil {
				return err
			}
			if printRequest {
				return output.Value(cmd.OutOrStdout(), invocation, "yaml")
			}
			if p.Stages == nil && invocation.NeedsStages() {
				return p.handOver()
			}
			repository, appPath, err := p.openApplication(invocation.App.SourcePath)
			if err != nil {
				return err
			}
			request, err := invocation.Request(repository, appPath)
			if err != nil {
				return err
			}
			options, err := invocation.Options()
			if err != nil {
				return err
			}
			tree, err := invocation.Tree(repository, p.limit.Version)
			if err != nil {
				return err
			}
			p.limit.Sidecar = true
			return p.printRendered(cmd, request, input{tree: tree, parts: invocation.Parts(),
				options: options, noGit: invocation.NoGit()}, "yaml", output.Destination{}, true)
		},
	}
	cmd.Flags().BoolVar(&printRequest, "print-request", false, "print what was understood, and render nothing")
	return cmd
}

func (p Program) newParametersCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "parameters",
		Short: "Announce the plugin's parameters to Argo CD",
		Long: `Announce the plugin's parameters to Argo CD, as JSON, with the values that will be used for the Application: what
plugin.yaml calls.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			invocation, err := plugin.Read(p.environ())
			if err != nil {
				return err
			}
			repository, appPath, err := p.openApplication(invocation.App.SourcePath)
			if err != nil {
				return err
			}
			p.limit.Sidecar = true
			tree, err := invocation.Tree(repository, p.limit.Version)
			if err != nil {
				return err
			}
			announcements, err := invocation.Announce(hierarchy.NewRepository(tree), appPath, p.limit.Load)
			if err != nil {
				return err
			}
			return output.Value(cmd.OutOrStdout(), announcements, "json")
		},
	}
}

func (p Program) newDiscoverCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "discover",
		Short: "Tell Argo CD whether the plugin is for an Application",
		Long: `Tell Argo CD whether the plugin is for an Application that names no plugin: print fleet.yaml if the repository has one
with a group whose path is the app path, else nothing.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			repository, appPath, err := p.openApplication(p.variable("ARGOCD_APP_SOURCE_PATH"))
			if err != nil {
				return err
			}
			repo := hierarchy.NewRepository(repository)
			d, err := repo.Document(hierarchy.FleetFile)
			if err != nil || d == nil {
				return err
			}
			p.limit.Sidecar = true
			f, err := p.limit.Load(repo)
			if err != nil {
				return err
			}
			if appPath != "." && len(f.GroupsAt(appPath)) > 0 {
				_, err = fmt.Fprintln(cmd.OutOrStdout(), hierarchy.FleetFile)
			}
			return err
		},
	}
}

// openApplication opens the repository that the working directory is in. Argo CD hands over the repository, or a part
// of it (annotation argocd.argoproj.io/manifest-generate-paths). Its root is the working directory less the
// Application's path, as far as the names of the directories are those of the path. Inside it, the root of the fleet is
// the nearest directory with fleet.yaml, as for the other commands. On a laptop, without the Application's path, it is
// found as they find it.
func openApplication(sourcePath string) (fs.FS, string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, "", err
	}
	if sourcePath == "" {
		return files.OpenRepository(dir, "")
	}
	appPath := filepath.Clean(filepath.FromSlash(sourcePath))
	if !filepath.IsLocal(appPath) {
		return nil, "", fmt.Errorf("the Application's path %q is not inside the repository", sourcePath)
	}
	if worktree.IsGit(dir) { // a link may have led there, before a root is looked for
		return nil, "", fmt.Errorf("the Application's path %q %w", sourcePath, worktree.ErrGit)
	}
	root, base := dir, ""
	for _, segment := range slices.Backward(strings.Split(appPath, string(filepath.Separator))) {
		if _, err := os.Lstat(filepath.Join(root, hierarchy.FleetFile)); err == nil && base == "" {
			base = root
		}
		if filepath.Base(root) != segment {
			break
		}
		root = filepath.Dir(root)
	}
	if base != "" {
		root = base
	}
	return files.OpenRepository(dir, root)
}
