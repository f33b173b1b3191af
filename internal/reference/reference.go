// Package reference is the table of what people write: each key of fleet.yaml, of the files of members and releases, of
// components, settings and the registration of clusters, with its type, default, effect and an example. The readers
// take the names of keys from it, or a test holds them to it. `cmp explain`, `cmp schema` and the pages in
// docs/reference are made of it.
package reference

import (
	"slices"
	"strings"
)

// A Type says what a key may hold.
type Type string

// The types. Text may be written as a number or a boolean, since Helm templates take them so.
const (
	Text     Type = "string"
	Version  Type = "quoted string" // a number would lose zeros
	Switch   Type = "true or false"
	Size     Type = "size"
	Duration Type = "duration"
	Texts    Type = "list of strings"
	TextMap  Type = "map of strings"
	Map      Type = "map"
	Maps     Type = "list of maps"
	MapOf    Type = "map of maps" // whose keys are names
)

// A Key is one key that a file may have.
type Key struct {
	// Path leads to the key from the top of the file: names with dots between them. A name in capitals stands for any,
	// and [] after a name for each entry of its list.
	Path     string
	Type     Type
	Values   []string // all that it may be, of a Switch besides true and false; none for any
	Required bool     // the map that it is in cannot do without it
	// Default is what counts without the key, as YAML; "" where Without says it.
	Default string
	Without string // what happens without the key, in words; "" where Default says it
	Effect  string // sentences, the first of which says it all
	Example string // YAML of the map that the key is in: the key, and others that it needs
	Open    bool   // a map that may have other keys than those of the table
	OrMap   bool   // a map counts as the list of what it holds
	Inert   bool   // it has no effect, and is a finding

	kind *Kind
}

// A Kind is one kind of file, or of map in such files.
type Kind struct {
	Name  string
	Other string // another name, in the singular or plural
	Title string
	Files string // where it is written
	About string // sentences about the kind
	Keys  []Key  // in the order of the page

	// Beside says that a map with the path of a kind may also have the keys of another kind.
	beside map[string]*Kind
}

// Kinds returns all kinds, in the order of the pages. They must not be changed.
func Kinds() []*Kind { return kinds }

var kinds = link(&fleetKind, &memberKind, &releasesKind, &componentKind, &settingsKind, &registrationKind)

func link(all ...*Kind) []*Kind {
	for _, kind := range all {
		for i := range kind.Keys {
			kind.Keys[i].kind = kind
		}
	}
	fleetKind.beside = map[string]*Kind{"spec.groups." + anyGroup: &settingsKind}
	return all
}

// KindOf returns the kind with a name, or nil.
func KindOf(name string) *Kind {
	for _, kind := range kinds {
		if kind.Name == name || kind.Other == name {
			return kind
		}
	}
	return nil
}

// Names returns the names of the keys of a kind directly below a path, "" for the top, as the table has them.
func Names(kind, below string) []string {
	var names []string
	for _, key := range KindOf(kind).Below(below) {
		names = append(names, key.Name())
	}
	return names
}

// Below returns the keys of a map: those directly below a path, "" for the top. The path of a list of maps ends with
// [], that of a map of maps with the name that stands for any.
func (k *Kind) Below(path string) []Key {
	var below []Key
	for _, key := range k.Keys {
		if key.parent() == path {
			below = append(below, key)
		}
	}
	return below
}

// Kind returns the kind that the key is of.
func (k Key) Kind() *Kind { return k.kind }

// Name returns the last part of the path.
func (k Key) Name() string { return k.Path[strings.LastIndexByte(k.Path, '.')+1:] }

// Full returns the path with the kind before it, which is left out where the path is of fleet.yaml.
func (k Key) Full() string {
	if k.kind == &fleetKind {
		return k.Path
	}
	return k.kind.Name + "." + k.Path
}

// Below returns the keys of the map that the key holds, or of the maps in it.
func (k Key) Below() []Key { return k.kind.Below(k.pathBelow()) }

// Beside returns the keys of the map that the key is in.
func (k Key) Beside() []Key { return k.kind.Below(k.parent()) }

// pathBelow returns the path of the map that the key holds, or of the maps in it.
func (k Key) pathBelow() string {
	if k.Type == Maps {
		return k.Path + "[]"
	}
	if len(k.kind.Below(k.Path)) == 0 {
		for _, key := range k.kind.Keys {
			if rest, is := strings.CutPrefix(key.Path, k.Path+"."); is && isAny(firstOf(rest)) {
				return k.Path + "." + firstOf(rest)
			}
		}
	}
	return k.Path
}

// parent returns the path of the map that the key is in.
func (k Key) parent() string {
	if i := strings.LastIndexByte(k.Path, '.'); i >= 0 {
		return k.Path[:i]
	}
	return ""
}

func firstOf(path string) string {
	first, _, _ := strings.Cut(path, ".")
	return first
}

// Names in capitals stand for any name; in examples they are these.
const (
	anyGroup      = "GROUP"
	anyTenant     = "TENANT"
	anyComponent  = "COMPONENT"
	anyFile       = "FILE"
	anyCredential = "CREDENTIAL"
	anyRepository = "REPOSITORY"
)

var exampleNames = map[string]string{anyGroup: "addons", anyTenant: "retail", anyComponent: "karpenter",
	anyFile: "addons", anyCredential: "fleet-git-credentials", anyRepository: "platform"}

func isAny(name string) bool { return exampleNames[strings.TrimSuffix(name, "[]")] != "" }

// Snippet returns the example with all that is above the key in its file, as YAML.
func (k Key) Snippet() string {
	path := k.parent()
	text := siblings(k, path) + k.Example
	for path != "" {
		i := strings.LastIndexByte(path, '.') + 1
		name, list := strings.CutSuffix(path[i:], "[]")
		if example := exampleNames[name]; example != "" {
			name = example
		}
		lines := strings.Split(text, "\n")
		for j, line := range lines {
			switch {
			case list && j == 0:
				lines[j] = "  - " + line
			case list:
				lines[j] = "    " + line
			default:
				lines[j] = "  " + line
			}
		}
		text = name + ":\n" + strings.Join(lines, "\n")
		path = strings.TrimSuffix(path[:i], ".")
		text = siblings(Key{kind: k.kind, Example: text}, path) + text
	}
	if k.kind == &componentKind {
		text = exampleNames[anyComponent] + ":\n  " + strings.ReplaceAll("enabled: true\n"+text, "\n", "\n  ")
		text = strings.Replace(text, "enabled: true\n  enabled: ", "enabled: ", 1)
	}
	return text + "\n"
}

// siblings returns the examples of the keys without which the map at a path cannot be, but for those at the top of the
// file, and what the example has itself.
func siblings(k Key, path string) string {
	if path == "" {
		return ""
	}
	var text string
	for _, key := range k.kind.Below(path) {
		if key.Required && !hasKey(k.Example, key.Name()) {
			text += key.Example + "\n"
		}
	}
	return text
}

// hasKey tells whether a map that is written as YAML has a key at its top.
func hasKey(text, name string) bool {
	return slices.ContainsFunc(strings.Split(text, "\n"), func(line string) bool {
		return strings.HasPrefix(line, name+":")
	})
}
