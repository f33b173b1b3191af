package fleet

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

func TestMisplacedSettings(t *testing.T) {
	const environment = "addons/tenants/retail/environments/np/"
	plain := []string{"addons.yaml"}
	for _, test := range []struct {
		name, file, want string
		settings         []string // settingsFiles
	}{
		{"where they belong", environment + "application-sets/addons.yaml", "", nil},
		{"the plain file of bootstrap", "addons/bootstrap/defaults/addons.yaml", "", nil},
		{"of another group", environment + "resources.yaml", "", nil},
		{"of another environment", "addons/tenants/retail/environments/prod/addons.yaml", "", nil},
		{"beside application-sets", environment + "addons.yaml",
			environment + "addons.yaml: the settings of group addons are not read from here; " +
				"move them to " + environment + "application-sets/addons.yaml", nil},
		{"with another extension", environment + "application-sets/addons.yml",
			environment + "application-sets/addons.yml: the settings of group addons are not read from here; " +
				"move them to " + environment + "application-sets/addons.yaml", nil},
		{"of bootstrap with another extension", "addons/bootstrap/defaults/addons.yml",
			"addons/bootstrap/defaults/addons.yml: the settings of group addons are not read from here; " +
				"move them to addons/bootstrap/defaults/application-sets/addons.yaml", nil},
		{"misspelt", environment + "application-sets/adons.yaml",
			environment +
				"application-sets/adons.yaml: there is no group of this name, so that nobody reads the file; " +
				"did you mean " + environment + "application-sets/addons.yaml?", nil},
		{"of a group with a like name", environment + "application-sets/addons-2.yaml", "", nil},
		{"of another group, misspelt", environment + "application-sets/resorces.yaml", "", nil},
		{"of something else", environment + "application-sets/extra.yaml", "", nil},
		{"where fleet.yaml says", environment + "addons.yaml", "", plain},
		{"elsewhere than fleet.yaml says", environment + "application-sets/addons.yaml",
			environment + "application-sets/addons.yaml: the settings of group addons are not read from here; " +
				"move them to " + environment + "addons.yaml", plain},
		{"misspelt where fleet.yaml says", environment + "adons.yaml",
			environment + "adons.yaml: there is no group of this name, so that nobody reads the file; " +
				"did you mean " + environment + "addons.yaml?", plain},
	} {
		t.Run(test.name, func(t *testing.T) {
			repo := sample.With(files{test.file: "a: 1\n"}).Repository()
			fleet := builtIn()
			fleet.Groups = map[string]*Group{"addons": {Name: "addons", SettingsFiles: test.settings}, "resources": {},
				"addons-2": {}}
			levels, err := fleet.LevelsOf(repo, spoke, "addons")
			require.NoError(t, err)
			found, err := fleet.MisplacedSettings(repo, levels, fleet.Groups["addons"])
			require.NoError(t, err)
			if test.want == "" {
				require.Empty(t, found)
				return
			}
			require.Len(t, found, 1)
			require.EqualError(t, found[0], test.want)
			require.Equal(t, problem.RuleUnreadFile, found[0].Rule)
		})
	}
}
