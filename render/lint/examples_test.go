package lint

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

var update = flag.Bool("update", false, "write the pages of docs/lint")

// An example is a mistake that a rule finds, for the page about the rule (testdata/examples.yaml).
type example struct {
	Rule    string
	Stage   string
	Steps   []step
	Console string // commands in place of steps, and what they print
}

// A step of an example changes a file.
type step struct {
	File     string
	Old, New string
	Add      string
	Move, To string
}

// do does the step.
func (s step) do(t *testing.T, tree fstest.MapFS) {
	t.Helper()
	if s.Move != "" {
		mistake{Move: struct{ From, To string }{s.Move, s.To}}.make(t, tree)
		return
	}
	if s.Add == "" {
		mistake{Replace: struct{ File, Old, New string }{s.File, s.Old, s.New}}.make(t, tree)
		return
	}
	var text string
	if file := tree[s.File]; file != nil {
		text = string(file.Data)
	}
	tree[s.File] = &fstest.MapFile{Data: []byte(text + s.Add)}
}

// show writes the step as a part of a page.
func (s step) show(b *strings.Builder, tree fstest.MapFS) {
	switch {
	case s.Move != "":
		fmt.Fprintf(b, "\nA file or directory is renamed:\n\n```text\n%s -> %s\n```\n", s.Move, s.To)
		return
	case tree[s.File] == nil:
		fmt.Fprintf(b, "\nA new file `%s`:\n\n```yaml\n%s```\n", s.File, s.Add)
		return
	case s.Add != "":
		fmt.Fprintf(b, "\nAt the end of `%s`:\n\n```diff\n%s```\n", s.File, marked("+", s.Add))
		return
	}
	fmt.Fprintf(b, "\nIn `%s`:\n\n```diff\n", s.File)
	text := string(tree[s.File].Data)
	at := strings.Index(text, s.Old)
	start := strings.LastIndexByte(text[:at], '\n') + 1
	end := at + len(s.Old)
	if rest := strings.IndexByte(text[end:], '\n'); !strings.HasSuffix(s.Old, "\n") && rest >= 0 {
		end += rest
	}
	before := strings.TrimPrefix(text[start:end], "\n")
	after := strings.TrimPrefix(text[start:at]+s.New+text[at+len(s.Old):end], "\n")
	old, replaced := strings.Split(strings.Trim(before, "\n"), "\n"), strings.Split(strings.Trim(after, "\n"), "\n")
	for len(old) > 0 && len(replaced) > 0 && old[0] == replaced[0] {
		b.WriteString(" " + old[0] + "\n")
		old, replaced = old[1:], replaced[1:]
	}
	var same []string
	for len(old) > 0 && len(replaced) > 0 && old[len(old)-1] == replaced[len(replaced)-1] {
		same = append(same, " "+old[len(old)-1]+"\n")
		old, replaced = old[:len(old)-1], replaced[:len(replaced)-1]
	}
	b.WriteString(marked("-", strings.Join(old, "\n")) + marked("+", strings.Join(replaced, "\n")))
	slices.Reverse(same)
	b.WriteString(strings.Join(same, "") + "```\n")
}

// marked returns lines with a mark before each.
func marked(mark, text string) string {
	if text == "" {
		return ""
	}
	return mark + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n"+mark) + "\n"
}

// TestExamplesOfRules: each rule finds its example in docs/lint, whose pages are current, one for each rule and no
// other.
func TestExamplesOfRules(t *testing.T) {
	data, err := os.ReadFile("testdata/examples.yaml")
	require.NoError(t, err)
	var examples []example
	require.NoError(t, yaml.UnmarshalStrict(data, &examples))
	byRule := map[string]example{}
	for _, e := range examples {
		require.NotContains(t, byRule, e.Rule)
		byRule[e.Rule] = e
	}
	docs := filepath.Join("..", "..", "docs")
	overview, err := os.ReadFile(filepath.Join(docs, "lint.md"))
	require.NoError(t, err)
	var names []string
	index := "# Rules of lint\n\nA page for each rule of `cmp lint`, with a mistake that it finds. " +
		"[lint.md](../lint.md) says how " +
		"lint\nis run. `make docs` writes these pages.\n\n| rule | severity | from the stage | what is wrong |\n" +
		"| --- | --- | --- | --- |\n"
	for i, rule := range problem.Rules() {
		names = append(names, rule.Name+".md")
		index += fmt.Sprintf("| [%s](%[1]s.md) | %s | %s | %s |\n", rule.Name, rule.Severity, rule.Stage, rule.Summary)
		if i%oneOf != 0 && !*update {
			continue
		}
		t.Run(rule.Name, func(t *testing.T) {
			require.Contains(t, byRule, rule.Name, "testdata/examples.yaml has no example of the rule")
			requireCurrent(t, filepath.Join(docs, "lint", rule.Name+".md"),
				pageOf(t, rule, string(overview), byRule[rule.Name]))
		})
	}
	requireCurrent(t, filepath.Join(docs, "lint", "README.md"), index)
	entries, err := os.ReadDir(filepath.Join(docs, "lint"))
	require.NoError(t, err)
	for _, entry := range entries {
		require.Contains(t, append(names, "README.md"), entry.Name(), "a page of no rule")
	}
	require.Len(t, byRule, len(names), "examples of no rule")
}

// requireCurrent compares a page with its file, or writes it.
func requireCurrent(t *testing.T, file, page string) {
	t.Helper()
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(page), 0o644))
	}
	got, err := os.ReadFile(file)
	require.NoError(t, err, "make docs writes it")
	require.Equal(t, page, strings.ReplaceAll(string(got), "\r\n", "\n"), "make docs writes it anew")
}

// pageOf returns the page about a rule: its section in docs/lint.md, with an example.
func pageOf(t *testing.T, rule problem.Rule, overview string, e example) string {
	t.Helper()
	_, section, found := strings.Cut(overview, "\n## "+rule.Name+"\n")
	require.True(t, found, "docs/lint.md has no section about the rule")
	section, _, _ = strings.Cut(section, "\n## ")
	section = regexp.MustCompile(`\]\(#`).ReplaceAllString(section, "](../lint.md#")
	section = regexp.MustCompile(`\]\(([a-z-]+/|[a-z-]+\.md)`).ReplaceAllString(section, "](../$1")
	about, ignoring, _ := strings.Cut(section, "- **Ignore:**")
	about = strings.NewReplacer("- **What:** ", "## What it finds\n\n", "- **Why:** ", "\n## Why it matters\n\n",
		"- **Mend:** ", "\n## How to mend it\n\n", "\n  ", "\n").Replace(about)

	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n%s\n## An example\n", rule.Name, strings.TrimRight(about, "\n")+"\n")
	if e.Console != "" {
		b.WriteString("\nWith the example fleet, in a clone of the repository of `cmp`:\n\n```console\n" + e.Console +
			"```\n")
	} else {
		b.WriteString("\nIn the [example fleet](" +
			"https://github.com/eks-fleet-management/fleet-cmp/blob/main/testdata/fleet/fleet.yaml):\n" +
			shown(t, rule, e))
	}
	_, ignoring, _ = strings.Cut(ignoring, "  ```yaml\n")
	ignoring, _, _ = strings.Cut(ignoring, "  ```")
	b.WriteString(
		"\n## How to ignore it\n\nIn `fleet.yaml`, where it is meant. [Ignoring](../lint.md#ignoring) has more.\n\n" +
			"```yaml\nspec:\n  lint:\n    ignore:\n" + regexp.MustCompile(`(?m)^  `).ReplaceAllString(ignoring, "      ") +
			"```\n\n[All rules](../lint.md)\n")
	return b.String()
}

// shown does the steps of an example, and shows them and what lint finds.
func shown(t *testing.T, rule problem.Rule, e example) string {
	t.Helper()
	var b strings.Builder
	tree := exampleFleet(t)
	for i, s := range e.Steps {
		s.show(&b, tree)
		if i > 0 && s.File == e.Steps[i-1].File && s.Old != "" { // one block for a file
			text := strings.Replace(b.String(), "```\n\nIn `"+s.File+"`:\n\n```diff\n", " …\n", 1)
			b.Reset()
			b.WriteString(text)
		}
		s.do(t, tree)
	}
	stage := e.Stage
	if stage == "" {
		stage = render.StageApplications
	}
	var all []string
	for _, f := range lintTree(t, tree, stage).Findings {
		all = append(all, f.Rule+": "+f.Error())
		if f.Rule != rule.Name {
			continue
		}
		command := "cmp lint"
		if e.Stage != "" {
			command += " --stage " + e.Stage
		}
		place := f.File
		if f.Line > 0 {
			place += fmt.Sprintf(":%d", f.Line)
		}
		message := f.Message
		if f.Hint != "" {
			message += "; " + f.Hint
		}
		fmt.Fprintf(&b, "\n`%s` finds:\n\n```text\n%s: %s: %s (%s)\n```\n", command, place, f.Severity, message, f.Rule)
		return b.String()
	}
	require.Fail(t, "the rule does not find its example", strings.Join(all, "\n"))
	return ""
}
