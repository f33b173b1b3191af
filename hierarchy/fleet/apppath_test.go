package fleet

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAFleetIsThereByAnyOfItsMarks(t *testing.T) {
	for name, test := range map[string]struct {
		repo files
		want bool
	}{
		"fleet.yaml":       {files{"fleet.yaml": fleetHeader}, true},
		"the catalog":      {files{"charts/application-sets/": ""}, true},
		"the members":      {files{"fleet/fleet-bootstrap/fleet-members/": ""}, true},
		"an app path":      {files{"resources/": ""}, true},
		"the releases":     {files{"fleet/bootstrap/versions/applicationSets.yaml": "releases: []"}, true},
		"other files":      {files{"README.md": "# Charts", "charts/web/Chart.yaml": "name: web"}, false},
		"a file by a name": {files{"addons": "no directory"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := Load(test.repo.Repository())
			require.NoError(t, err)
			got, err := f.IsThere(test.repo.Repository())
			require.NoError(t, err)
			require.Equal(t, test.want, got)
		})
	}
}

func TestAppPathsThatFleetYamlNamesMustBeDirectories(t *testing.T) {
	const spec = "  groups:\n    addons: {path: apps}\n    web:\n      repoNames: [., shared]\n"
	for name, test := range map[string]struct {
		repo files
		want string
	}{
		"all are": {files{"apps/": "", "shared/": ""}, ""},
		"no path": {files{"shared/": ""}, "fleet.yaml:5: the app path apps of group addons is not a directory"},
		"a file": {files{"apps": "text", "shared/": ""},
			"fleet.yaml:5: the app path apps of group addons is not"},
		"no repoNames": {files{"apps/": ""}, "fleet.yaml:7: the app path shared of group web is not a directory"},
	} {
		t.Run(name, func(t *testing.T) {
			repo := test.repo.With(files{"fleet.yaml": fleetHeader + spec}).Repository()
			f, err := Load(repo)
			require.NoError(t, err)
			if err = f.CheckPaths(repo); test.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestWithoutAnAppPathTheErrorSaysWhetherThereIsAFleet(t *testing.T) {
	none := files{"README.md": "# Charts"}.Repository()
	f, err := Load(none)
	require.NoError(t, err)
	require.EqualError(t, NotFound("charts"), "there is no fleet in charts: neither fleet.yaml nor any of "+
		"charts/application-sets, fleet/fleet-bootstrap/fleet-members, fleet/bootstrap/versions/applicationSets.yaml, "+
		"addons, resources; give the directory of the fleet as PATH, or with --repo-root")
	require.ErrorContains(t, f.NoAppPath(none, "addons", "apps"),
		"apps: the app path of group addons is not a directory of the repository, in which there is no fleet at all")

	some := files{"resources/": ""}.Repository()
	require.EqualError(t, f.NoAppPath(some, "addons", "addons"), "addons: the app path of group addons is not a "+
		"directory of the repository; give it as PATH, or set the group's path in fleet.yaml")
}

func TestGroupsOfAnAppPath(t *testing.T) {
	f, err := loadFleet(t, "  groups:\n    addons: {path: apps}\n    web: {path: teams/web}\n    none: {}\n")
	require.NoError(t, err)
	require.Equal(t, []string{"addons", "none", "web"}, f.GroupsAt("."))
	require.Equal(t, []string{"addons"}, f.GroupsFor("apps"))
	require.Equal(t, []string{"web"}, f.GroupsFor("teams/web/charts"), "fleet.yaml puts it at a directory around")
	require.Empty(t, f.GroupsFor("teams/website"))
	names, at := f.AllGroups("elsewhere")
	require.Equal(t, []string{"addons", "none", "web"}, names)
	require.Equal(t, "elsewhere", at)

	f, err = loadFleet(t, "")
	require.NoError(t, err)
	names, at = f.AllGroups("resources")
	require.Equal(t, []string{"resources"}, names)
	require.Equal(t, "resources", at)
	names, at = f.AllGroups("charts")
	require.Equal(t, []string{"addons", "fleet", "monitoring", "resources"}, names)
	require.Equal(t, ".", at)
}
