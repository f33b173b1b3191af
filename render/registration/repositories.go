package registration

import (
	"cmp"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// asksForCredentials tells whether a spoke with an Argo CD of its own wants credentials for its repositories
// (githubSecret of a member). On the hub, which has its own, the switch says nothing.
func (s *subject) asksForCredentials() bool {
	return s.host && s.IsSpoke() && s.Labels[wellknown.LabelGithubSecret] == "true"
}

// repositoryEntries returns the entries for the repositories that the cluster's annotations name, with the names that
// members-init-v2 gave them. A repository for which the values have an entry of another name has its credentials
// already: of two Secrets for one address, Argo CD would take any. So has the fleet's, if it is one of the others.
func (s *subject) repositoryEntries(written map[string]any) *hierarchy.Values {
	has := map[string]bool{} // addresses with credentials
	for name, entry := range written {
		if url, _ := fields.Text(fields.AsMap(entry)["gitUrl"]); s.repository(name, "url") == "" {
			has[url] = true
		}
	}
	found := false
	entries := map[string]any{}
	for _, name := range wellknown.Repositories() {
		url, secret := s.repository(name, "url"), s.repository(name, "secret")
		found = found || url != ""
		_, mentioned := written[name]
		if url == "" || has[url] || mentioned && written[name] == nil ||
			name == wellknown.GroupFleet && (url == s.repository(wellknown.GroupAddons, "url") ||
				url == s.repository(wellknown.GroupResources, "url")) {
			continue
		}
		named, _ := fields.Text(fields.AsMap(written[name])["secretManagerSecretName"])
		if secret == "" && named == "" {
			s.lacks("nothing names the secret for "+wellknown.RepositoryAnnotation(name, "url"),
				"set githubSecretName in the member's file, or the annotation "+
					wellknown.RepositoryAnnotation(name, "secret"))
			continue
		}
		entries[name] = map[string]any{"secretName": "git-" + name, "gitUrl": url, "secretManagerSecretName": secret}
	}
	if !found {
		s.lacks("no repository is known",
			"set addons_repo_url in the member's file, or in the annotations of its hub")
	}
	file, line := s.locate("labels", wellknown.LabelGithubSecret)
	layer := hierarchy.Layer{Source: hierarchy.SourceMember, File: file, Values: entries}
	return hierarchy.Merge(nil, nil, []hierarchy.Layer{layer.WithLines(func(...string) int { return line })})
}

// lacks adds the finding that credentials cannot be made. It is an error, since those that there are would be pruned.
func (s *subject) lacks(what, hint string) {
	file, line := s.locate("labels", wellknown.LabelGithubSecret)
	s.b.warnings = append(s.b.warnings,
		problem.New(file, line, "cluster %q: githubSecret is on, but %s", s.Name, what).WithHint("%s", hint).
			WithRule(problem.RuleIncompleteMember).Stopping())
}

// repository returns what the cluster's annotations say of a part of a repository.
func (s *subject) repository(name, part string) string {
	return s.Annotations[wellknown.RepositoryAnnotation(name, part)]
}

// gitStore returns the store of the credentials for Git, and adds it, unless the values name one that somebody else
// makes. Of a spoke, it reads the central account; without annotations that say where that is, the account of its own
// store (rule repository-credentials in docs/rules/registration.md).
func (b *builder) gitStore(s *subject, store storeRef, asked bool) storeRef {
	if store.Name != "" && (!asked || store.Name != defaultGitStore) {
		return store
	}
	store.Name = defaultGitStore
	if b.store.region == "" && !asked {
		return b.store
	}
	store.region, store.role = b.store.region, b.store.role
	if s.host && s.IsSpoke() {
		store.role = cmp.Or(s.Annotations[wellknown.AnnotationCentralRole], store.role)
		store.region = cmp.Or(s.Annotations[wellknown.AnnotationCentralRegion], s.secretsRegion(asked), store.region)
		b.checkCentral(s, store)
	}
	b.addStoreObject(s, store)
	return store
}

// secretsRegion returns the region in the ARN of a repository's secret; without one, that of the hub, which is in the
// central account. It is "" for a cluster that did not ask.
func (s *subject) secretsRegion(asked bool) string {
	if !asked {
		return ""
	}
	for _, name := range wellknown.Repositories() {
		if arn := arnRegion.FindStringSubmatch(s.repository(name, "secret")); arn != nil {
			return arn[1]
		}
	}
	return s.b.region
}

// checkCentral fails for a region or a role that AWS would not have, and without a region.
func (b *builder) checkCentral(s *subject, store storeRef) {
	file, line := s.locate("annotations", wellknown.AnnotationCentralRegion)
	switch {
	case store.region == "":
		b.fail(problem.New(s.File, s.Line, "cluster %q: the region of the credentials for Git is missing", s.Name).
			WithHint("give the cluster the annotation %s", wellknown.AnnotationCentralRegion))
	case !cluster.IsRegion(store.region):
		b.fail(problem.New(file, line, "cluster %q: %q is no region of AWS", s.Name, store.region).
			WithHint("the form is eu-west-1"))
	}
	if store.role != "" && !isRole(store.role) && !cluster.IsPlaceholder(store.role) {
		file, line := s.locate("annotations", wellknown.AnnotationCentralRole)
		b.fail(problem.New(file, line, "cluster %q: %s must be the ARN of a role, not %q", s.Name,
			wellknown.AnnotationCentralRole, store.role).WithHint("the form is arn:aws:iam::ACCOUNT:role/NAME"))
	}
}
