package secretsmanager

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/stretchr/testify/require"
)

const (
	hubKey  = "AKIAHUBHUBHUBHUBHUB1" // access key of the environment
	roleKey = "ASIAROLEROLEROLEROL1" // access key that the fake STS gives for a role
	account = "111122223333"
)

// A call is a request that the fake service received.
type call struct {
	operation string
	region    string
	accessKey string
	ids       []string
	token     string
	role      string
}

// An answer is what the fake service replies.
type answer struct {
	status int
	body   string
}

// A fake speaks the protocols of Secrets Manager (AWS JSON 1.1) and STS (AWS query) on the loopback interface.
type fake struct {
	*httptest.Server
	mu     sync.Mutex
	calls  []call
	sent   strings.Builder   // all that it answered
	values map[string]any    // by name: a string is the text, []byte is binary, nil is neither
	errors map[string]string // by name or ARN: the code of the error in the list of a batch
	reply  func(call, int) *answer
}

// texts maps names to the text of secrets.
func texts(names ...string) map[string]any {
	values := map[string]any{}
	for _, name := range names {
		values[name] = secret(name)
	}
	return values
}

// secret returns a secret as Terraform writes it (gitops-bridge), with credentials that must go no further.
func secret(name string) string {
	text, err := json.Marshal(map[string]any{
		"cluster_name": name,
		"server":       "https://" + strings.ReplaceAll(name, "/", "-") + ".example.eks.amazonaws.com",
		"config":       `{"bearerToken":"` + canary + `","tlsClientConfig":{"caData":"` + canary + `"}}`,
		"metadata":     `{"aws_account_id":"111122223333","aws_region":"eu-west-2","fleet_repo_url":"https://git.example/f"}`,
		"addons":       `{"enable_karpenter":"true","fleet_member":"spoke","environment":"dev"}`,
		"token":        canary,
		"certificate":  map[string]any{"ca": canary},
	})
	if err != nil {
		panic(err)
	}
	return string(text)
}

func arnOf(region, name string) string {
	return "arn:aws:secretsmanager:" + region + ":" + account + ":secret:" + name + "-Ab12Cd"
}

// newFake starts a fake service and points the AWS configuration of the test to it.
func newFake(t *testing.T, values map[string]any) *fake {
	t.Helper()
	f := &fake{values: values, errors: map[string]string{}}
	f.Server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(f.Close)
	configure(t, map[string]string{
		"AWS_ENDPOINT_URL_SECRETS_MANAGER": f.URL,
		"AWS_ENDPOINT_URL_STS":             f.URL,
		"AWS_ACCESS_KEY_ID":                hubKey,
		"AWS_SECRET_ACCESS_KEY":            canary,
		"AWS_REGION":                       "eu-west-2",
	})
	return f
}

// configure makes the given variables the only AWS configuration: none of the machine that runs the test counts.
func configure(t *testing.T, variables map[string]string) {
	t.Helper()
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
		}
	}
	none := filepath.Join(t.TempDir(), "none")
	t.Setenv("AWS_CONFIG_FILE", none)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", none)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	for name, value := range variables {
		t.Setenv(name, value)
	}
}

// patient is an HTTP client that sends a copy of the body. The SDK closes the body as soon as an answer is there; the
// loopback interface is so fast that the transport may still be looking for the body's end, and then drops the
// connection. The SDK tries again, and there is one call more than expected.
type patient struct{ aws.HTTPClient }

func (p patient) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	sent := r.Clone(r.Context())
	sent.Body = io.NopCloser(bytes.NewReader(body))
	return p.HTTPClient.Do(sent)
}

// newClient returns a client that retries as the SDK does, but without its waits of seconds.
func newClient(t *testing.T, c Config) *Client {
	t.Helper()
	client, err := New(t.Context(), c)
	require.NoError(t, err)
	client.aws.HTTPClient = patient{awshttp.NewBuildableClient()}
	client.aws.Retryer = func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) {
			o.Backoff = retry.BackoffDelayerFunc(
				func(int, error) (time.Duration, error) { return time.Millisecond, nil })
		})
	}
	return client
}

// refs returns references that nobody wrote into a file.
func refs(ids ...string) []Reference {
	out := make([]Reference, len(ids))
	for i, id := range ids {
		out[i] = Reference{ID: id}
	}
	return out
}

func read(t *testing.T, c *Client, ids ...string) (map[string]Identity, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	return c.Read(ctx, refs(ids...))
}

// operations returns the calls of one operation so far.
func (f *fake) operations(operation string) []call {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []call
	for _, c := range f.calls {
		if c.operation == operation {
			out = append(out, c)
		}
	}
	return out
}

var credentialScope = regexp.MustCompile(`Credential=([^/]+)/\d+/([^/]+)/`)

func (f *fake) serve(w http.ResponseWriter, r *http.Request) {
	var c call
	if scope := credentialScope.FindStringSubmatch(r.Header.Get("Authorization")); scope != nil {
		c.accessKey, c.region = scope[1], scope[2]
	}
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		c.operation = strings.TrimPrefix(target, "secretsmanager.")
		var input struct {
			SecretIdList []string //nolint:revive // the protocol's name
			NextToken    string
		}
		if err := json.NewDecoder(r.Body).Decode(&input); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		c.ids, c.token = input.SecretIdList, input.NextToken
	} else if err := r.ParseForm(); err == nil {
		c.operation, c.role = r.Form.Get("Action"), r.Form.Get("RoleArn")
	}
	f.mu.Lock()
	f.calls = append(f.calls, c)
	number := len(f.calls)
	f.mu.Unlock()

	out := f.answer(c)
	if f.reply != nil {
		if special := f.reply(c, number); special != nil {
			out = *special
		}
	}
	f.mu.Lock()
	f.sent.WriteString(out.body)
	f.mu.Unlock()
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if strings.HasPrefix(c.operation, "AssumeRole") {
		w.Header().Set("Content-Type", "text/xml")
	}
	w.WriteHeader(out.status)
	_, _ = w.Write([]byte(out.body))
}

func (f *fake) answer(c call) answer {
	if strings.HasPrefix(c.operation, "AssumeRole") {
		return answer{http.StatusOK, fmt.Sprintf(`<%[1]sResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><%[1]sResult>
			<Credentials><AccessKeyId>%[2]s</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
			<Expiration>%[3]s</Expiration></Credentials><AssumedRoleUser><Arn>arn:aws:sts::%[4]s:assumed-role/r/s</Arn>
			<AssumedRoleId>A:s</AssumedRoleId></AssumedRoleUser></%[1]sResult></%[1]sResponse>`,
			c.operation, roleKey, time.Now().Add(time.Hour).UTC().Format(time.RFC3339), account)}
	}
	if c.operation != "BatchGetSecretValue" {
		return failure("UnknownOperationException", "")
	}
	if len(c.ids) > 20 {
		return failure("InvalidParameterException", "at most 20")
	}
	values, errs := []any{}, []any{}
	for _, id := range c.ids {
		name := id
		if strings.HasPrefix(id, "arn:") {
			_, name, _ = strings.Cut(id, ":secret:")
			name = strings.TrimSuffix(name, "-Ab12Cd")
		}
		code, failed := f.errors[id]
		value, known := f.values[name]
		switch {
		case failed:
			errs = append(errs, map[string]any{"SecretId": id, "ErrorCode": code,
				"Message": "quotes " + canary + ": marked for deletion"})
		case !known:
			errs = append(errs, map[string]any{"SecretId": id, "ErrorCode": "ResourceNotFoundException",
				"Message": canary})
		default:
			out := map[string]any{"ARN": arnOf(c.region, name), "Name": name, "VersionId": "v", "CreatedDate": 1.7e9}
			switch value := value.(type) {
			case string:
				out["SecretString"] = value
			case []byte:
				out["SecretBinary"] = value // JSON makes base64 of it, as the protocol wants
			}
			values = append(values, out)
		}
	}
	body, err := json.Marshal(map[string]any{"SecretValues": values, "Errors": errs})
	if err != nil {
		panic(err)
	}
	return answer{http.StatusOK, string(body)}
}

// failure is the answer to a call that fails as a whole.
func failure(code, message string) answer {
	return answer{http.StatusBadRequest, fmt.Sprintf(`{"__type":%q,"Message":%q}`, code, message)}
}
