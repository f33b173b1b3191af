package registration

import (
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member/secretname"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// A storeRef refers to a store.
type storeRef struct {
	secretname.Store
	region string // "" if another one makes the store
	role   string
}

func (s storeRef) object() Object { return Object{"kind": s.Kind, "name": s.Name} }

// addStore adds the store of the cluster that the objects are on. It has a region, or there is an error that says where
// to set it (rule secret-store in docs/rules/registration.md).
func (b *builder) addStore(s *subject) {
	r := s.reader("secretStore")
	enabled := on(r, "enabled", true)
	b.store = storeRef{Store: secretname.StoreOf(r), role: r.Text("role")}
	name := r.Text("region")
	for _, other := range []string{s.Annotations[wellknown.AnnotationRegion], s.arnRegion(), b.region} {
		if name == "" {
			name = other
		}
	}
	if kind := b.store.Kind; kind != "SecretStore" && kind != "ClusterSecretStore" {
		r.Fail("kind", "kind must be SecretStore or ClusterSecretStore, not %q", kind)
	}
	if b.store.role != "" && !isRole(b.store.role) {
		r.Fail("role", "role must be the ARN of a role, not %q", b.store.role)
	}
	s.finish(r)
	if !enabled {
		return
	}
	b.store.region = s.checkRegion(name, "secretStore.region")
	b.addStoreObject(s, b.store)
}

// isRole tells whether a text may be the ARN of a role.
func isRole(text string) bool { return strings.HasPrefix(text, "arn:") }

// arnRegion returns the region in the ARN of a spoke's secret, if it is known by that. Of a hub, it says nothing of the
// others.
func (s *subject) arnRegion() string {
	if arn := arnRegion.FindStringSubmatch(s.secretName("")); arn != nil && s.IsSpoke() {
		return arn[1]
	}
	return ""
}

func (b *builder) addStoreObject(s *subject, store storeRef) {
	aws := Object{"service": "SecretsManager", "region": store.region,
		"secretsManager": Object{"forceDeleteWithoutRecovery": true}}
	if store.role != "" {
		aws["role"] = store.role
	}
	file, line := s.Values.Locate("secretStore")
	if file == "" {
		file = s.File
	}
	namespace := b.namespace
	if store.Kind == "ClusterSecretStore" {
		namespace = ""
	}
	b.add(item{apiVersion: apiVersion, kind: store.Kind, namespace: namespace, name: store.Name, file: file, line: line,
		spec: Object{"provider": Object{"aws": aws}}})
}

// checkRegion returns the region, and fails if there is none, or what cannot be one of AWS. key is where the values
// have it.
func (s *subject) checkRegion(name, key string) string {
	path := strings.Split(key, ".")
	file, line := s.locate("annotations", wellknown.AnnotationRegion)
	if text := s.reader(path[:len(path)-1]...).Text(path[len(path)-1]); text != "" {
		file, line = s.Values.Locate(path...)
	}
	switch {
	case name == "":
		s.b.fail(problem.New(s.File, s.Line, "cluster %q: the region of AWS is missing", s.Name).
			WithHint("give the cluster the annotation %s, or set %s in fleet/fleet-secret/values.yaml of one of its "+
				"levels",
				wellknown.AnnotationRegion, key))
	case !cluster.IsRegion(name):
		s.b.fail(problem.New(file, line, "cluster %q: %q is no region of AWS", s.Name, name).
			WithHint("the form is eu-west-1"))
	}
	return name
}
