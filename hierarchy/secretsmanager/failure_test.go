package secretsmanager

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
)

const scope = " (AWS Secrets Manager, eu-west-2); "

func TestProblemsOfOneSecret(t *testing.T) {
	for _, test := range []struct {
		name  string
		value any
		code  string // in the list of errors
		want  string
	}{
		{"missing", nil, "ResourceNotFoundException",
			`secret "bad" does not exist` + scope + `check name, account, region and spec.secretsManager.prefix`},
		{"deleted", nil, "InvalidRequestException",
			`secret "bad" is scheduled for deletion` + scope +
				"restore it with `aws secretsmanager restore-secret`, or name another one"},
		{"access denied", nil, "AccessDeniedException",
			`secret "bad" cannot be read: access denied` + scope +
				`allow the role secretsmanager:BatchGetSecretValue, and ` +
				`secretsmanager:GetSecretValue on the secret (for another account, in the secret's resource policy too; for a ` +
				`customer managed key, kms:Decrypt)`},
		{"undecryptable", nil, "DecryptionFailure",
			`secret "bad" cannot be decrypted` + scope +
				`allow the role kms:Decrypt for the secret's key, and check that the key is enabled`},
		{"error inside AWS", nil, "InternalServiceError",
			`secret "bad" cannot be read: error inside AWS` + scope + `try again`},
		{"another error", nil, "PolicyException", `secret "bad" cannot be read: AWS reports PolicyException` + scope +
			`look the error up in the Secrets Manager API reference, BatchGetSecretValue`},
		{"a code that is none", nil, canary, `secret "bad" cannot be read: unknown error` + scope +
			`look the error up in the Secrets Manager API reference, BatchGetSecretValue`},
		{"binary", []byte(canary), "", `secret "bad" is binary` + scope + `store a JSON object as the secret's string`},
		{"empty", nil, "", `secret "bad" has no string` + scope + `store a JSON object as the secret's string`},
		{"broken JSON", `{"config": "` + canary, "", `secret "bad" is not valid JSON` + scope + hintJSON},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFake(t, texts("good"))
			f.values["bad"] = test.value
			if test.code != "" {
				f.errors["bad"] = test.code
			}
			got, err := read(t, newClient(t, Config{}), "bad", "good")
			require.EqualError(t, err, test.want)
			require.Equal(t, "good", got["good"].Name, "the others are read")
			require.NotContains(t, got, "bad")
			require.Len(t, f.calls, 1)
		})
	}
}

func TestRequestThatIsInvalidForAnotherReason(t *testing.T) {
	require.Equal(t, "cannot be read in its present state",
		byCode("InvalidRequestException", "no current version").message)
}

func TestSecretThatTheAnswerLacks(t *testing.T) {
	f := newFake(t, texts("a"))
	f.reply = func(call, int) *answer { return &answer{http.StatusOK, `{"SecretValues":[],"Errors":[]}`} }
	_, err := read(t, newClient(t, Config{}), "a")
	require.EqualError(t, err, `secret "a" is not in the service's answer`+scope+`try again`)
}

func TestAllProblemsAreSaidWithTheirPlaces(t *testing.T) {
	newFake(t, texts("good"))
	c := newClient(t, Config{Prefix: "hub/"})
	_, err := c.Read(t.Context(), []Reference{
		{ID: "second", File: "members/b.yaml", Line: 3},
		{ID: "not a name", File: "members/c.yaml", Line: 1},
		{ID: "first", File: "members/a.yaml", Line: 7},
		{ID: "first", File: "members/z.yaml", Line: 7},
	})
	hint := scope + "check name, account, region and spec.secretsManager.prefix"
	require.EqualError(t, err, strings.Join([]string{
		`members/a.yaml:7: secret "hub/first" does not exist` + hint,
		`members/b.yaml:3: secret "hub/second" does not exist` + hint,
		`members/c.yaml:1: "hub/not a name" is neither name nor ARN of a secret; a name has letters, digits and /_+=.@!- only`,
	}, "\n"))
}

func TestReferencesThatNameNoSecretReachNobody(t *testing.T) {
	for _, id := range []string{
		"", "<secret-arn>", "a b", "a\nb", strings.Repeat("x", 513),
		"arn:aws:secretsmanager:eu-west-2:111122223333:nothing:a", "arn:aws:s3:eu-west-2:111122223333:secret:a",
		"arn:aws:secretsmanager::111122223333:secret:a", "arn:aws:secretsmanager:eu-west-2:111122223333:secret:",
		"arn:x",
		"arn:aws:secretsmanager:evil.example/#:111122223333:secret:a",
		"arn:aws:secretsmanager:Evil:111122223333:secret:a",
	} {
		t.Run(id, func(t *testing.T) {
			f := newFake(t, nil)
			_, err := newClient(t, Config{Prefix: "p/"}).
				Read(t.Context(), []Reference{{ID: id, File: "m.yaml", Line: 2}})
			require.ErrorContains(t, err, "m.yaml:2: ")
			require.NotContains(t, err.Error(), "\n")
			require.Empty(t, f.calls)
		})
	}
}

func TestNameWithoutARegion(t *testing.T) {
	f := newFake(t, texts("a"))
	t.Setenv("AWS_REGION", "")
	_, err := newClient(t, Config{}).Read(t.Context(), []Reference{{ID: "a", File: "m.yaml", Line: 2}})
	require.EqualError(t, err, `m.yaml:2: secret "a" has a name, and no AWS region is known; `+
		`set spec.secretsManager.region in fleet.yaml or AWS_REGION, or write its ARN`)
	require.Empty(t, f.calls)
}

func TestFailedCallIsSaidOnce(t *testing.T) {
	var names []string
	for i := range 45 {
		names = append(names, fmt.Sprintf("spoke%02d", i))
	}
	for _, test := range []struct{ code, want string }{
		{"AccessDeniedException", "cannot be read: access denied" + scope + denied.hint},
		{"UnrecognizedClientException", "cannot be read: AWS does not accept the credentials" + scope +
			"renew them; check them with `aws sts get-caller-identity`"},
	} {
		t.Run(test.code, func(t *testing.T) {
			f := newFake(t, texts(names...))
			f.reply = func(call, int) *answer { out := failure(test.code, canary); return &out }
			_, err := read(t, newClient(t, Config{}), names...)
			require.EqualError(t, err, `secrets "spoke00", "spoke01", "spoke02" and 42 more `+test.want)
			_, err = read(t, newClient(t, Config{}), names[:4]...)
			require.EqualError(t, err, `secrets "spoke00", "spoke01", "spoke02" and 1 more `+test.want)
			_, err = read(t, newClient(t, Config{}), names[:3]...)
			require.EqualError(t, err, `secrets "spoke00", "spoke01", "spoke02" `+test.want)
			_, err = read(t, newClient(t, Config{}), names[:2]...)
			require.EqualError(t, err, `secrets "spoke00", "spoke01" `+test.want)
			_, err = newClient(t, Config{}).Read(t.Context(), []Reference{{ID: "spoke00", File: "m.yaml", Line: 2}})
			require.EqualError(t, err, `m.yaml:2: secret "spoke00" `+test.want)
		})
	}
}

// TestProblemsInTheOrderOfTheirLines: line 9 is before line 10.
func TestProblemsInTheOrderOfTheirLines(t *testing.T) {
	newFake(t, nil)
	_, err := newClient(t, Config{}).
		Read(t.Context(), []Reference{{ID: "a", File: "m.yaml", Line: 10}, {ID: "b", File: "m.yaml", Line: 9},
			{ID: "c", File: "l.yaml", Line: 11}})
	require.Error(t, err)
	var places []string
	for line := range strings.Lines(err.Error()) {
		place, _, _ := strings.Cut(line, ": ")
		places = append(places, place)
	}
	require.Equal(t, []string{"l.yaml:11", "m.yaml:9", "m.yaml:10"}, places)
}

// TestPageThatFails: what came in the pages before it counts, also that a secret cannot be read.
func TestPageThatFails(t *testing.T) {
	f := newFake(t, texts("a", "b", "c"))
	f.reply = func(c call, _ int) *answer {
		if c.token != "" {
			out := failure("AccessDeniedException", "")
			return &out
		}
		first := f.answer(call{operation: c.operation, region: c.region, ids: []string{"a", "gone"}})
		first.body = strings.TrimSuffix(first.body, "}") + `,"NextToken":"2"}`
		return &first
	}
	got, err := read(t, newClient(t, Config{}), "a", "b", "c", "gone")
	require.Len(t, got, 1)
	require.Equal(t, "a", got["a"].Name)
	require.ErrorContains(t, err, `secrets "b", "c" cannot be read: access denied`)
	require.ErrorContains(t, err, `secret "gone" does not exist`)
}

func TestOneFailedBatchLeavesTheOthers(t *testing.T) {
	var names []string
	for i := range 25 {
		names = append(names, fmt.Sprintf("spoke%02d", i))
	}
	f := newFake(t, texts(names...))
	f.reply = func(c call, _ int) *answer {
		if c.ids[0] == "spoke00" {
			out := failure("AccessDeniedException", "")
			return &out
		}
		return nil
	}
	got, err := read(t, newClient(t, Config{}), names...)
	require.ErrorContains(t, err, `secrets "spoke00", "spoke01", "spoke02" and 17 more cannot be read: access denied`)
	require.Len(t, got, 5)
}

func TestThrottlingWithoutEndIsBounded(t *testing.T) {
	f := newFake(t, texts("a"))
	f.reply = func(call, int) *answer { out := failure("ThrottlingException", canary); return &out }
	_, err := read(t, newClient(t, Config{}), "a")
	require.EqualError(t, err, `secret "a" cannot be read: throttled by AWS`+scope+
		`try again later, or keep a cache (spec.secretsManager.cache)`)
	require.Len(t, f.calls, attempts)
}

func TestWaitsOfTheSDKAreBoundedToo(t *testing.T) {
	f := newFake(t, texts("a"))
	f.reply = func(call, int) *answer { out := failure("ThrottlingException", ""); return &out }
	t.Setenv("AWS_MAX_ATTEMPTS", "1000000")
	client, err := New(t.Context(), Config{Timeout: 50 * time.Millisecond})
	require.NoError(t, err)
	_, err = read(t, client, "a")
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestSlowServiceIsBounded(t *testing.T) {
	f := newFake(t, texts("a"))
	release := make(chan struct{})
	f.reply = func(call, int) *answer { <-release; return nil }
	t.Cleanup(func() { close(release) }) // before the server's own, which waits for it
	_, err := read(t, newClient(t, Config{Timeout: 20 * time.Millisecond}), "a")
	require.EqualError(t, err, `secret "a" cannot be read: no answer in time, retries included`+scope+
		`raise spec.secretsManager.timeout (now 20ms), or check the network`)
	require.ErrorIs(t, err, context.DeadlineExceeded)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = newClient(t, Config{}).Read(ctx, refs("a"))
	require.EqualError(t, err, `secret "a" cannot be read: interrupted`+scope+`run the command again`)
	require.ErrorIs(t, err, context.Canceled)
}

func TestServiceThatCannotBeReached(t *testing.T) {
	f := newFake(t, nil)
	f.Close()
	_, err := read(t, newClient(t, Config{}), "a")
	require.ErrorContains(t, err, `secret "a" cannot be read: AWS cannot be reached: dial tcp 127.0.0.1:`)
	require.ErrorContains(t, err, scope+"check network, proxies, AWS_ENDPOINT_URL and the region")
}

func TestAnswersThatAreNone(t *testing.T) {
	for _, test := range []struct {
		answer
		want string
	}{
		{answer{http.StatusOK, `{"SecretValues":[{"SecretString":"` + canary},
			"the answer of AWS cannot be understood"},
		{answer{http.StatusOK, `["` + canary + `"]`}, "the answer of AWS cannot be understood"},
		{answer{http.StatusOK, `{"SecretValues":"` + canary + `"}`}, "the answer of AWS cannot be understood"},
		{answer{http.StatusBadGateway, `<html>` + canary}, "HTTP status 502"},
		{answer{http.StatusForbidden, `{}`}, "HTTP status 403"},
	} {
		t.Run(test.body, func(t *testing.T) {
			f := newFake(t, texts("a"))
			f.reply = func(call, int) *answer { return &test.answer }
			_, err := read(t, newClient(t, Config{}), "a")
			require.ErrorContains(t, err, `secret "a" cannot be read: `+test.want+scope)
		})
	}
}

func TestCredentialsThatAreMissing(t *testing.T) {
	f := newFake(t, texts("a"))
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	_, err := read(t, newClient(t, Config{}), "a")
	require.EqualError(t, err, `secret "a" cannot be read: there are no AWS credentials`+scope+
		`set AWS_PROFILE or AWS_ACCESS_KEY_ID, or give the pod a role (IRSA or EKS Pod Identity)`)
	require.Empty(t, f.calls)
}

func TestRoleThatCannotBeAssumed(t *testing.T) {
	f := newFake(t, texts("a"))
	f.reply = func(c call, _ int) *answer {
		return &answer{http.StatusForbidden,
			`<ErrorResponse><Error><Code>AccessDenied</Code><Message>` + canary + `</Message></Error></ErrorResponse>`}
	}
	_, err := read(t, newClient(t, Config{RoleARN: "arn:aws:iam::444455556666:role/r"}), "a")
	require.EqualError(t, err,
		`secret "a" cannot be read as role "arn:aws:iam::444455556666:role/r": access denied`+scope+
			`allow sts:AssumeRole on the role, also in the role's own trust policy`)
	require.Empty(t, f.operations("BatchGetSecretValue"))
}

func TestConfigurationThatIsWrong(t *testing.T) {
	configure(t, nil)
	for _, test := range []struct {
		config Config
		want   string
	}{
		{Config{Region: "evil.example/#"}, `secretsManager: region "evil.example/#" is no AWS region`},
		{Config{Prefix: "a b"}, `secretsManager: prefix "a b" cannot start the name of a secret`},
		{Config{Timeout: -1}, `secretsManager: timeout must not be negative`},
		{Config{Cache: -1}, `secretsManager: cache must not be negative`},
		{Config{RoleARN: "reader"}, `secretsManager: roleARN "reader" is no ARN of an IAM role`},
		{Config{RoleARN: "arn:aws:iam::444455556666:user/u"},
			`secretsManager: roleARN "arn:aws:iam::444455556666:user/u" is no ARN of an IAM role`},
	} {
		_, err := New(t.Context(), test.config)
		require.EqualError(t, err, test.want)
	}
	t.Run("of AWS", func(t *testing.T) {
		t.Setenv("AWS_PROFILE", "nobody")
		_, err := New(t.Context(), Config{})
		require.ErrorContains(t, err, "AWS configuration cannot be loaded; check AWS_PROFILE")
	})
}

// TestNewRegions: a region need not be known here.
func TestNewRegions(t *testing.T) {
	configure(t, nil)
	for _, region := range []string{"eusc-de-east-1", "r"} {
		c, err := New(t.Context(), Config{Region: region})
		require.NoError(t, err)
		at, problem := c.locate(Reference{ID: "arn:aws-eusc:secretsmanager:" + region + ":123456789012:secret:x"})
		require.Nil(t, problem)
		require.Equal(t, region, at.region)
	}
}

// TestSecretsOfHubs: the prefix is that of members, and a hub without its secret is still a cluster.
func TestSecretsOfHubs(t *testing.T) {
	f := newFake(t, texts("hub/a", "spokes/b"))
	client := newClient(t, Config{Prefix: "spokes/"})
	got, err := client.Read(t.Context(), []Reference{{ID: "hub/a", Hub: true}, {ID: "b"},
		{ID: "hub/none", File: "fleet.yaml", Line: 5, Hub: true}})
	require.NoError(t, err)
	require.Equal(t, "hub/a", got["hub/a"].Name)
	require.Equal(t, "spokes/b", got["b"].Name)
	const want = `fleet.yaml:5: secret "hub/none" does not exist` + scope +
		"check name, account, region and spec.secretsManager.prefix"
	require.EqualError(t, got["hub/none"].Unread, want)
	require.Len(t, f.calls, 1, "in one call")

	clusters, warnings, err := client.Reader(t.Context())([]cluster.SecretReference{{ID: "hub/a", Hub: true},
		{ID: "hub/none", File: "fleet.yaml", Line: 5, Hub: true}})
	require.NoError(t, err)
	require.Contains(t, clusters, "hub/a")
	require.NotContains(t, clusters, "hub/none")
	require.Len(t, warnings, 1)
	require.EqualError(t, warnings[0], want)
}
