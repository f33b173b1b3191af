package helm

import (
	"fmt"
	"strings"
	"text/template/parse"
)

// Functions that only a parsed template calls, never its author: the parser does not know their names.
const (
	callName = "_template" // in the place of {{template}}, which recurses 100,000 deep without asking
	stepName = "_step"     // at the start of each round of {{range}}
	textName = "_text"     // before a value is printed
)

// A parsed template file: itself and the templates that it defines, changed so that all work passes a budget.
type parsed struct {
	trees   map[string]*parse.Tree
	heights map[*parse.Tree]int // how deeply the blocks are nested
}

// parseTemplate parses the text of a file or of a call of `tpl`; known has the names of all functions.
func parseTemplate(name, text string, known map[string]any) (*parsed, error) {
	if strings.Count(text, "{{") > maxActions {
		return nil, fmt.Errorf("template: %s:1: %w", name, limit("more than %d actions in one template", maxActions))
	}
	trees, err := parse.Parse(name, text, "", "", known)
	if err != nil {
		return nil, err
	}
	p := &parsed{trees: trees, heights: make(map[*parse.Tree]int, len(trees))}
	for _, tree := range trees {
		p.heights[tree] = guardList(tree.Root)
	}
	return p, nil
}

// guardList changes a list of nodes in place and returns how deeply it is nested.
func guardList(list *parse.ListNode) int {
	if list == nil {
		return 0
	}
	height := 0
	for i, node := range list.Nodes {
		switch node := node.(type) {
		case *parse.ActionNode:
			height = max(height, pipeHeight(node.Pipe))
			guardAction(node)
		case *parse.TemplateNode:
			height = max(height, pipeHeight(node.Pipe))
			list.Nodes[i] = callNode(node)
		case *parse.IfNode:
			height = max(height, guardBranch(&node.BranchNode))
		case *parse.WithNode:
			height = max(height, guardBranch(&node.BranchNode))
		case *parse.RangeNode:
			height = max(height, guardBranch(&node.BranchNode))
			step := action(node.Pos, node.Line, &parse.CommandNode{NodeType: parse.NodeCommand, Pos: node.Pos,
				Args: []parse.Node{parse.NewIdentifier(stepName).SetPos(node.Pos)}})
			node.List.Nodes = append([]parse.Node{step}, node.List.Nodes...)
		}
	}
	return height + 1
}

func guardBranch(branch *parse.BranchNode) int {
	return max(pipeHeight(branch.Pipe), guardList(branch.List), guardList(branch.ElseList))
}

// pipeHeight returns how deeply parentheses are nested.
func pipeHeight(node parse.Node) int {
	height := 0
	switch node := node.(type) {
	case *parse.PipeNode:
		if node == nil {
			return 0
		}
		for _, command := range node.Cmds {
			for _, arg := range command.Args {
				height = max(height, pipeHeight(arg))
			}
		}
		return height + 1
	case *parse.ChainNode:
		return pipeHeight(node.Node) + 1
	}
	return 0
}

// callNode returns {{template "name" data}} as a call of a function.
func callNode(node *parse.TemplateNode) *parse.ActionNode {
	var data parse.Node = &parse.NilNode{NodeType: parse.NodeNil, Pos: node.Pos}
	if node.Pipe != nil {
		data = node.Pipe
	}
	return action(node.Pos, node.Line, &parse.CommandNode{NodeType: parse.NodeCommand, Pos: node.Pos, Args: []parse.Node{
		parse.NewIdentifier(callName).SetPos(node.Pos),
		&parse.StringNode{NodeType: parse.NodeString, Pos: node.Pos, Quoted: fmt.Sprintf("%q", node.Name), Text: node.Name},
		data,
	}})
}

// guardAction lets a value pass textName on its way to the output. Results of functions have been counted already,
// unless they are values that were put into them.
func guardAction(node *parse.ActionNode) {
	if len(node.Pipe.Decl) > 0 {
		return // nothing is printed
	}
	node.Pipe.Cmds = append(node.Pipe.Cmds, &parse.CommandNode{NodeType: parse.NodeCommand, Pos: node.Pos,
		Args: []parse.Node{parse.NewIdentifier(textName).SetPos(node.Pos)}})
}

func action(pos parse.Pos, line int, command *parse.CommandNode) *parse.ActionNode {
	return &parse.ActionNode{NodeType: parse.NodeAction, Pos: pos, Line: line,
		Pipe: &parse.PipeNode{NodeType: parse.NodePipe, Pos: pos, Line: line, Cmds: []*parse.CommandNode{command}}}
}
