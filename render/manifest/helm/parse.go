package helm

import (
	"fmt"
	"strings"
	"text/template/parse"
	"time"

	"github.com/eks-fleet-management/fleet-cmp/render/internal/sandbox"
)

const (
	maxActions   = 100_000 // actions of one template text, since the parser recurses with their nesting
	maxRecursion = 1000    // calls of one template by `include` within itself, as in Helm's engine
)

// defaultLimits are what one render may use. All are far above what charts need (the largest of kube-prometheus-stack
// takes a hundredth of each), and low enough that a render which uses them up has taken seconds, not the process.
var defaultLimits = sandbox.Limits{Steps: 5_000_000, Bytes: 256 << 20, Work: 4 * time.Second}

// A parsed template file: itself and the templates that it defines, changed so that all work passes a budget.
type parsed struct {
	trees   map[string]*parse.Tree
	heights map[*parse.Tree]int // how deeply the blocks are nested
}

// parseTemplate parses the text of a file or of a call of `tpl`; known has the names of all functions.
func parseTemplate(name, text string, known map[string]any) (*parsed, error) {
	if strings.Count(text, "{{") > maxActions {
		return nil, fmt.Errorf("template: %s:1: %w", name,
			sandbox.Exceeded("more than %d actions in one template", maxActions))
	}
	trees, err := parse.Parse(name, text, "", "", known)
	if err != nil {
		return nil, err
	}
	p := &parsed{trees: trees, heights: make(map[*parse.Tree]int, len(trees))}
	for _, tree := range trees {
		p.heights[tree] = sandbox.Height(tree.Root)
		sandbox.Prepare(tree.Root)
	}
	return p, nil
}
