package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// A module is the blocks of a directory, and what expressions may refer to: "var.a", "local.b", "aws_kms_key.c".
type module struct {
	dir      string
	blocks   []*hclsyntax.Block
	names    map[string]*hclsyntax.Block
	findings []string
}

func load(dir string) (*module, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.tf"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("%s: there are no files *.tf", dir)
	}
	m := &module{dir: dir, names: map[string]*hclsyntax.Block{}}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		parsed, problems := hclsyntax.ParseConfig(data, file, hcl.InitialPos)
		if problems.HasErrors() {
			return nil, problems
		}
		for _, b := range parsed.Body.(*hclsyntax.Body).Blocks {
			m.blocks = append(m.blocks, b)
			prefix := map[string]string{"variable": "var.", "module": "module.", "output": "output.",
				"data": "data."}[b.Type]
			m.names[prefix+strings.Join(b.Labels, ".")] = b
			if b.Type == "locals" {
				for name := range b.Body.Attributes {
					m.names["local."+name] = b
				}
			}
		}
	}
	return m, nil
}

// kindOf returns the key of the table for a resource or data source, "" for other blocks.
func kindOf(b *hclsyntax.Block) string {
	switch b.Type {
	case "resource":
		return b.Labels[0]
	case "data":
		return "data." + b.Labels[0]
	}
	return ""
}

func (m *module) fail(at hcl.Range, format string, args ...any) {
	m.findings = append(m.findings, fmt.Sprintf("%s:%d: ", at.Filename, at.Start.Line)+fmt.Sprintf(format, args...))
}

var meta = []string{"count", "for_each", "provider", "providers", "depends_on", "lifecycle", "source", "version"}

func (m *module) check(table *Table) []string {
	for _, b := range m.blocks {
		switch kind := kindOf(b); {
		case kind != "" && table.Resources[kind] == nil:
			m.fail(b.Range(), "%s is not in the table: generate it again", kind)
		case kind != "":
			m.arguments(kind, b.Body, b.Range(), table.Resources[kind], meta)
		case b.Type == "module":
			m.local(b)
		}
		_ = hclsyntax.VisitAll(b.Body, func(node hclsyntax.Node) hcl.Diagnostics {
			if e, ok := node.(*hclsyntax.ScopeTraversalExpr); ok {
				m.reference(e.Traversal, table)
			}
			return nil
		})
	}
	return m.findings
}

func (m *module) arguments(name string, body *hclsyntax.Body, at hcl.Range, schema *Schema, others []string) {
	given := map[string]hcl.Range{}
	for key, attribute := range body.Attributes {
		given[key] = attribute.Range()
	}
	for _, inner := range body.Blocks {
		given[inner.Type] = inner.Range()
		if nested := schema.Blocks[inner.Type]; nested != nil {
			m.arguments(name+"."+inner.Type, inner.Body, inner.Range(), nested, nil)
		}
	}
	for key, place := range given {
		if !slices.Contains(slices.Concat(schema.Required, schema.Optional, others), key) {
			m.fail(place, "%s has no argument %s", name, key)
		}
	}
	for _, key := range schema.Required {
		if _, ok := given[key]; !ok {
			m.fail(at, "%s lacks the argument %s", name, key)
		}
	}
}

// source returns the module of this repository that a block calls, nil for another.
func (m *module) source(b *hclsyntax.Block) *module {
	source := b.Body.Attributes["source"]
	if source == nil {
		return nil
	}
	value, _ := source.Expr.Value(nil)
	if !strings.HasPrefix(value.AsString(), ".") {
		return nil
	}
	called, err := load(filepath.Join(m.dir, value.AsString()))
	if err != nil {
		m.fail(b.Range(), "%v", err)
		return nil
	}
	return called
}

func (m *module) local(b *hclsyntax.Block) {
	called := m.source(b)
	if called == nil {
		return
	}
	schema := &Schema{}
	for name, declared := range called.names {
		switch variable, is := strings.CutPrefix(name, "var."); {
		case is && declared.Body.Attributes["default"] == nil:
			schema.Required = append(schema.Required, variable)
		case is:
			schema.Optional = append(schema.Optional, variable)
		}
	}
	slices.Sort(schema.Required)
	m.arguments("module."+b.Labels[0], b.Body, b.Range(), schema, meta)
}

// reference checks that what an expression names is declared, and that a resource or module has the attribute.
func (m *module) reference(path hcl.Traversal, table *Table) {
	var names []string
	for _, step := range path {
		switch step := step.(type) {
		case hcl.TraverseRoot:
			names = append(names, step.Name)
		case hcl.TraverseAttr:
			names = append(names, step.Name)
		}
	}
	length := 2
	switch root := names[0]; {
	case root == "data":
		length = 3
	case !strings.Contains(root, "_") && !slices.Contains([]string{"var", "local", "module"}, root):
		return // each, path, count, the name of a loop, a word such as string
	}
	if len(names) < length {
		return // a variable of a loop, or an alias of a provider
	}
	declared := m.names[strings.Join(names[:length], ".")]
	switch {
	case declared == nil:
		m.fail(path.SourceRange(), "%s is not declared", strings.Join(names[:length], "."))
	case len(names) == length:
	case kindOf(declared) != "":
		s := table.Resources[kindOf(declared)]
		if s != nil && !slices.Contains(slices.Concat(s.Required, s.Optional, s.Computed), names[length]) {
			m.fail(path.SourceRange(), "%s has no attribute %s", kindOf(declared), names[length])
		}
	case declared.Type == "module":
		if called := m.source(declared); called != nil && called.names["output."+names[length]] == nil {
			m.fail(path.SourceRange(), "module.%s has no output %s", declared.Labels[0], names[length])
		}
	}
}
