package revision_test

import (
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/revision"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

// TestChangesOfSeveralRepositories: what differs in a part counts once, also where it is in no directory of the tree.
func TestChangesOfSeveralRepositories(t *testing.T) {
	files := func(texts map[string]string) fs.FS {
		all := map[string][]byte{}
		for name, text := range texts {
			all[name] = []byte(text)
		}
		return worktree.InMemory(all)
	}
	before := files(map[string]string{"apps/x.yaml": "1", "charts/one": "1", "charts/two": "1"})
	after := files(map[string]string{"apps/x.yaml": "2", "charts/one": "2", "charts/two": "1"})
	join := func(base string, part fs.FS) fs.FS {
		return worktree.Join(files(map[string]string{"fleet.yaml": base}),
			[]worktree.Part{{Name: "addons", Path: "apps", FS: part}})
	}
	for _, test := range []struct {
		name          string
		before, after fs.FS
		want          []string
	}{
		{"the part", join("1", before), join("1", after), []string{"@addons/charts/one", "addons/x.yaml"}},
		{"the rest", join("1", before), join("2", before), []string{"fleet.yaml"}},
		{"nothing", join("1", before), join("1", before), nil},
		{"a part that is new", files(map[string]string{"fleet.yaml": "1"}), join("1", after),
			[]string{"addons/x.yaml"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			changed, err := revision.Changes(test.before, test.after)
			require.NoError(t, err)
			require.Equal(t, test.want, changed)
		})
	}
}
