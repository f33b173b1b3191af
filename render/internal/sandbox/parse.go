package sandbox

import (
	"fmt"
	"text/template/parse"
)

// Functions that only a parsed template calls, never its author: the parser does not know their names.
const (
	CallName = "_template" // in the place of {{template}}, which recurses 100,000 deep without asking
	StepName = "_step"     // at the start of each round of {{range}}
	TextName = "_text"     // before a value is printed
)

// Prepare changes the nodes of a parsed template in place, so that all work passes a budget.
func Prepare(list *parse.ListNode) {
	if list == nil {
		return
	}
	for i, node := range list.Nodes {
		switch node := node.(type) {
		case *parse.ActionNode:
			GuardAction(node)
		case *parse.TemplateNode:
			list.Nodes[i] = callNode(node)
		case *parse.IfNode:
			prepareBranch(&node.BranchNode)
		case *parse.WithNode:
			prepareBranch(&node.BranchNode)
		case *parse.RangeNode:
			prepareBranch(&node.BranchNode)
			step := action(node.Pos, node.Line, &parse.CommandNode{NodeType: parse.NodeCommand, Pos: node.Pos,
				Args: []parse.Node{parse.NewIdentifier(StepName).SetPos(node.Pos)}})
			node.List.Nodes = append([]parse.Node{step}, node.List.Nodes...)
		}
	}
}

func prepareBranch(branch *parse.BranchNode) {
	Prepare(branch.List)
	Prepare(branch.ElseList)
}

// rangeHeight is what a loop counts more than other blocks: an error inside of nested loops is raised anew by each of
// them, which takes a time that grows with the square of how many they are.
const rangeHeight = 50

// Height returns how deeply the nodes of a parsed template are nested, for [Budget.Enter].
func Height(list *parse.ListNode) int {
	if list == nil {
		return 0
	}
	height := 0
	for _, node := range list.Nodes {
		switch node := node.(type) {
		case *parse.ActionNode:
			height = max(height, pipeHeight(node.Pipe))
		case *parse.TemplateNode:
			height = max(height, pipeHeight(node.Pipe))
		case *parse.IfNode:
			height = max(height, branchHeight(&node.BranchNode))
		case *parse.WithNode:
			height = max(height, branchHeight(&node.BranchNode))
		case *parse.RangeNode:
			height = max(height, rangeHeight+branchHeight(&node.BranchNode))
		}
	}
	return height + 1
}

func branchHeight(branch *parse.BranchNode) int {
	return max(pipeHeight(branch.Pipe), Height(branch.List), Height(branch.ElseList))
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
	return action(node.Pos, node.Line,
		&parse.CommandNode{NodeType: parse.NodeCommand, Pos: node.Pos, Args: []parse.Node{
			parse.NewIdentifier(CallName).SetPos(node.Pos),
			&parse.StringNode{NodeType: parse.NodeString, Pos: node.Pos, Quoted: fmt.Sprintf("%q", node.Name),
				Text: node.Name},
			data,
		}})
}

// GuardAction lets a value pass TextName on its way to the output. Results of functions have been counted already,
// unless they are values that were put into them.
func GuardAction(node *parse.ActionNode) {
	if len(node.Pipe.Decl) > 0 {
		return // nothing is printed
	}
	node.Pipe.Cmds = append(node.Pipe.Cmds, &parse.CommandNode{NodeType: parse.NodeCommand, Pos: node.Pos,
		Args: []parse.Node{parse.NewIdentifier(TextName).SetPos(node.Pos)}})
}

func action(pos parse.Pos, line int, command *parse.CommandNode) *parse.ActionNode {
	return &parse.ActionNode{NodeType: parse.NodeAction, Pos: pos, Line: line,
		Pipe: &parse.PipeNode{NodeType: parse.NodePipe, Pos: pos, Line: line, Cmds: []*parse.CommandNode{command}}}
}
