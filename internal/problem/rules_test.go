package problem

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRules(t *testing.T) {
	require.True(t, slices.IsSortedFunc(rules, func(a, b Rule) int { return strings.Compare(a.Name, b.Name) }))
	seen := map[string]bool{}
	for _, rule := range Rules() {
		require.Regexp(t, `^[a-z]+(-[a-z]+)*$`, rule.Name)
		require.False(t, seen[rule.Name], "two rules %s", rule.Name)
		seen[rule.Name] = true
		require.Contains(t, []Severity{Error, Warning}, rule.Severity, rule.Name)
		require.Contains(t, []string{applicationSets, applications, manifests}, rule.Stage, rule.Name)
		found, known := RuleOf(rule.Name)
		require.True(t, known)
		require.Equal(t, rule, found)
	}
	_, known := RuleOf("no-such-rule")
	require.False(t, known)
}

// TestPageOfEachRule: docs/lint.md has a section for each rule and for nothing else, in the order of the table, that
// begins with what the table says and has all parts.
func TestPageOfEachRule(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "lint.md"))
	require.NoError(t, err)
	sections := strings.Split(string(page), "\n## ")[1:]
	sections = slices.DeleteFunc(sections, func(section string) bool {
		return !regexp.MustCompile(`^[a-z-]+\n`).MatchString(section) // those about the command
	})
	var names []string
	for _, section := range sections {
		name, text, _ := strings.Cut(section, "\n")
		names = append(names, name)
		rule, known := RuleOf(name)
		require.True(t, known, "docs/lint.md has a section about %s, which is no rule", name)
		severity := strings.ToUpper(string(rule.Severity[:1])) + string(rule.Severity[1:])
		require.True(t, strings.HasPrefix(text,
			fmt.Sprintf("\n**%s**, from the stage %#q: %s.\n\n- **What:** ", severity, rule.Stage, rule.Summary)),
			"docs/lint.md, %s: it begins otherwise than internal/problem/rules.go says:\n%s", name, text)
		parts := regexp.MustCompile(`(?m)^- \*\*(\w+):\*\*`).FindAllStringSubmatch(text, -1)
		require.Len(t, parts, 4, name)
		for n, part := range []string{"What", "Why", "Mend", "Ignore"} {
			require.Equal(t, part, parts[n][1], name)
		}
		require.Contains(t, text, "```yaml\n  - rule: "+name+"\n    path: ", name)
		require.Contains(t, text, "\n    reason: ", name)
	}
	var want []string
	for _, rule := range Rules() {
		want = append(want, rule.Name)
	}
	require.Equal(t, want, names, "the sections of docs/lint.md")
}
