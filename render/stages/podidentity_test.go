package stages_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

const example = "../../testdata/fleet"

// withCharts returns files together with those of the example fleet below a directory.
func withCharts(t *testing.T, fsys fstest.MapFS, directory string) fstest.MapFS {
	t.Helper()
	fleet := os.DirFS(example)
	require.NoError(t, fs.WalkDir(fleet, directory, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(fleet, name)
		if _, replaced := fsys[name]; !replaced {
			fsys[name] = &fstest.MapFile{Data: data, Mode: 0o644}
		}
		return err
	}))
	return fsys
}

// identities returns the roles, policies and associations among the objects, by kind and name.
func (r rendering) identities(t *testing.T) map[string]render.Object {
	t.Helper()
	found := map[string]render.Object{}
	for name, object := range r.objects(t) {
		if version, _ := object["apiVersion"].(string); strings.HasSuffix(version, ".services.k8s.aws/v1alpha1") {
			cluster, _, _ := strings.Cut(name, "/")
			found[cluster+" "+object["kind"].(string)+" "+object["metadata"].(render.Object)["name"].(string)] = object
		}
	}
	return found
}

// TestPodIdentityOfTheExample: all policies of the example fleet are valid, and each role has the one that was made for
// it.
func TestPodIdentityOfTheExample(t *testing.T) {
	fsys := withCharts(t, files("-- charts/empty/Chart.yaml --\napiVersion: v2\nname: empty\nversion: 0.1.0\n"), ".")
	components := []string{"external-dns", "aws-ebs-csi-driver", "aws-efs-csi-driver", "ack-s3", "ack-rds"}
	// charts, so that none is fetched; values of pod identity are still those of the chart's name
	var local strings.Builder
	for _, component := range components {
		local.WriteString(component + ": {path: charts/empty, chartRepository: ''}\n")
	}
	out := mustRender(t, question{Tree: fsys, Charts: stages.Charts{CacheDir: t.TempDir(), Offline: true},
		Request: render.Request{Group: "addons", Stage: render.StageManifests, Components: components,
			Targets: render.Targets{All: true},
			Files:   []render.File{{Name: "local.yaml", Data: []byte(local.String())}}}})
	found := out.identities(t)
	kinds := map[string]int{}
	for name, object := range found {
		cluster, rest, _ := strings.Cut(name, " ")
		kind, _, _ := strings.Cut(rest, " ")
		kinds[kind]++
		switch spec := object["spec"].(render.Object); kind {
		case "Role":
			checkDocument(t, name, spec["assumeRolePolicyDocument"], true)
			checkReferences(t, found, cluster, spec)
		case "Policy":
			checkDocument(t, name, spec["policyDocument"], false)
		case "PodIdentityAssociation":
			require.Equal(t, cluster, spec["clusterName"], name)
			role := spec["roleRef"].(render.Object)["from"].(render.Object)["name"].(string)
			require.Contains(t, found, cluster+" Role "+role)
		}
	}
	require.NotZero(t, kinds["Policy"])
	require.Greater(t, kinds["Role"], kinds["Policy"], "some have managed policies only")
	require.Equal(t, kinds["Role"], kinds["PodIdentityAssociation"])
}

// checkReferences requires that the policies which a role refers to exist.
func checkReferences(t *testing.T, found map[string]render.Object, cluster string, spec render.Object) {
	t.Helper()
	references, _ := spec["policyRefs"].([]any)
	for _, reference := range references {
		name := reference.(render.Object)["from"].(render.Object)["name"].(string)
		require.Contains(t, found, cluster+" Policy "+name)
	}
	arns, _ := spec["policies"].([]any)
	require.NotEmpty(t, append(arns, references...), "a role without any policy")
	for _, arn := range arns {
		require.Regexp(t, `^arn:aws:iam::(aws|\d{12}):policy/[\w+=,.@/-]+$`, arn)
	}
	if boundary := spec["permissionsBoundary"]; boundary != nil {
		require.Regexp(t, `^arn:aws:iam::\d{12}:policy/[\w-]+$`, boundary)
	}
}

var (
	action   = regexp.MustCompile(`^(\*|[a-z0-9-]+:[\w*?]+)$`)
	resource = regexp.MustCompile(`^(\*|arn:aws(-cn|-us-gov)?:[a-z0-9-]+:([a-z0-9-]*|\*):(\d{12}|aws|\*)?:[^\s]+)$`)
)

// checkDocument requires a policy in the grammar of IAM (IAM User Guide, Grammar of the IAM JSON policy language).
func checkDocument(t *testing.T, name string, text any, trust bool) []render.Object {
	t.Helper()
	var document struct {
		Version   string
		Statement []render.Object
	}
	decoder := json.NewDecoder(strings.NewReader(text.(string)))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&document), "%s: %s", name, text)
	require.False(t, decoder.More(), name)
	require.Equal(t, "2012-10-17", document.Version, name)
	require.NotEmpty(t, document.Statement, name)
	for _, statement := range document.Statement {
		require.Equal(t, "Allow", statement["Effect"], name)
		for _, one := range texts(t, statement["Action"]) {
			require.Regexp(t, action, one, name)
		}
		if trust {
			require.Equal(t, render.Object{"Service": "pods.eks.amazonaws.com"}, statement["Principal"], name)
			require.NotContains(t, statement, "Resource", name)
		} else {
			require.NotContains(t, statement, "Principal", name)
			for _, one := range texts(t, statement["Resource"]) {
				require.Regexp(t, resource, one, name)
			}
		}
		conditions, _ := statement["Condition"].(render.Object)
		for _, variables := range conditions {
			require.NotEmpty(t, variables, name)
			for _, values := range variables.(render.Object) {
				texts(t, values)
			}
		}
		for key := range statement {
			require.Contains(t, []string{"Effect", "Action", "Resource", "Principal", "Condition"}, key, name)
		}
	}
	return document.Statement
}

// texts returns a string, or the strings of a list that is not empty.
func texts(t *testing.T, value any) []string {
	t.Helper()
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	require.NotEmpty(t, list)
	var all []string
	for _, one := range list {
		require.IsType(t, "", one)
		all = append(all, one.(string))
	}
	return all
}

// withIdentity is the component web with a role; the values are those of a level.
const withIdentity = `
-- parts/values/base.yaml --
web: {enabled: true, namespace: web, path: charts/web, defaultVersion: '1', enableAckPodIdentity: true}
-- apps/defaults/core/web/pod-identity/values.yaml --
`

// identity renders the component of spoke-1 with values for its pod identity.
func identity(t *testing.T, values string, annotations map[string]string) rendering {
	t.Helper()
	r := only(request(t, render.StageManifests), "spoke-1")
	r.Tree = withCharts(t, files(fleet, withIdentity+values), "charts/pod-identity")
	r.Annotations = map[string]string{"aws_region": "eu-west-1", "aws_account_id": "012345678901"}
	for key, value := range annotations {
		r.Annotations[key] = value
	}
	return renderAll(t, r)
}

// TestPolicies: what the values of a role may say, and the documents that come of it.
func TestPolicies(t *testing.T) {
	const head = "podIdentityPolicyCreate: true\npodIdentityPolicy:\n  policies:\n"
	for _, test := range []struct{ name, policy, region, want string }{
		{"several conditions", `{resourceType: sqs, resourceName: q, actions: ["sqs:*"], conditions: [
			{test: StringEquals, variable: "aws:a", values: [x]}, {test: StringEquals, variable: "aws:b", values: [w]},
			{test: StringEquals, variable: "aws:a", values: [z]}, {test: NumericLessThan, variable: "aws:c", values: [1, 1000000, 1.5, true]}]}`, "",
			`{"Effect":"Allow","Action":["sqs:*"],"Resource":"arn:aws:sqs:eu-west-1:012345678901:q","Condition":{
				"StringEquals":{"aws:a":["x","z"],"aws:b":["w"]},"NumericLessThan":{"aws:c":["1","1000000","1.5","true"]}}}`},
		{"an ARN", `{customArn: "arn:aws:s3:::b/*", actions: ["s3:Get*"]}`, "",
			`{"Effect":"Allow","Action":["s3:Get*"],"Resource":"arn:aws:s3:::b/*"}`},
		{"ARNs", `{customArn: ["arn:aws:s3:::a", "arn:aws:s3:::a/*"], actions: ["s3:Get*"]}`, "",
			`{"Effect":"Allow","Action":["s3:Get*"],"Resource":["arn:aws:s3:::a","arn:aws:s3:::a/*"]}`},
		{"everything", `{resourceName: "*", actions: ["s3:List*"]}`, "",
			`{"Effect":"Allow","Action":["s3:List*"],"Resource":"*"}`},
		{"a bucket has neither region nor account", `{resourceType: s3, resourceName: b, actions: ["s3:Get*"]}`, "",
			`{"Effect":"Allow","Action":["s3:Get*"],"Resource":"arn:aws:s3:::b"}`},
		{"a role has no region", `{resourceType: iam, resourceName: role/r, actions: ["iam:PassRole"]}`, "",
			`{"Effect":"Allow","Action":["iam:PassRole"],"Resource":"arn:aws:iam::012345678901:role/r"}`},
		{"another partition", `{resourceType: s3, resourceName: b, actions: ["s3:Get*"]}`, "cn-north-1",
			`{"Effect":"Allow","Action":["s3:Get*"],"Resource":"arn:aws-cn:s3:::b"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			annotations := map[string]string{}
			if test.region != "" {
				annotations["aws_region"] = test.region
			}
			out := identity(t, head+"  - "+test.policy+"\n", annotations)
			require.NoError(t, out.err)
			policy := out.identities(t)["spoke-1 Policy spoke-1-web-pod-identity"]
			statements := checkDocument(t, test.name, policy["spec"].(render.Object)["policyDocument"], false)
			require.Len(t, statements, 1)
			got, err := json.Marshal(statements[0])
			require.NoError(t, err)
			require.JSONEq(t, test.want, string(got))
		})
	}
	for want, values := range map[string]string{
		"a policy has resourceName or customArn":      head + "  - {actions: ['s3:Get*']}\n",
		"a policy with resourceName has resourceType": head + "  - {resourceName: x, actions: ['s3:Get*']}\n",
		"a policy has actions":                        head + "  - {resourceName: '*'}\n",
		"podIdentityPolicy.policies is empty":         "podIdentityPolicyCreate: 'true'\n",
	} {
		out := identity(t, values, nil)
		require.ErrorContains(t, out.err, want)
		require.Empty(t, out.identities(t), "nothing of the Application")
	}
}

// TestRole: a role refers to the policy that is made for it, and to no other; "false" is off.
func TestRole(t *testing.T) {
	const service = "podIdentityAssociation: {serviceAccounts: [a]}\n"
	role := func(values string) render.Object {
		out := identity(t, service+values, nil)
		require.NoError(t, out.err)
		return out.identities(t)["spoke-1 Role spoke-1-web-pod-identity"]["spec"].(render.Object)
	}
	require.NotContains(t, role(""), "policyRefs", "there is no policy")
	require.NotContains(t, role("podIdentityPolicyCreate: 'false'\n"), "policyRefs")
	require.Equal(t, []any{render.Object{"from": render.Object{"name": "x"}}},
		role("podIdentityRole: {policyRefs: [{name: x}]}\n")["policyRefs"])
	own := "podIdentityPolicyCreate: 'true'\npodIdentityPolicy: {policies: [{resourceName: '*', actions: " +
		"['s3:List*']}]}\n"
	require.Equal(t, []any{render.Object{"from": render.Object{"name": "spoke-1-web-pod-identity"}}},
		role(own)["policyRefs"])
	managed := role(own + "podIdentityRole: {permissionsBoundary: b, managedPolicies: ['arn:aws:iam::aws:policy/p']}\n")
	require.Equal(t, []any{"arn:aws:iam::012345678901:policy/spoke-1-web-pod-identity", "arn:aws:iam::aws:policy/p"},
		managed["policies"])
	require.Equal(t, "arn:aws:iam::012345678901:policy/b", managed["permissionsBoundary"], "the account keeps its zero")

	out := identity(t, service, map[string]string{"ack_create": "false"})
	require.NoError(t, out.err)
	require.Empty(t, out.identities(t))
	require.NotEmpty(t, out.rendered, "but the component is there")
}

// TestPoliciesOfAnotherChart: where a fleet's own chart gives what is no policy, there is a warning that says of which
// Application and cluster; the objects are those of Argo CD.
func TestPoliciesOfAnotherChart(t *testing.T) {
	const own = `
-- parts/values/base.yaml --
web: {enabled: true, namespace: web, path: charts/web, defaultVersion: '1', enableAckPodIdentity: true, ackPodIdentity: {path: charts/identity}}
-- charts/identity/Chart.yaml --
apiVersion: v2
name: identity
version: 0.1.0
-- charts/identity/templates/policy.yaml --
apiVersion: iam.services.k8s.aws/v1alpha1
kind: Policy
metadata: {name: p}
spec:
  name: p
  policyDocument: |
    {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"A": {"v": ["1"]} "B": {"v": ["2"]}}}]}
`
	const want = `identity/templates/policy.yaml: Policy p: spec.policyDocument is no policy: invalid character '"' after object key:value pair ` +
		`(application spoke-1-web-1, source 2 of 3: path charts/identity, cluster spoke-1); mend the chart or its values`
	r := only(request(t, render.StageManifests, own), "spoke-1")
	r.Annotations = map[string]string{"aws_region": "eu-west-1", "aws_account_id": "012345678901"}
	out := mustRender(t, r)
	require.Contains(t, out.warnings, want)
	require.Contains(t, out.identities(t), "spoke-1 Policy p")

	r.Strict = true
	out = renderAll(t, r)
	require.Contains(t, out.failures(t), want)
	require.Contains(t, out.identities(t), "spoke-1 Policy p")
}
