package application

import (
	"encoding/json"
	"errors"

	appv1 "github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	kjson "sigs.k8s.io/json"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
)

// An Application is one that the ApplicationSet controller would create, or that somebody wrote. It is handed over in
// two forms, each made once: as what is printed, and as what its sources are rendered from.
type Application struct {
	// Cluster is the name of the cluster that it is deployed to; "" if the destination names none that is known.
	Cluster string
	// Object has apiVersion, kind, metadata (name, namespace, labels, annotations, finalizers) and spec, as
	// sigs.k8s.io/yaml would read it; no status, no owner. It has also what no linked type knows.
	Object map[string]any

	typed *appv1.Application
	err   error // why there is none
}

// Read returns an object as the Application that it is for a version of Argo CD. Whether it is one, [Application.Typed]
// tells. The object belongs to the Application then.
func Read(object map[string]any, v argocd.Version) Application {
	known, _ := argocd.Prune(argocd.Application, object, v)
	a := Application{Object: object}
	a.typed, a.err = decodeApplication(known)
	return a
}

// Name returns the name of the Application; "" if it has none.
func (a Application) Name() string { return hierarchy.NameOf(a.Object) }

// Typed returns the Application in Argo CD's type, without the fields that the version of Argo CD that it was made for
// does not know. It must not be changed. It fails if the object does not fit the type.
func (a Application) Typed() (*appv1.Application, error) {
	if a.typed == nil && a.err == nil {
		return nil, errors.New("it is empty")
	}
	return a.typed, a.err
}

// setTyped makes the Application's typed form of one that the object was made of, unless a version of Argo CD does not
// know all of it.
func (a *Application) setTyped(of *appv1.Application, v argocd.Version) {
	if known, pruned := argocd.Prune(argocd.Application, a.Object, v); pruned {
		a.typed, a.err = decodeApplication(known)
		return
	}
	typed := *of // and not a pointer into a list, which would keep all of it in memory
	a.typed = &typed
}

// decodeApplication decodes an object as the Kubernetes API does.
func decodeApplication(object map[string]any) (*appv1.Application, error) {
	data, err := json.Marshal(object)
	if err != nil {
		return nil, err
	}
	var typed appv1.Application
	if err := kjson.UnmarshalCaseSensitivePreserveInts(data, &typed); err != nil {
		return nil, err
	}
	return &typed, nil
}
