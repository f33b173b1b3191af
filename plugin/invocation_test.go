package plugin

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// parameters returns the environment variable with parameters given as JSON.
func parameters(json string) string { return "ARGOCD_APP_PARAMETERS=" + json }

func TestRead(t *testing.T) {
	text := func(s string) *string { return &s }
	for name, tt := range map[string]struct {
		environ []string
		want    map[string]*Assignment
	}{
		"nothing": {nil, map[string]*Assignment{}},
		"one of each type": {
			[]string{parameters(
				`[{"name":"group","string":"addons"},{"name":"value-files","array":["a.yaml"]},{"name":"settings","map":{"k":"v"}}]`)},
			map[string]*Assignment{
				"group":       {Name: "group", String: text("addons")},
				"value-files": {Name: "value-files", Array: []string{"a.yaml"}},
				"settings":    {Name: "settings", Map: map[string]string{"k": "v"}},
			},
		},
		"a map as a string with JSON, as an ApplicationSet gives it": {
			[]string{parameters(`[{"name":"labels","string":"{\"tenant\":\"retail\"}"}]`)},
			map[string]*Assignment{"labels": {Name: "labels", Map: map[string]string{"tenant": "retail"}}},
		},
		"an empty map as a string": {
			[]string{parameters(`[{"name":"labels","string":""},{"name":"annotations","string":"null"}]`)},
			map[string]*Assignment{"labels": {Name: "labels"}, "annotations": {Name: "annotations"}},
		},
		"a variable stands for a string parameter, and for a map as JSON": {
			[]string{"ARGOCD_ENV_ALLOW_EMPTY=true", `ARGOCD_ENV_LABELS={"a":"b"}`},
			map[string]*Assignment{
				"allow-empty": {Name: "allow-empty", String: text("true")},
				"labels":      {Name: "labels", Map: map[string]string{"a": "b"}},
			},
		},
		"the parameter wins over the variable": {
			[]string{"ARGOCD_ENV_GROUP=monitoring", parameters(`[{"name":"group","string":"addons"}]`)},
			map[string]*Assignment{"group": {Name: "group", String: text("addons")}},
		},
		"what kubectl leaves behind is dropped": {
			[]string{parameters(
				`[{"name":"annotations","map":{"a":"b","kubectl.kubernetes.io/last-applied-configuration":"{}"}}]`)},
			map[string]*Assignment{"annotations": {Name: "annotations", Map: map[string]string{"a": "b"}}},
		},
		"also in a string with JSON": {
			[]string{`ARGOCD_ENV_ANNOTATIONS={"a":"b","kubectl.kubernetes.io/last-applied-configuration":"{}"}`},
			map[string]*Assignment{"annotations": {Name: "annotations", Map: map[string]string{"a": "b"}}},
		},
		"other variables are not looked at": {
			[]string{"AWS_SECRET_ACCESS_KEY=canary", "PARAM_GROUP=monitoring", "ARGOCD_ENV_OTHER=x", "GROUP=x"},
			map[string]*Assignment{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Read(tt.environ)
			require.NoError(t, err)
			require.Equal(t, tt.want, got.Parameters)
		})
	}
}

func TestReadApplication(t *testing.T) {
	got, err := Read([]string{
		"ARGOCD_APP_NAME=addons", "ARGOCD_APP_NAMESPACE=argocd", "ARGOCD_APP_PROJECT_NAME=default",
		"ARGOCD_APP_REVISION=abc",
		"ARGOCD_APP_SOURCE_PATH=addons", "ARGOCD_APP_SOURCE_REPO_URL=https://git.example.com/fleet.git",
		"ARGOCD_APP_SOURCE_TARGET_REVISION=main", "KUBE_VERSION=1.33.1", "KUBE_API_VERSIONS=v1,apps/v1",
	})
	require.NoError(t, err)
	require.Equal(t, App{Name: "addons", Namespace: "argocd", Project: "default", Revision: "abc", SourcePath: "addons",
		RepoURL: "https://git.example.com/fleet.git", TargetRevision: "main"}, got.App)
	require.Equal(t, "1.33.1", got.KubeVersion)
	require.Equal(t, []string{"v1", "apps/v1"}, got.APIVersions)
}

// TestReadRefuses has what anyone who can write an Application may try.
func TestReadRefuses(t *testing.T) {
	deep := strings.Repeat("[", 20000) + strings.Repeat("]", 20000)
	quoted := func(s string) string {
		data, err := json.Marshal(s)
		require.NoError(t, err)
		return string(data)
	}
	for name, tt := range map[string]struct{ environ, want string }{
		"an unknown parameter": {parameters(`[{"name":"grup","string":"x"}]`),
			`there is no parameter "grup"; did you mean group? The parameters are group, cluster, labels, `},
		"a parameter of no sense": {parameters(`[{"name":"x","string":"x"}]`),
			`there is no parameter "x"; the parameters are group, cluster, labels, `},
		"a parameter twice": {parameters(`[{"name":"group","string":"a"},{"name":"group","string":"b"}]`),
			"parameter group is given twice"},
		"a string for an array": {parameters(`[{"name":"value-files","string":"a.yaml"}]`),
			"parameter value-files must be of type array"},
		"an array for a string": {parameters(`[{"name":"group","array":["a"]}]`),
			"parameter group must be of type string"},
		"a map for a string": {parameters(`[{"name":"group","map":{"a":"b"}}]`),
			"parameter group must be of type string"},
		"two forms at once": {parameters(`[{"name":"labels","map":{"a":"b"},"string":"{}"}]`),
			"parameter labels must be of type map"},
		"no JSON": {parameters(`{`), "the parameters cannot be read (ARGOCD_APP_PARAMETERS)"},
		"a number for a string": {parameters(`[{"name":"group","string":1}]`),
			"the parameters cannot be read (ARGOCD_APP_PARAMETERS): each is a map with its name, and a string, "},
		"a map for the list": {parameters(`{"name":"group"}`), "each is a map with its name, and a string, "},
		"a map that is no JSON": {parameters(`[{"name":"labels","string":"tenant=retail"}]`),
			"parameter labels must be a map, or a string with a JSON object"},
		"nested JSON in a map": {parameters(`[{"name":"labels","string":"{\"a\":{\"b\":\"c\"}}"}]`),
			"parameter labels must be a map"},
		"deep JSON": {parameters(`[{"name":"labels","string":` + quoted(deep) + `}]`),
			"parameter labels must be a map"},
		"deep parameters": {parameters(deep), "the parameters cannot be read"},
		"a megabyte": {parameters(`[{"name":"values","string":"` + strings.Repeat("x", 1<<20) + `"}]`),
			"the parameters are larger than 128 KiB"},
		"a megabyte elsewhere": {"ARGOCD_ENV_VALUES=" + strings.Repeat("x", 1<<20),
			"parameter values is larger than 128 KiB"},
		"a long name": {parameters(`[{"name":"cluster","string":"` + strings.Repeat("x", 254) + `"}]`),
			"parameter cluster is longer than 253 characters"},
		"no UTF-8": {parameters("[{\"name\":\"cluster\",\"string\":\"\xff\"}]"),
			"the parameters are not UTF-8"},
		"a list as a variable": {"ARGOCD_ENV_COMPONENTS=karpenter",
			"ARGOCD_ENV_COMPONENTS: the parameter components is a " +
				"list, which no variable can be: give it in spec.source.plugin.parameters"},
		"another one": {"ARGOCD_ENV_VALUE_FILES=a.yaml",
			"ARGOCD_ENV_VALUE_FILES: the parameter value-files is a list"},
		"no UTF-8 elsewhere": {"ARGOCD_ENV_CLUSTER=\xff", "parameter cluster is not UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read([]string{tt.environ})
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "\n")
			require.Less(t, len(err.Error()), 500)
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`[{"name":"group","string":"addons"}]`, "monitoring")
	f.Add(`[{"name":"labels","map":{"a":"b"}}]`, `{"a":"b"}`)
	f.Add(`[{"name":"value-files","array":["a"]}]`, "\xff")
	f.Fuzz(func(t *testing.T, list, labels string) {
		i, err := Read([]string{parameters(list), "ARGOCD_ENV_LABELS=" + labels})
		if err != nil {
			return
		}
		for name, a := range i.Parameters {
			require.Contains(t, names(), name)
			require.NoError(t, a.checkText())
		}
	})
}
