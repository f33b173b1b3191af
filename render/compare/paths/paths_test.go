package paths_test

import (
	"fmt"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render/compare/paths"
	"github.com/eks-fleet-management/fleet-cmp/render/reach"
)

func TestPaths(t *testing.T) {
	p := paths.New([]string{"apps/a/values.yaml", "charts/web/templates/x.yaml", "fleet.yaml"}, nil)
	for name, want := range map[string]bool{"fleet.yaml": true, "fleet.yaml/x": true, "apps/a": false, "apps": false,
		"charts/web/templates/x.yaml": true, "other": false} {
		require.Equal(t, want, p.Has(name), name)
	}
	for name, want := range map[string]bool{".": true, "apps": true, "apps/a": true, "apps/b": false, "app": false,
		"charts/web": true, "fleet.yaml": true} {
		require.Equal(t, want, p.Below(name), name)
	}
	require.Equal(t, []string{"apps/a/values.yaml", "charts/web/templates/x.yaml", "fleet.yaml"},
		p.Matching([]string{"fleet.yaml", "apps/*/values.yaml", "other.yaml"}, []string{"charts/web", "none"}))
	require.Empty(t, p.Matching(nil, nil))
	require.False(t, paths.New(nil, nil).Below("."))
}

func TestPathsThatAreNotKnownAsAWhole(t *testing.T) {
	p := paths.New([]string{"apps/a/values.yaml"}, nil)
	for name, want := range map[string]bool{
		"apps/a/values.yaml": true, "apps/*/values.yaml": true, "apps/b/values.yaml": false,
		"apps/" + reach.Any + "/values.yaml": true, "apps/" + reach.Any + "/other.yaml": false,
		"x/" + reach.Any: false, reach.Any: true, "x/../" + reach.Any: true,
	} {
		require.Equal(t, want, p.MayBe(name, false), "%q", name)
	}
	require.True(t, p.MayBe("apps/"+reach.Any, true))
	require.True(t, p.MayBe("apps", true))
	require.False(t, p.MayBe("charts", true))
}

func TestPathsThatLinksLeadTo(t *testing.T) {
	tree := fstest.MapFS{
		"charts/web/values.yaml": {Data: []byte("{}")},
		"charts/link":            {Data: []byte("web"), Mode: fs.ModeSymlink},
		"far/link":               {Data: []byte("../charts"), Mode: fs.ModeSymlink},
		"circle/a":               {Data: []byte("../circle"), Mode: fs.ModeSymlink},
		"absolute":               {Data: []byte("/etc"), Mode: fs.ModeSymlink},
	}
	links := map[string][]string{}
	require.NoError(t, paths.Links(tree, links))
	p := paths.New([]string{"charts/web/values.yaml", "circle/x"}, links)
	for _, name := range []string{"charts/web/values.yaml", "charts/link/values.yaml", "far/link/web/values.yaml",
		"far/link/link/values.yaml", "circle/a/x", "circle/a/a/x"} {
		require.True(t, p.Has(name), name)
	}
	require.False(t, p.Has("absolute/x"))
}

// TestLinksInCircles: where links lead to without end, everything may differ.
func TestLinksInCircles(t *testing.T) {
	p := paths.New([]string{"circle/x"}, map[string][]string{"circle": {"circle/a", "circle/b"}})
	require.True(t, p.Has("circle/a/b/x"))
	require.True(t, p.Has("anything"))
	require.True(t, p.Below("anything"))
	require.True(t, p.MayBe("any/"+reach.Any, false))
	require.Equal(t, []string{"any", "dir"}, p.Matching([]string{"any"}, []string{"dir"}))
}

// TestManyPaths: however many differ, none is left out.
func TestManyPaths(t *testing.T) {
	var changed []string
	for i := range 150_000 {
		changed = append(changed, fmt.Sprintf("f%d", i))
	}
	p := paths.New(changed, nil)
	for _, name := range []string{"f0", "f75000", "f149999"} {
		require.True(t, p.Has(name))
	}
}
