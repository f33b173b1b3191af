package cluster

import (
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// A Cluster is an identity as Argo CD's cluster generator gives it.
type Cluster struct {
	Name        string            `json:"name"`
	Server      string            `json:"server,omitempty"`
	Project     string            `json:"project,omitempty"` // of Argo CD, if the cluster is for one only
	Hub         string            `json:"hub,omitempty"`     // of a member: the hub that it is registered with
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`

	File string `json:"-"` // where it is described, for messages: the file that should carry a missing label
}

var notNormal = regexp.MustCompile(`[^-a-z0-9.]`)

// NameNormalized returns the name as Argo CD's cluster generator gives it in .nameNormalized: a DNS subdomain, with
// every other character as a dash (Argo CD documentation, Cluster Generator).
func (c Cluster) NameNormalized() string {
	name := notNormal.ReplaceAllString(strings.ToLower(c.Name), "-")
	if len(name) > validation.DNS1123SubdomainMaxLength {
		name = name[:validation.DNS1123SubdomainMaxLength]
	}
	return strings.Trim(name, "-.")
}

// Fields returns the cluster as the data of a Go template, in the terms of Argo CD's cluster generator, with the short
// forms for level paths: .tenant, .environment and .cluster. A label that is not there is not in the data either.
func (c Cluster) Fields() map[string]any {
	data := map[string]any{
		"name":           c.Name,
		"nameNormalized": c.NameNormalized(),
		"server":         c.Server,
		"metadata":       map[string]any{"labels": textMap(c.Labels), "annotations": textMap(c.Annotations)},
		"cluster":        c.Name,
	}
	for _, short := range []string{wellknown.LabelTenant, wellknown.LabelEnvironment} {
		if value, ok := c.Labels[short]; ok {
			data[short] = value
		}
	}
	return data
}

// AllLabels returns the labels with the one that every Argo CD cluster has.
func (c Cluster) AllLabels() labels.Set {
	all := labels.Set{}
	maps.Copy(all, c.Labels)
	all[wellknown.LabelSecretType] = "cluster" // whatever a source says of it
	return all
}

func textMap(m map[string]string) map[string]any {
	out := make(map[string]any, len(m))
	for key, value := range m {
		out[key] = value
	}
	return out
}

// Clone returns a copy, with labels and annotations of its own.
func (c Cluster) Clone() Cluster {
	c.Labels, c.Annotations = maps.Clone(c.Labels), maps.Clone(c.Annotations)
	return c
}

// overlay returns the cluster with what another source knows of it: the other's name, server and project win where it
// has them, labels and annotations merge.
func (c Cluster) overlay(other Cluster) Cluster {
	out := c
	if other.Server != "" {
		out.Server = other.Server
	}
	if other.Project != "" {
		out.Project = other.Project
	}
	if other.Hub != "" {
		out.Hub = other.Hub
	}
	if other.File != "" {
		out.File = other.File
	}
	out.Labels = mergeTexts(c.Labels, other.Labels)
	out.Annotations = mergeTexts(c.Annotations, other.Annotations)
	return out
}

func mergeTexts(under, over map[string]string) map[string]string {
	out := make(map[string]string, len(under)+len(over))
	maps.Copy(out, under)
	maps.Copy(out, over)
	return out
}

// WithMetadata returns the cluster with labels and annotations added, which win over what is known of it.
func (c Cluster) WithMetadata(set, annotations map[string]string) Cluster {
	return c.overlay(Cluster{Labels: set, Annotations: annotations})
}

// ParseSecrets reads Argo CD cluster Secrets from a YAML stream, or from Lists in it (kubectl get secrets -o
// yaml), and ignores all other objects. Of the data only name and server are looked at: the credentials in config go
// no further. It fails on what is not YAML, without any cluster Secret, and on one without a name.
func ParseSecrets(name string, data []byte) ([]Cluster, error) {
	var clusters []Cluster
	number, err := hierarchy.EachObject(name, data, func(object map[string]any) error {
		c, err := parseSecret(name, object)
		if c != nil {
			clusters = append(clusters, *c)
		}
		return err
	})
	var unreadable *hierarchy.DocumentError
	if errors.As(err, &unreadable) {
		// No part of the parser's message: it may quote a credential.
		return nil, problem.New(name, 0, "document %d is no Kubernetes object", number)
	}
	if err == nil && len(clusters) == 0 {
		err = problem.New(name, 0, "there is no Argo CD cluster Secret in it: none with the label %s: cluster",
			wellknown.LabelSecretType).
			WithHint("write it with kubectl get secrets -n argocd -l %s=cluster -o yaml", wellknown.LabelSecretType)
	}
	if err != nil {
		return nil, err
	}
	return clusters, nil
}

func parseSecret(file string, object map[string]any) (*Cluster, error) {
	metadata := fields.AsMap(object["metadata"])
	c := Cluster{Labels: texts(metadata["labels"]), Annotations: texts(metadata["annotations"]), File: file}
	if object["kind"] != "Secret" || c.Labels[wellknown.LabelSecretType] != "cluster" {
		return nil, nil
	}
	c.Annotations = WithoutLastApplied(c.Annotations)
	var err error
	if c.Name, err = secretText(object, "name"); err == nil {
		c.Server, err = secretText(object, "server")
	}
	if err == nil {
		c.Project, err = secretText(object, "project")
	}
	secret, _ := fields.Text(metadata["name"])
	if err != nil {
		return nil, problem.New(file, 0, "cluster Secret %q: %w", secret, err)
	}
	if c.Name == "" {
		return nil, problem.New(file, 0, "cluster Secret %q has no name in its data", secret)
	}
	if err := c.CheckCredentials(); err != nil {
		return nil, problem.New(file, 0, "cluster Secret %q: %w", secret, err)
	}
	return &c, nil
}

// WithoutLastApplied returns annotations without [wellknown.AnnotationLastApplied]: the same ones if they lack it.
func WithoutLastApplied(annotations map[string]string) map[string]string {
	if _, has := annotations[wellknown.AnnotationLastApplied]; !has {
		return annotations
	}
	annotations = maps.Clone(annotations)
	delete(annotations, wellknown.AnnotationLastApplied)
	return annotations
}

// CheckCredentials fails if the cluster's name, server, project, labels or annotations hold the credential of an
// address. All of these are shown, and become part of what is rendered.
func (c Cluster) CheckCredentials() error {
	check := func(what string, texts map[string]string) error {
		for _, key := range slices.Sorted(maps.Keys(texts)) {
			if err := address.CheckURL(texts[key]); err != nil {
				return fmt.Errorf("its %s%s %w", what, key, err)
			}
		}
		return nil
	}
	own := map[string]string{"name": c.Name, "server": c.Server, "project": c.Project}
	return cmp.Or(check("", own), check("label ", c.Labels), check("annotation ", c.Annotations))
}

// secretText returns a key of a Secret: of stringData, or decoded from data.
func secretText(object map[string]any, key string) (string, error) {
	if s, ok := fields.AsMap(object["stringData"])[key].(string); ok {
		return s, nil
	}
	encoded, _ := fields.AsMap(object["data"])[key].(string)
	decoded, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return "", fmt.Errorf("data.%s is not base64", key)
	}
	return string(decoded), nil
}

func texts(v any) map[string]string {
	out := map[string]string{}
	for key, value := range fields.AsMap(v) {
		out[key], _ = fields.Text(value)
	}
	return out
}

// ErrSegment is the cause where a string is not exactly one segment of a path.
var ErrSegment = errors.New("cannot be part of a path")

// CheckSegment refuses text that is not exactly one segment of a path.
func CheckSegment(s string) error {
	switch {
	case s == "":
		return fmt.Errorf("is empty, and so %w", ErrSegment)
	case s == "." || s == ".." || strings.ContainsAny(s, `/\`) || strings.ContainsFunc(s, unicode.IsControl) ||
		!utf8.ValidString(s):
		return fmt.Errorf("%q %w", s, ErrSegment)
	}
	return nil
}

// CheckLabels fails for labels that Kubernetes would not have, and that so cannot come from a cluster.
func CheckLabels(set map[string]string) error {
	for _, key := range slices.Sorted(maps.Keys(set)) {
		if reasons := slices.Concat(validation.IsQualifiedName(key),
			validation.IsValidLabelValue(set[key])); len(reasons) > 0 {
			reason, _, _ := strings.Cut(reasons[0], " (e.g.")
			return problem.New("", 0, "%q=%q is no label of Kubernetes: %s", key, set[key], reason).
				WithHint("give the cluster's labels as they are")
		}
	}
	return nil
}

// IsSpoke tells whether a cluster is a spoke: a member, or one that its label calls so.
func (c Cluster) IsSpoke() bool {
	return c.Hub != "" || c.Labels[wellknown.LabelFleetMember] == wellknown.FleetMemberSpoke
}

// Manages tells whether a cluster deploys a group to itself, with an Argo CD of its own: with the distributed model
// (use_remote_argo), resources by enable_remote_resources, every other group but fleet by enable_remote_addons.
func (c Cluster) Manages(group string) bool {
	return group != wellknown.GroupFleet && c.Labels[wellknown.LabelRemoteArgo] == "true" &&
		c.Labels[wellknown.RemoteLabel(group)] == "true"
}

// KnownTo tells which clusters of a fleet the Argo CD of one of them knows: itself, its members, and clusters of which
// nobody says whose they are; hubs do not know each other. It is false for a cluster that is neither hub nor member, of
// which nobody can tell.
func KnownTo(on string, fleet []Cluster) (knows func(Cluster) bool, ok bool) {
	hubs, isMember := map[string]bool{}, false
	for _, c := range fleet {
		hubs[c.Hub] = true
		hubs[c.Name] = hubs[c.Name] || c.Labels[wellknown.LabelFleetMember] == wellknown.FleetMemberHub
		isMember = isMember || c.Name == on && c.Hub != ""
	}
	return func(c Cluster) bool {
		if c.Name == on || c.Hub != "" {
			return c.Name == on || c.Hub == on
		}
		return !hubs[c.Name]
	}, hubs[on] || isMember
}
