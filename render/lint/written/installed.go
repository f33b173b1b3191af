package written

import (
	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// An installation is what a chart is installed as. Two Applications of one would have the same objects.
type installation struct{ cluster, namespace, repository, chart, path, release string }

// An installer is the component that an Application is of.
type installer struct{ group, component string }

// A copied is a component that installs what another one does.
type copied struct {
	of      Application
	first   installer
	release string
}

// seeInstalled remembers what an Application installs, if another component has installed the same.
func (j *Judge) seeInstalled(a Application) {
	spec, _ := a.Object["spec"].(map[string]any)
	destination, _ := spec["destination"].(map[string]any)
	what := installation{cluster: a.Cluster}
	what.namespace, _ = destination["namespace"].(string)
	if sources, are := spec["sources"].([]any); are {
		for _, source := range sources {
			j.seeInstallation(a, what, source)
		}
		return
	}
	j.seeInstallation(a, what, spec["source"])
}

func (j *Judge) seeInstallation(a Application, what installation, source any) {
	s, _ := source.(map[string]any)
	helm, _ := s["helm"].(map[string]any)
	what.release, _ = helm["releaseName"].(string)
	what.repository, _ = s["repoURL"].(string)
	what.chart, _ = s["chart"].(string)
	what.path, _ = s["path"].(string)
	if what.release == "" || what.cluster == "" {
		return
	}
	is := installer{a.Group, a.Component}
	first, known := j.installers[what]
	switch {
	case !known:
		j.installers[what] = is
	case first != is:
		j.copies = append(j.copies, copied{a, first, what.release})
	}
}

// checkInstalled finds components that install one chart into one namespace by one name, as after a copy.
func (j *Judge) checkInstalled(valuesOf func(group, argoCD string) *hierarchy.Values) {
	for _, c := range j.copies {
		file, line := "", 0
		if values := valuesOf(c.of.Group, c.of.ArgoCD); values != nil {
			file, line = values.DescribedAt(c.of.Component)
		}
		p := problem.New(file, line, "component %q installs the same as %s: the chart, the namespace and the release "+
			"name %s", c.of.Component, c.first.component, c.release).
			WithHint("give it a releaseName and a chart of its own, or remove one").WithRule(problem.RuleConflicts)
		p.Scope = "cluster " + c.of.Cluster
		j.add(p)
	}
}
