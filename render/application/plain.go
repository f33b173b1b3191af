package application

import (
	"maps"

	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// Take returns an Application that no ApplicationSet makes, as it is. Unless it is for all clusters, one for another
// cluster than the expander's is left out. What does not fit the types of Argo CD is a warning.
func (e *Expander) Take(object map[string]any, all bool) *Expansion {
	fail := func(format string, args ...any) *Expansion {
		return &Expansion{Problems: []*problem.Problem{problem.New("", 0, format, args...)}}
	}
	name := nameOf(object)
	if name == "" {
		return fail("an Application has no name")
	}
	if err := checkCredentials(object); err != nil {
		return fail("Application %q: %w", name, err)
	}
	spec, _ := object["spec"].(map[string]any)
	destination, _ := spec["destination"].(map[string]any)
	cluster, _ := destination["name"].(string)
	if server, _ := destination["server"].(string); cluster == "" && server != "" {
		if known := e.fleet.byServer[server]; known != nil {
			cluster = known.Name
		}
	}
	if !all && e.fleet.byName[cluster] == nil {
		return &Expansion{}
	}
	taken := maps.Clone(object)
	delete(taken, "status")
	expansion := &Expansion{Applications: []Application{{Cluster: cluster, Object: taken}}}
	for _, found := range argocd.Unknown(argocd.Application, taken, e.version) {
		expansion.Warnings = append(expansion.Warnings,
			problem.New("", 0, "Application %q: %s", name, found.Message).WithHint("%s", found.Hint()))
	}
	return expansion
}
