package fleet

import (
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
)

// Bootstrap says how the Applications are that start the groups: spec.bootstrap of fleet.yaml, and the key bootstrap of
// a group, which counts more. What is not said is left to package bootstrap.
type Bootstrap struct {
	Enabled    *bool             // nil: not said
	Project    string            // of Argo CD
	SyncPolicy map[string]any    // of the Applications
	SyncLine   int               // where that is in fleet.yaml; 0: nowhere
	Selectors  map[string]string // labels of the clusters whose Argo CD has the group
	AllowEmpty string            // of a group: why it may have nothing to deploy; "" if it may not

	// Only of the fleet:

	Namespace      string // of the Argo CD of hubs
	SpokeNamespace string // of the Argo CD of spokes
}

// readBootstrap reads the key bootstrap of a map of fleet.yaml.
func readBootstrap(d *hierarchy.Document, of *fields.Reader, fleet bool, path ...string) (Bootstrap, error) {
	m := of.Map("bootstrap")
	if of.Err() != nil || m == nil {
		return Bootstrap{}, of.Err()
	}
	r := d.Reader(m, "bootstrap", append(path, "bootstrap")...)
	b := Bootstrap{Project: r.Text("project"), SyncPolicy: r.Map("syncPolicy"), Selectors: r.TextMap("selectors")}
	if b.SyncPolicy != nil {
		b.SyncLine = d.Line(append(path, "bootstrap", "syncPolicy")...)
	}
	if r.Has("enabled") {
		text := r.Text("enabled")
		if err := fields.CheckSwitch(text); err != nil {
			r.Fail("enabled", "enabled %w", err)
		}
		on := text == "true"
		b.Enabled = &on
	}
	if !fleet {
		b.AllowEmpty = readReason(r, "allowEmpty")
	}
	if found := address.Find(b.SyncPolicy, nil); found != nil {
		r.Fail("syncPolicy", "syncPolicy.%s %w", hierarchy.Key(found), address.ErrCredential)
	}
	checkObjectName(r, "project", b.Project, validation.IsDNS1123Subdomain)
	if fleet {
		b.Namespace, b.SpokeNamespace = r.Text("namespace"), r.Text("spokeNamespace")
		checkObjectName(r, "namespace", b.Namespace, validation.IsDNS1123Label)
		checkObjectName(r, "spokeNamespace", b.SpokeNamespace, validation.IsDNS1123Label)
	}
	return b, r.Finish()
}

// readReason reads a key that allows what could lose something, and so says why. A mere switch is no reason.
func readReason(r *fields.Reader, key string) string {
	reason := strings.TrimSpace(r.Text(key))
	if reason == "" && r.Has(key) || fields.CheckSwitch(reason) == nil {
		r.Fail(key, "%s must be a reason: say in a string why the group may have nothing to deploy", key)
	}
	return reason
}

// checkObjectName refuses what Kubernetes would not have as the name of a project or a namespace.
func checkObjectName(r *fields.Reader, key, name string, check func(string) []string) {
	if found := check(name); name != "" && len(found) > 0 {
		reason, _, _ := strings.Cut(found[0], " (e.g.")
		r.Fail(key, "%s %q cannot be the name of a Kubernetes object: %s", key, name, reason)
	}
}
