package written

import (
	"slices"
	"strconv"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	yamlnode "go.yaml.in/yaml/v3"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// see shows a judge the values of a file, and returns what is wrong with them.
func see(t *testing.T, j *Judge, file, text string) []*problem.Problem {
	t.Helper()
	var root yamlnode.Node
	require.NoError(t, yamlnode.Unmarshal([]byte(text), &root))
	return seeNode(j, file, &root)
}

func seeNode(j *Judge, file string, root *yamlnode.Node) []*problem.Problem {
	var found []*problem.Problem
	var visit func(node, in *yamlnode.Node, at []string)
	visit = func(node, in *yamlnode.Node, at []string) {
		switch node.Kind {
		case yamlnode.ScalarNode:
			found = append(found, j.See(Value{File: file, Path: at, Node: node, In: in})...)
		case yamlnode.MappingNode:
			for i := 0; i < len(node.Content); i += 2 {
				visit(node.Content[i+1], node, append(slices.Clip(at), node.Content[i].Value))
			}
		default:
			for i, child := range node.Content {
				next := at
				if node.Kind == yamlnode.SequenceNode {
					next = append(slices.Clip(at), strconv.Itoa(i))
				}
				visit(child, node, next)
			}
		}
	}
	visit(root, nil, nil)
	return found
}

func newJudge(files ...string) *Judge {
	tree := fstest.MapFS{}
	for _, file := range files {
		tree[file] = &fstest.MapFile{}
	}
	return New(&fleet.Fleet{Catalog: fleet.Chart{Path: "catalog"}, Members: "members", Releases: "releases.yaml",
		Groups: map[string]*fleet.Group{"addons": {Path: "addons"}}}, tree)
}

func TestValuesThatAFieldCannotHave(t *testing.T) {
	for text, want := range map[string]string{
		"a: {strategy: {type: RolligSync}}":             "a.strategy.type is",
		"a: {strategy: {deletionOrder: Back}}":          "a.strategy.deletionOrder is",
		"syncPolicyAppSet: {applicationsSync: never}":   "syncPolicyAppSet.applicationsSync is",
		"goTemplateOptions: [missingkey=eror]":          "goTemplateOptions.0 is",
		"syncPolicy: {retry: {backoff: {duration: x}}}": "syncPolicy.retry.backoff.duration is",
		"a: {type: manifets}":                           "a.type is",
		"a: {ignoreDifferences: [{jsonPointers: [x]}]}": "a.ignoreDifferences.0.jsonPointers.0 is",
		"a: {ignoreDifferences: [{kind: Secrt}]}":       "a.ignoreDifferences.0.kind is",
		"a: {ignoreDifferences: [{group: batch.k8s.io}, {group: rbac.authorization.k8s.oi}]}": "a.ignoreDifferences." +
			"1.group is",
		"a: {gitMatrix: flase}": "a.gitMatrix is \"flase\", which counts as true",
		"useValuesFilePrefix: bothh": "useValuesFilePrefix is \"bothh\", which counts " +
			"as true",
		"a: {enabled: 'on'}":                                        "a.enabled is \"on\", which counts as false",
		"a: {valuesObject: {b: ture}}":                              "a.valuesObject.b is",
		"labels: {fleet_member: spoek}":                             "the label fleet_member is",
		"commonLabels: {app.kubernetes.io/namee: a}":                "commonLabels.app.kubernetes.io/namee: Kubernetes",
		"commonLabels: {app.kuberntes.io/name: a}":                  "commonLabels.app.kuberntes.io/name: Kubernetes",
		"a: {strategy: {rollingSync: {steps: [{maxUpdate: all}]}}}": "a.strategy.rollingSync.steps.0.maxUpdate is",
	} {
		found := see(t, newJudge(), "catalog/values/addons.yaml", text)
		require.Len(t, found, 1, text)
		require.Contains(t, found[0].Message, want)
		require.NotZero(t, found[0].Column)
	}
}

func TestValuesThatAFieldCanHave(t *testing.T) {
	for _, text := range []string{
		"a: {strategy: {type: AllAtOnce}}", "a: {strategy: {type: ''}}", "a: {strategy: {type: '{{ .x }}'}}",
		"syncPolicy: {retry: {backoff: {duration: 10, maxDuration: 1h30m}}}", "a: {type: helm}",
		"a: {ignoreDifferences: [{jsonPointers: [/a]}]}",
		"a: {ignoreDifferences: [{group: sagemaker.services.k8s.aws, kind: Endpoint}]}",
		"a: {ignoreDifferences: [{group: cert-manager.io, kind: Certificate}, {group: '*', kind: '*'}]}",
		"a: {enabled: yes}", "useValuesFilePrefix: both", "a: {gitMatrix: 'true'}",
		"a: {valuesObject: {day: tue, strategy: {type: Recreate}}}",
		"a: {valuesObject: {b: tree, c: true}}", "labels: {fleet_member: edge}", "commonLabels: {example.com/namee: a}",
		"a: {strategy: {rollingSync: {steps: [{maxUpdate: 25%}, {maxUpdate: 1}]}}}",
	} {
		require.Empty(t, see(t, newJudge(), "catalog/values/addons.yaml", text), text)
	}
}

func TestWhatIsNearlyThatOfOthers(t *testing.T) {
	const a, b = "members/hub/a.yaml", "members/hub/b.yaml"
	text := func(url, revision string) string {
		return "addons_repo_url: " + url + "\naddons_repo_revision: " + revision + "\n"
	}
	const url = "https://git.example.com/fleet.git"
	for _, test := range []struct {
		url, revision string
		found         int
	}{
		{url, "main", 0}, {url, "mian", 1}, {url, "maim", 1}, {url, "v1.2", 0}, {url, "next", 0},
		{"https://git.example.com/flet.git", "main", 1}, {"https://git.exemple.com/fleet.git", "main", 1},
		{"https://git.example.com/fleet", "main", 0}, {"http://git.example.com/fleet.git", "main", 0},
		{"https://git.example.com/fleet2.git", "main", 0},
	} {
		j := newJudge()
		see(t, j, a, text(url, "main"))
		see(t, j, "members/hub/c.yaml", text(url, "main"))
		see(t, j, b, text(test.url, test.revision))
		found := j.Judge(All{PartsOf: func(string) []string { return nil }})
		require.Len(t, found, test.found, "%s %s", test.url, test.revision)
		for _, p := range found {
			require.Equal(t, b, p.File)
		}
	}
}

func TestStepsOfNobody(t *testing.T) {
	for step, found := range map[string]int{
		"{key: environment, operator: In, values: [prod]}": 0, "{key: environment, operator: In, values: [prdo]}": 1,
		"{key: environmen, operator: In, values: [prod]}": 1, "{key: environment, operator: In, values: [other]}": 0,
		"{key: ring, operator: In, values: [wave2]}": 0,
	} {
		j := newJudge()
		see(t, j, "catalog/values/addons.yaml",
			"a: {strategy: {rollingSync: {steps: [{matchExpressions: ["+step+"]}]}}}")
		j.SeeApplication(Application{Component: "a", Object: map[string]any{"metadata": map[string]any{
			"labels": map[string]any{"environment": "prod", "ring": "wave1"}}}})
		require.Len(t, j.Judge(All{PartsOf: func(string) []string { return nil }}), found, step)
	}
}

func TestPathsThatAreNotThere(t *testing.T) {
	const url = "https://git.example.com/fleet.git"
	cluster := member.Identity{}
	cluster.Annotations = map[string]string{"addons_repo_url": url, "addons_repo_revision": "main",
		"addons_repo_basepath": "addons"}
	for _, test := range []struct {
		address, revision, path string
		found                   int
	}{
		{url, "main", "charts/a", 0}, {url, "main", "charts/b", 1}, {url, "next", "manifests/b", 0},
		{"https://git.example.com/other.git", "main", "charts/b", 0},
	} {
		j := newJudge("addons/x", "charts/a/Chart.yaml")
		j.SeeApplication(Application{Group: "addons", Component: "a", Object: map[string]any{"spec": map[string]any{
			"source": map[string]any{"repoURL": test.address, "targetRevision": test.revision, "path": test.path}}}})
		found := j.Judge(All{Clusters: []member.Identity{cluster}, PartsOf: func(string) []string { return nil },
			ValuesOf: func(string, string) *hierarchy.Values { return nil }})
		require.Len(t, found, test.found, test.path)
	}
}

// TestValuesThatAreFine: what looks like a mistake of an address or a number, and is none.
func TestValuesThatAreFine(t *testing.T) {
	for key, texts := range map[string][]string{
		"chartRepository": {"ghcr.io/prometheus-community/charts", "public.ecr.aws", "helm.corp.example.com",
			"100000000001.dkr.ecr.eu-west-1.amazonaws.com/charts", "charts.example.com/oci",
			"https://charts.example.com"},
		"url": {"file:/etc/x", "https://example.com", "git@example.com:a/b.git",
			"https://{{ .Release.Name }}.example.com"},
		"parameter":     {"ssm://path", "httpx://a", "http//: see docs"},
		"accountId":     {"1234567"},
		"roleArn":       {"arn:aws:iam::100000000001:role/a", "arn:aws:s3:::bucket", "arn:aws:iam::aws:policy/a"},
		"schemaVersion": {"1.0"},
		"version":       {"v1.10", "1.10.0"},
		"defaultMode":   {"0644"},
	} {
		for _, text := range texts {
			node := &yamlnode.Node{}
			require.NoError(t, yamlnode.Unmarshal([]byte(key+": '"+text+"'"), node))
			plain := &yamlnode.Node{}
			if yamlnode.Unmarshal([]byte(key+": "+text), plain) != nil ||
				plain.Content[0].Kind != yamlnode.MappingNode {
				plain = node
			}
			for _, root := range []*yamlnode.Node{node, plain} {
				require.Empty(t, seeNode(newJudge(), "a.yaml", root), text)
			}
		}
	}
}
