package render

import (
	"path"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/render/applicationset"
)

// kustomizationFiles are the names that Kustomize looks for.
var kustomizationFiles = []string{"kustomization.yaml", "kustomization.yml", "Kustomization"}

// Overlays returns the directories GROUP/CHART of a cluster's levels that have a kustomization, lowest level first: the
// overlays for what the component's chart prints.
func (s *Session) Overlays(r Request, on cluster.Cluster, c applicationset.Component) ([]string, error) {
	if c.Key == "" || on.Name == "" {
		return nil, nil
	}
	group, err := s.fleet.Group(r.Group)
	if err != nil {
		return nil, err
	}
	p := &prepared{repository: s.repository, fleet: s.fleet, group: group}
	if p.appPath, err = s.job(r).appPathOf(p); err != nil {
		return nil, err
	}
	levels, err := p.levelsOf(on)
	if err != nil {
		return nil, err
	}
	var directories []string
	for _, level := range levels {
		for _, directory := range level.Directories {
			directory = path.Join(directory, c.ValueFiles.Group, c.ValueFiles.Chart)
			for _, name := range kustomizationFiles {
				is, err := s.repository.HasFile(path.Join(directory, name))
				if err != nil {
					return nil, err
				}
				if is {
					directories = append(directories, directory)
					break
				}
			}
		}
	}
	return directories, nil
}
