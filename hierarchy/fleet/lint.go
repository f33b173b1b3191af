package fleet

import (
	"iter"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// An Ignore says which findings a fleet really wants: those of a rule at a path, or below it.
type Ignore struct {
	Rule   string
	Path   string // of a file or directory, from the root of the repository
	Reason string

	Line int // in fleet.yaml
}

// An ignoredPath is what an [Ignore] covers.
type ignoredPath struct{ rule, path string }

// coveredBy returns what entries must say so that one of them is about a finding: its rule, with the paths by which it
// can be named and the directories that they are in.
func coveredBy(p *problem.Problem) iter.Seq[ignoredPath] {
	return func(yield func(ignoredPath) bool) {
		for _, name := range append(slices.Clip(p.Places), p.File) {
			if name != "" && !yield(ignoredPath{p.Rule, "."}) {
				return
			}
			for at := name; at != "" && at != "." && at != "/"; at = path.Dir(at) {
				if !yield(ignoredPath{p.Rule, at}) {
					return
				}
			}
		}
	}
}

// Covered are the findings that entries of spec.lint.ignore can be about.
type Covered map[ignoredPath]bool

// NewCovered returns which entries are about any of these findings.
func NewCovered(found []*problem.Problem) Covered {
	covered := Covered{}
	for _, p := range found {
		for at := range coveredBy(p) {
			covered[at] = true
		}
	}
	return covered
}

// By tells whether an entry is about one of the findings.
func (c Covered) By(i Ignore) bool { return c[ignoredPath{i.Rule, i.Path}] }

// readIgnores reads spec.lint.ignore.
func (f *Fleet) readIgnores(d *hierarchy.Document, spec *fields.Reader) error {
	if !spec.Has("lint") {
		return nil
	}
	lint := d.Reader(spec.Map("lint"), "lint", "spec", "lint")
	f.ignored = map[ignoredPath]bool{}
	for i, item := range lint.List("ignore") {
		m, ok := item.(map[string]any)
		if !ok {
			return lint.Problem("ignore", "ignore[%d] must be a map with rule, path and reason, not %s", i,
				fields.TypeName(item))
		}
		place := []string{"spec", "lint", "ignore", strconv.Itoa(i)}
		r := d.Reader(m, "lint.ignore", place...)
		entry := Ignore{Rule: r.Text("rule"), Path: checkPath(r, "path", r.Text("path")),
			Reason: strings.TrimSpace(r.Text("reason")),
			Line:   d.Line(place...)}
		switch {
		case !known(entry.Rule):
			r.FailWith(r.Problem("rule", "there is no rule %q", entry.Rule).
				WithHint("%s", rulesLike(entry.Rule)))
		case !r.Has("path") || r.Text("path") == "":
			r.Fail("path", "ignore[%d] needs a path: what the finding is about", i)
		case entry.Reason == "":
			r.Fail("reason", "ignore[%d] needs a reason: why the fleet wants this", i)
		}
		if err := r.Finish(); err != nil {
			return err
		}
		f.Ignores = append(f.Ignores, entry)
		f.ignored[ignoredPath{entry.Rule, entry.Path}] = true
	}
	if err := spec.Err(); err != nil {
		return err
	}
	return lint.Finish()
}

// Covers tells whether the entry is about a finding.
func (i Ignore) Covers(p *problem.Problem) bool {
	return p.Rule == i.Rule && slices.ContainsFunc(append(slices.Clip(p.Places), p.File), i.Holds)
}

// Holds tells whether a path is that of the entry, or below it.
func (i Ignore) Holds(name string) bool {
	return name != "" && (i.Path == "." || name == i.Path || strings.HasPrefix(name, i.Path+"/"))
}

// Unmatched returns the finding that an entry matches nothing.
func (i Ignore) Unmatched() *problem.Problem {
	return problem.New(hierarchy.FleetFile, i.Line, "lint.ignore: nothing at %s is a case of %s", i.Path, i.Rule).
		WithHint("remove the entry, or correct its path").WithRule(problem.RuleUnmatchedIgnore, i.Path)
}

// Ignored tells whether fleet.yaml ignores a finding.
func (f *Fleet) Ignored(p *problem.Problem) bool {
	if p.Rule == "" || len(f.ignored) == 0 {
		return false
	}
	for at := range coveredBy(p) {
		if f.ignored[at] {
			return true
		}
	}
	return false
}

// Judge leaves out the findings that fleet.yaml ignores, and parts those that stop a render from the others.
func (f *Fleet) Judge(found []*problem.Problem) (warnings, stopping []*problem.Problem) {
	for _, p := range found {
		switch {
		case f.Ignored(p):
		case p.Stops:
			stopping = append(stopping, p)
		default:
			warnings = append(warnings, p)
		}
	}
	return warnings, stopping
}

// Wanted returns the findings that fleet.yaml does not ignore, for commands that only show what there is.
func (f *Fleet) Wanted(found []*problem.Problem) []*problem.Problem {
	warnings, stopping := f.Judge(found)
	return append(warnings, stopping...)
}

func known(rule string) bool {
	_, is := problem.RuleOf(rule)
	return is
}

// rulesLike says which rule was meant by a name, and where all are.
func rulesLike(name string) string {
	var names []string
	for _, rule := range problem.Rules() {
		names = append(names, rule.Name)
	}
	const all = "cmp lint --list-rules shows all"
	if meant := problem.Likely(name, names); meant != "" {
		return "did you mean " + meant + "? " + all
	}
	return all
}
