// Package gotemplate looks into Go templates that Argo CD will evaluate later, without evaluating them: which fields of
// the cluster they need, and the same template in other terms.
package gotemplate

import (
	"fmt"
	"strings"
	"text/template/parse"
)

// Parse parses a Go template; functions need not be known. Without any action in the text it returns nil, nil.
func Parse(text string) (*parse.Tree, error) {
	if !strings.Contains(text, "{{") {
		return nil, nil
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
// are evaluated whatever the data is: those outside of all branches, and in the condition of an outermost one. It fails
// if the text is no template.
func Fields(text string) ([][]string, error) {
	tree, err := Parse(text)
	if err != nil || tree == nil {
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

func pipeFields(pipe *parse.PipeNode) [][]string {
	var found [][]string
	visitArguments(pipe, func(node parse.Node) {
		if field, ok := node.(*parse.FieldNode); ok {
			found = append(found, field.Ident)
		}
	})
	return found
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

// Rename returns the template with fields of the root renamed: a chain that starts with a key of names starts with the
// value instead. It knows text, actions and conditions; anything else is an error, as is text that is no template.
func Rename(text string, names map[string][]string) (string, error) {
	tree, err := Parse(text)
	if err != nil || tree == nil {
		return text, err
	}
	rename := func(node parse.Node) {
		if field, ok := node.(*parse.FieldNode); ok {
			if name, ok := names[field.Ident[0]]; ok {
				field.Ident = append(append([]string{}, name...), field.Ident[1:]...)
			}
		}
	}
	var visit func(list *parse.ListNode) error
	visit = func(list *parse.ListNode) error {
		if list == nil {
			return nil
		}
		for _, node := range list.Nodes {
			switch node := node.(type) {
			case *parse.TextNode:
			case *parse.ActionNode:
				visitArguments(node.Pipe, rename)
			case *parse.IfNode:
				visitArguments(node.Pipe, rename)
				if err := visit(node.List); err != nil {
					return err
				}
				if err := visit(node.ElseList); err != nil {
					return err
				}
			default:
				return fmt.Errorf("template %q: only values and conditions (if) are possible here", text)
			}
		}
		return nil
	}
	if err := visit(tree.Root); err != nil {
		return "", err
	}
	return tree.Root.String(), nil
}
