// Package gotemplate looks into Go templates that Argo CD will evaluate later, without evaluating them: which fields of
// the cluster they need, and the same template in other terms.
package gotemplate

import (
	"fmt"
	"slices"
	"strings"
	"text/template/parse"

	"github.com/eks-fleet-management/fleet-cmp/internal/memory"
)

// maxLength is the length in bytes above which no text is parsed as a template. The parser, and whoever walks through
// its tree, call themselves at every {{if}} inside another, and a stack that overflows ends the program.
const maxLength = 256 << 10

// HasAction tells whether a string has any action, and so must be parsed. It fails if it is too long for that.
func HasAction(text string) (bool, error) {
	if !strings.Contains(text, "{{") {
		return false, nil
	}
	if len(text) > maxLength {
		return false, fmt.Errorf("template of %d KiB: more than %d KiB are not possible", len(text)>>10, maxLength>>10)
	}
	return true, nil
}

// Parse parses a Go template; functions need not be known. Without any action in the text it returns nil, nil. It fails
// if the text is no template.
func Parse(text string) (*parse.Tree, error) {
	if has, err := HasAction(text); !has {
		return nil, err
	}
	tree := parse.New("template")
	tree.Mode = parse.SkipFuncCheck
	tree, err := tree.Parse(text, "", "", map[string]*parse.Tree{})
	if err != nil {
		return nil, fmt.Errorf("template %q: %s", text, strings.TrimPrefix(err.Error(), "template: template:"))
	}
	return tree, nil
}

// Fields returns the chains of fields of the root, such as [metadata labels tenant] for .metadata.labels.tenant, that
// are evaluated whatever the data is. They are those outside of all branches, and in the condition of an outermost one.
// It fails if the text is no template. What it returns belongs to all who ask, and is not to be changed.
func Fields(text string) ([][]string, error) {
	if has, err := HasAction(text); !has {
		return nil, err
	}
	found, err := known.Do(text, func() (any, int, error) {
		found, err := fieldsOf(text)
		const perField = 100 // bytes, about
		return found, len(text) + perField*(1+len(found)), err
	})
	fields, _ := found.([][]string) // which is what is kept
	return fields, err
}

// known has what templates need: those of a chart or component are the same for each cluster.
var known = memory.New(8 << 20)

// fieldsOf parses a template, and returns its chains of fields.
func fieldsOf(text string) ([][]string, error) {
	tree, err := Parse(text)
	if err != nil {
		return nil, err
	}
	var found [][]string
	for _, node := range tree.Root.Nodes {
		switch node := node.(type) {
		case *parse.ActionNode:
			found = append(found, pipeFields(node.Pipe)...)
		case *parse.IfNode:
			found = append(found, pipeFields(node.Pipe)...)
		case *parse.WithNode:
			found = append(found, pipeFields(node.Pipe)...)
		case *parse.RangeNode:
			found = append(found, pipeFields(node.Pipe)...)
		}
	}
	return found, nil
}

// Indexed returns the chain of fields that the only action of a string takes with index and constant keys: [a b] of
// {{index .a "b"}}. Of any other text it returns nil.
func Indexed(text string) []string {
	if !strings.Contains(text, "index") {
		return nil
	}
	tree, err := Parse(text)
	if err != nil || tree == nil {
		return nil
	}
	isText := func(node parse.Node) bool { return node.Type() == parse.NodeText }
	nodes := slices.DeleteFunc(slices.Clone(tree.Root.Nodes), isText)
	if len(nodes) != 1 {
		return nil
	}
	action, is := nodes[0].(*parse.ActionNode)
	if !is || len(action.Pipe.Cmds) != 1 || len(action.Pipe.Decl) > 0 {
		return nil
	}
	arguments := action.Pipe.Cmds[0].Args
	if name, is := arguments[0].(*parse.IdentifierNode); !is || name.Ident != "index" || len(arguments) < 2 {
		return nil
	}
	var chain []string
	switch root := arguments[1].(type) {
	case *parse.DotNode:
	case *parse.FieldNode:
		chain = slices.Clone(root.Ident)
	case *parse.VariableNode: // $ or $.a
		if root.Ident[0] != "$" {
			return nil
		}
		chain = slices.Clone(root.Ident[1:])
	default:
		return nil
	}
	for _, argument := range arguments[2:] {
		key, is := argument.(*parse.StringNode)
		if !is {
			return nil
		}
		chain = append(chain, key.Text)
	}
	return chain
}

func pipeFields(pipe *parse.PipeNode) [][]string {
	var found [][]string
	visitArguments(pipe, func(node parse.Node) {
		switch node := node.(type) {
		case *parse.FieldNode:
			found = append(found, node.Ident)
		case *parse.VariableNode:
			if isRoot(node) {
				found = append(found, node.Ident[1:])
			}
		}
	})
	return found
}

// isRoot tells whether a variable is a chain of fields that starts at the root: $.metadata.
func isRoot(variable *parse.VariableNode) bool {
	return variable.Ident[0] == "$" && len(variable.Ident) > 1
}

func visitArguments(pipe *parse.PipeNode, visit func(parse.Node)) {
	if pipe == nil {
		return
	}
	for _, command := range pipe.Cmds {
		for _, argument := range command.Args {
			if inner, ok := argument.(*parse.PipeNode); ok {
				visitArguments(inner, visit)
				continue
			}
			visit(argument)
		}
	}
}

// functions are those that a template may use to be renamed. None of them makes text: what comes out is never longer
// than what went in, and takes no longer.
var functions = []string{"and", "or", "not", "eq", "ne", "index"}

// Rename returns the template with fields of the root renamed: a chain that starts with a key of names starts with the
// value instead. It knows text, values, conditions, and the functions above; anything else is an error, as is text that
// is no template.
func Rename(text string, names map[string][]string) (string, error) {
	tree, err := Parse(text)
	if err != nil || tree == nil {
		return text, err
	}
	r := renaming{text: text, names: names}
	if err := r.list(tree.Root); err != nil {
		return "", err
	}
	if r.refused != nil {
		return "", r.refused
	}
	return tree.Root.String(), nil
}

// renaming is that of the fields of a template.
type renaming struct {
	text    string
	names   map[string][]string
	refused error // a function that may not be used
}

func (r *renaming) list(list *parse.ListNode) error {
	if list == nil {
		return nil
	}
	for _, node := range list.Nodes {
		switch node := node.(type) {
		case *parse.TextNode:
		case *parse.ActionNode:
			if len(node.Pipe.Decl) > 0 {
				return fmt.Errorf("template %q: variables are not possible here", r.text)
			}
			visitArguments(node.Pipe, r.argument)
		case *parse.IfNode:
			visitArguments(node.Pipe, r.argument)
			if err := r.list(node.List); err != nil {
				return err
			}
			if err := r.list(node.ElseList); err != nil {
				return err
			}
		default:
			return fmt.Errorf("template %q: only values and conditions (if) are possible here", r.text)
		}
	}
	return nil
}

func (r *renaming) argument(node parse.Node) {
	switch node := node.(type) {
	case *parse.IdentifierNode:
		if !slices.Contains(functions, node.Ident) {
			r.refused = fmt.Errorf("template %q: there is no function %q here; those possible are %s", r.text,
				node.Ident, strings.Join(functions, ", "))
		}
	case *parse.ChainNode: // (.cluster).x
		if inner, ok := node.Node.(*parse.PipeNode); ok {
			visitArguments(inner, r.argument)
		}
	case *parse.FieldNode:
		if name, ok := r.names[node.Ident[0]]; ok {
			node.Ident = slices.Concat(name, node.Ident[1:])
		}
	case *parse.VariableNode:
		if isRoot(node) {
			if name, ok := r.names[node.Ident[1]]; ok {
				node.Ident = slices.Concat(node.Ident[:1], name, node.Ident[2:])
			}
		}
	}
}

// Shorten returns a template as a message may quote it.
func Shorten(text string) string {
	const limit = 120
	if text = strings.TrimSpace(text); len(text) > limit {
		return strings.ToValidUTF8(text[:limit], "") + "…"
	}
	return text
}
