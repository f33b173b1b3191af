package manifest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPolicies: what AWS would refuse is a warning, and the object is there as Argo CD would have it (rule
// policy-documents-are-json in docs/rules/pod-identity.md).
func TestPolicies(t *testing.T) {
	const valid = `'{"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]}'`
	for _, test := range []struct {
		name, kind, spec string
		want             []string
	}{
		{"a policy", "Policy", "policyDocument: " + valid, nil},
		{"one statement", "Policy", `policyDocument: '{"Statement": {"Effect": "Allow"}}'`, nil},
		{"a role", "Role", "assumeRolePolicyDocument: " + valid + "\n  inlinePolicies: {a: " + valid + "}", nil},
		{"another kind", "InstanceProfile", "policyDocument: x", nil},
		{"two conditions without a comma", "Policy", `policyDocument: '{"Statement": [{"Condition": {"A": {"v": ["1"]} "B": {"v": ["2"]}}}]}'`,
			[]string{`spec.policyDocument is no policy: invalid character '"' after object key:value pair`}},
		{"a comma too much", "Policy", `policyDocument: '{"Statement": [{},]}'`, []string{`spec.policyDocument is no policy: invalid character ']' looking for beginning of value`}},
		{"one that AWS has already", "Policy", "name: p", nil},
		{"an empty text", "Policy", "policyDocument: ''",
			[]string{"spec.policyDocument is no policy: unexpected end of JSON input"}},
		{"a map", "Policy", "policyDocument: {Statement: []}",
			[]string{"spec.policyDocument is no policy: it must be a string, not a map"}},
		{"YAML", "Policy", "policyDocument: 'Statement: []'",
			[]string{"spec.policyDocument is no policy: invalid character 'S' looking for beginning of value"}},
		{"a list", "Policy", "policyDocument: '[{}]'",
			[]string{"spec.policyDocument is no policy: it must be a JSON object, not a list"}},
		{"two objects", "Policy", "policyDocument: '{} {}'",
			[]string{"spec.policyDocument is no policy: invalid character '{' after top-level value"}},
		{"no statement", "Policy", `policyDocument: '{"Version": "2012-10-17"}'`, []string{"spec.policyDocument is no policy: it has no Statement"}},
		{"an empty statement", "Policy", `policyDocument: '{"Statement": []}'`, []string{"spec.policyDocument is no policy: it has no Statement"}},
		{"a statement that is a string", "Policy", `policyDocument: '{"Statement": "*"}'`, []string{"spec.policyDocument is no policy: it has no Statement"}},
		{"of a role", "Role", "assumeRolePolicyDocument: '{'\n  inlinePolicies: {b: '{}', a: '', c: " + valid + "}",
			[]string{
				"spec.assumeRolePolicyDocument is no policy: unexpected end of JSON input",
				"spec.inlinePolicies.a is no policy: unexpected end of JSON input",
				"spec.inlinePolicies.b is no policy: it has no Statement",
			}},
		{"of a user", "User", "inlinePolicies: {a: x}",
			[]string{"spec.inlinePolicies.a is no policy: invalid character 'x' looking for beginning of value"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			object := "apiVersion: iam.services.k8s.aws/v1alpha1\nkind: " + test.kind +
				"\nmetadata: {name: p}\nspec:\n  " + test.spec + "\n"
			o := chartWith(object)
			o.Charts = &charts{}
			objects, warnings, err := renderObject(t, New(o), app(t, "source: {repoURL: r, path: c}"))
			require.NoError(t, err)
			require.Len(t, objects, 1)
			require.Len(t, warnings, len(test.want))
			for i, want := range test.want {
				require.EqualError(t, warnings[i], "c/templates/a.yaml: "+test.kind+" p: "+want+
					" (application web, path c); mend the chart or its values")
			}
			if test.kind == "Role" {
				o.Repository = tree("-- c/a.yaml --\n" + strings.Replace(object, "iam.services.k8s.aws/v1alpha1",
					"rbac.authorization.k8s.io/v1", 1))
				_, warnings, err := renderObject(t, New(o), app(t, "source: {repoURL: r, path: c}"))
				require.NoError(t, err)
				require.Empty(t, warnings, "another group has such a kind too")
			}
		})
	}
}
