package kustomize

import (
	"io/fs"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"sigs.k8s.io/kustomize/api/krusty"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// Options are what an Application says about a Kustomize source.
type Options struct {
	// Source is spec.source.kustomize, or nil. Its version, kubeVersion and apiVersions have no effect: there is one
	// Kustomize, and the others are for charts, which Kustomize does not render here.
	Source *v1alpha1.ApplicationSourceKustomize

	// Env is the build environment of Argo CD (ARGOCD_APP_NAME and so on), which is put into images, commonLabels, and
	// with commonAnnotationsEnvsubst into commonAnnotations. Other variables are empty.
	Env map[string]string

	// OneComponent tells that of Source's components only the first counts that has a kustomization, if missing ones
	// are ignored.
	OneComponent bool
	// LeftOut is told the others that have one, if there are any; nil if nobody wants to know.
	LeftOut func(components []string)
}

// Build builds a directory of the repository, given by its path with slashes, as Argo CD 3.5 does
// (util/kustomize.Build). The options are written into its kustomization like by `kustomize edit`, in memory, and the
// result is that of `kustomize build` without flags, in the order in which it prints. Numbers are float64.
//
// It fails, with one line that names file and line or the directory: on everything on which Kustomize fails. It fails
// on what is not in the repository: remote bases and files, absolute paths, links that leave it. It also fails on
// helmCharts, plugins and functions, and on input without measure: files above 10 MiB, expanding aliases, more than
// 1,000 kustomizations.
func Build(fsys fs.FS, path string, options Options) ([]map[string]any, error) {
	c, f, err := prepare(fsys, path, options)
	if err != nil {
		return nil, err
	}
	return c.run(f.dir, path, krusty.ReorderOptionUnspecified)
}

// prepare reads the kustomization of a directory, with the options in it, and checks all that it reaches.
func prepare(fsys fs.FS, path string, options Options) (*checker, *file, error) {
	t := newTree(fsys)
	dir, err := t.dir(path)
	if err != nil {
		return nil, nil, err
	}
	f, err := t.readFile(dir)
	if err != nil {
		return nil, nil, err
	}
	if options.Source != nil && !options.Source.IsZero() {
		if err := edit(t, f, options); err != nil {
			return nil, nil, err
		}
		if err := t.addKustomization(f.path, &f.kustomization); err != nil {
			return nil, nil, err
		}
	}
	c := newChecker(t)
	err = c.kustomization(f, []string{dir})
	return c, f, err
}

// directory returns where the tree has a directory of the repository.
func (t *tree) dir(path string) (string, error) {
	real, isDirectory, err := t.locate(absolute(path))
	switch {
	case !fs.ValidPath(path):
		return "", problem.New(path, 0, "is no path of the repository")
	case err != nil:
		return "", problem.New(path, 0, "cannot be read: %w", err)
	case !isDirectory:
		return "", problem.New(path, 0, "is a file, not a directory")
	}
	return real, nil
}
