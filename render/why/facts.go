package why

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/release"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// groupFacts say which component file has the component, and on which release the cluster is.
func (s *sight) groupFacts(of *described) []Fact {
	file, line := s.session.Fleet().PlaceOf("spec", "groups", of.group, "components")
	listed := Origin{Source: hierarchy.SourceGroup, File: file, Line: line}
	if of.file != "" {
		d, _ := s.session.Repository().Document(of.file) // was read before
		return []Fact{{State: Against, Kind: KindGroup, Origin: Origin{hierarchy.SourceCatalog, of.file,
			d.Line(s.answer.Component)}, Text: "no group of the fleet lists the component file that describes it"}}
	}
	facts := []Fact{s.described(of, listed)}
	return append(facts, s.releaseFacts(of)...)
}

// described says where the component comes from.
func (s *sight) described(of *described, listed Origin) Fact {
	for _, on := range slices.Sorted(maps.Keys(of.values)) {
		origins := of.values[on].Values.Origins(s.answer.Component)
		for _, o := range origins {
			if o.Source == hierarchy.SourceCatalog {
				return Fact{State: For, Kind: KindGroup, Origin: Origin{o.Source, o.File, o.Line},
					Text:  fmt.Sprintf("group %s lists the component file that describes it (%s)", of.group, listed),
					SetAt: listed}
			}
		}
		if len(origins) > 0 {
			o := origins[len(origins)-1]
			return Fact{State: For, Kind: KindGroup, Origin: Origin{o.Source, o.File, o.Line},
				Text: "no component file describes it, but the settings of group " + of.group + " do"}
		}
	}
	return Fact{State: For, Kind: KindGroup, Origin: listed, Text: "it is a component of group " + of.group}
}

// releaseFacts say on which release the cluster is.
func (s *sight) releaseFacts(of *described) []Fact {
	names := of.releases.Names()
	if len(names) == 0 {
		return nil
	}
	label := wellknown.ReleaseLabel(of.group)
	name, exists := of.releases.Of(s.identity.Cluster)
	fact := Fact{State: Note, Kind: KindRelease, Label: label, Value: s.identity.Labels[label], SetAt: s.setAt(label)}
	file, line := of.releases.Place(name)
	fact.Origin = Origin{File: file, Line: line}
	on := of.releases.On(s.choices(of), s.identity.Cluster)
	if on != name {
		fact.Text = "the cluster is on release " + on + ", which is for all clusters"
		if fact.Value != "" {
			fact.Text += fmt.Sprintf(": its label %s, which is %q%s, does not count", label, name, in(fact.SetAt))
		}
		file, line = of.releases.Place(on)
		fact.Origin = Origin{File: file, Line: line}
		return []Fact{fact}
	}
	switch {
	case !exists:
		fact.State = Against
		fact.Text = fmt.Sprintf("the label %s is %q%s, which is no release of the group: these are %s", label, name,
			in(fact.SetAt), strings.Join(names, ", "))
	case fact.Value == "":
		fact.Text = fmt.Sprintf("the cluster is on release %s, the first one, since it has no label %s", name, label)
	default:
		fact.Text = fmt.Sprintf("the cluster is on release %s by its label %s%s", name, label, in(fact.SetAt))
	}
	return []Fact{fact}
}

// choices returns the releases that an Argo CD renders: that of the cluster, if it deploys the group itself, or else
// that of its hub.
func (s *sight) choices(of *described) []release.Choice {
	for _, own := range []bool{s.identity.Manages(of.group), !s.identity.Manages(of.group)} {
		for _, a := range of.argoCDs {
			for _, name := range of.releases.Names() {
				merged := of.values[a.Cluster.Name+"/"+name]
				if merged != nil && (a.Cluster.Name == s.identity.Name) == own {
					return merged.Choices
				}
			}
		}
	}
	return nil
}

// setAt returns where a label of the cluster is set.
func (s *sight) setAt(label string) Origin {
	if origins := s.identity.Metadata().Origins("labels", label); len(origins) > 0 {
		return Origin{origins[0].Source, origins[0].File, origins[0].Line}
	}
	return Origin{}
}

// in returns an origin in brackets; "" for none.
func in(o Origin) string {
	if o.File == "" {
		return ""
	}
	return " (" + o.String() + ")"
}

// conclude adds the facts of a place.
func (s *sight) conclude(p *Place, merged *render.Merged) {
	p.Facts = append(p.Facts, s.argoCDFact(*p))
	if merged == nil {
		return
	}
	values := merged.Values
	p.details.levels = merged.Levels
	p.details.enabled = hierarchy.Reader(values, "", s.answer.Component).True("enabled")
	p.Facts = append(p.Facts, s.enabledFact(values, p.details.enabled))
	if fields.AsMap(fields.AsMap(values.Map()[s.answer.Component])["selector"]) != nil {
		p.Facts = append(p.Facts, s.useSelectorsFact(values))
	}
	for _, r := range p.details.selector {
		p.Facts = append(p.Facts, s.requirementFact(r))
	}
	if hierarchy.SettingsReader(values).True(wellknown.SettingHandover) {
		p.Facts = append(p.Facts, Fact{State: Note, Kind: KindHandover,
			Text:   "handover: each Argo CD leaves out the clusters that another one has",
			Origin: s.written(values, []string{wellknown.SettingHandover})})
	}
	version := s.version(values)
	if of := p.details.version; of != "" && of != version.Value { // by a template
		version.Value = of
		version.Text = cmp.Or(version.Text, "none by defaultVersion")
		version.Text = fmt.Sprintf("version %s in its Application, in place of %s", of, version.Text)
	}
	if version.Text != "" {
		p.Facts = append(p.Facts, version)
	}
	if p.There {
		p.Version = version.Value
	}
}

// argoCDFact says whose Argo CD it is, and why it is looked at.
func (s *sight) argoCDFact(p Place) Fact {
	group := s.answer.Group
	f := Fact{State: Note, Kind: KindArgoCD}
	var labels []string
	for _, label := range []string{wellknown.LabelRemoteArgo, wellknown.RemoteLabel(group)} {
		value, has := s.identity.Labels[label]
		if !has {
			labels = append(labels, label+" is missing")
			continue
		}
		labels = append(labels, fmt.Sprintf("%s is %q%s", label, value, in(s.setAt(label))))
	}
	said := strings.Join(labels, ", ")
	switch {
	case p.Own:
		f.Text = fmt.Sprintf("the cluster deploys group %s itself: %s", group, said)
		f.Origin = s.setAt(wellknown.RemoteLabel(group))
	case p.ArgoCD == s.answer.Cluster:
		f.Text = "it is the Argo CD of the cluster itself"
		f.Origin = Origin{File: s.identity.File}
	case s.identity.Manages(group):
		f.Text = fmt.Sprintf("its hub looks at it too, though the cluster deploys group %s itself", group)
		f.Origin = Origin{Source: hierarchy.SourceMember, File: s.identity.File}
	default:
		f.Text = fmt.Sprintf("its hub deploys group %s to it: %s", group, said)
		f.Origin = Origin{Source: hierarchy.SourceMember, File: s.identity.File}
	}
	return f
}

// enabledFact says which level or file turns the component on or off.
func (s *sight) enabledFact(values *hierarchy.Values, on bool) Fact {
	f := Fact{State: For, Kind: KindEnabled}
	if !on {
		f.State = Against
	}
	origins := values.Origins(s.answer.Component, "enabled")
	if len(origins) == 0 {
		f.Text, f.Origin = "enabled is not set, and counts as false", s.written(values, []string{s.answer.Component})
		return f
	}
	f.Origin = Origin{origins[0].Source, origins[0].File, origins[0].Line}
	f.Text = fmt.Sprintf("enabled is %s, set by %s", shown(origins[0].Value), source(origins[0].Source))
	for i, o := range origins[1:] {
		f.Text += []string{", over ", " over "}[min(i, 1)] + fmt.Sprintf("%s (%s)", shown(o.Value),
			Origin{"", o.File, o.Line})
	}
	return f
}

// shown returns a value as it is written: a switch, or what somebody has taken for one.
func shown(value any) string {
	if value == nil {
		return "null"
	}
	return fmt.Sprint(value)
}

// source returns what an origin's source is called in a sentence.
func source(name string) string {
	switch name {
	case hierarchy.SourceCatalog:
		return "the component file"
	case hierarchy.SourceDefaults:
		return "the catalog's values.yaml"
	case hierarchy.SourceGroup:
		return "the group in " + hierarchy.FleetFile
	case hierarchy.SourceFlags, hierarchy.SourceValues:
		return name
	}
	return "the level " + name
}

// useSelectorsFact says whether the component's own selector counts.
func (s *sight) useSelectorsFact(values *hierarchy.Values) Fact {
	text := "useSelectors is off: the key selector has no effect, selectorMatchLabels and globalSelectors have"
	if s.usesSelectors(values) {
		text = "useSelectors is on: the key selector counts"
	}
	return Fact{State: Note, Kind: KindUseSelectors, Text: text,
		Origin: s.written(values, []string{wellknown.SettingUseSelectors})}
}

// requirementFact says whether the cluster meets a condition.
func (s *sight) requirementFact(r requirement) Fact {
	f := Fact{State: For, Kind: KindRequirement, Label: r.Label, Origin: r.origin, SetAt: s.setAt(r.Label)}
	value, has := s.identity.Labels[r.Label]
	f.Value = value
	is := "missing"
	if has {
		is = fmt.Sprintf("%q%s", value, in(f.SetAt))
	}
	if r.met {
		f.Text = fmt.Sprintf("the label %s is %s, as %s wants", r.Label, is, r.from())
		return f
	}
	f.State = Against
	f.Text = fmt.Sprintf("the label %s is %s, and %s wants %s", r.Label, is, r.from(), r.Want())
	return f
}

// version says which version the cluster gets: that of the last entry of environments that has its labels, or the
// default (rule environments-merge in docs/rules/generators.md).
func (s *sight) version(values *hierarchy.Values) Fact {
	component := s.answer.Component
	r := hierarchy.Reader(values, "", component)
	otherwise := r.TextOr("defaultVersion", "")
	f := Fact{State: Note, Kind: KindVersion, Value: otherwise}
	if f.Value != "" {
		f.Text = "version " + f.Value + " by defaultVersion"
		f.Origin = s.written(values, []string{component, "defaultVersion"})
	}
	if r.On("gitMatrix") {
		return f
	}
	entries, keys := environments(r.Any("environments"))
	for i, entry := range entries {
		selector := fields.AsMap(entry["selector"])
		version, _ := fields.Text(entry["chartVersion"])
		version = cmp.Or(version, otherwise)
		var labels []string
		for _, label := range fields.SortedKeys(selector) {
			text, _ := fields.Text(selector[label])
			if s.identity.Labels[label] != text {
				labels = nil
				break
			}
			labels = append(labels, fmt.Sprintf("%s=%s%s", label, text, in(s.setAt(label))))
		}
		if len(labels) > 0 && version != "" {
			f.Value = version
			f.Text = fmt.Sprintf("version %s by the entry of environments for %s", version, strings.Join(labels, ", "))
			f.Origin = s.written(values, []string{component, "environments", keys[i]})
		}
	}
	return f
}

// environments returns the entries of a component's environments, which are a list or a map, with their keys.
func environments(value any) (entries []map[string]any, keys []string) {
	if m, isMap := value.(map[string]any); isMap {
		for _, key := range fields.SortedKeys(m) {
			entries, keys = append(entries, fields.AsMap(m[key])), append(keys, key)
		}
		return entries, keys
	}
	list, _ := value.([]any)
	for i, item := range list {
		entries, keys = append(entries, fields.AsMap(item)), append(keys, fmt.Sprint(i))
	}
	return entries, keys
}
