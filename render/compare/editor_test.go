package compare_test

import (
	"fmt"
	"math/rand/v2"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing/fstest"
)

// An editor changes a fleet by chance.
type editor struct {
	*rand.Rand
	files fstest.MapFS
}

// edit makes one edit, and says what it is.
func (e editor) edit() string {
	edits := []func() string{e.changeValue, e.changeValue, e.changeValue, e.removeLine, e.removeFile, e.renameFile,
		e.addValueFile, e.changeLabel, e.addMember, e.repeatLine}
	return edits[e.IntN(len(edits))]()
}

// pick returns a file by chance, of those with a part in their path.
func (e editor) pick(parts ...string) string {
	var names []string
	for name := range e.files {
		if strings.HasSuffix(name, ".md") {
			continue
		}
		for _, part := range parts {
			if strings.Contains(name, part) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names[e.IntN(len(names))]
}

func (e editor) set(name string, lines []string) {
	e.files[name] = &fstest.MapFile{Data: []byte(strings.Join(lines, "\n")), Mode: 0o644}
}

func (e editor) lines(name string) []string { return strings.Split(string(e.files[name].Data), "\n") }

var scalar = regexp.MustCompile(`^(.*: )("?)([\w.-]+)("?)$`)

// changeValue changes the scalar at the end of a line.
func (e editor) changeValue() string {
	for {
		name := e.pick("")
		lines := e.lines(name)
		at := e.IntN(len(lines))
		match := scalar.FindStringSubmatch(lines[at])
		if match == nil {
			continue
		}
		value := match[3] + "1"
		switch match[3] {
		case "true":
			value = "false"
		case "false":
			value = "true"
		}
		lines[at] = match[1] + match[2] + value + match[4]
		e.set(name, lines)
		return fmt.Sprintf("change %s line %d", name, at+1)
	}
}

func (e editor) removeLine() string {
	name := e.pick("")
	lines := e.lines(name)
	at := e.IntN(len(lines))
	e.set(name, slices.Delete(lines, at, at+1))
	return fmt.Sprintf("remove %s line %d", name, at+1)
}

func (e editor) repeatLine() string {
	name := e.pick("values.yaml", "templates/")
	lines := e.lines(name)
	at := e.IntN(len(lines))
	e.set(name, slices.Insert(lines, at, "# a comment"))
	return fmt.Sprintf("comment %s line %d", name, at+1)
}

func (e editor) removeFile() string {
	name := e.pick("")
	delete(e.files, name)
	return "remove " + name
}

func (e editor) renameFile() string {
	name := e.pick("")
	to := path.Join(path.Dir(name), "x"+path.Base(name))
	e.files[to] = e.files[name]
	delete(e.files, name)
	return "rename " + name
}

// addValueFile adds a value file of a component to a level that may not have one.
func (e editor) addValueFile() string {
	from, to := path.Dir(path.Dir(e.pick("/addons/"))), path.Dir(e.pick("/addons/"))
	name := path.Join(from, path.Base(to), "values.yaml")
	e.files[name] = &fstest.MapFile{Data: []byte("added: true\n"), Mode: 0o644}
	return "add " + name
}

// changeLabel changes a label or annotation of a cluster.
func (e editor) changeLabel() string {
	name := e.pick("fleet-secret/values.yaml", "fleet-members/", "fleet.yaml")
	lines := e.lines(name)
	for {
		at := e.IntN(len(lines))
		if match := scalar.FindStringSubmatch(lines[at]); match != nil {
			lines[at] = match[1] + `"other"`
			e.set(name, lines)
			return fmt.Sprintf("label %s line %d", name, at+1)
		}
	}
}

// addMember copies a member under another name.
func (e editor) addMember() string {
	from := e.pick("fleet-members/")
	name := path.Join(path.Dir(from), "added-1.yaml")
	text := regexp.MustCompile(`(?m)^clusterName: .*$`).ReplaceAllString(string(e.files[from].Data),
		"clusterName: added-1")
	e.files[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	return "add " + name
}
