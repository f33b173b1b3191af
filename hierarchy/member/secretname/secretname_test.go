package secretname_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member/secretname"
)

const arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:fleet/a"

func TestMayBe(t *testing.T) {
	for _, test := range []struct {
		a, prefixOfA, b, prefixOfB string
		want                       bool
	}{
		{"a", "", "a", "", true},
		{"a", "fleet/", "fleet/a", "", true},
		{"a", "fleet/", "a", "other/", true}, // by the name without the prefixes
		{"a", "", "b", "", false},
		{arn, "", arn + "-AbCdEf", "", true},
		{arn + "-AbCdEf", "", arn, "", true},
		{arn + "-AbCdEf", "", arn + "-GhIjKl", "", false},
		{arn + "-AbCdEf", "", "fleet/a", "", true},
		{arn, "", "fleet/b", "", false},
	} {
		a, b := secretname.Of(test.a, test.prefixOfA), secretname.Of(test.b, test.prefixOfB)
		require.Equal(t, test.want, a.MayBe(b), "%s and %s", test.a, test.b)
	}
	require.Equal(t, "fleet/a", secretname.Of("a", "fleet/").First())
}

func TestOwners(t *testing.T) {
	owners := secretname.Owners{}
	one, two := secretname.Owner{Cluster: "one"}, secretname.Owner{Cluster: "two"}
	require.Nil(t, owners.Add("hub", "a", "fleet/", one))
	require.Equal(t, &one, owners.Add("hub", "fleet/a", "", two))
	require.Equal(t, &one, owners.Add("hub", arn+"-AbCdEf", "", two))
	require.Nil(t, owners.Add("other hub", "fleet/a", "", two), "it reads another account")
	require.Nil(t, owners.Add("third", arn+"-AbCdEf", "", one))
	require.Equal(t, &one, owners.Add("fourth", arn, "", two), "an ARN names its account")
	require.Equal(t, &one, owners.Add("third", "fleet/a", "", two))
}
