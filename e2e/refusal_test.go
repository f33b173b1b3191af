package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// failed finds what the plugin said in the error that Argo CD shows.
var failed = regexp.MustCompile("`cmp [a-z]+` failed exit status [0-9]+: Error: ([^\n]+)$")

// refused asks for objects, and returns the message of the plugin, which must be one line.
func (a *argoCD) refused(t *testing.T, r request) string {
	t.Helper()
	objects, err := a.generate(t, r)
	require.Error(t, err)
	require.Empty(t, objects)
	message := failed.FindStringSubmatch(err.Error())
	require.NotNil(t, message, "no one-line message of the plugin in: %v", err)
	assert.NotContains(t, message[1], a.work, "a path of the sidecar is in the message")
	return message[1]
}

// What is wrong in the repository or in names gives the message that `cmp render` prints.
func TestSameMessages(t *testing.T) {
	hub := selection{group: "addons", cluster: "hub-prod"}
	for name, test := range map[string]struct {
		selection selection
		change    func(t *testing.T, r *repository)
		contains  []string
	}{
		"unknown group": {selection: selection{group: "nope", cluster: "hub-prod"}, contains: []string{"nope",
			"addons", "monitoring", "resources"}},
		"unknown cluster": {selection: selection{group: "addons", cluster: "nobody"}, contains: []string{"nobody"}},
		"unknown release": {selection: selection{group: "addons", cluster: "hub-prod", release: "canary"},
			contains: []string{"canary", "next", "stable"}},
		"path as cluster": {
			selection: selection{group: "addons", cluster: "../../control-plane",
				labels: map[string]string{"tenant": "retail", "environment": "np"}},
			contains: []string{"../../control-plane"},
		},
		"broken YAML": {
			selection: hub,
			change: func(t *testing.T, r *repository) {
				r.add(t, "addons/control-plane/defaults/application-sets/addons.yaml", "\nkarpenter: {enabled: [\n")
			},
			contains: []string{"addons/control-plane/defaults/application-sets/addons.yaml:"},
		},
		"broken fleet.yaml": {
			selection: hub,
			change:    func(t *testing.T, r *repository) { r.add(t, "fleet.yaml", "  colour: red\n") },
			contains:  []string{"fleet.yaml:", "colour"},
		},
		"nothing to render": {
			selection: selection{group: "addons", cluster: "hub-prod"},
			change: func(t *testing.T, r *repository) {
				r.write(t, "charts/application-sets/values/addons.yaml", "{}\n")
				r.write(t, "charts/application-sets/values/ack.yaml", "{}\n")
				for _, pattern := range []string{"addons/*/defaults/application-sets", "addons/*/*/*/application-sets",
					"addons/*/*/*/*/*/application-sets"} {
					directories, err := filepath.Glob(filepath.Join(r.checkout, pattern))
					require.NoError(t, err)
					for _, directory := range directories {
						require.NoError(t, os.RemoveAll(directory))
					}
				}
			},
			contains: []string{"nothing"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			repository := newFleet(t)
			if test.change != nil {
				test.change(t, repository)
				repository.push(t)
			}
			_, expected := repository.cmp(t, test.selection.path(), append([]string{"render"},
				test.selection.flags()...)...)
			for _, part := range test.contains {
				require.Contains(t, expected, part)
			}
			each(t, func(t *testing.T, argo *argoCD) {
				assert.Equal(t, expected, argo.refused(t, test.selection.request(repository)))
			})
		})
	}
}

// What is wrong with the parameters.
func TestBadParameters(t *testing.T) {
	repository := newFleet(t)
	good := selection{group: "addons", cluster: "hub-prod"}.parameters()
	with := func(parameters ...v1alpha1.ApplicationSourcePluginParameter) v1alpha1.ApplicationSourcePluginParameters {
		return append(slices.Clone(good), parameters...)
	}
	labels := func(key, value string) v1alpha1.ApplicationSourcePluginParameter {
		return v1alpha1.ApplicationSourcePluginParameter{Name: "labels", OptionalMap: &v1alpha1.OptionalMap{
			Map: map[string]string{key: value}}}
	}
	array := func(name string, values ...string) v1alpha1.ApplicationSourcePluginParameter {
		return v1alpha1.ApplicationSourcePluginParameter{Name: name, OptionalArray: &v1alpha1.OptionalArray{
			Array: values}}
	}
	for name, test := range map[string]struct {
		parameters v1alpha1.ApplicationSourcePluginParameters
		contains   []string
	}{
		"unknown":                {with(text("colour", "red")), []string{`"colour"`, "group", "cluster", "value-files"}},
		"wrong type":             {with(array("release", "stable")), []string{"release", "string"}},
		"labels that are a list": {with(text("labels", `["a"]`)), []string{"labels", "map"}},
		"no cluster": {v1alpha1.ApplicationSourcePluginParameters{text("group", "addons")},
			[]string{"cluster"}},
		"not true or false":   {with(text("strict", "yes")), []string{"strict", `"true"`, "yes"}},
		"path in a label":     {with(labels("tenant", "../../retail")), []string{"labels", "../../retail"}},
		"template in a label": {with(labels("tenant", `{{env "CANARY_SECRET"}}`)), []string{"labels"}},
		"value file outside": {with(array("value-files", "../../../../../../../../etc/passwd")),
			[]string{"value-files"}},
		"absolute value file":      {with(array("value-files", "/etc/passwd")), []string{"value-files"}},
		"value file of .git":       {with(array("value-files", "/proc/self/environ")), []string{"value-files"}},
		"catalog outside":          {with(text("catalog", "../../../../../../../proc/self")), []string{"catalog"}},
		"values that do not parse": {with(text("values", "a: [")), []string{"values"}},
		"a long name":              {with(text("release", strings.Repeat("x", 100_000))), []string{"release"}},
		"not UTF-8":                {with(text("release", "a\xff")), nil},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, argo *argoCD) {
				message := argo.refused(t, request{repository: repository.url, path: "addons",
					parameters: test.parameters})
				for _, part := range test.contains {
					assert.Contains(t, message, part)
				}
				assert.Less(t, len(message), 1000)
			})
		})
	}
}

// Nothing of the sidecar's environment and no file outside the repository can be rendered. That the canary is nowhere
// is looked at after each request of all tests.
func TestEnvironment(t *testing.T) {
	repository := newFleet(t)
	good := selection{group: "addons", cluster: "hub-prod"}.parameters()
	each(t, func(t *testing.T, argo *argoCD) {
		through := false
		for _, value := range []string{
			`{{env "CANARY_SECRET"}}`, `{{ .Env.CANARY_SECRET }}`, "$CANARY_SECRET", "${CANARY_SECRET}", "$(CANARY_SECRET)", "%CANARY_SECRET%",
			"`env`", `{{ (.Files.Get "/proc/self/environ") }}`, "!!env CANARY_SECRET", "!ENV ${CANARY_SECRET}",
		} {
			for _, name := range []string{"values", "settings"} {
				t.Run(name+" "+value, func(t *testing.T) {
					parameter := text("values", "external-dns:\n  valuesObject:\n    stolen: "+value+"\n")
					if name == "settings" {
						parameter = v1alpha1.ApplicationSourcePluginParameter{Name: "settings",
							OptionalMap: &v1alpha1.OptionalMap{Map: map[string]string{"argoProjectName": value}}}
					}
					objects, err := argo.generate(t, request{repository: repository.url, path: "addons",
						parameters: append(slices.Clone(good), parameter)})
					if err == nil { // then it is text, and passes through
						asJSON, err := json.Marshal(value)
						require.NoError(t, err)
						through = through || strings.Contains(strings.Join(objects, ""), string(asJSON))
					}
				})
			}
		}
		assert.True(t, through, "none of the values is in an object: the test shows nothing")
		for _, p := range argo.processes {
			log, err := os.ReadFile(p.log)
			require.NoError(t, err)
			assert.NotContains(t, string(log), canary, "the sidecar's environment is in the log of %s", p.name)
		}
	})
}
