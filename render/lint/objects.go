package lint

import (
	"fmt"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// seeObjects looks at what an Application consists of.
func (l *linter) seeObjects(of stages.Visited, found stages.Objects) {
	l.report.Checked.Objects += len(found.Objects)
	for _, object := range found.Objects {
		l.checkObjectOwner(of, object)
	}
	l.checkDead(of, found)
}

// checkObjectOwner finds objects that two Applications have.
func (l *linter) checkObjectOwner(of stages.Visited, object render.Object) {
	application, cluster := of.Application.Name(), of.Application.Cluster
	version, _ := object["apiVersion"].(string)
	kind, _ := object["kind"].(string)
	metadata, _ := object["metadata"].(render.Object)
	name, _ := metadata["name"].(string)
	namespace, _ := metadata["namespace"].(string)
	if namespace == "" {
		spec, _ := of.Application.Object["spec"].(render.Object)
		destination, _ := spec["destination"].(render.Object)
		namespace, _ = destination["namespace"].(string)
	}
	api, _, _ := strings.Cut(version, "/")
	key := strings.Join([]string{cluster, api, kind, namespace, name}, "\x00")
	first, known := l.owners[key]
	if !known {
		l.owners[key] = application
		return
	}
	if first == application {
		return
	}
	l.add(&problem.Problem{
		Message: fmt.Sprintf("%s %q is of the components %s and %s, whose Applications overwrite each other", kind, name,
			l.componentOf[first], of.Component.Key),
		Hint: "leave it to one of them", Scope: "cluster " + cluster, Rule: problem.RuleConflicts,
	})
}
