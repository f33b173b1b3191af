package generator

import (
	"encoding/json"
	"testing"

	appv1 "github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
)

const (
	exclude   = "[{git: {repoURL: a, revision: b, files: [{path: c, exclude: true}]}}]"
	tagPrefix = "[{list: {elements: [], template: " +
		"{metadata: {}, spec: {project: '', destination: {}, source: {repoURL: '', tagPrefix: v}}}}}]"
)

var decoded = []struct {
	name, version, generators, want string
	warnings                        []string
}{
	{name: "a field that it knows", version: "3.4", generators: exclude, want: exclude},
	{
		name: "a field that it does not know", version: "2.14", generators: exclude,
		want: "[{git: {repoURL: a, revision: b, files: [{path: c}]}}]",
		warnings: []string{"Argo CD 2.14 does not know the field spec.generators[0].git.files[0].exclude" +
			knownTo("3.4")},
	},
	{
		name: "a field of a generator in another in another", version: "2.14",
		generators: "[{matrix: {generators: [{merge: {mergeKeys: [a], generators: " + exclude + "}}]}}]",
		want: "[{matrix: {generators: [{merge: {mergeKeys: [a], generators: " +
			"[{git: {repoURL: a, revision: b, files: [{path: c}]}}]}}]}}]",
		warnings: []string{"Argo CD 2.14 does not know the field spec.generators[0].matrix.generators[0]" +
			".merge.generators[0].git.files[0].exclude" + knownTo("3.4")},
	},
	{
		name: "a field of a template", version: "3.4", generators: tagPrefix, want: tagPrefix,
		warnings: []string{
			"Argo CD 3.4 does not know the field spec.generators[0].list.template.spec.source.tagPrefix" +
				knownTo("3.5")},
	},
	{
		name: "a generator that it does not know", version: "3.5", generators: "[{oci: {repoURL: a}}]", want: "[{}]",
		warnings: []string{"Argo CD 3.5 does not know the field spec.generators[0].oci" + knownTo("3.6"),
			"spec.generators[0] is no generator that Argo CD 3.5 knows, and gives nothing"},
	},
}

// knownTo is the end of a warning about a field that a later version knows.
func knownTo(version string) string {
	return ", which " + version + " knows; remove it, or render as Argo CD " + version +
		" (spec.argocdVersion) if that is what runs"
}

// TestDecodeAsAVersion: generators are those that the version reads; templates keep what passes through.
func TestDecodeAsAVersion(t *testing.T) {
	for _, test := range decoded {
		t.Run(test.name, func(t *testing.T) {
			var object map[string]any
			require.NoError(t, yaml.Unmarshal([]byte("{apiVersion: argoproj.io/v1alpha1, kind: ApplicationSet, "+
				"metadata: {name: set}, spec: {generators: "+test.generators+"}}"), &object))
			v, _, err := argocd.Parse(test.version)
			require.NoError(t, err)
			set, warnings, err := decode(object, v)
			var texts []string
			for _, warning := range warnings {
				texts = append(texts, warning.Error())
			}
			require.Equal(t, test.warnings, texts)
			require.NoError(t, err)
			want, err := yaml.YAMLToJSON([]byte(test.want))
			require.NoError(t, err)
			var wanted []appv1.ApplicationSetGenerator
			require.NoError(t, json.Unmarshal(want, &wanted))
			require.Equal(t, jsonOf(t, wanted), jsonOf(t, set.Spec.Generators))
		})
	}
}

// jsonOf returns JSON with sorted keys, also of what is JSON in Argo CD's types.
func jsonOf(t *testing.T, value any) string {
	t.Helper()
	data, err := json.Marshal(value)
	require.NoError(t, err)
	var plain any
	require.NoError(t, json.Unmarshal(data, &plain))
	data, err = json.Marshal(plain)
	require.NoError(t, err)
	return string(data)
}
