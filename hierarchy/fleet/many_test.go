package fleet

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// TestFleetsAreNotTooLarge: what each render would look at for each cluster has an end.
func TestFleetsAreNotTooLarge(t *testing.T) {
	levels := func(count int) string {
		return "  levels:\n" + repeat(count, func(i int) string {
			return fmt.Sprintf("  - {name: l%d, paths: [a]}\n",
				i)
		})
	}
	lists := func(format string, count int) string {
		return fmt.Sprintf(format, repeat(count, func(i int) string { return fmt.Sprintf("a%d, ", i) }))
	}
	groups := func(count int) string {
		return "  groups:\n" + repeat(count, func(i int) string { return fmt.Sprintf("    g%d: {}\n", i) })
	}
	inFiles := func(count int) string {
		return "  groups: {a: {settingsFiles: [" +
			repeat(count, func(i int) string { return fmt.Sprintf("s%d.yaml, ", i) }) + "]}}\n"
	}
	const paths, names = "  levels: [{name: a, paths: [%s]}]\n", "  groups: {a: {repoNames: [%s]}}\n"
	for _, test := range []struct{ name, most, more, want string }{
		{"levels", levels(100), levels(101), "fleet.yaml:4: spec: there are 101 levels, more than 100"},
		{"paths of a level", lists(paths, 20), lists(paths, 21),
			"fleet.yaml:4: level: levels[0] has 21 paths, more than 20"},
		{"groups", groups(1000), groups(1001), "fleet.yaml:4: spec: there are 1001 groups, more than 1000"},
		{"settingsFiles", inFiles(20), inFiles(21), "fleet.yaml:4: group a: there are 21 settingsFiles, more than 20"},
		{"repoNames", lists(names, 100), lists(names, 101),
			"fleet.yaml:4: group a: there are 101 repoNames, more than 100"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Load(files{hierarchy.FleetFile: fleetHeader + test.most}.Repository())
			require.NoError(t, err)
			_, err = Load(files{hierarchy.FleetFile: fleetHeader + test.more}.Repository())
			require.EqualError(t, err, test.want)
		})
	}
}

func repeat(count int, text func(i int) string) string {
	var b strings.Builder
	for i := range count {
		b.WriteString(text(i))
	}
	return b.String()
}

// TestIgnoredFindings: the index of what is ignored agrees with the entries.
func TestIgnoredFindings(t *testing.T) {
	const rule, other = problem.RuleUnknownTenant, problem.RuleMissingMembers
	for _, at := range []string{".", "a", "a/b", "a/bc", "a/b/c", "d"} {
		f, err := Load(files{hierarchy.FleetFile: fleetHeader +
			"  lint: {ignore: [{rule: " + rule + ", path: " + at + ", reason: x}]}\n"}.Repository())
		require.NoError(t, err)
		entry := f.Ignores[0]
		for _, name := range []string{"", ".", "a", "a/b", "a/b/c", "a/bc", "ab", "/a/b", "../a", "standard input"} {
			for _, places := range [][]string{nil, {"x"}, {"d/e", "f"}} {
				for _, of := range []string{"", rule, other} {
					p := problem.New(name, 1, "x").WithRule(of, places...)
					want := entry.Covers(p)
					require.Equal(t, want, f.Ignored(p), "%s: %q %v %s", at, name, places, of)
					require.Equal(t, want, NewCovered([]*problem.Problem{p}).By(entry), "%s: %q %v %s", at, name,
						places, of)
				}
			}
		}
	}
}
