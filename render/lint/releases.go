package lint

import (
	"maps"
	"slices"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

func requestFor(l *linter, group, on string) render.Request {
	r := l.options.Request
	r.Group, r.Cluster, r.Targets, r.Anywhere = group, on, render.Targets{}, true
	return r
}

// checkReleases finds central spokes that get nothing at all.
func (l *linter) checkReleases() {
	if !l.reaches(render.StageApplications) || l.failed {
		return
	}
	hubs := map[string]bool{}
	for _, g := range l.groups {
		for _, on := range g.argoCDs {
			hubs[on] = true
		}
	}
	for _, i := range l.identities {
		if !i.IsSpoke() || i.Hub == "" || !hubs[i.Hub] {
			continue
		}
		central, total := []string{}, 0
		for _, name := range slices.Sorted(maps.Keys(l.groups)) {
			if !i.Manages(name) {
				central = append(central, name)
			}
			total += l.groups[name].clusters[i.Name]
		}
		if len(central) == 0 || total > 0 {
			continue
		}
		p := problem.New(i.File, 0, "the hub %s deploys nothing to the spoke, though it has no Argo CD of its own", i.Hub).
			WithHint("check its labels against the globalSelectors of %s, or give it its own Argo CD (%s)",
				problem.Few(central), wellknown.LabelRemoteArgo).WithRule(problem.RuleCentralSpokeNothing)
		p.Scope = "cluster " + i.Name
		l.add(p)
	}
}
