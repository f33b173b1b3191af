package manifest

import (
	"errors"
	"io/fs"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"

	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/manifest/helm"
)

// inputs finds the files that a Helm source names.
type inputs struct {
	repository repositoryFiles
	own        files
	app        *rendering
	env        *v1alpha1.Env
	allowed    func(*source) error // whether a source is of the repository
	patterns   bool                // value files can be patterns
	source     *source
	at         func(url, name string) string // as in Options.Locate
}

// A location is a file by where it is looked for. It can be compared.
type location struct {
	repository bool // in the repository, not in the chart's archive
	name       string
}

// locate returns where a file is that the Application names RAW (reposerver/repository.getResolvedValueFiles):
//
//   - $REF/PATH is in the repository of the source with that ref, from its root;
//   - /PATH is from the root of the source's own repository, or of the chart's archive;
//   - PATH is in the source's directory, or in the chart's archive, and may lead out of the directory but not of the
//     repository;
//   - variables of the build environment are replaced; those of a $REF only behind it;
//   - addresses (https://…) are refused, where Argo CD fetches some of them: a render has no network but for charts.
func (in inputs) locate(raw string) (location, error) {
	root, name := path.Clean(in.source.Path), ""
	of := in.source
	_, own := in.own.(directoryFiles)
	at := location{repository: own}
	reference, rest, _ := strings.Cut(raw, "/")
	if strings.HasPrefix(raw, "$") && in.app.refs[reference] != nil {
		at.repository = true
		of = in.app.refs[reference]
		name = "/" + in.env.Envsubst(rest)
	} else {
		name = in.env.Envsubst(raw)
	}
	if u, err := url.Parse(name); err == nil && u.Scheme != "" {
		return at, problem.New("", 0, "the file %s is fetched from the network, which is refused", address.StripURL(u)).
			WithHint("put the file into the repository")
	}
	if strings.HasPrefix(name, "/") {
		root, name = ".", strings.TrimLeft(name, "/")
	}
	at.name = path.Join(root, name)
	if at.name == "." || !fs.ValidPath(at.name) {
		return at, problem.New("", 0, "the file %s is outside the repository", raw)
	}
	if at.repository && in.at != nil && !of.IsOCI() {
		at.name = in.at(of.RepoURL, at.name)
	}
	return at, nil
}

func (in inputs) files(at location) files {
	if at.repository {
		return directoryFiles{in.repository, "."}
	}
	return in.own
}

func (in inputs) read(raw string, at location) (helm.File, error) {
	files := in.files(at)
	label := files.label(at.name)
	data, err := files.read(at.name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return helm.File{}, problem.New(label, 0, "there is no such file, which the Application names as %s: %w",
			raw, fs.ErrNotExist)
	case err != nil:
		return helm.File{}, err
	}
	return helm.File{Name: label, Data: data}, nil
}

// file returns the file of a file parameter.
func (in inputs) file(raw string) (helm.File, error) {
	if err := in.checkReference(raw); err != nil {
		return helm.File{}, err
	}
	at, err := in.locate(raw)
	if err != nil {
		return helm.File{}, err
	}
	return in.read(raw, at)
}

// checkReference refuses a source that is referred to but is of another repository than the checkout.
func (in inputs) checkReference(raw string) error {
	name, _, _ := strings.Cut(raw, "/")
	if ref := in.app.refs[name]; ref != nil {
		return in.allowed(ref)
	}
	return nil
}

// valueFiles returns the value files in order. Since Argo CD 3.4, a pattern (*, ?, [, **) stands for the files that
// match it, in lexical order, without those that are named by themselves; and a file that is named twice counts where
// it stands first. Argo CD 2.14 knows no patterns, and hands all to Helm.
func (in inputs) valueFiles(raws []string, ignoreMissing bool) ([]helm.File, error) {
	locations := make([]location, len(raws))
	named := map[location]bool{}
	for i, raw := range raws {
		if err := in.checkReference(raw); err != nil {
			return nil, err
		}
		at, err := in.locate(raw)
		if err != nil {
			return nil, err
		}
		locations[i] = at
		if !in.isPattern(at) {
			named[at] = true
		}
	}
	var out []helm.File
	var seen []location
	add := func(raw string, at location) error {
		if in.patterns && slices.Contains(seen, at) {
			return nil
		}
		seen = append(seen, at)
		file, err := in.read(raw, at)
		if errors.Is(err, fs.ErrNotExist) && ignoreMissing {
			return nil
		}
		if err != nil {
			return err
		}
		out = append(out, file)
		return nil
	}
	for i, raw := range raws {
		at := locations[i]
		if !in.isPattern(at) {
			if err := add(raw, at); err != nil {
				return nil, err
			}
			continue
		}
		matches, err := in.files(at).glob(at.name)
		switch {
		case err != nil:
			return nil, problem.New("", 0, "the value file pattern %s: %w", raw, err)
		case len(matches) == 0 && !ignoreMissing:
			return nil, problem.New("", 0, "the value file pattern %s matches no files", raw)
		}
		for _, match := range matches {
			if found := (location{at.repository, match}); !named[found] {
				if err := add(raw, found); err != nil {
					return nil, err
				}
			}
		}
	}
	return out, nil
}

func (in inputs) isPattern(at location) bool {
	return in.patterns && strings.ContainsAny(at.name, "*?[")
}
