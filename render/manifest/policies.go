package manifest

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
)

// groupIAM is the API group of the controller that makes roles and policies of AWS.
const groupIAM = "iam.services.k8s.aws"

// policyKeys are the keys of spec with a policy, by kind. Besides, several kinds have inlinePolicies.
var policyKeys = map[string]string{"Policy": "policyDocument", "Role": "assumeRolePolicyDocument"}

// checkPolicies returns what is wrong with the policies in an object. To Kubernetes they are strings like any other, so
// that only AWS would refuse them, long after the Application is synced.
func checkPolicies(u unstructured.Unstructured) []*problem.Problem {
	if u.GroupVersionKind().Group != groupIAM {
		return nil
	}
	spec, _ := u.Object["spec"].(map[string]any)
	policies := map[string]any{}
	// Without a document it is one that AWS has already, and that is adopted; else Kubernetes refuses the object.
	if key := policyKeys[u.GetKind()]; spec[key] != nil {
		policies[key] = spec[key]
	}
	inline, _ := spec["inlinePolicies"].(map[string]any)
	for name, policy := range inline {
		policies["inlinePolicies."+name] = policy
	}
	var found []*problem.Problem
	for _, key := range slices.Sorted(maps.Keys(policies)) {
		if err := checkPolicy(policies[key]); err != nil {
			found = append(found, problem.New("", 0, "%s %s: spec.%s is no policy: %w", u.GetKind(), u.GetName(), key,
				err).
				WithHint("mend the chart or its values").WithRule(problem.RuleIAMPolicy))
		}
	}
	return found
}

// checkPolicy fails for what is not the text of a JSON object with statements.
func checkPolicy(value any) error {
	text, isText := value.(string)
	if !isText {
		return fmt.Errorf("it must be a string, not %s", fields.TypeName(value))
	}
	var policy any
	if err := safeyaml.UnmarshalJSON([]byte(text), "the policy", &policy); err != nil {
		return err
	}
	document, isObject := policy.(map[string]any)
	if !isObject {
		return fmt.Errorf("it must be a JSON object, not %s", fields.TypeName(policy))
	}
	switch statement := document["Statement"].(type) {
	case []any, map[string]any:
		if !fields.Empty(statement) {
			return nil
		}
	}
	return errors.New("it has no Statement")
}
