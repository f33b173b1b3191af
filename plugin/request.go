package plugin

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/release"
	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// Request returns the request to render. repository is the repository of the Application, and appPath where in it the
// Application is. What a parameter names is looked for inside the repository, and nowhere else. It fails on values that
// are none of their kind.
func (i *Invocation) Request(repository fs.FS, appPath string) (render.Request, error) {
	r := render.Request{
		AppPath:        appPath,
		Anywhere:       i.App.SourcePath == "", // on a laptop, the working directory
		Stage:          i.Text("stage"),
		Group:          i.Text("group"),
		Cluster:        i.Text("cluster"),
		Labels:         i.mapping("labels"),
		Annotations:    i.mapping("annotations"),
		Release:        i.Text("release"),
		ComponentFiles: i.array("components"),
		Settings:       i.mapping("settings"),
		Versions:       render.Versions{Kubernetes: i.KubeVersion, API: i.APIVersions},
	}
	if r.Cluster == "" {
		return r, errors.New(
			"parameter cluster is missing: give the name of the cluster, for example {{.name}} of a cluster generator")
	}
	r.Alone = r.Stage == render.StageManifests
	if i.Text("fleet") != "" { // which says the path of the group
		r.AppPath, r.Anywhere = ".", true
		// It does not say who else there is.
		r.Alone = r.Alone || r.Stage == "" || r.Stage == render.StageApplicationSets
	}
	if component := i.Text("component"); component != "" {
		r.Components = []string{component}
	}
	var err error
	if r.Strict, err = i.flag("strict"); err != nil {
		return r, err
	}
	if r.AllowEmpty, err = i.flag("allow-empty"); err != nil {
		return r, err
	}
	if err := cluster.CheckLabels(r.Labels); err != nil {
		return r, fmt.Errorf("parameter labels: %w", err)
	}
	if r.Catalog, err = catalog(repository, appPath, i.Text("catalog")); err != nil {
		return r, err
	}
	for _, name := range i.array("value-files") {
		file, err := valueFile(repository, appPath, name)
		if err != nil {
			return r, err
		}
		r.Files = append(r.Files, file)
	}
	if values := i.Text("values"); values != "" {
		r.Files = append(r.Files, render.File{Name: "parameter values", Data: []byte(values)})
	}
	return r, nil
}

// Options returns what a session for the request has from outside of the repository. It fails for a version of Argo CD
// that is none.
func (i *Invocation) Options() (render.Options, error) {
	version, err := i.argoCDVersion()
	return render.Options{ArgoCD: version}, err
}

// argoCDVersion returns the version of Argo CD that the parameter says, or else the variable of the sidecar; "" if
// neither does. An Argo CD that is newer than this program must not stop the stages that are the same for all versions.
func (i *Invocation) argoCDVersion() (string, error) {
	from, text := "parameter argocd-version", i.Text("argocd-version")
	if text == "" {
		from, text = variableArgoCD, i.ArgoCDVersion
	}
	if text == "" {
		return "", nil
	}
	_, _, err := argocd.Parse(text)
	switch {
	case err == nil:
		return text, nil
	case from == variableArgoCD && !i.NeedsStages():
		return "", nil
	}
	return "", fmt.Errorf("%s: %w", from, err)
}

// NeedsStages tells whether the stage that the request is for is one of package stages.
func (i *Invocation) NeedsStages() bool { return render.NeedsStages(i.Text("stage")) }

func catalog(repository fs.FS, appPath, name string) (*release.Catalog, error) {
	if name == "" {
		return nil, nil
	}
	directory := path.Clean(name)
	if strings.HasPrefix(name, ".") {
		directory = path.Join(appPath, name)
	}
	info, err := stat(repository, directory)
	if errors.Is(err, worktree.ErrGit) {
		return nil, fmt.Errorf("parameter catalog: %q %w", shorten(name), worktree.ErrGit)
	}
	if err != nil || !info.IsDir() {
		return nil, fmt.Errorf("parameter catalog: %q is not a directory of the repository", shorten(name))
	}
	sub, err := fs.Sub(repository, directory)
	if err != nil {
		return nil, err
	}
	return &release.Catalog{FS: sub, Name: directory, Directory: directory}, nil
}

func valueFile(repository fs.FS, appPath, name string) (render.File, error) {
	file := path.Join(appPath, name)
	info, err := stat(repository, file)
	if errors.Is(err, worktree.ErrGit) {
		return render.File{}, fmt.Errorf("parameter value-files: %q %w", shorten(name), worktree.ErrGit)
	}
	if path.IsAbs(name) || err != nil || !info.Mode().IsRegular() {
		return render.File{}, fmt.Errorf(
			"parameter value-files: %q is not a file of the repository, relative to the app path", shorten(name))
	}
	data, err := hierarchy.ReadFile(repository, file, file, hierarchy.LargestFileSize) // fleet.yaml has the last word
	return render.File{Name: file, Data: data}, err
}

func stat(repository fs.FS, name string) (fs.FileInfo, error) {
	if !fs.ValidPath(name) {
		return nil, fs.ErrInvalid
	}
	return fs.Stat(repository, name)
}

// Announce returns the parameters with the values that will be used for the Application: those that are given, and the
// group, if the app path tells it, for which the fleet is loaded.
func (i *Invocation) Announce(repository *hierarchy.Repository, appPath string,
	load func(*hierarchy.Repository) (*fleet.Fleet, error)) ([]Announcement, error) {
	all := announcements()
	for n := range all {
		a := &all[n]
		a.String, a.Array, a.Map = i.Text(a.Name), i.array(a.Name), i.mapping(a.Name)
		if a.Name == "stage" && a.String == "" {
			a.String = render.Stages[0]
		}
		if a.Name == "group" && a.String == "" {
			f, err := load(repository)
			if err != nil {
				return nil, err
			}
			if groups := f.GroupsFor(appPath); len(groups) == 1 {
				a.String = groups[0]
			}
		}
	}
	return all, nil
}
