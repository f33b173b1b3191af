// Package levelpath evaluates the paths of levels, which are templates over a cluster, and the other templates of
// fleet.yaml. It also tells which segment of a path is the tenant or the environment.
package levelpath

import (
	"slices"
	"strings"
	"sync"
	"text/template"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/gotemplate"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// FromTenant returns the part of a level path that starts at the tenant, or the whole path if it names no tenant.
func FromTenant(text string) string {
	if at, _ := Segment(text, wellknown.LabelTenant); at >= 0 {
		return text[at:]
	}
	return text
}

// Segment returns where in a level path the segment begins and ends that is the label tenant or environment; -1 if
// none is.
func Segment(text, label string) (from, to int) {
	for segment := range strings.SplitSeq(text, "/") {
		to = from + len(segment)
		if strings.Contains(segment, label) {
			var field []string
			if found, err := gotemplate.Fields(segment); err == nil && len(found) == 1 {
				field = found[0]
			}
			if indexed := gotemplate.Indexed(segment); indexed != nil {
				field = indexed
			}
			if slices.Equal(field, []string{label}) || slices.Equal(field, []string{"metadata", "labels", label}) {
				return from, to
			}
		}
		from = to + 1
	}
	return -1, -1
}

// Expand evaluates a level path for the cluster. missing names the labels or other fields that the path needs and the
// cluster lacks. The template knows values, conditions and a few functions, so that text of the repository cannot make
// it run long, nor read anything.
func (t *Templates) Expand(c cluster.Cluster, text string, data map[string]any) (directory string, missing []string,
	err error) {
	p, err := t.Parse(text)
	if err != nil {
		return "", nil, problem.New(hierarchy.FleetFile, 0, "path of a level: %w", err)
	}
	for _, field := range p.Fields {
		what := FieldName(field)
		value, ok := Lookup(data, field)
		if !ok {
			missing = append(missing, what)
			continue
		}
		segment, isText := value.(string)
		if !isText {
			continue // of which index takes a part
		}
		if err := cluster.CheckSegment(segment); err != nil {
			return "", nil, problem.New(c.File, 0, "cluster %q: the %s %w", c.Name, what, err)
		}
	}
	if len(missing) > 0 {
		return "", missing, nil
	}
	var b strings.Builder
	if err := p.Template.Execute(&b, data); err != nil {
		_, reason, _ := strings.Cut(err.Error(), ">: ")
		reason = strings.TrimPrefix(reason, "error calling ")
		return "", []string{"value for the path " + text + " (" + reason + ")"}, nil
	}
	directory = b.String()
	if directory == "" {
		return "", nil, nil
	}
	if strings.Contains(directory, "<no value>") { // of index
		return "", []string{"label or annotation for the path " + text}, nil
	}
	for segment := range strings.SplitSeq(directory, "/") {
		if err := cluster.CheckSegment(segment); err != nil {
			return "", nil, problem.New(hierarchy.FleetFile, 0, "cluster %q: path %s of a level gives %q: a part %w",
				c.Name, text, directory, err)
		}
	}
	return directory, nil, nil
}

// A Parsed template is one of fleet.yaml: a level path, or how the secrets of a tenant are named.
type Parsed struct {
	Fields   [][]string // that it needs
	Template *template.Template
}

// Templates are those of one fleet that are parsed so far, by their text: a fleet has few of them, for many clusters.
type Templates struct{ parsed sync.Map }

// Parse parses a template. It fails for one that is more than fields, conditions and the few functions that are known.
func (t *Templates) Parse(text string) (Parsed, error) {
	known, _ := t.parsed.Load(text)
	if p, ok := known.(Parsed); ok {
		return p, nil
	}
	plain, err := gotemplate.Rename(text, nil)
	if err != nil {
		return Parsed{}, err
	}
	var p Parsed
	if p.Fields, err = gotemplate.Fields(plain); err != nil {
		return Parsed{}, err
	}
	if p.Template, err = template.New("path").Option("missingkey=error").Parse(plain); err != nil {
		return Parsed{}, err
	}
	t.parsed.Store(text, p)
	return p, nil
}

// Lookup returns what is at a chain of fields of a cluster's data, a string or a map, and whether there is something.
func Lookup(data map[string]any, field []string) (any, bool) {
	var value any = data
	for _, key := range field {
		m, ok := value.(map[string]any)
		if !ok {
			return nil, false
		}
		if value, ok = m[key]; !ok {
			return nil, false
		}
	}
	return value, true
}

// FieldName names a field of a cluster for messages.
func FieldName(field []string) string {
	switch {
	case len(field) == 3 && field[0] == "metadata" && field[1] == "labels":
		return "label " + field[2]
	case len(field) == 3 && field[0] == "metadata" && field[1] == "annotations":
		return "annotation " + field[2]
	case len(field) == 1 && (field[0] == wellknown.LabelTenant || field[0] == wellknown.LabelEnvironment):
		return "label " + field[0]
	}
	return "field ." + strings.Join(field, ".")
}
