package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/command"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/files"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/supervise"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/release"
	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// requestFlags are the flags that make up a request: those of render and values.
type requestFlags struct {
	request     render.Request
	input       input
	repoRoot    string
	checkouts   files.Checkouts
	clusterFile string
	catalog     string
	files       []string
	defaults    string
	labels      map[string]string
	annotations map[string]string
	from        []string
	readSecrets bool
}

func (f *requestFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.request.Group, "group", "", "group of fleet.yaml")
	flags.StringVar(&f.request.Cluster, "cluster", "",
		"cluster: a member, one of fleet.yaml, or any name together with --labels")
	addPairs(flags, &f.labels, "labels", "labels of the cluster, added to and winning over what is known (k=v,…)")
	addPairs(flags, &f.annotations, "annotations", "annotations of the cluster, likewise")
	flags.StringVar(&f.request.Release, "release", "", "release; by default those that the cluster's label selects")
	flags.StringArrayVar(&f.request.Components, "component", nil, "only this component (repeatable)")
	flags.StringVar(&f.catalog, "catalog", "", "catalog directory, in place of the one of fleet.yaml")
	flags.StringArrayVarP(&f.files, "values", "f", nil,
		`values file on top of the hierarchy (repeatable, "-" is standard input)`)
	flags.StringVar(&f.defaults, "defaults", "", "file in place of the catalog's values.yaml")
	addPairs(flags, &f.request.Settings, "set-setting",
		"setting on top of everything, as useSelectors=true (repeatable)")
	flags.BoolVar(&f.request.Strict, "strict", false, "findings are errors")
	addRepositoryFlags(flags, &f.repoRoot, &f.clusterFile, &f.checkouts)
	addSecretsFlag(flags, &f.readSecrets)
}

// addPairs adds a flag k=v,….
func addPairs(flags *pflag.FlagSet, pairs *map[string]string, name, usage string) {
	flags.StringToStringVar(pairs, name, nil, usage)
	flag := flags.Lookup(name)
	flag.Value = oneLinePairs{flag.Value}
}

// oneLinePairs refuses what pflag would drop without a word: it reads pairs as CSV, and only the first line of that.
type oneLinePairs struct{ pflag.Value }

func (p oneLinePairs) Set(text string) error {
	if strings.ContainsAny(text, "\r\n") {
		return errors.New("the pairs k=v must be on one line; separate them with commas, or repeat the flag")
	}
	return p.Value.Set(text)
}

// addChartFlags adds the flags that say where Helm charts come from, and what they see of Argo CD and the cluster.
func (f *requestFlags) addChartFlags(flags *pflag.FlagSet) {
	f.addVersionFlag(flags)
	f.input.charts.AddFlags(flags)
	flags.StringVar(&f.request.Versions.Kubernetes, "kube-version", "",
		"Kubernetes version that Helm charts see; by default the cluster's label "+wellknown.LabelKubernetesVersion+
			", else spec.kubernetesVersion")
	flags.StringSliceVar(&f.request.Versions.AdditionalAPI, "api-versions", nil,
		"API versions that Helm charts see besides what that Kubernetes serves by default, as example.com/v1/Widget")
}

// addVersionFlag adds the flag that says which version of Argo CD it is.
func (f *requestFlags) addVersionFlag(flags *pflag.FlagSet) {
	flags.StringVar(&f.input.options.ArgoCD, "argocd-version", "",
		"whose rules to follow: "+argocd.Names()+"; by default spec.argocdVersion of fleet.yaml, else the newest")
}

func addRepositoryFlags(flags *pflag.FlagSet, repoRoot, clusterFile *string, checkouts *files.Checkouts) {
	checkouts.Add(flags)
	flags.StringVar(repoRoot, "repo-root", "",
		"root of the repository; by default the nearest directory with fleet.yaml, or else .git")
	flags.StringVar(clusterFile, "cluster-file", "", `file with Argo CD cluster Secrets ("-" is standard input)`)
}

func addSecretsFlag(flags *pflag.FlagSet, read *bool) {
	flags.BoolVar(read, "secrets-manager", false,
		"complete members from their secrets in AWS Secrets Manager; spec.secretsManager of fleet.yaml does so too")
}

// secrets returns a reader of the members' secrets, if it is asked for, on the command line or by fleet.yaml; else nil.
// In cmp, cmp-stages takes over.
func (p Program) secrets(ctx context.Context, f *fleet.Fleet, asked bool) (cluster.SecretReader, error) {
	config := f.SecretsManager
	switch {
	case config == nil && !asked:
		return nil, nil
	case p.Stages == nil:
		return nil, p.handOver()
	case config == nil:
		config = &fleet.SecretsManager{}
	}
	return p.Stages.Secrets(ctx, *config, cacheDir())
}

// secretsIn is secrets for the fleet of a repository.
func (p Program) secretsIn(ctx context.Context, repository fs.FS, asked bool) (cluster.SecretReader, error) {
	f, err := fleet.Load(hierarchy.NewRepository(repository)) // whatever version of cmp it wants: see openSides
	if err != nil {
		return nil, nil // which whoever reads the fleet next also finds, and reports with the group and the cluster
	}
	p.limit.Apply(f.Limits)
	return p.secrets(ctx, f, asked)
}

// build returns the request and what its session is opened on, with the files read that the flags name.
func (p Program) build(f *requestFlags, cmd *cobra.Command, args []string) (render.Request, input, error) {
	r, in := f.request, f.input
	r.Labels, r.Annotations, r.Anywhere = f.labels, cluster.WithoutLastApplied(f.annotations), len(args) == 0
	if err := cluster.CheckLabels(r.Labels); err != nil {
		return r, in, usage.Error(fmt.Errorf("--labels: %w", err))
	}
	if err := command.CheckVersions(in.options.ArgoCD, r.Versions.Kubernetes); err != nil {
		return r, in, err
	}
	stages := render.NeedsStages(r.Stage)
	ofArgoCD := r.Stage == render.StageRegistration || r.Stage == render.StageBootstrap
	if r.Group == "" && r.Cluster == "" && f.catalog == "" && !stages && !ofArgoCD {
		return r, in, usage.Error(fmt.Errorf(
			"give --group and --cluster to render from the hierarchy, or --catalog and -f without it; see '%s --help'",
			cmd.CommandPath()))
	}
	if !stages && (r.Targets != render.Targets{}) {
		return r, in, usage.Error(fmt.Errorf(
			"--all-clusters and --selector are for --stage %s and %s: ApplicationSets are rendered for one cluster, "+
				"its hub",
			render.StageApplications, render.StageManifests))
	}
	stdin := files.New(cmd.InOrStdin())
	var err error
	if r.Group != "" || r.Cluster != "" || stages || ofArgoCD {
		in.tree, r.AppPath, err = files.OpenFleet(command.PathIn(args, f.repoRoot), f.repoRoot, &f.checkouts)
		if err != nil {
			return r, in, err
		}
		if in.options.Secrets, err = p.secretsIn(cmd.Context(), in.tree, f.readSecrets); err != nil {
			return r, in, err
		}
		if err := p.keepStandardInput(f, in.tree); err != nil {
			return r, in, err
		}
	}
	if f.catalog != "" {
		catalog, err := worktree.OpenFor(f.catalog, supervise.Reading)
		if err != nil {
			return r, in, fmt.Errorf("the catalog %s is not a directory: give one with values.yaml and values/",
				f.catalog)
		}
		r.Catalog = &release.Catalog{FS: catalog, Name: f.catalog}
	}
	if f.defaults != "" {
		file, err := stdin.Read(f.defaults, hierarchy.LargestFileSize)
		if err != nil {
			return r, in, err
		}
		r.Defaults = &file
	}
	for _, name := range f.files {
		file, err := stdin.Read(name, hierarchy.LargestFileSize) // fleet.yaml has the last word
		if err != nil {
			return r, in, err
		}
		r.Files = append(r.Files, file)
	}
	for _, name := range f.from {
		found, err := stdin.All(name)
		if err != nil {
			return r, in, err
		}
		r.From = append(r.From, found...)
	}
	in.options.ClusterSecrets, err = stdin.Stream(f.clusterFile)
	return r, in, err
}

// keepStandardInput hands over to cmp-stages before standard input is read, if that may be needed later: cmp-stages
// could not read it again.
func (p Program) keepStandardInput(f *requestFlags, repository fs.FS) error {
	names := slices.Concat(f.files, f.from, []string{f.defaults, f.clusterFile})
	if p.Stages != nil || !slices.Contains(names, "-") {
		return nil
	}
	repo := hierarchy.NewRepository(repository)
	loaded, err := p.limit.Load(repo)
	if err != nil {
		return nil // as for secretsIn
	}
	if needed, err := release.NeedsCharts(loaded, repo); err != nil || !needed {
		return nil
	}
	return p.handOver()
}

// cacheDir returns the directory for fetched charts: cmp in $XDG_CACHE_HOME, or in the system's directory for caches.
// Without any, it is in the directory for temporary files.
func cacheDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = os.TempDir()
	}
	return filepath.Join(dir, "cmp")
}
