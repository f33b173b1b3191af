package application

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	appv1 "github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/argo"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/address"
)

// application returns a candidate as the Application that the controller would create (createOrUpdateInCluster), unless
// the controller or the Kubernetes API would refuse it, or it has a server that is not known; that is reported.
func (x *expansion) application(c *candidate) (Application, bool) {
	c.app.Spec = *argo.NormalizeApplicationSpec(&c.app.Spec)
	object, err := toObject(&c.app)
	if err == nil {
		object["spec"] = grafted(object["spec"], c.unknown)
	}
	if err == nil && !x.fleet.complete {
		if unknown := x.fleet.unknownServers(object); len(unknown) > 0 {
			for _, name := range unknown {
				x.failWith(x.problem(x.fleet.fileOf(name), "needs the server of cluster %q, which is not known", name).
					WithHint("give it in fleet.yaml or with --cluster-file"))
			}
			return Application{}, false
		}
	}
	if err == nil {
		err = validate(&c.app)
	}
	if err == nil {
		err = checkCredentials(object)
	}
	var cluster string
	if err == nil {
		cluster, err = x.fleet.destination(c.app.Spec.Destination)
	}
	if err != nil {
		x.fail("Application %q: %w", c.app.Name, err)
		return Application{}, false
	}
	a := Application{Cluster: cluster, Object: object}
	a.setTyped(&c.app, x.version)
	return a, true
}

// checkCredentials fails if an address in an Application holds a credential, which everybody who may see Applications
// would see. What a source says to Helm and other tools is the user's own.
func checkCredentials(object map[string]any) error {
	path := address.Find(object, func(path []string) bool {
		n := len(path)
		inSource := n > 1 && path[n-2] == "source" || n > 2 && path[n-3] == "sources"
		return inSource && slices.Contains(tools, path[n-1])
	})
	if path == nil {
		return nil
	}
	return fmt.Errorf("%s %w", hierarchy.Key(path), address.ErrCredential)
}

// tools are the keys of a source for those that make manifests of it.
var tools = []string{"helm", "kustomize", "directory", "plugin"}

// validate checks what the Kubernetes API refuses to store, which often is a template that got no value.
func validate(app *appv1.Application) error {
	if problems := validation.IsDNS1123Subdomain(app.Name); len(problems) > 0 {
		return fmt.Errorf("is no name for an object: %s", problems[0])
	}
	for _, key := range slices.Sorted(maps.Keys(app.Labels)) {
		problems := append(validation.IsQualifiedName(key), validation.IsValidLabelValue(app.Labels[key])...)
		if len(problems) > 0 {
			return fmt.Errorf("%s=%s is no label: %s", key, app.Labels[key], problems[0])
		}
	}
	for _, key := range slices.Sorted(maps.Keys(app.Annotations)) {
		if problems := validation.IsQualifiedName(strings.ToLower(key)); len(problems) > 0 {
			return fmt.Errorf("%s is no key of an annotation: %s", key, problems[0])
		}
	}
	return nil
}

// destination returns the name of the cluster of a destination, "" if that cannot be known. It fails where the
// controller refuses it (applicationset/utils.ValidateDestination).
func (f *knownClusters) destination(d appv1.ApplicationDestination) (string, error) {
	switch {
	case d.Name != "" && d.Server != "":
		return "", fmt.Errorf("the destination has both a name (%s) and a server (%s), which Argo CD refuses", d.Name,
			d.Server)
	case d.Name != "":
		if f.byName[d.Name] == nil && (d.Name != localName || !f.local) {
			return "", fmt.Errorf(
				"the destination is cluster %q, which Argo CD does not know; add it to fleet.yaml or to --cluster-file",
				d.Name)
		}
		return d.Name, nil
	case d.Server == "":
		return "", nil
	}
	if c := f.byServer[strings.TrimRight(d.Server, "/")]; c != nil {
		return c.Name, nil
	}
	if isOwnServer(d.Server) && f.local {
		return localName, nil
	}
	if f.complete {
		return "", fmt.Errorf(
			"the destination is server %q, which Argo CD does not know; add its cluster to fleet.yaml or to "+
				"--cluster-file", d.Server)
	}
	return "", nil // of one of the clusters whose server is not known
}

// unknownServers returns the names of the clusters whose server is not known, but is somewhere in an object.
func (f *knownClusters) unknownServers(object any) []string {
	found := map[string]bool{}
	collect(object, "", func(one text) {
		if !strings.Contains(one.value, unknownServer) {
			return
		}
		longest := ""
		for _, c := range f.clusters {
			// Without the scheme, which a template may have cut off; then the longest name is the one that it is.
			if c.unknown && strings.Contains(one.value, c.Name+unknownServer) && len(c.Name) > len(longest) {
				longest = c.Name
			}
			if c.unknown && strings.Contains(one.value, c.server) {
				found[c.Name] = true
			}
		}
		if len(found) == 0 && longest != "" {
			found[longest] = true
		}
	})
	return slices.Sorted(maps.Keys(found))
}

// toObject returns an Application as data, with what the controller takes over from its template.
func toObject(app *appv1.Application) (map[string]any, error) {
	metadata := map[string]any{"name": app.Name}
	if app.Namespace != "" {
		metadata["namespace"] = app.Namespace
	}
	if len(app.Labels) > 0 {
		metadata["labels"] = toAny(app.Labels)
	}
	if len(app.Annotations) > 0 {
		metadata["annotations"] = toAny(app.Annotations)
	}
	if len(app.Finalizers) > 0 {
		finalizers := make([]any, len(app.Finalizers))
		for i, finalizer := range app.Finalizers {
			finalizers[i] = finalizer
		}
		metadata["finalizers"] = finalizers
	}
	spec, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&app.Spec)
	if err != nil {
		return nil, err
	}
	object := map[string]any{
		"apiVersion": appv1.SchemeGroupVersion.String(),
		"kind":       "Application",
		"metadata":   metadata,
		"spec":       withFloats(spec),
	}
	if app.Operation != nil { // which a templatePatch may set
		operation, err := runtime.DefaultUnstructuredConverter.ToUnstructured(app.Operation)
		if err != nil {
			return nil, err
		}
		object["operation"] = withFloats(operation)
	}
	return object, nil
}

func toAny(m map[string]string) map[string]any {
	out := make(map[string]any, len(m))
	for key, value := range m {
		out[key] = value
	}
	return out
}

// withFloats returns a value with its numbers as float64, as sigs.k8s.io/yaml gives them, changed in place.
func withFloats(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for key, child := range value {
			value[key] = withFloats(child)
		}
	case []any:
		for i, child := range value {
			value[i] = withFloats(child)
		}
	case int64:
		return float64(value)
	}
	return value
}
