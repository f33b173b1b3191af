package registration

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"

	yamlvalue "go.yaml.in/yaml/v2" // sigs.k8s.io/yaml would make JSON of it first, which takes twice as long

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// inCluster is the address of the cluster that Argo CD itself runs on.
const inCluster = "https://kubernetes.default.svc"

// The API versions of External Secrets.
const (
	apiVersion          = "external-secrets.io/v1"
	generatorAPIVersion = "generators.external-secrets.io/v1alpha1"
)

// A clusterSecret is what differs between the cluster Secrets of a hub, its members and a spoke.
type clusterSecret struct {
	server         string
	key            string // in AWS Secrets Manager
	creationPolicy string
	target         string // name of the Secret; "" for that of the ExternalSecret
}

// addCluster adds the ExternalSecret that makes the cluster's Argo CD Secret (rule cluster-secret in
// docs/rules/registration.md).
func (b *builder) addCluster(s *subject, secret clusterSecret) {
	r := s.reader("externalSecret")
	enabled := on(r, "enabled", true)
	store := b.store
	if other := store.Named(r); other != store.Store {
		store = storeRef{Store: other}
	}
	target, policy := r.Text("targetName"), oneOf(r, "creationPolicy", secret.creationPolicy, creationPolicies)
	if target == "" {
		target = secret.target
	}
	if target == "" {
		target = s.fullName
	}
	// What these say is known: from the member, and from where the objects will be.
	for _, key := range []string{"labels", "annotations", "server", "clusterName", "githubSecret", "githubSecretName"} {
		r.Has(key)
	}
	r.Text("secretManagerSecretName")
	s.finish(r)
	if !enabled {
		return
	}
	if secret.key == "" {
		b.fail(problem.New(s.File, s.Line, "cluster %q: there is no name of its secret in AWS Secrets Manager", s.Name).
			WithHint("set secretManagerSecretName in the member's file"))
	}
	b.checkKey(s, secret.key, store)
	b.checkAnnotations(s)
	b.add(externalSecret(item{namespace: b.namespace, name: s.fullName, target: target, file: s.File, line: s.Line,
		spec: Object{
			"refreshInterval": "1m",
			"secretStoreRef":  store.object(),
			"target": Object{
				"name":           target,
				"creationPolicy": policy,
				"template": Object{
					"engineVersion": "v2",
					"templateFrom":  s.metadataTemplates(),
					"data": Object{"name": literal(s.Name), "server": secret.server,
						"config": "{{ .config }}"},
				},
			},
			"dataFrom": []any{extract(secret.key, "Default", "None", "None")},
		}}))
}

func externalSecret(it item) item {
	it.apiVersion, it.kind = apiVersion, "ExternalSecret"
	return it
}

// metadataTemplates returns the labels and annotations of the Secret, of which a later one wins.
func (s *subject) metadataTemplates() []any {
	labels := map[string]string{}
	for key, value := range s.Labels {
		if key != wellknown.LabelSecretType {
			labels[key] = value
		}
	}
	entries := []any{template("Annotations", "{{ .metadata }}")}
	for _, part := range []struct {
		target string
		texts  map[string]string
	}{{"Annotations", s.Annotations}, {"Labels", labels}} {
		if len(part.texts) > 0 {
			entries = append(entries, template(part.target, literalMap(part.texts)))
		}
	}
	entries = append(entries, template("Labels", "{{ .addons }}"))
	if len(s.Own) > 0 {
		entries = append(entries, template("Labels", literalMap(s.Own)))
	}
	return append(entries, template("Labels", wellknown.LabelSecretType+": cluster"))
}

func template(target, text string) Object { return Object{"target": target, "literal": text} }

// literalMap returns strings as YAML that External Secrets' template engine leaves as it is.
func literalMap(texts map[string]string) string {
	data, err := yamlvalue.Marshal(texts)
	if err != nil { // of a map of strings, never
		return ""
	}
	return literal(strings.TrimSuffix(string(data), "\n"))
}

// literal returns a string as a template that evaluates to it.
func literal(text string) string { return strings.ReplaceAll(text, "{{", `{{ "{{" }}`) }

func extract(key, conversion, decoding, metadataPolicy string) Object {
	return Object{"extract": Object{"key": key, "conversionStrategy": conversion, "decodingStrategy": decoding,
		"metadataPolicy": metadataPolicy}}
}

// secretName returns the name of the cluster's secret in AWS Secrets Manager, or another if nothing names one.
func (s *subject) secretName(otherwise string) string {
	return cmp.Or(s.secret(s.b.prefix).Key(), otherwise)
}

// arnRegion matches the ARN of a secret, with its region.
var arnRegion = regexp.MustCompile(`^arn:[^:]*:secretsmanager:([^:]+):`)

// checkKey warns about the name of a cluster's secret that External Secrets will not find, and refuses that of another
// cluster.
func (b *builder) checkKey(s *subject, key string, store storeRef) {
	named := s.secret(b.prefix)
	file, line := named.File, named.Line
	warn := func(rule, hint, format string, args ...any) {
		b.warnings = append(b.warnings,
			problem.New(file, line, "cluster %q: "+format, append([]any{s.Name}, args...)...).WithHint("%s", hint).
				WithRule(rule))
	}
	switch {
	case key == "":
		return
	case cluster.IsPlaceholder(key):
		warn(problem.RulePlaceholder, "fill it in", "the name of its secret is still the placeholder %q", key)
		return
	}
	if err := cluster.CheckSecretName(named.Name); named.Name != "" && err != nil {
		b.fail(problem.New(file, line, "cluster %q: %w", s.Name, err))
	}
	arn := arnRegion.FindStringSubmatch(key)
	id := key
	if arn == nil { // each store may read another account
		id = store.Kind + "/" + store.Name + "/" + key
	}
	if first := b.byKey[id]; first != "" {
		b.fail(problem.New(file, line,
			"cluster %q: the secret %q is also that of cluster %q: both would be the same server",
			s.Name, key, first).WithHint("each cluster has a secret of its own"))
	} else {
		b.byKey[id] = s.Name
	}
	if arn != nil && store.region != "" && arn[1] != store.region {
		warn(problem.RuleWrongRegion,
			"replicate the secret, or name another store in externalSecret.secretStoreRefName",
			"its secret is in the region %s, but the store %s reads those of %s", arn[1], store.Name, store.region)
	}
}

// checkAnnotations warns about annotations that somebody has yet to fill in, once for each line.
func (b *builder) checkAnnotations(s *subject) {
	type place struct {
		file string
		line int
	}
	file, line := s.locate("annotations", wellknown.AnnotationSecretName) // about which checkKey warns
	warned := map[place]bool{{file, line}: true}
	for _, key := range slices.Sorted(maps.Keys(s.Annotations)) {
		file, line := s.locate("annotations", key)
		if cluster.IsPlaceholder(s.Annotations[key]) && !warned[place{file, line}] {
			warned[place{file, line}] = true
			b.warnings = append(b.warnings,
				problem.New(file, line, "cluster %q: annotation %s is still the placeholder %q",
					s.Name, key, s.Annotations[key]).WithHint("fill it in, or remove the key").
					WithRule(problem.RulePlaceholder))
		}
	}
}
