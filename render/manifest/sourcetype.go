package manifest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	jsonpatch "github.com/evanphx/json-patch"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
)

// sourceType returns the tool of a source as Argo CD decides: that whose options the Application has, else Helm for a
// Chart.yaml and Kustomize for a kustomization in the directory, else a plain directory
// (https://argo-cd.readthedocs.io/en/stable/user-guide/tool_detection/). Plugins that claim directories by themselves
// are not known.
func sourceType(s v1alpha1.ApplicationSource, files files) (v1alpha1.ApplicationSourceType, error) {
	explicit, err := s.ExplicitType()
	if err != nil {
		return "", err
	}
	if explicit != nil {
		return *explicit, nil
	}
	names, err := files.names()
	if err != nil {
		return "", problem.New(files.label(files.dir()), 0, "cannot be read: %w", cause(err))
	}
	kind := v1alpha1.ApplicationSourceTypeDirectory
	// of several, the last counts, as in Argo CD: Kustomize before Helm, but for Kustomization
	for _, name := range names {
		switch {
		case strings.HasSuffix(name, "Chart.yaml"):
			kind = v1alpha1.ApplicationSourceTypeHelm
		case name == "kustomization.yaml" || name == "kustomization.yml" || name == "Kustomization":
			kind = v1alpha1.ApplicationSourceTypeKustomize
		}
	}
	return kind, nil
}

// mergeOverrides lays .argocd-source.yaml and .argocd-source-APPLICATION.yaml of the source's directory over the
// source, as JSON merge patches
// (https://argo-cd.readthedocs.io/en/stable/user-guide/parameters/#store-overrides-in-git). Where the objects come from
// cannot be changed by them.
func mergeOverrides(s *v1alpha1.ApplicationSource, files files, app string) error {
	names := []string{".argocd-source.yaml"}
	if app != "" && !strings.Contains(app, "/") {
		names = append(names, ".argocd-source-"+app+".yaml")
	}
	merged := *s.DeepCopy()
	for _, base := range names {
		name := path.Join(files.dir(), base)
		patch, err := files.read(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if patch, err = safeyaml.ToJSON(patch, files.label(name)); safeyaml.Refused(err) {
			return err
		}
		if err == nil {
			err = applyOverride(&merged, patch)
		}
		if err != nil {
			return problem.New(files.label(name), 0, "cannot be applied to the source: %w", err)
		}
	}
	merged.Chart, merged.Path, merged.RepoURL, merged.TargetRevision = s.Chart, s.Path, s.RepoURL, s.TargetRevision
	*s = merged
	return nil
}

// applyOverride lays a JSON merge patch over a source.
func applyOverride(s *v1alpha1.ApplicationSource, patch []byte) error {
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if data, err = jsonpatch.MergePatch(data, patch); err != nil {
		return fmt.Errorf("is no map: %w", err)
	}
	// Into what was there, as Argo CD does: a null removes nothing.
	return json.Unmarshal(data, s)
}
