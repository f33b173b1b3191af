package registration

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// defaultToken is the name of the generator of registry tokens where the values give no other.
const defaultToken = "ecr-token-secret"

// addECR adds the generator of tokens for AWS' container registries, and a repository Secret for each endpoint (rule
// registry-tokens in docs/rules/registration.md).
func (b *builder) addECR(s *subject) {
	global, r := s.reader(wellknown.SettingGlobal, "ecrAuthenticationToken"), s.reader("ecrAuthenticationToken")
	endpoints := slices.Concat(global.Texts("registry_endpoints"), r.Texts("registry_endpoints"))
	enabled := on(r, "enabled", false)
	name, namespace := r.TextOr("name", defaultToken), r.TextOr("namespace", b.namespace)
	region := r.TextOr("region", s.Annotations[wellknown.AnnotationRegion])
	policy := oneOf(r, "creationPolicy", "Owner", creationPolicies)
	r.Has("secretName") // of the chart, which never used it
	for _, endpoint := range endpoints {
		if cluster.IsPlaceholder(endpoint) || endpoint == "" || strings.Contains(endpoint, "://") ||
			strings.ContainsAny(endpoint, " \t\r\n{}") {
			r.Fail("registry_endpoints",
				"%q is no endpoint of a registry; the form is ACCOUNT.dkr.ecr.REGION.amazonaws.com", endpoint)
		}
	}
	if enabled && s.host && s.IsSpoke() && namespace != b.namespace {
		r.Fail("namespace",
			"namespace is %q, but the Argo CD of cluster %q is in %q, where it would not see the tokens", namespace,
			s.Name, b.namespace)
	}
	if enabled && len(endpoints) == 0 {
		r.Fail("registry_endpoints", "registry_endpoints is empty: for which registries?")
	}
	s.finish(global)
	s.finish(r)
	if !enabled {
		return
	}
	region = s.checkRegion(region, "ecrAuthenticationToken.region")
	file, line := s.Values.Locate("ecrAuthenticationToken")
	b.add(item{apiVersion: generatorAPIVersion, kind: "ECRAuthorizationToken", namespace: namespace, name: name,
		file: file,
		line: line, spec: Object{"region": region}})
	for i, endpoint := range endpoints {
		if slices.Index(endpoints, endpoint) < i {
			continue
		}
		secret := endpointName(name, endpoint)
		b.add(externalSecret(item{namespace: namespace, name: secret, target: secret, file: file, line: line,
			spec: Object{
				"refreshInterval": "8h", // a token lives for twelve
				"target": Object{
					"name":           secret,
					"creationPolicy": policy,
					"deletionPolicy": "Retain",
					"template": Object{
						"engineVersion": "v2",
						"mergePolicy":   "Merge",
						"metadata":      Object{"labels": Object{wellknown.LabelSecretType: "repository"}},
						"data": Object{"type": "helm", "enableOCI": "true", "url": endpoint,
							"username": "{{ .username }}", "password": "{{ .password }}"},
					},
				},
				"dataFrom": []any{Object{"sourceRef": Object{"generatorRef": Object{
					"apiVersion": generatorAPIVersion, "kind": "ECRAuthorizationToken", "name": name}}}},
			}}))
	}
}

var notInName = regexp.MustCompile(`[^a-z0-9.-]+`)

// endpointName returns the name of the Secret for an endpoint: with the endpoint in it, and where that cannot be part
// of a name as it is, what can and a hash of it.
func endpointName(token, endpoint string) string {
	part := strings.Trim(notInName.ReplaceAllString(strings.ToLower(endpoint), "-"), "-.")
	if part != endpoint || len(part) > 100 {
		hash := sha256.Sum256([]byte(endpoint))
		part = strings.Trim(part[:min(len(part), 100)], "-.") + "-" + hex.EncodeToString(hash[:4])
	}
	return token + "-" + part
}
