package fleet

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// TestIgnoresOfTheDocumentation: the entries that docs/lint.md has as examples are right, one for each rule, and cover
// what they say.
func TestIgnoresOfTheDocumentation(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "lint.md"))
	require.NoError(t, err)
	var entries strings.Builder
	for _, example := range regexp.MustCompile("(?s)  ```yaml\n(  - rule: .*?)  ```").FindAllStringSubmatch(
		string(page),
		-1) {
		entries.WriteString(example[1])
	}
	indented := regexp.MustCompile("(?m)^").ReplaceAllString(strings.TrimSuffix(entries.String(), "\n"), "    ")
	f, err := loadFleet(t, "  lint:\n    ignore:\n"+indented+"\n")
	require.NoError(t, err)
	var names []string
	for _, entry := range f.Ignores {
		names = append(names, entry.Rule)
		require.True(t, f.Ignored(problem.New(entry.Path+"/more", 1, "wrong").WithRule(entry.Rule)))
		require.True(t, f.Ignored(problem.New("other", 1, "wrong").WithRule(entry.Rule, entry.Path)))
		require.False(t, f.Ignored(problem.New("other", 1, "wrong").WithRule(entry.Rule)))
		require.False(t, f.Ignored(problem.New(entry.Path, 1, "wrong").WithRule("other")))
	}
	var want []string
	for _, rule := range problem.Rules() {
		want = append(want, rule.Name)
	}
	require.Equal(t, want, names)
}

// TestUnknownRules: an entry for a rule that does not exist says which was meant.
func TestUnknownRules(t *testing.T) {
	for name, hint := range map[string]string{
		"unread-files": "did you mean unread-file? cmp lint --list-rules shows all",
		"unreadfile":   "did you mean unread-file? cmp lint --list-rules shows all",
		"nonsense":     "cmp lint --list-rules shows all",
	} {
		_, err := loadFleet(t, "  lint: {ignore: [{rule: "+name+", path: a, reason: b}]}\n")
		require.ErrorContains(t, err, `there is no rule "`+name+`"; `+hint)
	}
}

// TestJudge: what is ignored is in neither part; what stops a render is in the second.
func TestJudge(t *testing.T) {
	f, err := loadFleet(t, "  lint: {ignore: [{rule: unknown-tenant, path: members/hub, reason: a test}]}\n")
	require.NoError(t, err)
	ignored := problem.New("members/hub/one.yaml", 1, "ignored").WithRule(problem.RuleUnknownTenant)
	stopsToo := problem.New("members/hub", 0, "ignored as well").WithRule(problem.RuleUnknownTenant).Stopping()
	warns := problem.New("members/hub-2/one.yaml", 1, "warns").WithRule(problem.RuleUnknownTenant)
	stops := problem.New("members/other", 1, "stops").WithRule(problem.RuleMissingMembers).Stopping()
	found := []*problem.Problem{stops, ignored, warns, stopsToo}
	warnings, stopping := f.Judge(found)
	require.Equal(t, []*problem.Problem{warns}, warnings)
	require.Equal(t, []*problem.Problem{stops}, stopping)
	require.Equal(t, []*problem.Problem{warns, stops}, f.Wanted(found))

	require.EqualError(t, f.Ignores[0].Unmatched(),
		"fleet.yaml:4: lint.ignore: nothing at members/hub is a case of unknown-tenant; remove the entry, or correct "+
			"its path")
}
