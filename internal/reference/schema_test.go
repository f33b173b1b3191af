package reference_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/internal/reference"
)

// compiled are the schemas by their kinds.
var compiled = map[string]*jsonschema.Schema{}

// validate validates YAML with the schema of a kind.
func validate(t *testing.T, kind *reference.Kind, text []byte) error {
	if compiled[kind.Name] == nil {
		schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(kind.Schema()))
		require.NoError(t, err)
		compiler := jsonschema.NewCompiler()
		require.NoError(t, compiler.AddResource(kind.SchemaURL(), schema))
		compiled[kind.Name], err = compiler.Compile(kind.SchemaURL())
		require.NoError(t, err)
	}
	data, err := yaml.YAMLToJSON(text)
	require.NoError(t, err)
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	require.NoError(t, err)
	return compiled[kind.Name].Validate(instance)
}

// TestSchemasOfTheExampleFleet: the files of the example fleet are as the schemas have them.
func TestSchemasOfTheExampleFleet(t *testing.T) {
	const fleet = "../../testdata/fleet/"
	seen := map[string]int{}
	for _, of := range []struct{ kind, files string }{
		{"fleet", "fleet.yaml"}, {"member", "fleet/fleet-bootstrap/fleet-members/*/*.yaml"},
		{"releases", "fleet/bootstrap/versions/applicationSets.yaml"},
		{"component", "charts/application-sets/values/*.yaml"}, {"settings", "charts/application-sets/values.yaml"},
		{"settings", "*/bootstrap/defaults/*.yaml"}, {"settings", "*/*/defaults/application-sets/*.yaml"},
		{"settings", "*/tenants/*/*/*/application-sets/*.yaml"},
		{"registration", "*/bootstrap/defaults/fleet/fleet-secret/values.yaml"},
		{"registration", "*/tenants/*/defaults/fleet/fleet-secret/values.yaml"},
		{"registration", "*/tenants/*/*/*/fleet/fleet-secret/values.yaml"},
		{"registration", "*/tenants/*/*/*/*/fleet/fleet-secret/values.yaml"},
		{"settings", "*/tenants/*/*/*/*/*/application-sets/*.yaml"},
	} {
		files, err := filepath.Glob(fleet + of.files)
		require.NoError(t, err)
		require.NotEmpty(t, files, of.files)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			require.NoError(t, validate(t, reference.KindOf(of.kind), text), file)
			seen[of.kind]++
		}
	}
	require.Len(t, seen, len(reference.Kinds()), "each kind is tried")
}

// TestSchemasRefuseMistakes: what the readers refuse, or find, the schemas refuse.
func TestSchemasRefuseMistakes(t *testing.T) {
	const top = "apiVersion: fleet.cmp/v1alpha1\nkind: Fleet\n"
	for _, test := range []struct{ kind, text, at string }{
		{"fleet", "kind: Fleet", "apiVersion"},
		{"fleet", "apiVersion: v1\nkind: Fleet", "apiVersion"},
		{"fleet", top + "spec: {catalogue: x}", "catalogue"},
		{"fleet", top + "spec: {levels: [{name: a}]}", "levels"},
		{"fleet", top + "spec: {groups: {addons: {useSelector: true}}}", "useSelector"},
		{"fleet", top + "spec: {argocdVersion: 3.6}", "argocdVersion"},
		{"fleet", top + "spec: {cmpVersion: 1.4}", "cmpVersion"},
		{"fleet", top + "spec: {limits: {timeout: fast}}", "timeout"},
		{"fleet", top + "spec: {bootstrap: {allowEmpty: no reason here}}", "allowEmpty"},
		{"fleet", top + "spec: {lint: {ignore: [{rule: url, path: a}]}}", "reason"},
		{"fleet", top + "spec: {clusters: [{labels: {a: {b: c}}}]}", "labels"},
		{"member", "clustername: a", "clustername"},
		{"member", "use_remote_argo: \"yes\"", "use_remote_argo"},
		{"member", "tenant: [a]", "tenant"},
		{"releases", "releases: {addons: [{chartRepo: a}]}", "type"},
		{"releases", "releases: {globals: {type: a}}", "type"},
		{"releases", "releases: {addons: {type: a}}", "addons"},
		{"releases", "{}", "releases"},
		{"component", "karpenter: {chartVersion: \"1\"}", "chartVersion"},
		{"component", "karpenter: {enabled: maybe}", "enabled"},
		{"component", "karpenter: {environments: [{chartVersion: \"1\"}]}", "selector"},
		{"component", "karpenter: {additionalResources: {values: {}}}", "values"},
		{"component", "useSelectors: true", "useSelectors"},
		{"component", "karpenter: true", "karpenter"},
		{"registration", "externalSecret: {label: {a: b}}", "label"},
		{"registration", "gitExternalSecrets: {enabled: true}", "gitExternalSecrets"},
		{"registration", "secretStore: {kind: Store}", "kind"},
		{"settings", "useSelector: true", "useSelector"},
		{"settings", "chartType: a", "chartType"},
		{"settings", "delivery: argo", "delivery"},
		{"settings", "karpenter: {chartVersion: \"1\"}", "chartVersion"},
		{"settings", "syncPolicy: automated", "syncPolicy"},
	} {
		err := validate(t, reference.KindOf(test.kind), []byte(test.text))
		require.Error(t, err, test.text)
		require.Contains(t, err.Error(), test.at, test.text)
	}
	for _, test := range []struct{ kind, text string }{
		{"fleet", top}, {"fleet", top + "metadata: {name: a}\nspec: {groups: {addons: {}}}"},
		{"component", "x-anchors: {a: b}\nkarpenter: null\ncommonLabels: {a: b}"},
		{"settings", "karpenter: {enabled: \"true\", environments: {prod: {selector: {a: b}}}}\nvalueFiles: {a: b}"},
		{"member", "tenant: null"}, {"releases", "releases: {addons: [], globals: {version: 1.10}}"},
	} {
		require.NoError(t, validate(t, reference.KindOf(test.kind), []byte(test.text)), test.text)
	}
}

// TestSchemasOfTheTable: the schemas accept each example and each default of the table, and no value of another type.
func TestSchemasOfTheTable(t *testing.T) {
	for _, kind := range reference.Kinds() {
		for _, key := range kind.Keys {
			t.Run(key.Full(), func(t *testing.T) {
				check := func(values map[string]any) error {
					if kind.Name == "fleet" {
						for name, value := range map[string]any{"apiVersion": "fleet.cmp/v1alpha1", "kind": "Fleet"} {
							if values[name] == nil {
								values[name] = value
							}
						}
					}
					text, err := yaml.Marshal(values)
					require.NoError(t, err)
					return validate(t, kind, text)
				}
				err := check(unmarshal(t, key.Snippet()))
				require.Equal(t, key.Inert, err != nil, "%v", err)
				if !key.Inert && key.Default != "" {
					require.NoError(t, check(set(t, key, defaultOf(t, key))))
				}
				require.Error(t, check(set(t, key, wrong[key.Type])))
			})
		}
	}
}
