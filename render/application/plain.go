package application

import (
	"maps"

	appv1 "github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// Take returns an Application that no ApplicationSet makes, as it is, with the cluster of its destination, "" if that
// cannot be known. One for a cluster that none are wanted for is left out. Problems are a missing name and credentials;
// a destination that Argo CD does not know, and what does not fit its types, are warnings.
func (e *Expander) Take(object map[string]any) *Expansion {
	fail := func(format string, args ...any) *Expansion {
		return &Expansion{Problems: []*problem.Problem{problem.New("", 0, format, args...)}}
	}
	name := hierarchy.NameOf(object)
	if name == "" {
		return fail("an Application has no name")
	}
	if err := checkCredentials(object); err != nil {
		return fail("Application %q: %w", name, err)
	}
	var warnings []*problem.Problem
	text := func(key string) string { s, _ := at(object, "spec", "destination", key).(string); return s }
	cluster, err := e.fleet.destination(appv1.ApplicationDestination{Name: text("name"), Server: text("server")})
	if err != nil && len(e.fleet.clusters) > 0 {
		warnings = append(warnings, problem.New("", 0, "Application %q: %w", name, err).
			WithRule(problem.RuleUnknownCluster))
	}
	taken := maps.Clone(object)
	delete(taken, "status")
	for _, found := range argocd.Unknown(argocd.Application, taken, e.version) {
		warnings = append(warnings, problem.New("", 0, "Application %q: %s", name, found.Message).
			WithHint("%s", found.Hint()).WithRule(problem.RuleUnknownField))
	}
	x := &Expansion{Warnings: warnings}
	switch {
	case cluster == "" && !e.fleet.whole:
		x.Warnings = append(x.Warnings,
			problem.New("", 0, "Application %q is left out: which cluster it is for cannot be told", name).
				WithHint("name a cluster of the fleet in spec.destination").WithRule(problem.RuleUnknownCluster))
	case e.fleet.whole || e.fleet.byName[cluster] != nil && e.fleet.byName[cluster].target:
		app := Read(taken, e.version)
		app.Cluster = cluster
		x.Applications = []Application{app}
	}
	return x
}
