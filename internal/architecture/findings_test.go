package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFindingsHaveRules: what the program finds has a rule, by which fleet.yaml can ignore it and docs/lint.md explains
// it. A problem may be without one where it becomes an error: it is returned as one, or handed to what collects errors.
// Wherever else it goes (into a list, a field or another function), it is taken for a finding.
func TestFindingsHaveRules(t *testing.T) {
	s := &findingSources{fset: token.NewFileSet(), makers: map[string]int{"Problem": 0}}
	for _, name := range goFiles(t) {
		in := func(directory string) bool { return strings.HasPrefix(name, directory+"/") }
		if strings.HasSuffix(name, "_test.go") || !in("hierarchy") && !in("render") && !in("plugin") {
			continue
		}
		file, err := parser.ParseFile(s.fset, name, read(t, name), parser.SkipObjectResolution)
		require.NoError(t, err)
		s.files = append(s.files, file)
	}
	for known := 0; known < len(s.makers); { // until no more functions are found that return what others made
		known = len(s.makers)
		s.checkAll()
	}
	for _, place := range s.places {
		t.Errorf("%s: this may become a finding without a rule: use WithRule, and a rule of internal/problem", place)
	}
	require.Greater(t, s.ruled, 50, "findings with a rule, so that the test looks at the right places")
}

// TestFindingsWithoutRulesAreNoticed: the check sees what it is there for.
func TestFindingsWithoutRulesAreNoticed(t *testing.T) {
	for code, want := range map[string]int{
		`warnings = append(warnings, problem.New("", 0, "wrong"))`:                                    1,
		`warnings = append(warnings, problem.New("", 0, "wrong").WithHint("mend"))`:                   1,
		`warnings = append(warnings, problem.New("", 0, "wrong").WithHint("mend").WithRule("wrong"))`: 0,
		`errs = append(errs, problem.New("", 0, "wrong"))`:                                            0,
		`p := r.Problem("key", "wrong"); found = append(found, p)`:                                    1,
		`p := r.Problem("key", "wrong"); found = append(found, p.WithRule("wrong"))`:                  0,
		`p, _ := made(); f.add(p)`:                                  1,
		`f.add(inScope(problem.New("", 0, "wrong"), "addons"))`:     1,
		`s.warning = made()`:                                        1,
		`s.warn([]*problem.Problem{made()})`:                        1,
		`l.add(&problem.Problem{Message: "wrong"})`:                 1,
		`l.add(&problem.Problem{Message: "wrong", Rule: "wrong"})`:  0,
		`x := Expansion{Problems: []*problem.Problem{made()}}`:      0,
		`f := func() (int, error) { return 0, made() }; f()`:        0,
		`f := func() *problem.Problem { return made() }; g(f())`:    1,
		`g(func() []*problem.Problem { return list(made()) }, nil)`: 1,
	} {
		s := &findingSources{fset: token.NewFileSet(), makers: map[string]int{"Problem": 0, "..made": 0}}
		file, err := parser.ParseFile(s.fset, "a.go", "package a\nfunc f() {\n"+code+"\n}", parser.SkipObjectResolution)
		require.NoError(t, err, code)
		s.files = []*ast.File{file}
		s.checkAll()
		require.Len(t, s.places, want, code)
	}
}

// findingSources looks for problems without a rule in source files.
type findingSources struct {
	fset   *token.FileSet
	files  []*ast.File
	makers map[string]int // functions besides problem.New that return a problem without a rule, and as which result

	places []string // where one may become a finding
	ruled  int      // problems with a rule

	directory string          // of the file at hand
	variables map[string]bool // of the function at hand: those with a problem without a rule
	names     map[*ast.FuncLit]string
}

// forErrors are the names of lists, variables, fields and functions with problems that are errors.
var forErrors = []string{"err", "errs", "failures", "problems", "Problems", "error", "fail", "failWith", "FailWith",
	"DocumentError", "Errorf"}

func (s *findingSources) checkAll() {
	s.places, s.ruled = nil, 0
	for _, file := range s.files {
		s.directory = path.Dir(s.fset.Position(file.Pos()).Filename)
		for _, declaration := range file.Decls {
			if f, is := declaration.(*ast.FuncDecl); is && f.Body != nil {
				s.variables, s.names = map[string]bool{}, map[*ast.FuncLit]string{}
				s.check(f.Body, f.Name.Name, f.Type)
			}
		}
	}
}

// check looks at a function, and at those that are written in it.
func (s *findingSources) check(body *ast.BlockStmt, name string, of *ast.FuncType) {
	ast.Inspect(body, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.FuncLit:
			s.check(node.Body, s.names[node], node.Type)
			return false
		case *ast.AssignStmt:
			s.assign(node)
		case *ast.ReturnStmt:
			s.returned(node, name, of)
		case *ast.CallExpr:
			s.called(node)
		case *ast.CompositeLit:
			s.composed(node)
		case *ast.KeyValueExpr: // its list is not looked at, if it is of errors
			return !slices.Contains(forErrors, nameOf(node.Key))
		}
		return true
	})
}

func (s *findingSources) assign(a *ast.AssignStmt) {
	for i, left := range a.Lhs {
		right := a.Rhs[min(i, len(a.Rhs)-1)]
		if function, is := right.(*ast.FuncLit); is {
			s.names[function] = nameOf(left)
		}
		if !s.unruled(right) || len(a.Lhs) > len(a.Rhs) && i != s.resultOf(right) {
			continue
		}
		if variable, is := left.(*ast.Ident); is && !slices.Contains(forErrors, variable.Name) {
			s.variables[variable.Name] = true
		} else {
			s.found(right, nameOf(left))
		}
	}
}

// returned makes the function one that returns problems without a rule, if it is declared to return problems.
func (s *findingSources) returned(r *ast.ReturnStmt, name string, of *ast.FuncType) {
	var types []ast.Expr
	if of.Results != nil {
		for _, field := range of.Results.List {
			for range max(len(field.Names), 1) {
				types = append(types, field.Type)
			}
		}
	}
	for i, result := range r.Results {
		if len(r.Results) != len(types) || !s.unruled(result) {
			continue
		}
		pointer, isPointer := types[i].(*ast.StarExpr)
		switch {
		case nameOf(types[i]) == "error":
		case isPointer && nameOf(pointer.X) == "Problem" && name != "":
			s.makers[s.qualified(name)] = i
		default:
			s.found(result, "")
		}
	}
}

func (s *findingSources) called(c *ast.CallExpr) {
	to, arguments := nameOf(c.Fun), c.Args
	switch to {
	case "WithRule":
		s.ruled++
	case "inScope": // which unruled knows
		return
	case "append":
		to, arguments = nameOf(c.Args[0]), c.Args[1:]
	}
	for _, argument := range arguments {
		if s.unruled(argument) {
			s.found(argument, to)
		}
	}
}

func (s *findingSources) composed(c *ast.CompositeLit) {
	for _, element := range c.Elts {
		to := nameOf(c.Type)
		if pair, is := element.(*ast.KeyValueExpr); is {
			to, element = nameOf(pair.Key), pair.Value
		}
		if s.unruled(element) {
			s.found(element, to)
		}
	}
}

// found notes a problem without a rule that goes to something with a name, unless that is for errors.
func (s *findingSources) found(problem ast.Node, to string) {
	if !slices.Contains(forErrors, to) {
		s.places = append(s.places, s.fset.Position(problem.Pos()).String())
	}
}

// unruled tells whether an expression is a problem without a rule.
func (s *findingSources) unruled(e ast.Expr) bool {
	if variable, is := e.(*ast.Ident); is {
		return s.variables[variable.Name]
	}
	if pointer, is := e.(*ast.UnaryExpr); is {
		return isWithoutRule(pointer.X)
	}
	c, is := e.(*ast.CallExpr)
	if !is {
		return false
	}
	selector, isSelector := c.Fun.(*ast.SelectorExpr)
	switch name := nameOf(c.Fun); {
	case isSelector && (name == "WithHint" || name == "Stopping"):
		return s.unruled(selector.X)
	case isSelector && name == "New":
		return nameOf(selector.X) == "problem"
	case name == "inScope": // of render/manifest: the same problem for another scope
		return s.unruled(c.Args[0])
	default:
		_, is := s.makers[s.qualified(name)]
		return is
	}
}

// isWithoutRule tells whether an expression is a problem that is written as a literal, without a rule.
func isWithoutRule(e ast.Expr) bool {
	literal, is := e.(*ast.CompositeLit)
	return is && nameOf(literal.Type) == "Problem" && !slices.ContainsFunc(literal.Elts, func(element ast.Expr) bool {
		pair, is := element.(*ast.KeyValueExpr)
		return is && nameOf(pair.Key) == "Rule"
	})
}

// qualified returns the name of a function, with its package unless others can call it.
func (s *findingSources) qualified(name string) string {
	if ast.IsExported(name) {
		return name
	}
	return s.directory + "." + name
}

// resultOf returns which of the results of a call is the problem.
func (s *findingSources) resultOf(e ast.Expr) int {
	if c, is := e.(*ast.CallExpr); is {
		return s.makers[s.qualified(nameOf(c.Fun))]
	}
	return 0
}

// nameOf returns the last name of an expression: of a.b, b[c] and []b it is b.
func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.IndexExpr:
		return nameOf(e.X)
	case *ast.ArrayType:
		return nameOf(e.Elt)
	}
	return ""
}
