package member

import (
	"cmp"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// A Member is a spoke's registration: what its file fleet-members/HUB/SPOKE.yaml says, key by key as the names in the
// tags. A key that is missing, null or "" is "" here. Switches are "true" or "false".
type Member struct {
	Name string `json:"clusterName"`    // of the cluster; without the key, the name of the file
	Hub  string `json:"hub,omitempty"`  // the cluster whose Argo CD it is registered with: the name of the directory
	File string `json:"file,omitempty"` // relative to the root of the repository

	Tenant      string `json:"tenant,omitempty"`
	Environment string `json:"environment,omitempty"`

	// Where the spoke's values are. What is missing here is as on the hub.
	AddonsRepoURL         string `json:"addons_repo_url,omitempty"`
	AddonsRepoRevision    string `json:"addons_repo_revision,omitempty"`
	AddonsRepoBasepath    string `json:"addons_repo_basepath,omitempty"` // directory with the hierarchy
	AddonsRepoPath        string `json:"addons_repo_path,omitempty"`
	ResourcesRepoURL      string `json:"resources_repo_url,omitempty"`
	ResourcesRepoRevision string `json:"resources_repo_revision,omitempty"`
	ResourcesRepoBasepath string `json:"resources_repo_basepath,omitempty"`
	ResourcesRepoPath     string `json:"resources_repo_path,omitempty"`
	FleetRepoURL          string `json:"fleet_repo_url,omitempty"`
	FleetRepoRevision     string `json:"fleet_repo_revision,omitempty"`
	FleetRepoBasepath     string `json:"fleet_repo_basepath,omitempty"`
	FleetRepoPath         string `json:"fleet_repo_path,omitempty"`

	SecretName string `json:"secretManagerSecretName,omitempty"` // of the cluster: name or ARN in AWS Secrets Manager

	// The repositories need credentials, and the name of these. They become a label and annotations only: what makes
	// the credentials is global.gitExternalSecrets in fleet/fleet-secret/values.yaml.
	GithubSecret     string `json:"githubSecret,omitempty"`
	GithubSecretName string `json:"githubSecretName,omitempty"`

	// Switches: who manages what.
	UseRemoteArgo         string `json:"use_remote_argo,omitempty"`         // the spoke has an Argo CD of its own
	EnableRemoteAddons    string `json:"enable_remote_addons,omitempty"`    // and that deploys the addons
	EnableRemoteResources string `json:"enable_remote_resources,omitempty"` // and the resources
	UseExternalSecrets    string `json:"use_external_secrets,omitempty"`    // the spoke reads its secrets itself

	// Switches that only become labels, for the selectors of components.
	UseFleetACK      string `json:"use_fleet_ack,omitempty"`      // AWS resources come from the hub's ACK controllers
	UseArgoCDIngress string `json:"use_argocd_ingress,omitempty"` // the spoke's Argo CD has an ingress
	PushArgoSecrets  string `json:"push_argo_secrets,omitempty"`  // the hub writes secrets to the spoke
}

// A key is one key of a member's file: what it may hold, and what it becomes on the cluster.
type key struct {
	name       string
	value      func(*Member) *string
	check      func(string) error // of a value that is not "" and no placeholder
	label      string             // the label that it becomes
	annotation []string           // the annotations that it becomes
	section    string             // of a new file: what comes with this key and those after it
}

// keys are the keys of a member's file, in the order of a new one. As labels, two have the name under which
// selectors look for them (rule member-keys in docs/rules/registration.md).
var keys = []key{
	{name: wellknown.LabelTenant, value: func(m *Member) *string { return &m.Tenant }, check: checkName,
		label:   wellknown.LabelTenant,
		section: "Where the cluster belongs: together with its name, these choose its directories in the hierarchy."},
	{name: "clusterName", value: func(m *Member) *string { return &m.Name }, check: checkName},
	{name: wellknown.LabelEnvironment, value: func(m *Member) *string { return &m.Environment }, check: checkName,
		label: wellknown.LabelEnvironment},

	repositoryKey("addons_repo_url", func(m *Member) *string { return &m.AddonsRepoURL }, fields.CheckURL).
		in("The repositories with its values; what is left out is as on the hub."),
	repositoryKey("addons_repo_revision", func(m *Member) *string { return &m.AddonsRepoRevision }, fields.CheckText),
	repositoryKey("addons_repo_basepath", func(m *Member) *string { return &m.AddonsRepoBasepath }, checkDirectory),
	repositoryKey("addons_repo_path", func(m *Member) *string { return &m.AddonsRepoPath }, checkDirectory),
	repositoryKey("resources_repo_url", func(m *Member) *string { return &m.ResourcesRepoURL }, fields.CheckURL),
	repositoryKey("resources_repo_revision", func(m *Member) *string { return &m.ResourcesRepoRevision },
		fields.CheckText),
	repositoryKey("resources_repo_basepath", func(m *Member) *string { return &m.ResourcesRepoBasepath },
		checkDirectory),
	repositoryKey("resources_repo_path", func(m *Member) *string { return &m.ResourcesRepoPath }, checkDirectory),
	repositoryKey("fleet_repo_url", func(m *Member) *string { return &m.FleetRepoURL }, fields.CheckURL),
	repositoryKey("fleet_repo_revision", func(m *Member) *string { return &m.FleetRepoRevision }, fields.CheckText),
	repositoryKey("fleet_repo_basepath", func(m *Member) *string { return &m.FleetRepoBasepath }, checkDirectory),
	repositoryKey("fleet_repo_path", func(m *Member) *string { return &m.FleetRepoPath }, checkDirectory),

	{name: "secretManagerSecretName", value: func(m *Member) *string { return &m.SecretName },
		check:      cluster.CheckSecretName,
		annotation: []string{wellknown.AnnotationSecretName},
		section:    "Credentials, by name only: the values stay in AWS Secrets Manager."},
	switchKey("githubSecret", func(m *Member) *string { return &m.GithubSecret },
		wellknown.LabelGithubSecret),
	{name: "githubSecretName", value: func(m *Member) *string { return &m.GithubSecretName }, check: fields.CheckText,
		annotation: []string{"addons_repo_secret", "resources_repo_secret", "fleet_repo_secret"}},

	switchKey(wellknown.LabelRemoteArgo, func(m *Member) *string { return &m.UseRemoteArgo }, "").
		in("Who deploys: the cluster's own Argo CD (\"true\") or that of the hub (\"false\")."),
	switchKey(wellknown.LabelRemoteResources, func(m *Member) *string { return &m.EnableRemoteResources }, ""),
	switchKey(wellknown.LabelRemoteAddons, func(m *Member) *string { return &m.EnableRemoteAddons }, ""),
	switchKey(wellknown.LabelExternalSecrets, func(m *Member) *string { return &m.UseExternalSecrets }, ""),
	switchKey("use_fleet_ack", func(m *Member) *string { return &m.UseFleetACK }, "").
		in("Labels for the selectors of components."),
	switchKey("use_argocd_ingress", func(m *Member) *string { return &m.UseArgoCDIngress }, "create_argocd_ingress"),
	switchKey("push_argo_secrets", func(m *Member) *string { return &m.PushArgoSecrets }, ""),
}

func repositoryKey(name string, value func(*Member) *string, check func(string) error) key {
	return key{name: name, value: value, check: check, annotation: []string{name}}
}

// switchKey is a key that becomes a label, "" for one of its own name.
func switchKey(name string, value func(*Member) *string, label string) key {
	if label == "" {
		label = name
	}
	return key{name: name, value: value, check: fields.CheckSwitch, label: label}
}

func (k key) in(section string) key {
	k.section = section
	return k
}

// Keys returns the keys of a member's file, in the order of a new one.
func Keys() []string {
	names := make([]string, len(keys))
	for i, key := range keys {
		names[i] = key.name
	}
	return names
}

// on tells whether a switch of a member is on.
func on(value string) bool { return value == "true" }

// parse reads the file of a member. The warnings are about keys that are not known, and placeholders that nobody
// has filled in. Of each wrong key there is one error, with its line; what is right is read all the same.
func parse(d *hierarchy.Document, hub string) (Member, []*problem.Problem, []error) {
	m := Member{Name: strings.TrimSuffix(path.Base(d.Name), path.Ext(d.Name)), Hub: hub, File: d.Name}
	warnings := slices.Clone(d.Warnings)
	var errs []error
	if err := d.Single(); err != nil {
		warnings = slices.DeleteFunc(warnings, func(w *problem.Problem) bool { return w == d.Further() })
		errs = append(errs, err)
	}
	values := d.AsWritten(d.Values)
	for _, key := range keys {
		// A reader for each, since one keeps its first error only.
		r := d.Reader(values, "member")
		text := r.Text(key.name)
		given := text != "" || r.Has(key.name) &&
			(key.name == wellknown.LabelTenant || key.name == wellknown.LabelEnvironment)
		switch {
		case !given:
		case address.Check(text) != nil: // which a placeholder may hold as well
			r.Fail(key.name, "%s %w", key.name, address.ErrCredential)
		case cluster.IsPlaceholder(text) && key.label == "" && key.name != "clusterName":
			warnings = append(warnings, r.Problem(key.name, "%s is %w %q", key.name, cluster.ErrPlaceholder, text).
				WithHint("fill it in, or remove the key").WithRule(problem.RulePlaceholder))
			*key.value(&m) = text
		default:
			if err := key.check(text); err != nil {
				r.Fail(key.name, "%s %w", key.name, err)
			}
			*key.value(&m) = text
		}
		if r.Err() != nil {
			errs = append(errs, r.Err())
		}
	}
	if text, _ := fields.Text(d.Values["clusterName"]); text == "" {
		if err := checkName(m.Name); err != nil {
			errs = append(errs, problem.New(d.Name, 0,
				"member: the name of the file, without clusterName that of the cluster, %w", err).
				WithHint("give clusterName"))
		}
	}
	slices.SortStableFunc(errs, func(a, b error) int { return cmp.Compare(lineOf(a), lineOf(b)) })
	return m, append(warnings, warningsOf(d)...), errs
}

func lineOf(err error) int {
	var p *problem.Problem
	if errors.As(err, &p) {
		return p.Line
	}
	return 0
}

// warningsOf are about the keys that nothing reads, and the one that another needs.
func warningsOf(d *hierarchy.Document) []*problem.Problem {
	var warnings []*problem.Problem
	r := d.Reader(d.Values, "member")
	for _, key := range keys {
		r.Has(key.name)
	}
	for _, key := range r.Unknown() {
		hint := "the keys are " + strings.Join(Keys(), ", ")
		switch meant := problem.Likely(key, Keys()); {
		case meant != "":
			hint = "did you mean " + meant + "?"
		case key == "annotations" || key == "labels":
			hint = "what the keys of a member cannot say belongs in externalSecret." + key +
				" of fleet/fleet-secret/values.yaml"
		case key == "argocd_config":
			hint = "write its keys at the top of the file"
		}
		warnings = append(warnings, r.Problem(key, "unknown key %q, which has no effect", key).WithHint("%s", hint).
			WithRule(problem.RuleUnknownKey))
	}
	text, _ := fields.Text(d.Values["githubSecret"])
	if name, _ := fields.Text(d.Values["githubSecretName"]); on(text) && name == "" {
		warnings = append(warnings, r.Problem("githubSecret", "githubSecret is on, but there is no githubSecretName").
			WithHint("add it").WithRule(problem.RuleIncompleteMember))
	}
	return warnings
}

// metadata returns the labels and annotations that the member's own keys give its cluster. What it does not say is not
// there.
func (m Member) metadata() (labels, annotations map[string]string) {
	labels, annotations = map[string]string{wellknown.LabelFleetMember: wellknown.FleetMemberSpoke}, map[string]string{}
	for _, key := range keys {
		value := *key.value(&m)
		if value == "" {
			continue
		}
		if key.label != "" {
			labels[key.label] = value
		}
		for _, annotation := range key.annotation {
			annotations[annotation] = value
		}
	}
	return labels, annotations
}

// KeysOf returns the keys of a member's file, but for its name, that say what labels and annotations of a cluster say,
// and the names of those labels and annotations that no key says.
func KeysOf(labels, annotations map[string]string) (said map[string]string, others []string) {
	said = map[string]string{}
	for _, metadata := range []map[string]string{labels, annotations} {
		for name, value := range metadata {
			if key := keyOf(name); key != "" {
				said[key] = value
			} else {
				others = append(others, name)
			}
		}
	}
	slices.Sort(others)
	return said, others
}

// keyOf returns the key of a member's file that becomes a label or an annotation; "" if none does.
func keyOf(metadata string) string {
	for _, key := range keys {
		if key.label == metadata || slices.Contains(key.annotation, metadata) {
			return key.name
		}
	}
	return ""
}

// withoutPlaceholders returns the warnings but for those about placeholders.
func withoutPlaceholders(warnings []*problem.Problem) []*problem.Problem {
	return slices.DeleteFunc(slices.Clone(warnings),
		func(w *problem.Problem) bool { return errors.Is(w, cluster.ErrPlaceholder) })
}

// checkName refuses what cannot be a label and a directory.
func checkName(s string) error {
	if err := cluster.CheckSegment(s); err != nil {
		return err
	}
	return cluster.CheckLabelValue(s)
}

func checkDirectory(s string) error {
	if !fs.ValidPath(path.Clean(s)) {
		return problem.New("", 0, "must be a directory inside the repository, not %q", s)
	}
	return fields.CheckText(s)
}

// HubsOf returns the hubs that members have.
func HubsOf(members []Member) map[string]bool {
	hubs := map[string]bool{}
	for _, m := range members {
		hubs[m.Hub] = true
	}
	return hubs
}
