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
	for _, example := range regexp.MustCompile("(?s)  ```yaml\n(  - rule: .*?)  ```").FindAllStringSubmatch(string(page),
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
