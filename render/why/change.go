package why

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	yamlnode "go.yaml.in/yaml/v3"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// identityLabels say what a cluster is: to change them would make another cluster of it.
var identityLabels = []string{wellknown.LabelTenant, wellknown.LabelEnvironment, wellknown.LabelFleetMember}

// toGet returns what may bring the component to the cluster, the nearest first.
func (s *sight) toGet() []change {
	if s.unlisted != "" {
		return s.listing()
	}
	if len(s.answer.Places) == 0 {
		return nil
	}
	p := &s.answer.Places[0] // the cluster's own Argo CD, or else that of its hub
	if !p.details.enabled {
		return s.enabling(p, true)
	}
	for _, r := range unmet(p.details.selector) {
		return s.meeting(r)
	}
	if len(p.Failures) > 0 {
		return s.completing(p)
	}
	return nil
}

// toLose returns what may take the component from the cluster, the nearest first: a label of this cluster, before what
// others have as well.
func (s *sight) toLose() []change {
	i := slices.IndexFunc(s.answer.Places, func(p Place) bool { return p.There })
	if i < 0 {
		return nil
	}
	p := &s.answer.Places[i]
	var all []change
	for _, r := range p.details.selector {
		if !r.own || slices.Contains(identityLabels, r.Label) {
			continue
		}
		switch value := s.identity.Labels[r.Label]; {
		case r.Operator == metav1.LabelSelectorOpIn && value == "true":
			all = append(all, s.labelling(r.Label, "false")...)
		case r.Operator == metav1.LabelSelectorOpNotIn:
			all = append(all, s.labelling(r.Label, r.Values[0])...)
		case r.Operator == metav1.LabelSelectorOpDoesNotExist:
			all = append(all, s.labelling(r.Label, "true")...)
		default:
			all = append(all, s.labelling(r.Label, "")...)
		}
	}
	return append(all, s.enabling(p, false)...)
}

// listing adds the component file to the group.
func (s *sight) listing() []change {
	file, _ := s.session.Fleet().PlaceOf()
	group := s.answer.Group
	d, err := s.session.Repository().Document(hierarchy.FleetFile)
	if err != nil || d == nil || file != d.Name {
		return nil
	}
	if _, is := fields.AsMap(fields.AsMap(d.Values["spec"])["groups"])[group]; !is {
		return nil
	}
	name := strings.TrimSuffix(path.Base(s.unlisted), path.Ext(s.unlisted))
	return []change{{"add " + name + " to the components of group " + group,
		&edit{file: d.Name, path: []string{"spec", "groups", group, "components"}, value: text(name), add: true}}}
}

// enabling turns the component on or off, in the highest level of the Argo CD that has it.
func (s *sight) enabling(p *Place, on bool) []change {
	g, err := s.session.Fleet().Group(s.answer.Group)
	if err != nil {
		return nil
	}
	file, level := s.fileOf(p.details.levels,
		func(directory string) string {
			files := g.SettingsIn(directory)
			return files[len(files)-1]
		})
	if file == "" {
		return nil
	}
	keys := []string{s.answer.Component, "enabled"}
	said := fmt.Sprintf("set %s to %t", hierarchy.Key(keys), on)
	switch {
	case !p.Own:
		said += fmt.Sprintf(" for all clusters that %s deploys to,", p.ArgoCD)
	case level != p.details.levels[len(p.details.levels)-1].Name:
		said += fmt.Sprintf(" for all clusters of the level %s,", level)
	}
	return []change{{said, &edit{file: file, path: keys, value: word("!!bool", strconv.FormatBool(on))}}}
}

// fileOf returns a file in the highest of the levels, if possible one that exists, and the level.
func (s *sight) fileOf(levels []fleet.ClusterLevel, in func(directory string) string) (file, level string) {
	for _, l := range slices.Backward(levels) {
		for _, directory := range slices.Backward(l.Directories) {
			if is, err := s.session.Repository().HasFile(in(directory)); err == nil && is {
				return in(directory), l.Name
			}
		}
		if len(l.Directories) > 0 {
			return in(l.Directories[0]), l.Name
		}
	}
	return "", ""
}

// meeting makes the cluster meet a condition: by its label, or where that says what the cluster is, by the selector.
func (s *sight) meeting(r requirement) []change {
	var all []change
	if !slices.Contains(identityLabels, r.Label) {
		switch {
		case r.Operator == metav1.LabelSelectorOpIn && len(r.Values) > 0:
			all = s.labelling(r.Label, r.Values[0])
		case r.Operator == metav1.LabelSelectorOpNotIn && s.identity.Labels[r.Label] == "true":
			all = s.labelling(r.Label, "false")
		case r.Operator == metav1.LabelSelectorOpExists:
			all = s.labelling(r.Label, "true")
		default:
			all = s.labelling(r.Label, "")
		}
	}
	return append(all, s.selecting(r)...)
}

// labelling sets a label of the cluster, or takes it away (""), where it is set now, or else where it concerns the
// fewest other clusters.
func (s *sight) labelling(label, value string) []change {
	if value != "" {
		return s.setting("labels", label, fmt.Sprintf("set the label %s to %q", label, value), text(value))
	}
	all := s.setting("labels", label, "remove the label "+label, word("!!null", "null"))
	for _, c := range all {
		if c.edit != nil && c.edit.file == hierarchy.FleetFile {
			c.edit.remove = true // there, a label is no null
		}
	}
	return all
}

// setting sets a label or an annotation of the cluster.
func (s *sight) setting(kind, key, said string, value *yamlnode.Node) []change {
	var at hierarchy.Origin
	if origins := s.identity.Metadata().Origins(kind, key); len(origins) > 0 {
		at = origins[0]
	}
	inFleet := s.indexInFleet()
	switch {
	case at.Source == hierarchy.SourceAWS, at.Source == hierarchy.SourceSecret:
		return []change{{text: said + " in " + at.File}}
	case at.Source == hierarchy.SourceMember:
		if name := s.memberKey(at); name != "" {
			return []change{{said, &edit{file: at.File, path: []string{name}, value: value}}}
		}
		return nil // each member has it
	case at.File == "" && kind == "labels" && s.identity.IsSpoke() && slices.Contains(member.Keys(), key):
		return []change{{said, &edit{file: s.identity.File, path: []string{key}, value: value}}}
	case at.Source == hierarchy.SourceFleet, inFleet >= 0 && s.identity.Hub == "":
		return []change{{said, &edit{file: hierarchy.FleetFile, value: value,
			path: []string{"spec", "clusters", strconv.Itoa(inFleet), kind, key}}}}
	}
	file, level := s.fileOf(s.identity.Levels, func(directory string) string {
		return path.Join(directory, wellknown.GroupFleet, "fleet-secret", "values.yaml")
	})
	if file == "" {
		return []change{{text: said + " in the cluster Secret of " + s.answer.Cluster}}
	}
	if last := s.identity.Levels[len(s.identity.Levels)-1]; level != last.Name {
		said += fmt.Sprintf(" for all clusters of the level %s,", level)
	}
	return []change{{said, &edit{file: file, path: []string{"externalSecret", kind, key}, value: value}}}
}

// memberKey returns the key of the member's file that becomes a label, which stands in the line of the label.
func (s *sight) memberKey(at hierarchy.Origin) string {
	d, err := s.session.Repository().Document(at.File)
	if err != nil || d == nil || at.Line == 0 {
		return ""
	}
	for _, name := range member.Keys() {
		if _, has := d.Values[name]; has && d.Line(name) == at.Line {
			return name
		}
	}
	return ""
}

// indexInFleet returns which of the clusters in fleet.yaml it is; -1 if none is.
func (s *sight) indexInFleet() int {
	for i, c := range s.session.Fleet().Clusters {
		if c.Name == s.answer.Cluster {
			return i
		}
	}
	return -1
}

// selecting changes the selector, which concerns all clusters.
func (s *sight) selecting(r requirement) []change {
	if len(r.path) == 0 || r.ofRelease() {
		return nil
	}
	e := edit{file: r.origin.File, path: r.path, remove: true}
	if r.origin.Source == hierarchy.SourceGroup {
		e.path = slices.Concat([]string{"spec", "groups", s.answer.Group}, r.path)
	}
	if d, err := s.session.Repository().Document(e.file); err != nil || d == nil {
		return nil // a chart has it
	}
	if !slices.Contains(r.path, "matchExpressions") {
		return []change{{fmt.Sprintf("remove %s, for all clusters,", hierarchy.Key(r.path)), &e}}
	}
	value, has := s.identity.Labels[r.Label]
	if !has || r.Operator != metav1.LabelSelectorOpIn {
		return nil
	}
	e.path, e.remove, e.add, e.value = append(slices.Clip(e.path), "values"), false, true, text(value)
	return []change{{fmt.Sprintf("add %q to the values of %s in %s, for all such clusters,", value, r.Label,
		hierarchy.Key(r.path[:len(r.path)-1])), &e}}
}

// inTemplates finds the labels and annotations that a template needs.
var inTemplates = regexp.MustCompile(`\.metadata\.(labels|annotations)\.([A-Za-z0-9_]+)`)

// completing gives the cluster a label or an annotation that the templates of the ApplicationSet need.
func (s *sight) completing(p *Place) []change {
	var all []change
	var find func(value any)
	find = func(value any) {
		switch value := value.(type) {
		case string:
			for _, match := range inTemplates.FindAllStringSubmatch(value, -1) {
				kind, key := match[1], match[2]
				set := map[string]map[string]string{"labels": s.identity.Labels, "annotations": s.identity.Annotations}
				if _, has := set[kind][key]; has || slices.Contains(identityLabels, key) {
					continue
				}
				what := strings.TrimSuffix(kind, "s")
				all = append(all, s.setting(kind, key, fmt.Sprintf("set the %s %s, which a template needs,", what, key),
					text("value"))...)
			}
		case map[string]any:
			for _, key := range fields.SortedKeys(value) {
				find(value[key])
			}
		case []any:
			for _, item := range value {
				find(item)
			}
		}
	}
	find(p.details.object["spec"])
	return all
}
