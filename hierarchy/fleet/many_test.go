package fleet

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// TestFleetsAreNotTooLarge: what each render would look at for each cluster has an end.
func TestFleetsAreNotTooLarge(t *testing.T) {
	levels := func(count int) string {
		return "  levels:\n" + repeat(count, func(i int) string { return fmt.Sprintf("  - {name: l%d, paths: [a]}\n", i) })
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

// A countingFS counts the directories that are read.
type countingFS struct {
	fstest.MapFS
	reads *int
}

func (c countingFS) ReadDir(name string) ([]fs.DirEntry, error) {
	*c.reads++
	return c.MapFS.ReadDir(name)
}

// TestTenantsAreLookedForOnce: of thousands of clusters, those of one tenant and environment have the same directories,
// and the names that others are like are the same for all.
func TestTenantsAreLookedForOnce(t *testing.T) {
	tree := sample.With(nil).FS()
	reads := 0
	search := NewTenantSearch(builtIn(), hierarchy.NewRepository(countingFS{tree, &reads}))
	of := func(name, tenant string) cluster.Cluster {
		return cluster.Cluster{Name: name, Labels: map[string]string{"tenant": tenant, "environment": "np"}}
	}
	known, err := search.DirectoriesOf(of("a", "retail"))
	require.NoError(t, err)
	require.False(t, known.Unknown())
	unknown, err := search.DirectoriesOf(of("a", "retale"))
	require.NoError(t, err)
	require.Equal(t, "did you mean retail? Correct the name", unknown.Correction("retale"))
	first := reads
	for i := range 100 {
		again, err := search.DirectoriesOf(of(fmt.Sprintf("c%d", i), "retail"))
		require.NoError(t, err)
		require.Equal(t, known, again)
		other, err := search.DirectoriesOf(of("a", fmt.Sprintf("other%d", i)))
		require.NoError(t, err)
		require.True(t, other.Unknown())
	}
	require.Equal(t, first, reads)
}

// TestTenantsOfLevelsThatNameMore: where a level path has the cluster in front of the tenant, each cluster is looked at.
func TestTenantsOfLevelsThatNameMore(t *testing.T) {
	for _, path := range []string{"{{.cluster}}/{{.tenant}}", "{{.metadata.labels.region}}/{{.tenant}}",
		"{{.metadata.annotations.tenant}}/{{.tenant}}", `{{if eq .name "a"}}a{{else}}b{{end}}/{{.tenant}}`} {
		t.Run(path, func(t *testing.T) {
			f := builtIn()
			f.Levels = []Level{{"all", []string{path}}}
			search := NewTenantSearch(f, files{"addons/a/shop/": ""}.Repository())
			for name, unknown := range map[string]bool{"a": false, "b": true} {
				found, err := search.DirectoriesOf(cluster.Cluster{Name: name,
					Labels:      map[string]string{"tenant": "shop", "region": name},
					Annotations: map[string]string{"tenant": name}})
				require.NoError(t, err)
				require.Equal(t, unknown, found.Unknown(), name)
			}
		})
	}
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
					require.Equal(t, want, NewCovered([]*problem.Problem{p}).By(entry), "%s: %q %v %s", at, name, places, of)
				}
			}
		}
	}
}
