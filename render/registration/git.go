package registration

import (
	"maps"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member/secretname"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// defaultGitStore is the store of the credentials for Git where the values name no other.
const defaultGitStore = "fleet-git-eks-secret-store"

// maxGitEntries is how many credentials for Git a cluster may have: each is an object for each member.
const maxGitEntries = 1000

// gitMethods are the ways to authenticate, with the fields of Argo CD's repository Secret that each needs (Argo CD
// documentation, Declarative Setup, Repositories), and where the secret has them.
var gitMethods = []struct {
	key    string
	fields Object
}{
	{"useGitHubApp", Object{"githubAppID": "{{ .github_app_id }}",
		"githubAppInstallationID": "{{ .github_app_installation_id }}",
		"githubAppPrivateKey":     "{{ .github_private_key }}"}},
	{"useHttp", Object{"username": "{{ .username }}", "password": "{{ .password }}"}},
	{"usePrivateKey", Object{"sshPrivateKey": "{{ .private_key }}", "insecureIgnoreHostKey": "true"}},
}

// secretTypes are the types of Argo CD's Secrets for repositories.
var secretTypes = []string{"repository", "repo-creds", "repository-write", "repo-write-creds"}

// addGit adds the credentials for the Git repositories of a cluster: those that the cluster itself asks for, the
// entries of all tenants, and what the tenant says of them on top (rule git-credentials in docs/rules/registration.md).
func (b *builder) addGit(s *subject) {
	r := s.reader(wellknown.SettingGlobal, "gitExternalSecrets")
	asked := s.asksForCredentials()
	enabled := on(r, "enabled", false) || asked
	store := storeRef{Store: secretname.Store{
		Kind: r.TextOr("secretStoreRefKind", "SecretStore"), Name: r.Text("secretStoreRefName")}}
	credentials := gitFields(r)
	r.Map("externalSecrets")
	s.finish(r)
	if !enabled {
		return
	}
	entries := s.Values.At("tenantGitExternalSecrets", "externalSecrets").
		Over(s.Values.At(wellknown.SettingGlobal, "gitExternalSecrets", "externalSecrets"))
	if asked {
		entries = entries.Over(s.repositoryEntries(entries.Map()))
	}
	store = b.gitStore(s, store, asked)
	top := hierarchy.Reader(entries, "externalSecrets")
	names := slices.Sorted(maps.Keys(entries.Map()))
	if len(names) > maxGitEntries {
		b.fail(top.Problem(names[0], "there are %d entries, more than %d", len(names), maxGitEntries))
		return
	}
	for _, name := range names {
		if entries.Map()[name] == nil {
			continue // a null of the tenant: it does not need this one
		}
		top.Map(name)
		if top.Err() != nil {
			b.fail(top.Err())
			return
		}
		b.addGitEntry(s, name, hierarchy.Reader(entries, "externalSecrets."+name, name), store, credentials)
	}
}

// gitFields returns the fields of the one method that the switches choose. That of the GitHub App is on by default.
func gitFields(r *fields.Reader) Object {
	var chosen []string
	credentials := Object{}
	for _, method := range gitMethods {
		if on(r, method.key, false) {
			chosen = append(chosen, method.key)
			credentials = method.fields
		}
	}
	switch {
	case len(chosen) > 1:
		r.Fail(chosen[1], "%s are on: a repository has one kind of credentials", strings.Join(chosen, " and "))
	case len(chosen) == 0 && r.Text("useGitHubApp") == "":
		credentials = gitMethods[0].fields
	}
	return credentials
}

func (b *builder) addGitEntry(s *subject, name string, r *fields.Reader, store storeRef, credentials Object) {
	key, url := r.Text("secretManagerSecretName"), r.Text("gitUrl")
	target, secretType := r.TextOr("secretName", name), oneOf(r, "secretType", "repository", secretTypes)
	source := extract(key, r.TextOr("conversionStrategy", "Default"), r.TextOr("decodingStrategy", "Auto"),
		r.TextOr("metadataPolicy", "None"))
	switch {
	case key == "":
		r.Fail("secretManagerSecretName",
			"secretManagerSecretName is missing, the name of the secret in AWS Secrets Manager")
	case cluster.IsPlaceholder(key) && key != s.Annotations[wellknown.RepositoryAnnotation(name, "secret")]:
		// That of an annotation is a warning already, as the name of the cluster's own secret is.
		r.Fail("secretManagerSecretName", "secretManagerSecretName is still the placeholder %q", key)
	case cluster.IsPlaceholder(url) && url != s.Annotations[wellknown.RepositoryAnnotation(name, "url")]:
		r.Fail("gitUrl", "gitUrl is still the placeholder %q", url)
	}
	s.finish(r)
	data := Object{"type": "git", "url": literal(url)}
	if url == "" {
		data["url"] = "{{ .url }}"
	}
	maps.Copy(data, credentials)
	place := r.Problem("", "")
	b.add(externalSecret(item{namespace: b.namespace, name: name, target: target, file: place.File, line: place.Line,
		spec: Object{
			"refreshInterval": "1m",
			"secretStoreRef":  store.object(),
			"target": Object{
				"name":           target,
				"creationPolicy": "Owner",
				"template": Object{
					"engineVersion": "v2",
					"templateFrom":  []any{template("Labels", wellknown.LabelSecretType+": "+secretType)},
					"data":          data,
				},
			},
			"dataFrom": []any{source},
		}}))
}
