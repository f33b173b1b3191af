package bootstrap

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// Names of stages, as in the parameter of the plugin.
const (
	stageRegistration = "registration"
	stageBootstrap    = "bootstrap"
)

// kinds are the kinds of the objects in their order: first what others refer to.
var kinds = []string{"AppProject", "Application", "ApplicationSet"}

// A Result is what is built.
type Result struct {
	Objects  []Object
	Sources  []string // of each object: the file that says it, with the group or the cluster; "" where no file does
	Warnings []*problem.Problem
}

// Build returns the objects, sorted by kind and name. It fails, and then returns none, without a repository for a
// group, and with files of one group in several repositories. So it does for names that Kubernetes would not have, two
// objects of one name, and two members that Argo CD normalizes to one. The warnings are about groups without anything
// to deploy, and sync policies that Argo CD does not know.
func Build(in Input) (*Result, error) {
	b := &builder{Input: in, spoke: in.Cluster.IsSpoke(), projects: map[string][]string{},
		releases: map[string]Release{}}
	b.namespace = in.Options.namespace(b.spoke)
	if b.spoke && in.Cluster.Labels[wellknown.LabelRemoteArgo] != "true" {
		return nil, problem.New(in.Cluster.File, 0,
			"cluster %q has no Argo CD of its own: there is nothing to start on it",
			in.Cluster.Name).WithHint("render its hub, or set %s to \"true\"", wellknown.LabelRemoteArgo)
	}
	for _, group := range in.Groups {
		for _, release := range group.Releases {
			if err := b.addGroup(group, release); err != nil {
				return nil, err
			}
		}
	}
	if !b.spoke {
		if err := b.addFleet(); err != nil {
			return nil, err
		}
		if err := b.checkMembers(); err != nil {
			return nil, err
		}
	}
	b.addProjects()
	if err := b.check(); err != nil {
		return nil, err
	}
	slices.SortFunc(b.items, func(a, b item) int {
		return cmp.Or(cmp.Compare(slices.Index(kinds, kindOf(a.object)), slices.Index(kinds, kindOf(b.object))),
			cmp.Compare(hierarchy.NameOf(a.object), hierarchy.NameOf(b.object)))
	})
	found := slices.Concat(b.emptyGroups(), b.checkSyncPolicies())
	if b.Split != nil {
		found = append(found, b.Split.warnings...)
	}
	result := &Result{Warnings: found}
	for _, it := range b.items {
		result.Objects, result.Sources = append(result.Objects, it.object), append(result.Sources, it.source)
	}
	return result, nil
}

type builder struct {
	Input
	spoke     bool
	namespace string
	items     []item
	projects  map[string][]string // that are used, with the repositories of their Applications
	releases  map[string]Release  // by the names of their Applications
}

// An item is an object with what it is of.
type item struct {
	object Object
	source string
}

// sourceOf returns what the Application of a group and a release is of.
func sourceOf(group Group, release Release) string {
	file := cmp.Or(release.File, group.File)
	if file == "" {
		return ""
	}
	source := file + ", group " + group.Name
	if release.Type != "" {
		source += ", release " + release.Type
	}
	return source
}

// sourceOfFleet returns what is of no group.
func (b *builder) sourceOfFleet() string {
	if b.Cluster.File == "" {
		return ""
	}
	return b.Cluster.File + ", cluster " + b.Cluster.Name
}

// addGroup adds the Application of a group and a release.
func (b *builder) addGroup(group Group, release Release) error {
	repo, err := b.repositoryOf(group, release)
	if err != nil {
		return err
	}
	name := "cluster-" + group.Name + "-" + b.Cluster.NameNormalized()
	if release.Type == "" {
		name += "-default" // what the one release is called where there are releases
	} else {
		name += "-" + strings.ToLower(release.Type)
	}
	p := parameters{"group": group.Name, "cluster": b.Cluster.Name}
	// A hub's group that has nothing to deploy fails, unless that is meant. A spoke may hand over all that it had.
	if b.spoke || b.Options.Groups[group.Name].AllowEmpty {
		p["allow-empty"] = "true"
	}
	if release.Type != "" {
		p["release"] = release.Type
	}
	automated := Object{"prune": true, "selfHeal": true}
	if b.spoke {
		automated["allowEmpty"] = true // of a group that the spoke no longer manages
	}
	settings := settingsOf(group, release, b.namespace, b.spoke)
	if len(release.Off) > 0 {
		p["values"] = switchedOff(release.Off)
	}
	if len(settings) > 0 {
		p["settings"] = settings
	}
	b.describe(p, repo, release)
	if err := b.carry(p, repo, []string{group.Name}, false, true); err != nil {
		return err
	}
	b.releases[name] = release
	spec := b.spec(b.Options.of(group.Name), repo, p, b.inCluster(), automated)
	if release.Elsewhere != "" { // which the revision of the source does not say
		spec["info"] = []any{Object{"name": "catalog", "value": release.Elsewhere}}
	}
	b.add("Application", name, sourceOf(group, release), spec)
	return nil
}

// settingsOf returns the settings of a release's Application on the Argo CD of a hub or a spoke.
func settingsOf(group Group, release Release, namespace string, spoke bool) map[string]string {
	settings := map[string]string{}
	if namespace != defaultNamespace {
		settings["namespace"] = namespace
	}
	if release.All {
		settings[wellknown.SettingUseVersionSelectors] = "false"
	}
	if group.Name != wellknown.GroupFleet {
		settings[wellknown.SettingHandover] = "true"
	}
	if spoke {
		settings[wellknown.SettingGlobalSelectors] = toJSON(managedLabels(group.Name))
	}
	return settings
}

// describe adds the labels and annotations of the cluster to the parameters, if the plugin would not find them.
func (b *builder) describe(p parameters, repo repository, release Release) {
	fleet := b.annotated(wellknown.GroupFleet)
	elsewhere := fleet.url != "" && fleet.url != repo.url
	if !b.Unknown && !elsewhere && b.Split == nil && release.Tenant == "" && release.ClusterName == "" {
		return
	}
	labels := maps.Clone(b.Cluster.Labels)
	if release.Tenant != "" {
		labels[wellknown.LabelTenant] = release.Tenant
	}
	if release.ClusterName != "" {
		p["cluster"] = release.ClusterName
	}
	p["labels"], p["annotations"] = toJSON(labels), toJSON(b.Cluster.Annotations)
}

// addFleet adds what belongs to no group: the hub's own bootstrap and registration, and those of its spokes.
func (b *builder) addFleet() error {
	if b.Split != nil {
		return b.addSplitFleet()
	}
	repo := b.annotated(wellknown.GroupFleet)
	repo.path = b.FleetPath
	if repo.url == "" && len(b.Groups) > 0 { // one repository for everything need not be named three times
		other, err := b.repositoryOf(b.Groups[0], Release{})
		if err != nil {
			return err
		}
		repo.url, repo.revision = other.url, other.revision
	}
	if repo.url == "" {
		return b.noRepository(wellknown.GroupFleet)
	}
	for _, stage := range []string{stageBootstrap, stageRegistration} {
		p := parameters{"stage": stage, "cluster": b.Cluster.Name}
		b.describe(p, repo, Release{})
		b.add("Application", "fleet-"+stage+"-"+b.Cluster.NameNormalized(), b.sourceOfFleet(),
			b.spec(b.Options.All, repo, p, b.inCluster(), Object{"prune": true, "selfHeal": true}))
		b.addPerMember(stage, repo, parameters{})
	}
	return nil
}

// liveAnnotations returns a template of those annotations of the cluster Secret that a spoke's stores and credentials
// need: Terraform may be the only one to know them.
func liveAnnotations() string {
	keys := []string{wellknown.AnnotationRegion, wellknown.AnnotationCentralRegion, wellknown.AnnotationCentralRole}
	for _, repository := range wellknown.Repositories() {
		for _, part := range []string{"url", "secret"} {
			keys = append(keys, wellknown.RepositoryAnnotation(repository, part))
		}
	}
	return `{{ pick (index .metadata "annotations" | default dict | toJson | fromJson) "` +
		strings.Join(keys, `" "`) + `" | toJson }}`
}

// addPerMember adds the ApplicationSet with a stage for each spoke that has an Argo CD of its own. Its Applications
// have these parameters besides.
func (b *builder) addPerMember(stage string, repo repository, p parameters) {
	p["stage"], p["cluster"] = stage, "{{ .name }}"
	suffix := "" // of the one repository of several
	if stage == stageBootstrap && repo.name != "" {
		suffix = "-" + strings.ToLower(repo.name)
	}
	automated := Object{"prune": true, "selfHeal": true}
	selector := Object{"matchLabels": Object{
		wellknown.LabelSecretType:  "cluster",
		wellknown.LabelFleetMember: wellknown.FleetMemberSpoke,
		wellknown.LabelRemoteArgo:  "true",
	}}
	switch stage {
	case stageRegistration:
		p["annotations"] = liveAnnotations()
		selector["matchExpressions"] = []any{Object{"key": wellknown.LabelExternalSecrets, "operator": "NotIn",
			"values": []any{"false"}}}
	case stageBootstrap: // of a spoke that manages no group
		p["allow-empty"] = "true"
		automated["allowEmpty"] = true
	}
	destination := Object{"name": "{{ .name }}", "namespace": b.Options.namespace(true)}
	b.add("ApplicationSet", "fleet-member-"+stage+"-"+b.Cluster.NameNormalized()+suffix, b.sourceOfFleet(), Object{
		"goTemplate":        true,
		"goTemplateOptions": []any{"missingkey=error"},
		"generators":        []any{Object{"clusters": Object{"selector": selector}}},
		"syncPolicy":        Object{"preserveResourcesOnDeletion": true},
		"template": Object{
			"metadata": Object{"name": "fleet-" + stage + "-{{ .nameNormalized }}" + suffix},
			"spec":     b.spec(b.Options.All, repo, p, destination, automated, "CreateNamespace=true"),
		},
	})
}

// checkMembers fails for two members that would have Applications of one name.
func (b *builder) checkMembers() error {
	byName := map[string]cluster.Cluster{b.Cluster.NameNormalized(): b.Cluster}
	for _, m := range b.Members {
		if other, taken := byName[m.NameNormalized()]; taken {
			file, line := b.placeOfName(m)
			return problem.New(file, line,
				"cluster %q: in names of Applications it is %q, and so is cluster %q (%s)", m.Name, m.NameNormalized(),
				other.Name, cmp.Or(problem.Place(b.placeOfName(other)), "which no file describes")).
				WithHint("give one of them another name")
		}
		byName[m.NameNormalized()] = m
	}
	return nil
}

// placeOfName returns where the name of a cluster is said.
func (b *builder) placeOfName(c cluster.Cluster) (file string, line int) {
	if b.NamePlace == nil {
		return c.File, 0
	}
	return b.NamePlace(c)
}

// emptyGroups are findings about groups whose Applications will fail, since they have nothing to deploy.
func (b *builder) emptyGroups() []*problem.Problem {
	var found []*problem.Problem
	for _, group := range b.Groups {
		if b.spoke || b.Options.Groups[group.Name].AllowEmpty {
			continue
		}
		for _, release := range group.Releases {
			if !release.Empty {
				continue
			}
			what := "group " + group.Name
			if release.Type != "" {
				what += ", release " + release.Type
			}
			found = append(found, problem.New(group.File, group.Line,
				"%s: no component is enabled on %q, so that its Application will fail",
				what, b.Cluster.Name).
				WithHint("enable one, start the group nowhere (bootstrap.enabled: false), or say why it is empty "+
					"(bootstrap.allowEmpty: REASON)").
				WithRule(problem.RuleEmptyGroup))
		}
	}
	return found
}

// checkSyncPolicies warns about what Argo CD's types do not know in the sync policies of fleet.yaml.
func (b *builder) checkSyncPolicies() []*problem.Problem {
	var found []*problem.Problem
	options := []GroupOptions{b.Options.All}
	for _, name := range slices.Sorted(maps.Keys(b.Options.Groups)) {
		options = append(options, b.Options.Groups[name])
	}
	for _, o := range options {
		if o.SyncPolicy == nil {
			continue
		}
		application := Object{"spec": Object{"syncPolicy": o.SyncPolicy}}
		for _, unknown := range argocd.Unknown(argocd.Application, application, b.ArgoCD) {
			message := strings.Replace(unknown.Message, unknown.Path, strings.TrimPrefix(unknown.Path, "spec."), 1)
			found = append(found, problem.New(hierarchy.FleetFile, o.SyncLine, "bootstrap: %s", message).
				WithHint("%s", unknown.Hint()).WithRule(problem.RuleUnknownField))
		}
	}
	return found
}

// check fails on names that Kubernetes would not have, and on two objects of one name.
func (b *builder) check() error {
	seen := map[string]bool{}
	for _, it := range b.items {
		object := it.object
		name := hierarchy.NameOf(object)
		file, line := b.Cluster.File, 0
		if release := b.releases[name]; release.File != "" {
			file, line = release.File, release.Line
		}
		if found := validation.IsDNS1123Subdomain(name); len(found) > 0 {
			reason, _, _ := strings.Cut(found[0], " (e.g.")
			return problem.New(file, line, "%q cannot be the name of an %s: %s", name, kindOf(object), reason).
				WithHint("rename the cluster, the group or the release")
		}
		id := kindOf(object) + " " + name
		if seen[id] {
			return problem.New(file, line, "there would be two objects for %s", id).
				WithHint("rename a group or a release")
		}
		seen[id] = true
	}
	return nil
}

func kindOf(object Object) string { kind, _ := object["kind"].(string); return kind }
