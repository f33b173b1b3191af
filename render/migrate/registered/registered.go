// Package registered knows what the ExternalSecrets that register clusters make of these: which labels and annotations
// their cluster Secrets get.
package registered

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// A Secret is a cluster Secret as its ExternalSecret makes it.
type Secret struct {
	Cluster string // its name
	// What is written in the ExternalSecret: what the secret in AWS Secrets Manager says wins over low, high over that.
	low, high metadata
	opaque    []string // templates of the metadata that are no text, in their order
	rest      any      // of the ExternalSecret
}

// metadata are texts by "labels/KEY" or "annotations/KEY". One that is empty is none.
type metadata map[string]string

const labels, annotations = "labels/", "annotations/"

// Of returns the cluster Secret that an object makes, and whether it makes one.
func Of(object map[string]any) (Secret, bool) {
	template := fields.AsMap(fields.AsMap(fields.AsMap(object["spec"])["target"])["template"])
	name, _ := fields.AsMap(template["data"])["name"].(string)
	entries, _ := template["templateFrom"].([]any)
	s := Secret{Cluster: name, low: metadata{}, high: metadata{}}
	into := s.low
	for _, item := range entries {
		entry := fields.AsMap(item)
		text, _ := entry["literal"].(string)
		target, _ := entry["target"].(string)
		var texts map[string]any
		if strings.Contains(text, "{{") || safeyaml.Unmarshal([]byte(text), "template", &texts) != nil {
			s.opaque = append(s.opaque, target+" "+text)
			if target == "Labels" {
				into = s.high
			}
			continue
		}
		for key, value := range texts {
			if text, is := fields.Text(value); is {
				into[strings.ToLower(target)+"/"+key] = text
			}
		}
	}
	for _, all := range []metadata{s.low, s.high} {
		maps.DeleteFunc(all, func(_, text string) bool { return text == "" })
	}
	if name == "" || object["kind"] != "ExternalSecret" || s.says()[labels+wellknown.LabelSecretType] != "cluster" {
		return Secret{}, false
	}
	s.rest = withoutTemplates(object)
	return s, true
}

// withoutTemplates returns an ExternalSecret without the templates of the metadata.
func withoutTemplates(object map[string]any) map[string]any {
	spec := maps.Clone(fields.AsMap(object["spec"]))
	target := maps.Clone(fields.AsMap(spec["target"]))
	template := maps.Clone(fields.AsMap(target["template"]))
	delete(template, "templateFrom")
	target["template"] = template
	spec["target"] = target
	return spec
}

// says returns what the ExternalSecret says.
func (s Secret) says() metadata {
	all := maps.Clone(s.low)
	maps.Copy(all, s.high)
	return all
}

// Describe returns the cluster with the metadata that its Secret has, as far as the ExternalSecret says it.
func (s Secret) Describe(c cluster.Cluster) cluster.Cluster { return with(c, s.says()) }

// Turn returns the cluster of a Secret that exists, once this ExternalSecret makes it in the place of was.
func (s Secret) Turn(c cluster.Cluster, was Secret) cluster.Cluster {
	c = c.Clone()
	before, is := was.says(), maps.Clone(s.low)
	known := metadata{}
	for prefix, texts := range map[string]map[string]string{labels: c.Labels, annotations: c.Annotations} {
		for key, text := range texts {
			known[prefix+key] = text
		}
	}
	for key, text := range before {
		if known[key] != text { // something else wins over it, as over what takes its place
			delete(is, key)
		}
	}
	maps.Copy(is, s.high)
	for key := range before {
		if key, label := strings.CutPrefix(key, labels); label && s.says()[labels+key] == "" {
			delete(c.Labels, key)
		}
		if key, annotation := strings.CutPrefix(key, annotations); annotation && s.says()[annotations+key] == "" {
			delete(c.Annotations, key)
		}
	}
	return with(c, is)
}

func with(c cluster.Cluster, texts metadata) cluster.Cluster {
	set, notes := map[string]string{}, map[string]string{}
	for key, text := range texts {
		if key, label := strings.CutPrefix(key, labels); label {
			set[key] = text
		} else {
			notes[strings.TrimPrefix(key, annotations)] = text
		}
	}
	return c.WithMetadata(set, notes)
}

// Lost returns the labels and annotations that an ExternalSecret in the place of this one no longer says, sorted.
func (s Secret) Lost(after Secret) []string {
	var lost []string
	for key := range s.says() {
		if _, said := after.says()[key]; !said {
			lost = append(lost, key)
		}
	}
	slices.Sort(lost)
	return lost
}

// Alike tells whether two ExternalSecrets differ in nothing but in what they say of the metadata.
func Alike(a, b Secret) bool {
	return a.Cluster == b.Cluster && slices.Equal(a.opaque, b.opaque) && reflect.DeepEqual(a.rest, b.rest)
}
