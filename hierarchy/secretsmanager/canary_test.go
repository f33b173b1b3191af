package secretsmanager

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// canary stands for every credential in the tests. It has characters that no name, key or label may have, so that
// nothing that is kept can be it.
const canary = "$CANARY$"

// TestCredentialsReachNothing plants canaries wherever a credential may be, in good and bad secrets and in what the
// service says about them. It searches all that comes out: results, errors with all that they wrap, cache, standard
// output and standard error.
func TestCredentialsReachNothing(t *testing.T) {
	value := func(v any) func(f *fake) { return func(f *fake) { f.values["a"] = v } }
	listed := func(code string) func(f *fake) { return func(f *fake) { f.errors["a"] = code } }
	reply := func(status int, body string) func(f *fake) {
		return func(f *fake) { f.reply = func(call, int) *answer { return &answer{status, body} } }
	}
	pem := `-----BEGIN CERTIFICATE-----\n` + canary + `\n-----END CERTIFICATE-----`
	for name, arrange := range map[string]func(f *fake){
		"a good secret": func(*fake) {},
		"credentials among the metadata": value(`{"cluster_name":"a","metadata":{"token":"` + canary + `","ca":"` + pem + `",
			"clientCertificate":{"data":"` + canary + `"}},"addons":"bearer: ` + canary + `"}`),
		"binary":               value([]byte(canary)),
		"text":                 value(canary),
		"a JSON text":          value(`"` + canary + `"`),
		"broken JSON":          value(`{"config":"` + canary),
		"broken after the end": value(`{} ` + canary),
		"config of another type": value(`{"config":["` + canary + `"],"Config":{"a":"` + canary +
			`"},"cluster_name":"a"}`),
		"a name of the wrong type":     value(`{"cluster_name":["` + canary + `"]}`),
		"a server with a password":     value(`{"server":"https://u:` + canary + `@s.example"}`),
		"a server that does not parse": value(`{"server":"https://%zz` + canary + `"}`),
		"metadata that is text":        value(`{"metadata":"` + canary + `"}`),
		"metadata that is a PEM":       value(`{"metadata":"` + pem + `"}`),
		"metadata that is a list":      value(`{"metadata":["` + canary + `"]}`),
		"metadata of broken YAML":      value(`{"metadata":"a: b: ` + canary + `\n\t- x"}`),
		"metadata with a nested map":   value(`{"metadata":{"a":{"b":"` + canary + `"}}}`),
		"metadata with another key":    value(`{"metadata":{"` + canary + `":"a"}}`),
		"metadata that is too long":    value(`{"metadata":{"a":"` + strings.Repeat(canary, 1000) + `"}}`),
		"a label that is none":         value(`{"addons":{"a":"` + canary + `"}}`),
		"missing":                      listed("ResourceNotFoundException"),
		"deleted":                      listed("InvalidRequestException"),
		"denied":                       listed("AccessDeniedException"),
		"undecryptable":                listed("DecryptionFailure"),
		"an error that is none":        listed(canary),
		"a failed call": reply(http.StatusBadRequest,
			`{"__type":"AccessDeniedException","Message":"`+canary+`"}`),
		"a throttled call": reply(http.StatusBadRequest,
			`{"__type":"ThrottlingException","Message":"`+canary+`"}`),
		"an unknown failure":          reply(http.StatusBadRequest, `{"__type":"`+canary+`","Message":"`+canary+`"}`),
		"a failure of AWS":            reply(http.StatusInternalServerError, canary),
		"a broken answer":             reply(http.StatusOK, `{"SecretValues":[{"SecretString":"`+canary),
		"an answer of the wrong type": reply(http.StatusOK, `{"SecretValues":{"SecretString":"`+canary+`"}}`),
		"an answer about another": reply(http.StatusOK,
			`{"SecretValues":[{"Name":"`+canary+`","SecretString":"`+canary+`"}]}`),
		"a role's failure": func(f *fake) {
			f.reply = func(c call, _ int) *answer {
				return &answer{http.StatusForbidden,
					"<ErrorResponse><Error><Code>X</Code><Message>" + canary + "</Message></Error></ErrorResponse>"}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, texts("a"))
			arrange(f)
			c := Config{Cache: time.Hour, CacheDir: t.TempDir()}
			if strings.HasPrefix(name, "a role") {
				c.RoleARN = "arn:aws:iam::444455556666:role/r"
			}
			var seen strings.Builder
			seen.WriteString(output(t, func() {
				client := newClient(t, c)
				for range 2 { // the second time perhaps from the cache
					got, err := read(t, client, "a")
					data, failed := json.Marshal(got)
					require.NoError(t, failed)
					fmt.Fprintf(&seen, "%s\n%#v\n", data, got)
					everything(&seen, err)
				}
			}))
			for _, file := range cachedFiles(t, c.CacheDir) {
				data, err := os.ReadFile(file)
				require.NoError(t, err)
				fmt.Fprintf(&seen, "%s: %s\n", file, data)
			}
			require.NotContains(t, seen.String(), "CANARY")
			require.NotContains(t, seen.String(), "BEGIN")
			require.NotContains(t, seen.String(), "Q0FOQV", "in base64")
			require.Regexp(t, `CANARY|JENBTkFSWSQ`, f.sent.String(), "the service did send it")
		})
	}
}

// everything writes an error and all that it wraps, with all fields.
func everything(out *strings.Builder, err error) {
	if err == nil {
		return
	}
	fmt.Fprintf(out, "%v\n%+v\n%#v\n", err, err, err)
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, part := range joined.Unwrap() {
			everything(out, part)
		}
	}
	everything(out, errors.Unwrap(err))
}

// output returns what is written to standard output and standard error meanwhile.
func output(t *testing.T, run func()) string {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "output"))
	require.NoError(t, err)
	stdout, stderr := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = file, file
	defer func() { os.Stdout, os.Stderr = stdout, stderr }()
	run()
	require.NoError(t, file.Close())
	data, err := os.ReadFile(file.Name())
	require.NoError(t, err)
	return string(data)
}
