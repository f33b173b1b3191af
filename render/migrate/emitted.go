package migrate

import (
	"context"
	"fmt"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/applicationset"
	"github.com/eks-fleet-management/fleet-cmp/render/migrate/argo"
)

// start returns what an Application of the bootstrap of cmp consists of: what the plugin makes of its parameters.
func start(ctx context.Context, s *side, a *app) []piece {
	sources := argo.Sources(a.object)
	if len(sources) != 1 || argo.Text(sources[0], "plugin", "name") != applicationset.PluginName {
		return []piece{{objects: s.objectsOf(ctx, a.argoCD, a.object)}}
	}
	request, err := requestOf(sources[0])
	if err == nil {
		var result *render.Result
		if result, err = s.session.Render(request); err == nil {
			return []piece{{objects: result.Objects, group: request.Group, leaf: request.Group != ""}}
		}
	}
	s.fail(problem.New("", 0, "Application %q: %w", hierarchy.NameOf(a.object), err))
	return nil
}

// requestOf returns the request that the parameters of a source with the plugin are, of those that the bootstrap has.
func requestOf(source object) (render.Request, error) {
	r := render.Request{AllowEmpty: true, AllFindings: true, AppPath: ".", Anywhere: true}
	list, _ := argo.At(source, "plugin")["parameters"].([]any)
	for _, item := range list {
		parameter, _ := item.(object)
		value := argo.Text(parameter, "string")
		var err error
		switch argo.Text(parameter, "name") {
		case "group":
			r.Group = value
		case "cluster":
			r.Cluster = value
		case "release":
			r.Release = value
		case "stage":
			r.Stage = value
		case "values":
			r.Files = []render.File{{Name: "parameter values", Data: []byte(value)}}
		case "settings":
			r.Settings = map[string]string{}
			for key, setting := range argo.At(parameter, "map") {
				r.Settings[key] = fmt.Sprint(setting)
			}
		case "labels":
			err = safeyaml.UnmarshalJSON([]byte(value), "parameter labels", &r.Labels)
		case "annotations":
			err = safeyaml.UnmarshalJSON([]byte(value), "parameter annotations", &r.Annotations)
		}
		if err != nil {
			return r, err
		}
	}
	return r, nil
}
