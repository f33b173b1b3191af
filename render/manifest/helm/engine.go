package helm

import (
	"context"
	"fmt"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"
	"time"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"

	"github.com/eks-fleet-management/fleet-cmp/render/internal/sandbox"
)

// A renderable is one template file of a chart or of one of its subcharts.
type renderable struct {
	file     *chart.File
	values   map[string]any // what the template sees as "."
	basePath string
}

// renderables returns the template files by their full names: CHART/templates/FILE,
// CHART/charts/SUBCHART/templates/FILE. As in Helm, a subchart sees its own part of the values and its own files, and
// of a library chart only the files count whose names start with "_".
func (c *Chart) renderables(p *prepared) map[string]renderable {
	out := map[string]renderable{}
	c.addRenderables(p, p.tree, p.values, out)
	return out
}

func (c *Chart) addRenderables(p *prepared, t *tree, values map[string]any, out map[string]renderable) map[string]any {
	subcharts := map[string]any{}
	own := map[string]any{
		"Chart":        t.metadata,
		"Files":        newFiles(t.loaded.Files),
		"Release":      p.scope["Release"],
		"Capabilities": p.scope["Capabilities"],
		"Values":       c.engine.typed(values),
		"Subcharts":    subcharts,
	}
	for _, child := range t.subcharts {
		table, err := chartutil.Values(values).Table(child.name)
		if err != nil {
			table = chartutil.Values{}
		}
		subcharts[child.name] = c.addRenderables(p, child, table, out)
	}
	for _, file := range t.loaded.Templates {
		if file == nil || strings.EqualFold(t.loaded.Metadata.Type, "library") &&
			!strings.HasPrefix(path.Base(file.Name), "_") {
			continue
		}
		out[path.Join(t.path, file.Name)] = renderable{file, own, path.Join(t.path, "templates")}
	}
	return own
}

// An execution is one run of all templates of a chart.
type execution struct {
	*sandbox.Budget
	known    functionSet
	heights  map[*parse.Tree]int
	included map[string]int // calls of `include` going on, by name
}

// execute runs the templates and returns what each file printed; files that start with "_" are only called by others.
// Of templates with the same name, that of the file counts which is highest in the tree of charts, and among these the
// one that sorts first. The error says the template's file and line.
func (c *Chart) execute(ctx context.Context, files map[string]renderable) (rendered map[string]string, err error) {
	var running string
	defer func() {
		if r := recover(); r != nil {
			err = templateError(running, fmt.Errorf("cannot be rendered: %v", r))
		}
	}()
	names := slices.SortedFunc(maps.Keys(files), func(a, b string) int {
		if d := strings.Count(b, "/") - strings.Count(a, "/"); d != 0 {
			return d
		}
		return strings.Compare(b, a)
	})
	x := &execution{Budget: sandbox.New(ctx, c.limits), known: c.engine.functions(),
		heights: map[*parse.Tree]int{}, included: map[string]int{}}
	root := template.New("gotpl").Option("missingkey=zero")
	root.Funcs(x.functions(root))
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		file, err := c.parse(name, files[name].file)
		if err != nil {
			return nil, templateError(name, err)
		}
		if err := x.add(root, file); err != nil {
			return nil, templateError(name, err)
		}
	}
	rendered = make(map[string]string, len(names))
	for _, name := range names {
		if strings.HasPrefix(path.Base(name), "_") {
			continue
		}
		running = name
		values := files[name].values
		values["Template"] = c.engine.typed(map[string]any{"Name": name, "BasePath": files[name].basePath})
		out, err := x.run(root, name, c.engine.typed(values))
		if err != nil {
			return nil, templateError(name, err)
		}
		rendered[name] = withoutMissing(out)
	}
	return rendered, nil
}

// add adds the templates of a file. One that is empty does not replace another of the same name.
func (x *execution) add(t *template.Template, file *parsed) error {
	for name, tree := range file.trees {
		x.heights[tree] = file.heights[tree]
		if _, err := t.AddParseTree(name, tree); err != nil {
			return err
		}
	}
	return nil
}

// functions returns all functions of a template and of those that it calls.
func (x *execution) functions(t *template.Template) template.FuncMap {
	out := make(template.FuncMap, len(x.known.plain)+5)
	for name, function := range x.known.plain {
		out[name] = x.Guard(name, function)
	}
	out[sandbox.StepName] = func() (string, error) { return "", x.Step() }
	out[sandbox.TextName] = x.Print
	x.bind(t, out)
	return out
}

// bind sets the functions that find templates by name.
func (x *execution) bind(t *template.Template, out template.FuncMap) {
	out[sandbox.CallName] = func(name string, data reflect.Value) (string, error) { return x.run(t, name, data) }
	out["include"] = func(name string, data any) (string, error) {
		if x.included[name] > maxRecursion {
			return "", sandbox.Exceeded("template %q includes itself more than %d times", name, maxRecursion)
		}
		x.included[name]++
		defer func() { x.included[name]-- }()
		return x.run(t, name, data)
	}
	out["tpl"] = func(text string, data any) (string, error) { return x.tpl(t, text, data) }
}

// run executes a template by name.
func (x *execution) run(t *template.Template, name string, data any) (string, error) {
	height := 0
	if found := t.Lookup(name); found != nil {
		height = x.heights[found.Tree]
	}
	if err := x.Step(); err != nil {
		return "", err
	}
	if err := x.Enter(name, height); err != nil {
		return "", err
	}
	defer x.Leave(height)
	out := x.Output()
	if err := t.ExecuteTemplate(out, name, data); err != nil {
		return "", innermost(err)
	}
	return out.String(), nil
}

// tpl executes a string as a template. It sees the templates of its surroundings; what it defines is seen only by
// itself and what it calls.
func (x *execution) tpl(parent *template.Template, text string, data any) (string, error) {
	if !strings.Contains(text, "{{") {
		return withoutMissing(text), x.Step() // most values that charts hand to tpl are plain strings
	}
	if err := x.Spend(int64(len(text))); err != nil {
		return "", err
	}
	if err := x.Work(parsing(parent, text)); err != nil {
		return "", err
	}
	clone, err := parent.Clone()
	if err != nil {
		return "", err
	}
	clone.Option("missingkey=zero") // not kept by Clone, golang/go#43022
	functions := template.FuncMap{}
	x.bind(clone, functions)
	clone.Funcs(functions)
	file, err := parseTemplate(parent.Name(), text, x.known.known)
	if err != nil {
		return "", innermost(err)
	}
	own := clone.New(parent.Name()) // of the same name, but not the parent where the text is empty
	if err := x.add(own, file); err != nil {
		return "", err
	}
	defer func() {
		for tree := range file.heights {
			delete(x.heights, tree)
		}
	}()
	height := file.heights[own.Tree]
	if err := x.Enter("tpl", height); err != nil {
		return "", err
	}
	defer x.Leave(height)
	out := x.Output()
	if err := own.Execute(out, data); err != nil {
		return "", innermost(err)
	}
	return withoutMissing(out.String()), nil
}

// parsing returns how long it takes to parse a string with the templates around it, all of which are copied.
func parsing(around *template.Template, text string) time.Duration {
	const fixed, each, perByte = 5_000, 500, 20 // nanoseconds
	return time.Duration(fixed + each*len(around.Templates()) + perByte*len(text))
}

// withoutMissing returns what was printed as Helm leaves it: Go prints "<no value>" for a missing key even where it is
// told to print nothing, and Helm removes that, whoever wrote it.
func withoutMissing(text string) string { return strings.ReplaceAll(text, "<no value>", "") }
