package cluster

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

func TestNameNormalizedIsArgoCDs(t *testing.T) {
	// The right side is what SanitizeName of argo-cd/v2/applicationset/utils gives.
	for name, want := range map[string]string{
		"hub-1": "hub-1", "Hub_1": "hub-1", "a__b": "a--b", "a.b": "a.b", "-a.": "a", "_a_": "a", "ä": "", "aäb": "a-b",
		"":                                  "",
		"arn:aws:eks:eu-west-1:1:cluster/c": "arn-aws-eks-eu-west-1-1-cluster-c", "in-cluster": "in-cluster", "ÅB": "b",
		strings.Repeat("a", 300):                                 strings.Repeat("a", 253),
		strings.Repeat("a", 252) + "-" + "b":                     strings.Repeat("a", 252),
		strings.Repeat("ü", 300) + "c":                           "",
		strings.Repeat("A", 250) + strings.Repeat("_", 2) + "cd": strings.Repeat("a", 250) + "--c",
	} {
		require.Equal(t, want, Cluster{Name: name}.NameNormalized(), name)
	}
}

func TestFieldsAreThoseOfTheClusterGenerator(t *testing.T) {
	c := Cluster{Name: "Hub_1", Server: "https://hub", Labels: map[string]string{"tenant": "t", "x": "y"},
		Annotations: map[string]string{"region": "eu"}}
	require.Equal(t, map[string]any{
		"name": "Hub_1", "nameNormalized": "hub-1", "server": "https://hub", "cluster": "Hub_1", "tenant": "t",
		"metadata": map[string]any{"labels": map[string]any{"tenant": "t", "x": "y"},
			"annotations": map[string]any{"region": "eu"}},
	}, c.Fields(), "a label that is missing is missing here as well")
	require.Equal(t, map[string]any{"labels": map[string]any{}, "annotations": map[string]any{}},
		Cluster{}.Fields()["metadata"])
}

func TestAllLabelsHaveTheSecretType(t *testing.T) {
	c := Cluster{Labels: map[string]string{"a": "b"}}
	require.Equal(t, map[string]string{"a": "b", wellknown.LabelSecretType: "cluster"},
		map[string]string(c.AllLabels()))
	require.Len(t, c.Labels, 1, "the cluster is not changed")
	require.Len(t, Cluster{}.AllLabels(), 1)
	require.Equal(t, "cluster",
		Cluster{Labels: map[string]string{
			wellknown.LabelSecretType: "repository"}}.AllLabels()[wellknown.LabelSecretType], "of AWS, perhaps")
}

// TestKnownTo: a hub has its members and what belongs to nobody, a member itself; of other clusters nobody can tell.
func TestKnownTo(t *testing.T) {
	hub := map[string]string{wellknown.LabelFleetMember: wellknown.FleetMemberHub}
	fleet := []Cluster{{Name: "a", Labels: hub}, {Name: "a1", Hub: "a"}, {Name: "b"}, {Name: "b1", Hub: "b"},
		{Name: "c", Labels: hub}, {Name: "free"}}
	for on, want := range map[string][]string{
		"a": {"a", "a1", "free"}, "b": {"b", "b1", "free"}, "c": {"c", "free"}, "a1": {"a1", "free"}, "free": nil,
		"unknown": nil,
	} {
		knows, ok := KnownTo(on, fleet)
		require.Equal(t, want != nil, ok, on)
		for _, c := range fleet {
			require.True(t, !ok || knows(c) == slices.Contains(want, c.Name), "%s of %s", c.Name, on)
		}
	}
}

func TestWithMetadataWinsOverWhatIsKnown(t *testing.T) {
	c := Cluster{Name: "c", Server: "s", Hub: "h", File: "f", Labels: map[string]string{"a": "1", "b": "1"},
		Annotations: map[string]string{"x": "1"}}
	got := c.WithMetadata(map[string]string{"b": "2", "c": "2"}, nil)
	require.Equal(t, Cluster{Name: "c", Server: "s", Hub: "h", File: "f",
		Labels:      map[string]string{"a": "1", "b": "2", "c": "2"},
		Annotations: map[string]string{"x": "1"}}, got)
	require.Equal(t, map[string]string{"a": "1", "b": "1"}, c.Labels, "the cluster is not changed")
}

func base64Of(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// canary stands for a credential: it must show up nowhere.
const canary = "CANARY-bearer-token"

// secret returns a cluster Secret with credentials, and with parts of it replaced.
func secret(parts string) string {
	object := map[string]any{
		"apiVersion": "v1", "kind": "Secret",
		"metadata": map[string]any{
			"name": "cluster-a", "labels": map[string]any{wellknown.LabelSecretType: "cluster", "tenant": "t"},
			"annotations": map[string]any{"region": "eu",
				"kubectl.kubernetes.io/last-applied-configuration": `{"stringData":{"config":"` + canary + `"}}`},
		},
		"data": map[string]any{"name": base64Of("a"), "server": base64Of("https://a"), "config": base64Of(canary)},
	}
	var changes map[string]any
	if err := yaml.Unmarshal([]byte(parts), &changes); err != nil {
		panic(err)
	}
	text, err := yaml.Marshal(hierarchy.MergeMaps(object, changes))
	if err != nil {
		panic(err)
	}
	return string(text)
}

func requireNoCanary(t *testing.T, clusters []Cluster, err error) {
	t.Helper()
	text, jsonErr := json.Marshal(clusters)
	require.NoError(t, jsonErr)
	all := string(text) + fmt.Sprintf("%+v %#v", clusters, clusters)
	for wrapped := err; wrapped != nil; {
		all += fmt.Sprintf("%v %#v", wrapped, wrapped)
		unwrapper, ok := wrapped.(interface{ Unwrap() error })
		if !ok {
			break
		}
		wrapped = unwrapper.Unwrap()
	}
	require.NotContains(t, all, "CANARY")
	require.NotContains(t, all, base64Of(canary))
}

func TestParseClusterSecrets(t *testing.T) {
	a := Cluster{Name: "a", Server: "https://a", File: "s.yaml",
		Labels:      map[string]string{wellknown.LabelSecretType: "cluster", "tenant": "t"},
		Annotations: map[string]string{"region": "eu"}}
	b := a
	b.Name = "b"
	ofProject := a
	ofProject.Project = "payments"
	indent := func(text string) string {
		return "- " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n  ") + "\n"
	}
	for _, test := range []struct {
		name, text string
		want       []Cluster
	}{
		{"one", secret(""), []Cluster{a}},
		{"a stream", "# first\n---\n" + secret("") + "---\n" + secret("stringData: {name: b}"), []Cluster{a, b}},
		{"a stream with CRLF", strings.ReplaceAll(secret("")+"---\n"+secret("stringData: {name: b}"), "\n", "\r\n"),
			[]Cluster{a, b}},
		{"a List, as of kubectl get", "apiVersion: v1\nkind: List\nitems:\n" + indent(secret("")) +
			indent(secret("stringData: {name: b}")), []Cluster{a, b}},
		{"a SecretList, and another object after it",
			"kind: SecretList\nitems:\n" + indent(secret("")) + "---\nkind: ConfigMap\n", []Cluster{a}},
		{"JSON", func() string { text, _ := yaml.YAMLToJSON([]byte(secret(""))); return string(text) }(), []Cluster{a}},
		{"stringData wins over data, as in Kubernetes", secret("stringData: {name: b, server: https://a}"),
			[]Cluster{b}},
		{"stringData alone", secret("{data: null, stringData: {name: b, server: https://a, config: " + canary + "}}"),
			[]Cluster{b}},
		{"of one project", secret("stringData: {project: payments}"), []Cluster{ofProject}},
		{"base64 in several lines", secret("{data: {name: \"Y\\nQ=\\n=\"}}"), []Cluster{a}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseSecrets("s.yaml", []byte(test.text))
			require.NoError(t, err)
			require.Equal(t, test.want, got)
			requireNoCanary(t, got, err)
		})
	}
	t.Run("without server, labels and annotations that are strings", func(t *testing.T) {
		got, err := ParseSecrets("s.yaml",
			[]byte(secret("{data: {server: null}, metadata: {labels: {n: 1, m: {}}, annotations: null}}")))
		require.NoError(t, err)
		require.Empty(t, got[0].Server)
		require.Equal(t, map[string]string{wellknown.LabelSecretType: "cluster", "tenant": "t", "false": "1", "m": ""},
			got[0].Labels)
		require.Empty(t, got[0].Annotations)
	})
}

// TestParseClusterSecretsFindsNone: a file without any would leave all clusters out without a word.
func TestParseClusterSecretsFindsNone(t *testing.T) {
	for name, text := range map[string]string{
		"nothing": "", "only separators": "---\n---\n", "an empty List": "kind: List\nitems: []\n",
		"items that are no objects": "kind: List\nitems: [a, null, 1]\n", "Secrets without labels": "kind: Secret\n",
		"other objects": "kind: ConfigMap\nmetadata: {labels: {argocd.argoproj.io/secret-type: " +
			"cluster}}\n",
		"Secrets that are no clusters": secret("metadata: {labels: {argocd.argoproj.io/secret-type: repository}}"),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseSecrets("s.yaml", []byte(text))
			requireOneLine(t, err, "s.yaml: there is no Argo CD cluster Secret in it")
			require.ErrorContains(t, err, "kubectl get secrets")
		})
	}
}

func TestClusterSecretsErrorsQuoteNoCredentials(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"no name", secret("data: {name: null}"), `s.yaml: cluster Secret "cluster-a" has no name in its data`},
		{"an empty name", secret("stringData: {name: ''}"),
			`s.yaml: cluster Secret "cluster-a" has no name in its data`},
		{"no data", secret("data: null"), `s.yaml: cluster Secret "cluster-a" has no name in its data`},
		{"data that is no map", secret("data: [" + canary + "]"),
			`s.yaml: cluster Secret "cluster-a" has no name in its data`},
		{"a name that is not base64", secret("data: {name: '" + canary + "'}"),
			`s.yaml: cluster Secret "cluster-a": data.name is not base64`},
		{"a server that is not base64", secret("data: {server: '" + canary + "!'}"),
			`s.yaml: cluster Secret "cluster-a": data.server is not base64`},
		{"a Secret without any name", secret("{metadata: {name: [" + canary + "]}, data: null}"),
			`s.yaml: cluster Secret "" has no name in its data`},
		{"in a List",
			"items: [{kind: Secret, metadata: {name: x, labels: {argocd.argoproj.io/secret-type: cluster}}, data: " +
				"{config: " + canary + "}}]", `s.yaml: cluster Secret "x" has no name`},

		{"broken YAML", "kind: Secret\nstringData:\n  config: " + canary + ": x\n",
			"s.yaml: document 1 is no Kubernetes object"},
		{"broken in the second document", secret("") + "---\nstringData:\n  config: " + canary + ": x\n",
			"s.yaml: document 2 is no Kubernetes object"},
		{"a string", canary, "s.yaml: document 1 is no Kubernetes object"},
		{"a list", "- " + canary + "\n", "s.yaml: document 1 is no Kubernetes object"},
		{"a tag that does not fit", "stringData: {config: !!int " + canary + "}",
			"s.yaml: document 1 is no Kubernetes object"},
		{"an alias that is not there", "stringData: {config: *" + canary + "}",
			"s.yaml: document 1 is no Kubernetes object"},
		{"a template without quotes", "stringData: {config: {{ " + canary + " }}}",
			"s.yaml: document 1 is no Kubernetes object"},
		{"null as a key", "~: " + canary, "s.yaml: document 1 is no Kubernetes object"},
		{"text after a separator", "a: b\n--- {kind: Secret, stringData: {config: " + canary + "}}\n",
			"s.yaml: document 1 is no Kubernetes object"},
		{"a separator that is none", "---" + canary + "\n", "s.yaml: document 1 is no Kubernetes object"},
		{"not UTF-8", "config: " + canary + "\xff\n", "s.yaml: document 1 is no Kubernetes object"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseSecrets("s.yaml", []byte(test.text))
			require.Nil(t, got)
			requireOneLine(t, err, "s.yaml: ")
			require.Contains(t, err.Error(), test.want)
			requireNoCanary(t, got, err)
		})
	}
}

func TestCheckSegment(t *testing.T) {
	for _, good := range []string{"a", "a.b", "..a", "...", "a b", "ü", "{{x}}", "-"} {
		require.NoError(t, CheckSegment(good), good)
	}
	for _, bad := range []string{"", ".", "..", "/", "a/b", `a\b`, "a\tb", "\x00", "\u0080", "\xff", "a\xc3"} {
		require.ErrorIs(t, CheckSegment(bad), ErrSegment, "%q", bad)
	}
}
