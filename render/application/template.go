package application

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"
	"time"
	"unicode"

	"github.com/eks-fleet-management/fleet-cmp/internal/gotemplate"
	"github.com/eks-fleet-management/fleet-cmp/render/internal/sandbox"
)

// templates are the Go templates of an ApplicationSet, each parsed once, and none of which can run for very long.
type templates struct {
	options []string
	base    *template.Template // has the functions that each text needs
	counter parse.Node         // calls step
	byText  map[string]*template.Template
	running string   // the text of the template that runs
	steps   int      // that it has taken
	depth   int      // of its calls of tpl
	more    []string // functions besides those that all versions of Argo CD have
	budget  *sandbox.Budget
	guarded template.FuncMap // functions that texts have named, each of which the budget counts
}

// limits are what one text may take, besides what [maxSteps] and [maxOutput] say.
var limits = sandbox.Limits{Steps: 1_000_000, Bytes: 64 << 20, Work: 2 * time.Second}

// step is a function that stands at the start of each loop's body and each defined template. It does no harm elsewhere.
const step = "fleetcmpstep"

// enter and leave are functions at the start and at the end of each template that others can call, or that calls
// others: Go's own limit is one of calls only, each of which may be made inside hundreds of blocks.
const (
	enter = "fleetcmpenter"
	leave = "fleetcmpleave"
	high  = 1000 // a template that has them whether it is called or not
)

var errSteps = fmt.Errorf("the template takes more than %d steps", maxSteps)

// newTemplates returns an empty set of templates, for a version of Argo CD that has these functions besides those of
// all. It fails on options that do not exist.
func newTemplates(ctx context.Context, options, more []string) (*templates, error) {
	if err := checkOptions(options); err != nil {
		return nil, err
	}
	t := &templates{options: options, byText: map[string]*template.Template{}, more: more,
		budget: sandbox.New(ctx, limits)}
	t.guarded = template.FuncMap{}
	t.base = t.empty()
	counter, err := t.base.New("").Parse("{{" + step + "}}")
	if err != nil {
		return nil, err
	}
	t.counter = counter.Root.Nodes[0]
	return t, nil
}

// rootName is what Argo CD calls the template of a text, as texts that define templates can see (baseTemplate in
// applicationset/utils/utils.go).
const rootName = "base"

// empty returns a template with options and the functions that each text needs.
func (t *templates) empty() *template.Template {
	count := func() (string, error) {
		if t.steps++; t.steps > maxSteps {
			return "", errSteps
		}
		return "", t.budget.Step()
	}
	empty := template.New(rootName).Option(t.options...)
	empty.Funcs(template.FuncMap{step: count, sandbox.TextName: t.budget.Print,
		enter: func(name string, height int) (string, error) { return "", t.budget.Enter(name, height) },
		leave: func(height int) string { t.budget.Leave(height); return "" },
	})
	if slices.Contains(t.more, functionTpl) {
		empty.Funcs(template.FuncMap{functionTpl: t.tpl})
	}
	return empty
}

// parse returns the template for a string.
func (t *templates) parse(text string) (*template.Template, error) {
	if parsed := t.byText[text]; parsed != nil {
		return parsed, nil
	}
	parsed, err := t.parseInto(t.fresh(text), text)
	if err == nil {
		t.byText[text] = parsed
	}
	return parsed, err
}

// fresh returns an empty template for a string. Templates defined in one text are not those of another.
func (t *templates) fresh(text string) *template.Template {
	if defines(text) {
		return t.empty()
	}
	return t.base.New(rootName)
}

// defines tells whether a string may define templates, or call them.
func defines(text string) bool {
	return strings.Contains(text, "define") || strings.Contains(text, "block") || strings.Contains(text, "template")
}

// parseInto parses a string into an empty template, whose steps are counted then, besides those that are counted
// already.
func (t *templates) parseInto(parsed *template.Template, text string) (*template.Template, error) {
	if strings.Contains(text, leave) {
		return nil, templateError(text, fmt.Errorf("function %q not defined", leave))
	}
	counted := map[*parse.Tree]bool{}
	for _, defined := range parsed.Templates() {
		counted[defined.Tree] = true
	}
	parsed, err := parsed.Funcs(t.namedIn(text)).Parse(text)
	if err != nil {
		return nil, templateError(text, err)
	}
	if parsed.Tree != nil && !defines(text) && sandbox.Height(parsed.Root) < high {
		t.countSteps(parsed.Root)
		return parsed, nil
	}
	for _, defined := range parsed.Templates() {
		if defined.Tree != nil && !counted[defined.Tree] {
			height := sandbox.Height(defined.Root)
			t.countSteps(defined.Root)
			t.prepend(defined.Root)
			if err := t.enclose(defined.Name(), defined.Root, height); err != nil {
				return nil, err
			}
		}
	}
	return parsed, nil
}

// enclose puts enter and leave around the nodes of a template that is called.
func (t *templates) enclose(name string, list *parse.ListNode, height int) error {
	both, err := t.base.New("").Parse(fmt.Sprintf("{{%s %q %d}}{{%s %d}}", enter, name, height, leave, height))
	if err != nil {
		return err
	}
	list.Nodes = slices.Concat(both.Root.Nodes[:1], list.Nodes, both.Root.Nodes[1:])
	return nil
}

// namedIn returns the functions that a string may call: to bring in all two hundred costs more than most texts do.
func (t *templates) namedIn(text string) template.FuncMap {
	named := template.FuncMap{}
	for name := range strings.FieldsFuncSeq(text, func(r rune) bool { return !isNameRune(r) }) {
		function, known := functions[name]
		if !known {
			continue
		}
		if t.guarded[name] == nil {
			t.guarded[name] = t.budget.Guard(name, function)
		}
		named[name] = t.guarded[name]
	}
	return named
}

// isNameRune tells whether the name of a function can have this rune, as text/template sees it.
func isNameRune(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// execute returns what a string, as a template, makes of the parameters.
func (t *templates) execute(text string, params map[string]any) (string, error) {
	parsed, err := t.parse(text)
	if err != nil {
		return "", err
	}
	t.running, t.steps, t.depth = text, 0, 0
	t.budget.Reset()
	var out limitedText
	if err := parsed.Execute(&out, params); err != nil {
		return "", templateError(text, err)
	}
	return out.text.String(), nil
}

// functionTpl is a function that Argo CD has since 3.6.
const functionTpl = "tpl"

// maxTplDepth is how often tpl may be called inside itself (TPL_FUNC_MAX_RECURSION_DEPTH of Argo CD).
const maxTplDepth = 3

// tpl returns what a string, as a template, makes of a value (tplFun in applicationset/utils of Argo CD). It knows the
// templates that the running text defines.
func (t *templates) tpl(text string, value any) (string, error) {
	t.depth++
	defer func() { t.depth-- }()
	if t.depth > maxTplDepth {
		return "", fmt.Errorf("tpl is called more than %d times inside itself", maxTplDepth)
	}
	if t.steps++; t.steps > maxSteps {
		return "", errSteps
	}
	if err := t.budget.Work(time.Duration(len(text)) * 500); err != nil {
		return "", err
	}
	into := t.fresh(text) // and not kept, since each cluster can have another text
	if defines(t.running) {
		all, err := t.byText[t.running].Clone()
		if err != nil {
			return "", err
		}
		into = all.New("")
	}
	parsed, err := t.parseInto(into, text)
	if err != nil {
		return "", err
	}
	var out limitedText
	if err := parsed.Execute(&out, value); err != nil {
		return "", templateError(text, err)
	}
	return strings.ReplaceAll(out.text.String(), "<no value>", ""), nil
}

// checkOptions refuses options for which text/template panics.
func checkOptions(options []string) error {
	for _, option := range options {
		switch option {
		case "missingkey=default", "missingkey=invalid", "missingkey=zero", "missingkey=error":
		default:
			return fmt.Errorf("spec.goTemplateOptions: there is no option %q", option)
		}
	}
	return nil
}

// countSteps puts the counter at the start of each loop's body, and has each value counted before it is printed.
func (t *templates) countSteps(list *parse.ListNode) {
	if list == nil {
		return
	}
	for _, node := range list.Nodes {
		switch node := node.(type) {
		case *parse.ActionNode:
			sandbox.GuardAction(node)
		case *parse.IfNode:
			t.countSteps(node.List)
			t.countSteps(node.ElseList)
		case *parse.WithNode:
			t.countSteps(node.List)
			t.countSteps(node.ElseList)
		case *parse.RangeNode:
			t.countSteps(node.List)
			t.countSteps(node.ElseList)
			t.prepend(node.List)
		}
	}
}

func (t *templates) prepend(list *parse.ListNode) {
	list.Nodes = append([]parse.Node{t.counter}, list.Nodes...)
}

// templateError returns an error of package text/template, with the text, and the position as LINE:COLUMN.
func templateError(text string, err error) error {
	return &textError{text: text, err: err}
}

// A textError says which template fails.
type textError struct {
	text string
	err  error
}

// Error returns the message of text/template without the name of the template, which nobody gave it.
func (e *textError) Error() string {
	short := gotemplate.Shorten(e.text)
	var limit *sandbox.LimitError
	if errors.As(e.err, &limit) {
		return fmt.Sprintf("template %q: it asks for too much: %s", short, limit.Message)
	}
	message := strings.TrimPrefix(e.err.Error(), "template: "+rootName+":")
	message = strings.ReplaceAll(message, " | "+sandbox.TextName, "")
	message = strings.Replace(message, `executing "`+rootName+`" at `, "", 1)
	if m := callFailed.FindStringSubmatch(message); m != nil {
		message = fmt.Sprintf("at %s the function %s fails: %s", m[1], m[2], m[3])
	}
	return fmt.Sprintf("template %q: %s", short, message)
}

// callFailed matches what text/template says of a function that fails: LINE:COLUMN: <CALL>: error calling NAME: REASON.
var callFailed = regexp.MustCompile(`(?s)^(\d+:\d+): <.*>: error calling (\w+): (.*)$`)

// TemplateOf returns the text of the template that an error is about; "" if it is about none.
func TemplateOf(err error) string {
	var template *textError
	if errors.As(err, &template) {
		return template.text
	}
	var refused *refusedText
	if errors.As(err, &refused) {
		return refused.text
	}
	return ""
}

// Unwrap returns the cause.
func (e *textError) Unwrap() error { return e.err }

// limitedText is a string that cannot grow for ever.
type limitedText struct{ text strings.Builder }

var errOutput = errors.New("the template makes too long a string")

// Write appends to the text.
func (l *limitedText) Write(data []byte) (int, error) {
	if l.text.Len()+len(data) > maxOutput {
		return 0, errOutput
	}
	return l.text.Write(data)
}
