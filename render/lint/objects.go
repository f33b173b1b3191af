package lint

import (
	"fmt"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// seeObjects looks at what an Application consists of.
func (l *linter) seeObjects(of stages.Visited, kubernetes string, objects []render.Object) {
	l.report.Checked.Objects += len(objects)
	metadata, _ := of.Application.Object["metadata"].(render.Object)
	for _, object := range objects {
		l.checkObjectOwner(of.Application.Cluster, fmt.Sprint(metadata["name"]), object)
	}
	_ = kubernetes
}

// checkObjectOwner finds objects that two Applications have.
func (l *linter) checkObjectOwner(cluster, application string, object render.Object) {
	metadata, _ := object["metadata"].(render.Object)
	key := fmt.Sprint(cluster, "\x00", object["apiVersion"], "\x00", object["kind"], "\x00", metadata["namespace"], "\x00",
		metadata["name"])
	first, known := l.owners[key]
	if !known {
		l.owners[key] = application
		return
	}
	if first == application {
		return
	}
	l.add(&problem.Problem{
		Message: fmt.Sprintf("%s %v is of the Applications %s and %s, which overwrite each other", object["kind"],
			metadata["name"], first, application),
		Hint: "leave it to one of them", Scope: "cluster " + cluster, Rule: problem.RuleConflicts,
	})
}
