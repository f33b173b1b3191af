package registration

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// kinds are the kinds of the objects in their order: first what others refer to.
var kinds = []string{"ClusterSecretStore", "SecretStore", "ECRAuthorizationToken", "ExternalSecret"}

// A Result is what is built.
type Result struct {
	Objects  []Object
	Sources  []string // of each object: the file that says it, and the cluster; "" where no file does
	Warnings []*problem.Problem
}

// Build returns the objects, sorted by kind and name. It fails, and then returns none, on values of the wrong type,
// what is needed and missing (the region of a store, the name of a secret), and credentials in addresses. So it does on
// names that Kubernetes would not have, two clusters with one secret in AWS Secrets Manager, and two objects or Secrets
// of one name. The warnings are about keys without effect, placeholders that are not filled in, and secrets that are in
// another region than the store.
func Build(in Input) (*Result, error) {
	if in.Namespace == "" {
		in.Namespace = defaultNamespace
	}
	spoke := in.Cluster.IsSpoke()
	if spoke && in.Cluster.Labels[wellknown.LabelRemoteArgo] != "true" {
		file, line := in.Cluster.locate("labels", wellknown.LabelRemoteArgo)
		return nil, problem.New(file, line, "cluster %q has no Argo CD of its own: nothing is registered on it",
			in.Cluster.Name).WithHint("render its hub, or set %s to \"true\"", wellknown.LabelRemoteArgo)
	}
	if spoke && in.Cluster.Labels[wellknown.LabelExternalSecrets] == "false" {
		file, line := in.Cluster.locate("labels", wellknown.LabelExternalSecrets)
		return nil, problem.New(file, line,
			"cluster %q does not read secrets itself: External Secrets on it has nothing to do",
			in.Cluster.Name).WithHint("set %s to \"true\"", wellknown.LabelExternalSecrets)
	}
	b := &builder{namespace: in.Namespace, region: in.Region, prefix: in.Prefix, byName: map[string]int{},
		byTarget: map[string]int{}, byKey: map[string]string{},
		credentials: map[*hierarchy.Values][]string{}}
	host := b.open(in.Cluster)
	host.host = true
	b.addStore(host)
	if spoke {
		b.addCluster(host, clusterSecret{server: inCluster, key: host.secretName(""), creationPolicy: "Owner"})
	} else {
		b.addCluster(host, clusterSecret{server: inCluster, key: host.secretName("hub/" + host.Name),
			creationPolicy: "Merge",
			target:         host.Name})
	}
	b.addGit(host)
	b.addECR(host)
	for _, member := range in.Members {
		if b.err != nil {
			break // of thousands, one is enough
		}
		m := b.open(member)
		b.addCluster(m, clusterSecret{server: "{{ .server }}", key: m.secretName(""), creationPolicy: "Owner"})
		if !member.Apart {
			b.addGit(m)
			b.addECR(m)
		}
	}
	if b.err != nil {
		return nil, b.err
	}
	slices.SortStableFunc(b.items, func(a, b item) int {
		return cmp.Or(cmp.Compare(slices.Index(kinds, a.kind), slices.Index(kinds, b.kind)),
			cmp.Compare(a.name, b.name))
	})
	result := &Result{Objects: make([]Object, len(b.items)), Sources: make([]string, len(b.items)),
		Warnings: b.warnings}
	for i, item := range b.items {
		result.Objects[i], result.Sources[i] = item.object(), item.source()
	}
	return result, nil
}

// A builder collects the objects. After the first error it goes on, and what it collects no longer counts.
type builder struct {
	namespace string
	region    string   // where nothing else says one
	prefix    string   // of the members' secrets
	store     storeRef // of the cluster that the objects are on
	items     []item
	cluster   string         // that was opened last
	byName    map[string]int // indexes of items
	byTarget  map[string]int
	byKey     map[string]string // the first cluster with a secret: its ARN, or the store and the name
	warnings  []*problem.Problem
	err       error

	credentials map[*hierarchy.Values][]string // where values have one, since many clusters have the same
}

// An item is an object with the place in the input that it comes from.
type item struct {
	apiVersion, kind, namespace, name string
	target                            string // the Secret of an ExternalSecret
	spec                              Object
	file                              string
	line                              int
	cluster                           string // that it is for
}

// source returns what the item is of; "" if no file says it.
func (it item) source() string {
	if it.file == "" {
		return ""
	}
	return it.file + ", cluster " + it.cluster
}

func (it item) object() Object {
	metadata := Object{"name": it.name}
	if it.namespace != "" {
		metadata["namespace"] = it.namespace
	}
	return Object{"apiVersion": it.apiVersion, "kind": it.kind, "metadata": metadata, "spec": it.spec}
}

func (b *builder) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

// add adds an object. One that is there already, and the same, counts once.
func (b *builder) add(it item) {
	for _, name := range []string{it.name, it.target} {
		if found := validation.IsDNS1123Subdomain(name); name != "" && len(found) > 0 {
			reason, _, _ := strings.Cut(found[0], " (e.g.")
			b.fail(problem.New(it.file, it.line, "%q cannot be the name of a Kubernetes object: %s", name, reason).
				WithHint("give another name"))
		}
	}
	if i, taken := b.byName[it.key(it.name)]; taken {
		if !reflect.DeepEqual(b.items[i].spec, it.spec) {
			b.fail(it.conflict(b.items[i], it.kind+" "+it.name))
		}
		return
	}
	if i, taken := b.byTarget[it.key(it.target)]; taken && it.target != "" {
		b.fail(it.conflict(b.items[i], "Secret "+it.target))
		return
	}
	it.cluster = b.cluster
	b.byName[it.key(it.name)], b.byTarget[it.key(it.target)] = len(b.items), len(b.items)
	b.items = append(b.items, it)
}

// key tells a name apart from those of other kinds and namespaces.
func (it item) key(name string) string { return it.kind + " " + it.namespace + " " + name }

func (it item) conflict(other item, what string) error {
	place := strings.TrimSuffix(problem.New(other.file, other.line, "").Error(), ": ")
	return problem.New(it.file, it.line, "there would be two different objects for %s: the other is of %s", what,
		place).
		WithHint("give one of them another name")
}

// A subject is a cluster whose values are being read.
type subject struct {
	Cluster
	b        *builder
	fullName string
	host     bool // the objects are on it
}

// open checks the parts of a cluster's values that hold others, refuses credentials in them, and warns about those that
// have no effect.
func (b *builder) open(c Cluster) *subject {
	s := &subject{Cluster: c, b: b}
	b.cluster = c.Name
	path, known := b.credentials[c.Values]
	if !known {
		path = address.Find(c.Values.Map(), nil)
		b.credentials[c.Values] = path
	}
	if path != nil {
		file, line := c.Values.Locate(path...)
		b.fail(problem.New(file, line, "%s %w", hierarchy.Key(path), address.ErrCredential))
	}
	top := hierarchy.Reader(c.Values, "")
	for _, part := range []string{"externalSecret", "secretStore", "ecrAuthenticationToken"} {
		top.Map(part)
	}
	global := s.reader(wellknown.SettingGlobal)
	tenant := s.reader("tenantGitExternalSecrets")
	top.Map(wellknown.SettingGlobal)
	top.Map("tenantGitExternalSecrets")
	global.Map("ecrAuthenticationToken")
	global.Map("gitExternalSecrets")
	tenant.Map("externalSecrets")
	s.fullName = fullName(c.Name, top.Text(wellknown.SettingFullnameOverride))
	s.finish(top)
	s.finish(global)
	s.finish(tenant)
	return s
}

func (s *subject) reader(path ...string) *fields.Reader {
	return hierarchy.Reader(s.Values, strings.Join(path, "."), path...)
}

// finish keeps the first error of a reader, and warns about the keys that it does not know.
func (s *subject) finish(r *fields.Reader) {
	if r.Err() != nil {
		s.b.fail(r.Err())
		return
	}
	for _, key := range r.Unknown() {
		hint := problem.Suggest(key, r.Known(), "the keys are "+strings.Join(r.Known(), ", "))
		if key == "gitExternalSecrets" {
			hint = "for all tenants this is global.gitExternalSecrets, for one tenantGitExternalSecrets"
		}
		s.b.warnings = append(s.b.warnings, r.Problem(key, "unknown key %q, which has no effect", key).
			WithHint("%s", hint).WithRule(problem.RuleUnknownKey))
	}
}

// on reads a switch, which is compared as text.
func on(r *fields.Reader, key string, otherwise bool) bool {
	switch text := r.Text(key); text {
	case "":
		return otherwise
	case "true":
		return true
	case "false":
		return false
	default:
		r.Fail(key, `%s must be "true" or "false", not %q`, key, text)
		return false
	}
}

// creationPolicies are the ways of External Secrets to write a Secret (its documentation, Ownership and deletion
// policy).
var creationPolicies = []string{"Owner", "Orphan", "Merge", "None"}

// oneOf reads a string that must be one of those that are known.
func oneOf(r *fields.Reader, key, otherwise string, known []string) string {
	text := r.TextOr(key, otherwise)
	if !slices.Contains(known, text) {
		r.Fail(key, "%s must be one of %s, not %q", key, strings.Join(known, ", "), text)
	}
	return text
}

const (
	chartName = "fleet-secret"
	maxName   = 63
)

// fullName returns the name that the chart fleet-secret gives its objects in a release.
func fullName(release, override string) string {
	name := override
	if name == "" {
		name = release
		if !strings.Contains(release, chartName) {
			name += "-" + chartName
		}
	}
	if len(name) > maxName {
		name = name[:maxName]
	}
	return strings.TrimSuffix(name, "-")
}
