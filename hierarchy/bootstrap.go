package hierarchy

import (
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
)

// Bootstrap says how the Applications are that start the groups: spec.bootstrap of fleet.yaml, and the key bootstrap of a group,
// which counts more. What is not said is left to package bootstrap.
type Bootstrap struct {
	Enabled    *bool             // nil: not said
	Project    string            // of Argo CD
	SyncPolicy map[string]any    // of the Applications
	Selectors  map[string]string // labels of the clusters whose Argo CD has the group

	// Only of the fleet:

	Namespace      string // of the Argo CD of hubs
	SpokeNamespace string // of the Argo CD of spokes
}

// readBootstrap reads the key bootstrap of a mapping of fleet.yaml.
func readBootstrap(d *Document, of *fields.Reader, fleet bool, path ...string) (Bootstrap, error) {
	m := of.Map("bootstrap")
	if of.Err() != nil || m == nil {
		return Bootstrap{}, of.Err()
	}
	r := reader(d, m, "bootstrap", append(path, "bootstrap")...)
	b := Bootstrap{Project: r.Text("project"), SyncPolicy: r.Map("syncPolicy"), Selectors: r.TextMap("selectors")}
	if r.Has("enabled") {
		on := r.True("enabled")
		b.Enabled = &on
	}
	if fleet {
		b.Namespace, b.SpokeNamespace = r.Text("namespace"), r.Text("spokeNamespace")
		for key, name := range map[string]string{"namespace": b.Namespace, "spokeNamespace": b.SpokeNamespace} {
			if reasons := validation.IsDNS1123Label(name); name != "" && len(reasons) > 0 {
				r.Fail(key, "%s %q is no name of a namespace: %s", key, name, strings.Join(reasons, ", "))
			}
		}
	}
	return b, finish(r)
}

// ArgoCDNamespace returns the namespace of the Argo CD on a cluster; "" if fleet.yaml does not say.
func (f *Fleet) ArgoCDNamespace(c Cluster) string {
	if c.Hub != "" && f.Bootstrap.SpokeNamespace != "" {
		return f.Bootstrap.SpokeNamespace
	}
	return f.Bootstrap.Namespace
}
