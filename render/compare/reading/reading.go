// Package reading tells which files the Applications of an ApplicationSet can read, without expanding it.
package reading

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/render/compare/paths"
	"github.com/eks-fleet-management/fleet-cmp/render/reach"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// A Reader says which files the Applications of an ApplicationSet can read, without expanding it: of its template, only
// what names files is evaluated, and only fields of the cluster. What is not known before can be anything, so that no
// Application is missed.
type Reader struct {
	files       []named
	directories []named
	values      map[string][]string // texts that a field of .values can have
	parsed      map[string][]part
	places      func(name string) []string // where a path can be, in whatever repository it is
	anything    bool                       // what it reads is not known before it is expanded
}

// A named file or directory is one that a template names: one text, or one relative to another.
type named struct{ directory, text string }

// New returns the reader of an ApplicationSet. places are as of [fleet.Fleet.Places].
func New(set *stages.Set, places func(name string) []string) *Reader {
	r := &Reader{values: map[string][]string{}, parsed: map[string][]part{}, places: places}
	spec, _ := set.Object["spec"].(map[string]any)
	if set.Object["kind"] != "ApplicationSet" {
		r.anything = true
		return r
	}
	r.addGenerators(spec["generators"])
	if patch, _ := spec["templatePatch"].(string); namesSources.MatchString(patch) {
		r.anything = true
	}
	template, _ := spec["template"].(map[string]any)
	application, _ := template["spec"].(map[string]any)
	sources, _ := application["sources"].([]any)
	for _, source := range append(slices.Clone(sources), application["source"]) {
		if source, is := source.(map[string]any); is {
			r.addSource(source)
		}
	}
	return r
}

// namesSources finds in a template patch what can change the files that are read.
var namesSources = regexp.MustCompile(`(?i)sources?\b|path|valueFiles|fileParameters`)

// addGenerators looks for the values that generators give. Of others than those of clusters nothing is known.
func (r *Reader) addGenerators(list any) {
	generators, _ := list.([]any)
	for _, generator := range generators {
		g, _ := generator.(map[string]any)
		for kind, value := range g {
			of, _ := value.(map[string]any)
			switch kind {
			case "clusters":
				values, _ := of["values"].(map[string]any)
				for key, text := range values {
					if text, is := text.(string); is && !slices.Contains(r.values[key], text) {
						r.values[key] = append(r.values[key], text)
					}
				}
			case "merge":
				r.addGenerators(of["generators"])
			case "selector", "template":
				r.anything = r.anything || kind == "template"
			default:
				r.anything = true
			}
		}
	}
}

func (r *Reader) addSource(source map[string]any) {
	directory, _ := source["path"].(string)
	if directory != "" {
		r.directories = append(r.directories, named{text: directory})
	}
	helm, _ := source["helm"].(map[string]any)
	valueFiles, _ := helm["valueFiles"].([]any)
	parameters, _ := helm["fileParameters"].([]any)
	for _, parameter := range parameters {
		p, _ := parameter.(map[string]any)
		valueFiles = append(slices.Clip(valueFiles), p["path"])
	}
	for _, file := range valueFiles {
		text, _ := file.(string)
		if reference, rest, below := strings.Cut(text, "/"); below && strings.HasPrefix(reference, "$") {
			text = "/" + rest
		}
		if strings.Contains(text, "$") { // of the build environment
			r.anything = true
		}
		r.files = append(r.files, named{directory, text})
	}
	for _, key := range []string{"helm", "directory", "kustomize"} {
		options, _ := source[key].(map[string]any)
		if _, reads := options["jsonnet"]; reads || options["components"] != nil {
			r.anything = true
		}
	}
}

// Reads tells whether the Application of a cluster can read one of the paths that differ.
func (r *Reader) Reads(c cluster.Cluster, changed *paths.Paths, outside *reach.Reach) bool {
	if r.anything {
		return true
	}
	for _, file := range r.files {
		for _, text := range r.evaluate(file.text, c) {
			for _, directory := range r.evaluate(file.directory, c) {
				if slices.ContainsFunc(r.located(directory, text),
					func(name string) bool { return changed.MayBe(name, false) }) {
					return true
				}
			}
		}
	}
	for _, directory := range r.directories {
		for _, text := range r.evaluate(directory.text, c) {
			for _, name := range r.located("", text) {
				if changed.MayBe(name, true) || slices.ContainsFunc(outside.Of(name), changed.Below) {
					return true
				}
			}
		}
	}
	return false
}

// located returns where a path can be that is named in a directory, or from the root. Where its beginning is not known,
// neither is its place in one of several repositories.
func (r *Reader) located(directory, text string) []string {
	name := path.Clean(path.Join(directory, text))
	switch {
	case strings.HasPrefix(text, "/"):
		name = path.Clean(strings.TrimLeft(text, "/"))
	case strings.Contains(directory, reach.Any) && strings.Contains(text, ".."):
		name = reach.Any
	}
	places := r.places(name)
	if len(places) > 1 && strings.Contains(name, reach.Any) {
		return []string{reach.Any}
	}
	return places
}

// action finds what a template puts in, and field what is a field of a cluster, with Go templates and without.
var (
	action = regexp.MustCompile(`\{\{-?\s*(.*?)\s*-?\}\}`)
	field  = regexp.MustCompile(`^\.?([A-Za-z]\w*(?:\.[A-Za-z0-9_]+)*)$`)
)

// A part of a template is text, or a field of the parameters; of another expression nothing is known.
type part struct{ text, field string }

// parse returns the parts of a template.
func parse(text string) []part {
	var parts []part
	last := 0
	for _, at := range action.FindAllStringSubmatchIndex(text, -1) {
		parts = append(parts, part{text: text[last:at[0]]})
		if match := field.FindStringSubmatch(text[at[2]:at[3]]); match != nil {
			parts = append(parts, part{field: match[1]})
		} else {
			parts = append(parts, part{text: reach.Any})
		}
		last = at[1]
	}
	return append(parts, part{text: text[last:]})
}

// evaluate returns the texts that a template can give for a cluster.
func (r *Reader) evaluate(text string, c cluster.Cluster) []string { return r.evaluateDeep(text, c, 2) }

// evaluateDeep evaluates templates in values of templates, so many times.
func (r *Reader) evaluateDeep(text string, c cluster.Cluster, deep int) []string {
	parts, known := r.parsed[text]
	if !known {
		parts = parse(text)
		r.parsed[text] = parts
	}
	texts := []string{""}
	for _, part := range parts {
		values := []string{part.text}
		if part.field != "" {
			values = r.valuesOf(part.field, c, deep)
		}
		if len(values) == 1 {
			for i := range texts {
				texts[i] += values[0]
			}
			continue
		}
		var next []string
		for _, before := range texts {
			for _, value := range values {
				next = append(next, before+value)
			}
		}
		const most = 64 // else they multiply
		if texts = next; len(texts) > most {
			return []string{reach.Any}
		}
	}
	return texts
}

func (r *Reader) valuesOf(name string, c cluster.Cluster, deep int) []string {
	label, isLabel := strings.CutPrefix(name, "metadata.labels.")
	annotation, isAnnotation := strings.CutPrefix(name, "metadata.annotations.")
	value, isValue := strings.CutPrefix(name, "values.")
	switch {
	case name == "name":
		return []string{c.Name}
	case name == "server":
		return []string{c.Server}
	case isLabel:
		return []string{c.Labels[label]}
	case isAnnotation:
		return []string{c.Annotations[annotation]}
	case isValue && deep > 0:
		var all []string
		for _, text := range r.values[value] {
			all = append(all, r.evaluateDeep(text, c, deep-1)...)
		}
		if len(all) > 0 {
			return all
		}
	}
	return []string{reach.Any}
}
