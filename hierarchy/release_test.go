package hierarchy

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// releases returns the lanes of the group addons in a releases file.
func releases(t *testing.T, text string) (Lanes, error) {
	t.Helper()
	return (&Fleet{Releases: "releases.yaml"}).ReadLanes(files{"releases.yaml": text}.repository(), "addons")
}

// TestSelectedLanesAndTheirSettings has the rows of the table in SPEC section 11.1. Lanes differ from it where it calls the
// chart wrong: the label is passed as it is written, since in lower case no cluster would carry it.
func TestSelectedLanesAndTheirSettings(t *testing.T) {
	type want struct{ releaseType, addonsRelease string }
	for _, test := range []struct {
		lanes     []string
		selectors bool
		label     string
		want      []want
	}{
		{[]string{"default"}, true, "", []want{{"default", ""}}},
		{[]string{"default"}, true, "default", []want{{"default", "default"}}},
		{[]string{"default"}, true, "nope", []want{{"default", ""}}},
		{[]string{"default"}, false, "", []want{{"default", ""}}},
		{[]string{"default"}, false, "default", []want{{"default", ""}}},
		{[]string{"default"}, false, "nope", []want{{"default", ""}}},
		{[]string{"default", "canary"}, true, "", []want{{"default", "default"}}},
		{[]string{"default", "canary"}, true, "canary", []want{{"default", "default"}, {"canary", "canary"}}},
		{[]string{"default", "canary"}, true, "nope", []want{{"default", "default"}}},
		{[]string{"default", "canary"}, false, "", []want{{"default", ""}}},
		{[]string{"default", "canary"}, false, "canary", []want{{"default", ""}}},
		{[]string{"default", "canary"}, false, "nope", []want{{"default", ""}}},
		{[]string{"Default", "Canary"}, true, "", []want{{"default", "Default"}}},
		{[]string{"Default", "Canary"}, true, "Canary", []want{{"default", "Default"}, {"canary", "Canary"}}},
		{[]string{"Default", "Canary"}, true, "canary", []want{{"default", "Default"}}},
		{[]string{"Default", "Canary"}, true, "nope", []want{{"default", "Default"}}},
		{[]string{"Default", "Canary"}, false, "", []want{{"default", ""}}},
		{[]string{"Default", "Canary"}, false, "Canary", []want{{"default", ""}}},
		{[]string{"Default", "Canary"}, false, "nope", []want{{"default", ""}}},
		{nil, true, "x", nil},
		{nil, false, "", nil},
	} {
		name := "lanes"
		for _, lane := range test.lanes {
			name += " " + lane
		}
		if test.selectors {
			name += ", version selectors"
		}
		t.Run(name+", label "+test.label, func(t *testing.T) {
			lanes := Lanes{Names: test.lanes, group: "addons"}
			var got []want
			for _, lane := range lanes.Select(test.label, test.selectors) {
				layer, err := lanes.Layer(lane, test.label, test.selectors)
				require.NoError(t, err)
				require.Equal(t, LevelFlags, layer.Level)
				require.Equal(t, "release "+lane, layer.File)
				w := want{releaseType: layer.Values["releaseType"].(string)}
				if set, ok := layer.Values["releases"]; ok {
					require.Len(t, set, 1)
					w.addonsRelease = set.(map[string]any)["addonsRelease"].(string)
				}
				got = append(got, w)
			}
			require.Equal(t, test.want, got)
		})
	}
}

func TestLaneThatIsAskedFor(t *testing.T) {
	lanes, err := releases(t, "releases:\n  addons:\n  - type: stable\n  - type: next\n")
	require.NoError(t, err)
	require.Equal(t, []string{"stable", "next"}, lanes.Names)
	_, err = lanes.Layer("Stable", "", true)
	require.EqualError(t, err, "releases.yaml:2: group addons has no release \"Stable\"; the releases are stable, next")
	_, err = lanes.Layer("", "", true)
	require.Error(t, err)

	layer, err := Lanes{}.Layer("Any", "Any", true)
	require.NoError(t, err, "without lanes, each is as good as another")
	require.Equal(t, map[string]any{"releaseType": "any"}, layer.Values, "and without a group there is no label")
	layer, err = Lanes{group: "addons"}.Layer("Any", "Any", true)
	require.NoError(t, err)
	require.Equal(t, yamlMap(t, "{releaseType: any, releases: {addonsRelease: Any}}"), layer.Values)
}

func TestReadLanes(t *testing.T) {
	for name, text := range map[string]string{
		"an empty file": "", "no groups": "releases: {}", "null": "releases:\n", "another group": "releases: {monitoring: [{type: a}]}",
		"no lanes": "releases: {addons: []}",
	} {
		t.Run(name, func(t *testing.T) {
			lanes, err := releases(t, text)
			require.NoError(t, err)
			require.Empty(t, lanes.Names)
			require.Empty(t, lanes.Select("x", true))
		})
	}
	lanes, err := (&Fleet{Releases: "none.yaml"}).ReadLanes(files{}.repository(), "addons")
	require.NoError(t, err)
	require.Empty(t, lanes.Names)

	lanes, err = releases(t, "releases: {globals: {x: 1}, addons: [{type: 1, version: x}, {type: true}]}")
	require.NoError(t, err)
	require.Equal(t, []string{"1", "true"}, lanes.Names)
	require.Equal(t, "addonsRelease", ReleaseLabel("addons"))
}

func TestReadLanesErrors(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"not YAML", "x: 1\na: b: c", "releases.yaml:2: is not YAML"},
		{"releases of the wrong type", "releases: [a]", "releases.yaml:1: releases must be a mapping, not a list"},
		{"lanes of the wrong type", "releases:\n  addons: {type: a}", "releases.yaml:2: releases: addons must be a list, not a mapping"},
		{"a lane of the wrong type", "releases:\n  addons: [default]", "releases.yaml:2: releases of addons: lane 1 has no type"},
		{"a lane without type", "releases:\n  addons: [{type: a}, {version: 1}]", "releases.yaml:2: releases of addons: lane 2 has no type"},
		{"a type of the wrong type", "releases:\n  addons: [{type: [a]}]", "releases.yaml:2: releases of addons: type must be a text, not a list"},
		{"two lanes of one type", "releases:\n  addons: [{type: a}, {type: a}]", `releases.yaml:2: releases of addons: there are two lanes of type "a"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := releases(t, test.text)
			requireOneLine(t, err, "releases.yaml")
			require.Contains(t, err.Error(), test.want)
		})
	}
}
