// Package fork says with which settings cmp makes what a fork of the wrapper chart makes: one that has its files at
// other places, and other names for its Applications.
package fork

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// An Application is what has the chart today.
type Application struct {
	Name     string
	Hub      cluster.Cluster          // that it is for
	Source   map[string]any           // with the chart, as it is for the hub
	Template map[string]any           // the same, as the ApplicationSet has it; nil if there is none
	Sets     []map[string]any         // that the chart makes
	Key      func(name string) string // of the component whose ApplicationSet has the name
}

// A Level is one of spec.levels of fleet.yaml.
type Level struct {
	Name  string
	Paths []string
}

// A Proposal is what fleet.yaml says of the group.
type Proposal struct {
	Path     string // the app path
	Levels   []Level
	Settings map[string]any // of the group
}

// Group returns the group that a source with the chart renders: the one that it says, or else the one that all of its
// value files are named after, or else the Application's name.
func Group(application string, source map[string]any) string {
	helm := fields.AsMap(source["helm"])
	if group, _ := fields.AsMap(helm["valuesObject"])[wellknown.SettingApplicationSetGroup].(string); group != "" {
		return group
	}
	group := ""
	for _, name := range texts(helm["valueFiles"]) {
		stem := strings.TrimSuffix(path.Base(name), path.Ext(name))
		if stem == "values" || group != "" && stem != group {
			return application
		}
		group = stem
	}
	if group == "" || strings.Contains(group, "{{") {
		return application
	}
	return group
}

// Propose returns what fleet.yaml has to say of the group of an Application, and whether its value files can be told.
func Propose(a Application) (Proposal, bool) {
	files := texts(fields.AsMap(a.Source["helm"])["valueFiles"])
	written := texts(fields.AsMap(a.Template["helm"])["valueFiles"])
	if len(files) == 0 {
		return Proposal{}, false
	}
	if len(files) != len(written) {
		written = a.unevaluated(files)
	}
	known := a.Hub.Annotations[wellknown.RepositoryAnnotation(wellknown.GroupAddons, "basepath")]
	p := Proposal{Path: base(known, files), Settings: map[string]any{}}
	group, chart := Group(a.Name, a.Source), path.Base(text(a.Source, "path")+text(a.Source, "chart"))
	var places []any
	for i, file := range written {
		name, ok := p.below(file, files[i])
		if !ok {
			return Proposal{}, false
		}
		directory, place := path.Dir(name), path.Base(name)
		if path.Base(directory) == chart {
			directory, place = path.Dir(directory), chart+"/"+place
		}
		if directory == "." { // no path of a level
			return Proposal{}, false
		}
		place = strings.ReplaceAll(place, group+".", "GROUP.")
		if !slices.Contains(places, any(place)) {
			places = append(places, place)
		}
		p.add(directory, true)
	}
	p.Settings["settingsFiles"] = places
	values := fields.AsMap(fields.AsMap(a.Source["helm"])["valuesObject"])
	if _, said := values[wellknown.SettingApplicationSetGroup]; !said {
		p.Settings[wellknown.SettingApplicationSetGroup] = ""
	}
	p.name(a)
	p.valueFiles(a, group)
	return p, true
}

// unevaluated returns value files as an ApplicationSet could have them, of which only the patch says how.
func (a Application) unevaluated(files []string) []string {
	environment, tenant := a.Hub.Labels[wellknown.LabelEnvironment], a.Hub.Labels[wellknown.LabelTenant]
	var all []string
	for _, file := range files {
		parts := strings.Split(file, "/")
		for i := range parts {
			switch part := parts[i]; {
			case i == 0 || part == "":
			case part == a.Hub.Name:
				parts[i] = "{{.name}}"
			case part == environment && (part != tenant || parts[i-1] == "environments"):
				parts[i] = "{{.metadata.labels.environment}}"
			case part == tenant:
				parts[i] = "{{.metadata.labels.tenant}}"
			}
		}
		all = append(all, strings.Join(parts, "/"))
	}
	return all
}

// template matches a template in a string.
var template = regexp.MustCompile(`\{\{.*?\}\}`)

// withoutDot matches a template of an ApplicationSet without goTemplate that a path of a level may have with a dot.
var withoutDot = regexp.MustCompile(`^\{\{\s*(metadata\.labels\.\w+|name|nameNormalized)\s*\}\}$`)

// below returns the path of a file below the app path, with the templates that a path of a level may have. written is
// the file before it is evaluated.
func (p Proposal) below(written, file string) (string, bool) {
	var pattern strings.Builder
	last, found := 0, template.FindAllStringIndex(written, -1)
	for _, at := range found {
		pattern.WriteString(regexp.QuoteMeta(written[last:at[0]]) + "(.*?)")
		last = at[1]
	}
	pattern.WriteString(regexp.QuoteMeta(written[last:]))
	values := regexp.MustCompile("^" + pattern.String() + "$").FindStringSubmatch(file)
	if values == nil {
		return "", false
	}
	i := 0
	name := template.ReplaceAllStringFunc(written, func(text string) string {
		i++
		text = withoutDot.ReplaceAllString(text, "{{.$1}}")
		if strings.Contains(text, ".metadata.labels") || strings.Contains(text, ".name") {
			return text
		}
		return values[i]
	})
	_, name, _ = strings.Cut(name, "/")
	name = path.Clean(name)
	if p.Path == "." {
		return name, true
	}
	return strings.CutPrefix(name, p.Path+"/")
}

// base returns the directory that all value files are below: the one that is known, or else the deepest.
func base(known string, files []string) string {
	known = path.Clean(known)
	common := ""
	for i, file := range files {
		_, name, _ := strings.Cut(file, "/")
		directory := path.Dir(path.Clean(name))
		if known != "." && !strings.HasPrefix(directory+"/", known+"/") {
			known = "."
		}
		for i > 0 && common != "." && !strings.HasPrefix(directory+"/", common+"/") {
			common = path.Dir(common)
		}
		if i == 0 {
			common = directory
		}
	}
	if known != "." {
		return known
	}
	return common
}

// spaces matches a template with the spaces that it may have.
var spaces = regexp.MustCompile(`\{\{\s*(.*?)\s*\}\}`)

// add adds a directory to the level that it is of. Where files override each other in its order, that is the last one,
// or a new one.
func (p *Proposal) add(directory string, ordered bool) {
	directory = spaces.ReplaceAllString(directory, "{{$1}}")
	kind := "system"
	switch {
	case strings.Contains(directory, ".name"):
		kind = "cluster"
	case strings.Contains(directory, ".environment"):
		kind = "environment"
	case strings.Contains(directory, ".tenant"):
		kind = "tenant"
	}
	for i := range p.Levels {
		if slices.Contains(p.Levels[i].Paths, directory) {
			return
		}
		if p.Levels[i].Name == kind && (!ordered || i == len(p.Levels)-1) {
			p.Levels[i].Paths = append(p.Levels[i].Paths, directory)
			return
		}
	}
	for slices.ContainsFunc(p.Levels, func(of Level) bool { return of.Name == kind }) {
		kind += "-again"
	}
	p.Levels = append(p.Levels, Level{kind, []string{directory}})
}

// component stands for the component in the setting applicationName.
const component = "COMPONENT"

// name adds how Applications are named: the way in which most are for the group, and others for their components.
func (p *Proposal) name(a Application) {
	count, names := map[string]int{}, map[string]string{}
	release := text(a.Source, "helm", "valuesObject", wellknown.SettingReleaseType)
	for _, set := range a.Sets {
		key := a.Key(strings.TrimSuffix(text(set, "metadata", "name"), "-"+release))
		own := strings.ReplaceAll(key, "_", "-")
		names[key] = strings.Replace(text(set, "spec", "template", "metadata", "name"), own, component, 1)
		count[names[key]]++
	}
	usual := ""
	for _, name := range slices.Sorted(maps.Keys(count)) {
		if strings.Contains(name, component) && count[name] > count[usual] {
			usual = name
		}
	}
	components := map[string]any{}
	for key, name := range names {
		if name != usual && name != "" {
			components[key] = map[string]any{"appSetName": nil, wellknown.SettingApplicationName: name}
		}
	}
	if usual != "" {
		p.Settings[wellknown.SettingApplicationName] = usual
	}
	if len(components) > 0 {
		p.Settings["applicationSets"] = components
	}
}

// annotation matches a template that is an annotation.
var annotation = regexp.MustCompile(`^\$\w+/\{\{\s*\.metadata\.annotations\.\w+\s*\}\}`)

// valueFiles adds what the ApplicationSets say of the values of components: where they are, and what they are called.
func (p *Proposal) valueFiles(a Application, group string) {
	called := map[string]bool{}
	for _, set := range a.Sets {
		sources, _ := fields.AsMap(fields.AsMap(fields.AsMap(set["spec"])["template"])["spec"])["sources"].([]any)
		for _, item := range sources {
			source := fields.AsMap(item)
			if from := text(source, "path"); path.Base(from) == "pod-identity" {
				p.Settings[wellknown.SettingAckPodIdentity] = map[string]any{"path": from}
				continue
			}
			for _, file := range texts(fields.AsMap(source["helm"])["valueFiles"]) {
				called[path.Base(file)] = true
				of := path.Dir(path.Dir(path.Clean(annotation.ReplaceAllString(file, ""))))
				if directory, last := path.Split(strings.TrimPrefix(of, "/")); last == group && directory != "" {
					p.add(path.Clean(directory), false)
				}
			}
		}
	}
	if len(called) == 1 && !called["values.yaml"] {
		for name := range called {
			p.Settings[wellknown.SettingValuesFileName] = name
		}
	}
}

// text returns the string at a path of keys; "" if there is none.
func text(o map[string]any, keys ...string) string {
	for _, key := range keys[:len(keys)-1] {
		o = fields.AsMap(o[key])
	}
	value, _ := o[keys[len(keys)-1]].(string)
	return value
}

// texts returns the strings of a list.
func texts(list any) []string {
	var all []string
	items, _ := list.([]any)
	for _, item := range items {
		if text, is := item.(string); is {
			all = append(all, text)
		}
	}
	return all
}

// Entries returns levels as fleet.yaml has them.
func Entries(levels []Level) []any {
	var all []any
	for _, level := range levels {
		paths := make([]any, len(level.Paths))
		for i, directory := range level.Paths {
			paths[i] = directory
		}
		all = append(all, map[string]any{"name": level.Name, "paths": paths})
	}
	return all
}
