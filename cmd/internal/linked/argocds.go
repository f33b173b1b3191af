package linked

import (
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// ArgoCDs is [render.Session.ArgoCDs] for each group.
func (Stages) ArgoCDs(session workshop.Later, f workshop.Filter) (map[string][]string, error) {
	own, err := sessionOf(session)
	if err != nil {
		return nil, err
	}
	groups, appPath := own.Fleet().AllGroups(".")
	if f.Group != "" {
		if _, err := own.Fleet().Group(f.Group); err != nil {
			return nil, usage.Error(err)
		}
		groups = []string{f.Group}
	}
	all := map[string][]string{}
	for _, group := range groups {
		found, _, err := own.ArgoCDs(render.Request{Group: group, AppPath: appPath, Anywhere: true, Cluster: f.Cluster,
			Stage: render.StageApplications, Targets: render.Targets{Selector: f.Selector,
				All: f.Cluster == "" && f.Selector == ""}})
		if err != nil {
			return nil, usage.Error(err)
		}
		for _, a := range found {
			all[group] = append(all[group], a.Cluster.Name)
		}
	}
	return all, nil
}

// Components returns which component each ApplicationSet of a group on an Argo CD is of, by its name. It fails as
// [render.Session.Render] does.
func (Stages) Components(session workshop.Later, group, argoCD string) (map[string]string, error) {
	own, err := sessionOf(session)
	if err != nil {
		return nil, err
	}
	_, appPath := own.Fleet().AllGroups(".")
	result, err := own.Render(render.Request{Group: group, AppPath: appPath, Anywhere: true, Cluster: argoCD,
		Stage: render.StageApplicationSets, AllowEmpty: true})
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for i, of := range result.Components {
		all[hierarchy.NameOf(result.Objects[i])] = of.Key
	}
	return all, nil
}
