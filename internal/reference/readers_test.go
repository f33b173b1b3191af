package reference_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/release"
	"github.com/eks-fleet-management/fleet-cmp/internal/reference"
)

// unknown is a key that nothing is called like.
const unknown = "qqqqqqqq"

// TestReadersKnowTheTable: of each map of fleet.yaml, of members and of releases, the reader knows the keys of the
// table, and no others. It lists them in its message about one that it does not know.
func TestReadersKnowTheTable(t *testing.T) {
	tried := 0
	for _, kind := range []string{"fleet", "member", "releases", "registration"} {
		for path, below := range maps(reference.KindOf(kind)) {
			t.Run(kind+" "+path, func(t *testing.T) {
				tried++
				var values map[string]any
				require.NoError(t, yaml.Unmarshal([]byte(below[0].Snippet()), &values))
				if kind == "fleet" {
					values["apiVersion"], values["kind"] = "fleet.cmp/v1alpha1", "Fleet"
				}
				at(t, values, path)[unknown] = 1
				var want []string
				for _, key := range below {
					want = append(want, key.Name())
				}
				require.ElementsMatch(t, want, known(t, below[0], values),
					"the keys that are read, and those of the table")
			})
		}
	}
	require.Greater(t, tried, 12, "the maps are found")
	require.Equal(t, member.Keys(), reference.Names("member", ""), "in the order of a new file")
}

// maps returns the keys of each map of a kind of which all keys are known, by its path.
func maps(kind *reference.Kind) map[string][]reference.Key {
	all := map[string][]reference.Key{}
	for _, key := range kind.Keys {
		path := key.Path[:max(strings.LastIndexByte(key.Path, '.'), 0)]
		if path == "spec.groups" || path == "releases" || strings.HasSuffix(path, ".externalSecrets") ||
			kind.Name == "releases" && path == "" {
			continue // whose keys are names, or which is not looked at for others
		}
		all[path] = append(all[path], key)
	}
	return all
}

// at returns the map at a path of the table in values.
func at(t *testing.T, values map[string]any, path string) map[string]any {
	for part := range strings.SplitSeq(path, ".") {
		if part == "" {
			return values
		}
		name, list := strings.CutSuffix(part, "[]")
		value, has := values[name]
		if !has { // a name that stands for any
			require.Len(t, values, 1, path)
			for _, only := range values {
				value = only
			}
		}
		if list {
			value = value.([]any)[0]
		}
		values = value.(map[string]any)
	}
	return values
}

// known returns the keys that a reader lists in what it says of the unknown one.
func known(t *testing.T, key reference.Key, values map[string]any) []string {
	kind := key.Kind().Name
	text, err := yaml.Marshal(values)
	require.NoError(t, err)
	tree := fstest.MapFS{}
	write := func(name string, text []byte) { tree[name] = &fstest.MapFile{Data: text} }
	write(map[string]string{"fleet": "fleet.yaml", "member": "fleet/fleet-bootstrap/fleet-members/hub/a.yaml",
		"releases": "fleet/bootstrap/versions/applicationSets.yaml"}[kind], text)
	repository := hierarchy.NewRepository(tree)
	f, err := fleet.Load(repository)
	var messages []string
	switch kind {
	case "fleet":
		require.Error(t, err)
		messages = []string{err.Error()}
	case "member":
		require.NoError(t, err)
		_, warnings, _ := member.Check(f, repository)
		for _, w := range warnings {
			messages = append(messages, w.Error())
		}
	case "registration":
		tried, err := try(t, filesWith(t, key, values))
		require.NoError(t, err)
		messages = tried.said
	case "releases":
		require.NoError(t, err)
		releases, err := release.Read(f, repository, "addons")
		require.NoError(t, err)
		for _, w := range releases.Warnings {
			messages = append(messages, w.Error())
		}
	}
	i := slices.IndexFunc(messages, func(m string) bool { return strings.Contains(m, unknown) })
	require.GreaterOrEqual(t, i, 0, "nothing is said of the unknown key: %q", messages)
	for _, before := range []string{"known are ", "the keys are "} {
		if _, list, found := strings.Cut(messages[i], before); found {
			return strings.Split(strings.TrimSpace(list), ", ")
		}
	}
	t.Fatalf("no list of keys in %q", messages[i])
	return nil
}
