package tenants

import (
	"fmt"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/internal/repositorytest"
)

// What the tests of packages below hierarchy have in common.
type files = repositorytest.Files

const fleetHeader = repositorytest.FleetHeader

// builtIn returns the fleet without a fleet.yaml.
func builtIn() *fleet.Fleet {
	f, err := fleet.Load(files{}.Repository())
	if err != nil {
		panic(err)
	}
	return f
}

// TestUnknownTenantOfALevelPath: however the path writes the label, its tenant is known to be one.
func TestUnknownTenantOfALevelPath(t *testing.T) {
	wants := map[string]string{"payments": "", "own": "",
		"paymnts": "there is no addons/tenants/paymnts; did you mean payments?"}
	for _, keys := range []string{
		"{{.tenant}}", "{{.metadata.labels.tenant}}", `{{index .metadata.labels "tenant"}}`, `{{index . "tenant"}}`,
	} {
		repo := files{
			hierarchy.FleetFile: fleetHeader + "  levels: [{name: tenant, paths: ['tenants/" + keys +
				"/defaults']}]\n" +
				"  groups: {addons: {path: addons}}\n",
			"addons/tenants/payments/defaults/": "", "addons/own/defaults/": "",
		}.Repository()
		f, err := fleet.Load(repo)
		require.NoError(t, err)
		for tenant, want := range wants {
			unknown, err := Unknown(f, repo,
				cluster.Cluster{Name: "a", Labels: map[string]string{"tenant": tenant}})
			require.NoError(t, err)
			if want == "" {
				require.Nil(t, unknown, keys+" "+tenant)
				continue
			}
			require.ErrorContains(t, unknown, want, keys)
		}
		levels, err := f.LevelsOf(repo, cluster.Cluster{Name: "a", Labels: map[string]string{"tenant": "own"}},
			"addons")
		require.NoError(t, err)
		require.Equal(t, []string{"addons/own/defaults"}, levels[0].Directories, keys)
	}
}

// TestWhereTenantsAreLookedFor: below the groups' app paths; for a group whose path fleet.yaml leaves out, below any
// directory at the root that is not hidden, since each render says its path.
func TestWhereTenantsAreLookedFor(t *testing.T) {
	repo := files{"addons/tenants/a/": "", "extra/tenants/b/": "", ".github/tenants/c/": "", "tenants/d/": ""}
	for groups, want := range map[string]map[string]bool{
		"{x: {path: addons}}":                     {"a": true},
		"{x: {path: .}}":                          {"d": true},
		"{x: {}}":                                 {"a": true, "b": true, "d": true},
		"{x: {path: addons}, y: {}}":              {"a": true, "b": true, "d": true},
		"{x: {path: addons, repoNames: [extra]}}": {"a": true, "b": true},
	} {
		repo := repo.With(files{hierarchy.FleetFile: fleetHeader + "  groups: " + groups + "\n"}).Repository()
		f, err := fleet.Load(repo)
		require.NoError(t, err)
		for _, tenant := range []string{"a", "b", "c", "d"} {
			unknown, err := Unknown(f, repo,
				cluster.Cluster{Name: "x", Labels: map[string]string{"tenant": tenant}})
			require.NoError(t, err)
			require.Equal(t, want[tenant], unknown == nil, "%s: tenant %s: %v", groups, tenant, unknown)
		}
	}
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
	tree := files{"addons/tenants/defaults/": "", "addons/tenants/retail/defaults/": "",
		"addons/tenants/retail/environments/np/defaults/": ""}.FS()
	reads := 0
	search := NewSearch(builtIn(), hierarchy.NewRepository(countingFS{tree, &reads}))
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

// TestTenantsOfLevelsThatNameMore: where a level path has the cluster in front of the tenant, each cluster is looked
// at.
func TestTenantsOfLevelsThatNameMore(t *testing.T) {
	for _, path := range []string{"{{.cluster}}/{{.tenant}}", "{{.metadata.labels.region}}/{{.tenant}}",
		"{{.metadata.annotations.tenant}}/{{.tenant}}", `{{if eq .name "a"}}a{{else}}b{{end}}/{{.tenant}}`} {
		t.Run(path, func(t *testing.T) {
			f := builtIn()
			f.Levels = []fleet.Level{{Name: "all", Paths: []string{path}}}
			search := NewSearch(f, files{"addons/a/shop/": ""}.Repository())
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
