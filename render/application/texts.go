package application

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"text/template/parse"

	"github.com/eks-fleet-management/fleet-cmp/internal/gotemplate"
)

// texts are the strings of an ApplicationSet, by how they are evaluated.
type texts struct {
	template  []text // those of the template and templatePatch
	values    []text // values and templates of generators
	parameter []text // all others of generators: templates where a matrix lays parameters over them
	// bounded are the elementsYaml of lists that change maps: a budget counts what they take, other than Argo CD's code
	bounded map[string]bool
}

// A string has the path of its field. Alone says that its generator has no other field.
type text struct {
	path, value string
	alone       bool
}

func newTexts(set map[string]any) *texts {
	t := &texts{bounded: map[string]bool{}}
	spec, _ := set["spec"].(map[string]any)
	collect(spec["template"], "spec.template", func(one text) { t.template = append(t.template, one) })
	collect(spec["templatePatch"], "spec.templatePatch", func(one text) { t.template = append(t.template, one) })
	t.collectGenerators(spec["generators"], "spec.generators", false)
	return t
}

// collectGenerators collects the strings of a list of generators, and of those nested in them. Only in a matrix others
// than values and templates are interpolated.
func (t *texts) collectGenerators(value any, path string, interpolated bool) {
	list, _ := value.([]any)
	for i, item := range list {
		generator, _ := item.(map[string]any)
		for _, kind := range slices.Sorted(maps.Keys(generator)) {
			at := fmt.Sprintf("%s[%d].%s", path, i, kind)
			fields, _ := generator[kind].(map[string]any)
			for _, field := range slices.Sorted(maps.Keys(fields)) {
				under := at + "." + field
				switch {
				case (kind == "matrix" || kind == "merge") && field == "generators":
					t.collectGenerators(fields[field], under, interpolated || kind == "matrix")
				case field == "template" && !interpolated:
					collect(fields[field], under, func(one text) { t.template = append(t.template, one) })
				case field == "values" || field == "template":
					collect(fields[field], under, func(one text) { t.values = append(t.values, one) })
				case interpolated:
					collect(fields[field], under, func(one text) {
						one.alone = len(generator) == 1 && len(fields) == 1
						t.parameter = append(t.parameter, one)
					})
				}
			}
		}
	}
}

// collect calls add for every text in a value, keys included.
func collect(value any, path string, add func(text)) {
	switch value := value.(type) {
	case string:
		add(text{path: path, value: value})
	case []any:
		for i, child := range value {
			collect(child, path+"["+strconv.Itoa(i)+"]", add)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			add(text{path: path, value: key})
			collect(value[key], path+"."+key, add)
		}
	}
}

// check refuses templates that Argo CD cannot use, and those that would give another result each time or run for ever.
// Argo CD's own code evaluates the strings of generators, where loops have no limit, so that less is possible there.
func (t *texts) check(templates *templates) error {
	for _, one := range t.template {
		if err := checkTemplate(one, nil, templates); err != nil {
			return err
		}
	}
	for _, one := range t.values {
		if err := checkTemplate(one, slices.Concat([]string{functionTpl}, amplifying, changing),
			templates); err != nil {
			return err
		}
	}
	for _, one := range t.parameter {
		// It need not be a template: only one that a matrix evaluates must be, and then Argo CD says so.
		err := checkTemplate(one, slices.Concat(amplifying, changing), templates)
		if err != nil && one.alone && elementsOfMatrix.MatchString(one.path) &&
			checkTemplate(one, slices.Concat([]string{functionTpl}, amplifying), templates) == nil {
			t.bounded[one.value] = true
			continue
		}
		if err != nil && !errors.Is(err, errSyntax) {
			return err
		}
	}
	return nil
}

// elementsOfMatrix matches the paths of the texts that generator.Elements evaluates.
var elementsOfMatrix = regexp.MustCompile(`\.matrix\.generators\[1\]\.list\.elementsYaml$`)

// A refusedText is the error for a text that is no template, or one that is refused.
type refusedText struct {
	text string
	error
}

// Unwrap returns the cause.
func (r *refusedText) Unwrap() error { return r.error }

var errSyntax = errors.New("is no template")

// checkTemplate checks one text. Of a generator's, which it is if functions are excluded, it also refuses loops over
// numbers and templates that call each other.
func checkTemplate(one text, excluded []string, templates *templates) error {
	has, err := gotemplate.HasAction(one.value)
	if err != nil {
		return &refusedText{one.value, fmt.Errorf("%s %w: %w", one.path, errSyntax, err)}
	}
	if !has {
		return nil
	}
	var tree *parse.Tree
	parsed, unknown := templates.parse(one.value)
	if unknown == nil && parsed.Tree != nil {
		tree = parsed.Tree
	} else if tree, err = gotemplate.Parse(one.value); err != nil {
		return &refusedText{one.value, fmt.Errorf("%s %w: %w", one.path, errSyntax, err)}
	}
	refused := func(format string, args ...any) error {
		return &refusedText{one.value, fmt.Errorf("%s: template %q: %s", one.path, gotemplate.Shorten(one.value),
			fmt.Sprintf(format, args...))}
	}
	// Functions first, for the better message than that one is not known.
	var failure error
	visit(tree.Root, func(node parse.Node) {
		switch node := node.(type) {
		case *parse.IdentifierNode:
			switch {
			case slices.Contains(unpredictable, node.Ident):
				failure = refused("the function %s gives another result each time or everywhere", node.Ident)
			case node.Ident == functionTpl && (excluded == nil || slices.Contains(excluded, functionTpl)) &&
				!slices.Contains(templates.more, functionTpl):
				failure = refused("Argo CD has the function %s since 3.6", node.Ident)
			case slices.Contains(excluded, node.Ident):
				failure = refused("the function %s is not possible in a generator", node.Ident)
			}
		case *parse.RangeNode:
			if excluded != nil && isNumber(node.Pipe) {
				failure = refused("a loop over a number is not possible in a generator")
			}
		case *parse.TemplateNode:
			if excluded != nil {
				failure = refused("{{template}} is not possible in a generator")
			}
		}
	})
	if failure != nil {
		return failure
	}
	if unknown != nil {
		return fmt.Errorf("%s %w: %w", one.path, errSyntax, unknown)
	}
	return nil
}

func isNumber(pipe *parse.PipeNode) bool {
	if pipe == nil || len(pipe.Cmds) == 0 || len(pipe.Cmds[0].Args) == 0 {
		return false
	}
	_, ok := pipe.Cmds[0].Args[0].(*parse.NumberNode)
	return ok
}

// visit calls see for every node of a template but its definitions, which package parse keeps elsewhere.
func visit(node parse.Node, see func(parse.Node)) {
	branch := func(b *parse.BranchNode) {
		visit(b.Pipe, see)
		visit(b.List, see)
		if b.ElseList != nil {
			visit(b.ElseList, see)
		}
	}
	see(node)
	switch node := node.(type) {
	case *parse.ListNode:
		for _, child := range node.Nodes {
			visit(child, see)
		}
	case *parse.ActionNode:
		visit(node.Pipe, see)
	case *parse.PipeNode:
		if node == nil {
			return
		}
		for _, command := range node.Cmds {
			for _, argument := range command.Args {
				visit(argument, see)
			}
		}
	case *parse.ChainNode:
		visit(node.Node, see)
	case *parse.TemplateNode:
		visit(node.Pipe, see)
	case *parse.IfNode:
		branch(&node.BranchNode)
	case *parse.WithNode:
		branch(&node.BranchNode)
	case *parse.RangeNode:
		branch(&node.BranchNode)
	}
}

// missing returns the labels and annotations, in words, which templates of the ApplicationSet need whatever the data
// is, and which a cluster does not have.
func (t *texts) missing(labels, annotations map[string]string) []string {
	return t.needed().lackedBy(labels, annotations)
}

// needs are the keys of labels and annotations that templates need.
type needs struct{ labels, annotations []string }

// needed returns what the templates of the ApplicationSet need whatever the data is.
func (t *texts) needed() needs {
	labels, annotations := map[string]bool{}, map[string]bool{}
	for _, one := range slices.Concat(t.template, t.values, t.parameter) {
		chains, err := gotemplate.Fields(one.value)
		if err != nil {
			continue
		}
		for _, chain := range chains {
			if len(chain) != 3 || chain[0] != "metadata" {
				continue
			}
			switch chain[1] {
			case "annotations":
				annotations[chain[2]] = true
			case "labels":
				labels[chain[2]] = true
			}
		}
	}
	return needs{slices.Sorted(maps.Keys(labels)), slices.Sorted(maps.Keys(annotations))}
}

// lackedBy returns which of them are not there, in words.
func (n needs) lackedBy(labels, annotations map[string]string) []string {
	var lacks []string
	for _, key := range n.annotations {
		if _, ok := annotations[key]; !ok {
			lacks = append(lacks, "annotation "+key)
		}
	}
	for _, key := range n.labels {
		if _, ok := labels[key]; !ok {
			lacks = append(lacks, "label "+key)
		}
	}
	return lacks
}
