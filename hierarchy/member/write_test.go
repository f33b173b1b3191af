package member

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// completeMember has every key.
func completeMember() Member {
	m := Member{Hub: "hub", File: membersAt + "hub/spoke-1.yaml"}
	for _, key := range keys {
		*key.value(&m) = map[string]string{"clusterName": "spoke-1", "tenant": "retail", "environment": "np"}[key.name]
		switch {
		case strings.HasSuffix(key.name, "_repo_url"):
			*key.value(&m) = "https://git.example.com/" + key.name
		case key.label != "" && key.name != "tenant" && key.name != "environment":
			*key.value(&m) = "true"
		case *key.value(&m) == "":
			*key.value(&m) = key.name
		}
	}
	return m
}

func TestNewMember(t *testing.T) {
	text, err := Encode(Member{Name: "1e3", Tenant: "retail", Environment: "no", SecretName: "spokes/a",
		UseRemoteArgo: "true", EnableRemoteAddons: "false"})
	require.NoError(t, err)
	require.Equal(t, wellknown.Modeline(wellknown.SchemaMember)+`
# Where the cluster belongs: together with its name, these choose its directories in the hierarchy.
tenant: "retail"
clusterName: "1e3"
environment: "no"

# Credentials, by name only: the values stay in AWS Secrets Manager.
secretManagerSecretName: "spokes/a"

# Who deploys: the cluster's own Argo CD ("true") or that of the hub ("false").
use_remote_argo: "true"
enable_remote_addons: "false"
`, string(text))
}

func TestNewMemberIsReadAsItWasGiven(t *testing.T) {
	want := completeMember()
	text, err := Encode(want)
	require.NoError(t, err)
	got, warnings, errs := parse(document(t, want.File, string(text)), "hub")
	require.Empty(t, errs)
	require.Empty(t, warnings)
	require.Equal(t, want, got)

	at := -1
	for _, key := range Keys() {
		next := bytes.Index(text, []byte("\n"+key+": "))
		require.Greater(t, next, at, "%s is not in its place", key)
		at = next
	}
}

func TestNewMemberRefuses(t *testing.T) {
	for _, test := range []struct {
		change func(*Member)
		want   string
	}{
		{func(m *Member) { m.Name = "" }, "a new member needs the key clusterName"},
		{func(m *Member) { m.Tenant = "" }, "a new member needs the key tenant"},
		{func(m *Member) { m.Environment = "" }, "a new member needs the key environment"},
		{func(m *Member) { m.Name = "a/b" }, `clusterName "a/b" cannot be part of a path`},
		{func(m *Member) { m.Name = strings.Repeat("a", 64) },
			"cannot be the value of a label: must be no more than 63"},
		{func(m *Member) { m.Tenant = "a b" }, `tenant "a b" cannot be the value of a label`},
		{func(m *Member) { m.UseFleetACK = "on" }, `use_fleet_ack must be "true" or "false", not "on"`},
		{func(m *Member) { m.SecretName = "<secret-arn>" },
			`secretManagerSecretName is still the placeholder "<secret-arn>"`},
		{func(m *Member) { m.SecretName = "arn:x" }, `secretManagerSecretName "arn:x" is no ARN of a secret`},
		{func(m *Member) { m.GithubSecret, m.GithubSecretName = "true", "" },
			"githubSecret is on, but there is no githubSecretName"},
		{func(m *Member) { m.FleetRepoPath = "../x" }, "fleet_repo_path must be a directory inside the repository"},
	} {
		t.Run(test.want, func(t *testing.T) {
			m := completeMember()
			test.change(&m)
			text, err := Encode(m)
			require.Empty(t, text)
			requireOneLine(t, err, m.File)
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestSetKeyOfAMember(t *testing.T) {
	var m Member
	require.NoError(t, m.Set("use_fleet_ack", "true"))
	require.Equal(t, Member{UseFleetACK: "true"}, m)
	require.EqualError(t, m.Set("useFleetAck", ""), `a member has no key "useFleetAck"; did you mean use_fleet_ack?`)
	require.ErrorContains(t, m.Set("other", ""), `a member has no key "other"; the keys are tenant, clusterName, `)
}
