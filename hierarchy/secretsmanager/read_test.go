package secretsmanager

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReadReturnsWhatTerraformWrote(t *testing.T) {
	newFake(t, texts("hub/spoke1"))
	got, err := read(t, newClient(t, Config{}), "hub/spoke1")
	require.NoError(t, err)
	require.Equal(t, map[string]Identity{"hub/spoke1": {
		Name:   "hub/spoke1",
		Server: "https://hub-spoke1.example.eks.amazonaws.com",
		Labels: map[string]string{"enable_karpenter": "true", "fleet_member": "spoke", "environment": "dev"},
		Annotations: map[string]string{
			"aws_account_id": "111122223333", "aws_region": "eu-west-2", "fleet_repo_url": "https://git.example/f",
		},
	}}, got)
}

func TestReadNothingCallsNobody(t *testing.T) {
	f := newFake(t, nil)
	got, err := read(t, newClient(t, Config{}))
	require.NoError(t, err)
	require.Empty(t, got)
	require.Empty(t, f.calls)
}

func TestOneCallPerTwentySecrets(t *testing.T) {
	for _, test := range []struct{ secrets, calls int }{{1, 1}, {20, 1}, {21, 2}, {45, 3}, {1000, 50}} {
		t.Run(fmt.Sprint(test.secrets), func(t *testing.T) {
			var names []string
			for i := range test.secrets {
				names = append(names, fmt.Sprintf("spoke%d", i))
			}
			f := newFake(t, texts(names...))
			// Each is named twice; it is read once all the same.
			got, err := read(t, newClient(t, Config{}), append(names, names...)...)
			require.NoError(t, err)
			require.Len(t, got, test.secrets)
			for _, name := range names {
				require.Equal(t, name, got[name].Name)
			}
			require.Len(t, f.operations("BatchGetSecretValue"), test.calls)
			require.Len(t, f.calls, test.calls, "and no other call")
		})
	}
}

func TestPagesOfAnAnswerAreRead(t *testing.T) {
	f := newFake(t, texts("a", "b"))
	f.reply = func(c call, _ int) *answer {
		one := c
		one.ids = []string{"a"}
		if c.token == "second" {
			one.ids = []string{"b"}
			second := f.answer(one)
			return &second
		}
		first := f.answer(one)
		first.body = first.body[:len(first.body)-1] + `,"NextToken":"second"}`
		return &first
	}
	got, err := read(t, newClient(t, Config{}), "a", "b")
	require.NoError(t, err)
	require.Equal(t, "a", got["a"].Name)
	require.Equal(t, "b", got["b"].Name)
	require.Len(t, f.calls, 2)
}

func TestNamesAndARNs(t *testing.T) {
	f := newFake(t, texts("hub/a", "b", "c"))
	full, partial := arnOf("eu-west-2", "b"), "arn:aws:secretsmanager:eu-west-2:"+account+":secret:c"
	got, err := read(t, newClient(t, Config{Prefix: "hub/"}), "a", full, partial)
	require.NoError(t, err)
	require.Equal(t, "hub/a", got["a"].Name, "the prefix goes before the name")
	require.Equal(t, "b", got[full].Name)
	require.Equal(t, "c", got[partial].Name, "without the random characters at its end")
	require.Equal(t, []string{"hub/a", full, partial}, f.calls[0].ids)
}

func TestRegion(t *testing.T) {
	other := arnOf("ap-southeast-2", "b")
	for _, test := range []struct {
		name      string
		region    string // of fleet.yaml
		variables map[string]string
		ids       []string
		want      map[string][]string // the calls
	}{
		{"of the environment", "", nil, []string{"a"}, map[string][]string{"eu-west-2": {"a"}}},
		{"fleet.yaml wins", "us-east-1", nil, []string{"a"}, map[string][]string{"us-east-1": {"a"}}},
		{"the ARN's wins for that secret", "us-east-1", nil, []string{"a", other},
			map[string][]string{"us-east-1": {"a"}, "ap-southeast-2": {other}}},
		{"an ARN needs no other", "", map[string]string{"AWS_REGION": ""}, []string{other},
			map[string][]string{"ap-southeast-2": {other}}},
		{"of the shared configuration", "",
			map[string]string{"AWS_REGION": "", "AWS_CONFIG_FILE": "testdata/aws-config", "AWS_PROFILE": "fleet"},
			[]string{"a"}, map[string][]string{"eu-north-1": {"a"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFake(t, texts("a", "b"))
			for name, value := range test.variables {
				t.Setenv(name, value)
			}
			got, err := read(t, newClient(t, Config{Region: test.region}), test.ids...)
			require.NoError(t, err)
			require.Len(t, got, len(test.ids))
			calls := map[string][]string{}
			for _, c := range f.calls {
				calls[c.region] = append(calls[c.region], c.ids...)
			}
			require.Equal(t, test.want, calls)
		})
	}
}

func TestRoleIsAssumedForAnotherAccount(t *testing.T) {
	f := newFake(t, texts("a"))
	const role = "arn:aws:iam::444455556666:role/fleet/secrets-reader"
	client := newClient(t, Config{RoleARN: role})
	for range 2 { // its credentials are kept
		got, err := read(t, client, "a")
		require.NoError(t, err)
		require.Equal(t, "a", got["a"].Name)
	}
	assumed := f.operations("AssumeRole")
	require.Len(t, assumed, 1)
	require.Equal(t, call{operation: "AssumeRole", region: "eu-west-2", accessKey: hubKey, role: role}, assumed[0])
	for _, c := range f.operations("BatchGetSecretValue") {
		require.Equal(t, roleKey, c.accessKey, "signed with the role's key")
	}

	_, err := read(t, newClient(t, Config{}), "a")
	require.NoError(t, err)
	require.Equal(t, hubKey, f.calls[len(f.calls)-1].accessKey, "without a role, with the own key")
}

func TestStandardCredentialsOfPods(t *testing.T) {
	token := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(token, []byte("service-account-token"), 0o600))

	t.Run("IAM role for service accounts", func(t *testing.T) {
		f := newFake(t, texts("a"))
		t.Setenv("AWS_ACCESS_KEY_ID", "")
		t.Setenv("AWS_SECRET_ACCESS_KEY", "")
		t.Setenv("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/repo-server")
		t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", token)
		_, err := read(t, newClient(t, Config{}), "a")
		require.NoError(t, err)
		require.Len(t, f.operations("AssumeRoleWithWebIdentity"), 1)
		require.Equal(t, roleKey, f.operations("BatchGetSecretValue")[0].accessKey)
	})
	t.Run("EKS Pod Identity", func(t *testing.T) {
		f := newFake(t, texts("a"))
		agent := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") == "service-account-token" {
				fmt.Fprint(w,
					`{"AccessKeyId":"ASIAPOD","SecretAccessKey":"s","Token":"t","Expiration":"2999-01-01T00:00:00Z"}`)
			}
		}))
		t.Cleanup(agent.Close)
		t.Setenv("AWS_ACCESS_KEY_ID", "")
		t.Setenv("AWS_SECRET_ACCESS_KEY", "")
		t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", agent.URL)
		t.Setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token)
		_, err := read(t, newClient(t, Config{}), "a")
		require.NoError(t, err)
		require.Equal(t, "ASIAPOD", f.operations("BatchGetSecretValue")[0].accessKey)
	})
}

func TestThrottledCallsAreRetried(t *testing.T) {
	f := newFake(t, texts("a"))
	f.reply = func(_ call, number int) *answer {
		if number < attempts {
			throttled := failure("ThrottlingException", "Rate exceeded")
			return &throttled
		}
		return nil
	}
	got, err := read(t, newClient(t, Config{}), "a")
	require.NoError(t, err)
	require.Equal(t, "a", got["a"].Name)
	require.Len(t, f.calls, attempts)
}

func TestAttemptsOfTheAWSConfigurationCount(t *testing.T) {
	f := newFake(t, texts("a"))
	f.reply = func(call, int) *answer { return &answer{http.StatusInternalServerError, "{}"} }
	t.Setenv("AWS_MAX_ATTEMPTS", "2")
	_, err := read(t, newClient(t, Config{}), "a")
	require.Error(t, err)
	require.Len(t, f.calls, 2)
}
