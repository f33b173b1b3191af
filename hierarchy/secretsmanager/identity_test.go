package secretsmanager

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	for _, test := range []struct {
		name string
		raw  string
		want Identity
	}{
		{"nothing", `{}`, Identity{}},
		{"only the credentials", `{"config":{"bearerToken":"x"},"password":"y"}`, Identity{}},
		{"strings", `{"cluster_name":"c","server":"https://s.example:443/path"}`,
			Identity{Name: "c", Server: "https://s.example:443/path"}},
		{"keys are matched with their case", `{"Cluster_Name":"c","METADATA":{"a":"b"}}`, Identity{}},
		{"null is as if missing", `{"cluster_name":null,"server":null,"metadata":null,"addons":null}`, Identity{}},
		{"a name that is a number", `{"cluster_name":7}`, Identity{Name: "7"}},
		{"JSON objects", `{"metadata":{"a":"b"},"addons":{"c":"d"}}`,
			Identity{Annotations: map[string]string{"a": "b"}, Labels: map[string]string{"c": "d"}}},
		{"the text of JSON objects", `{"metadata":"{\"a\":\"b\"}","addons":"{\"c\":\"d\"}"}`,
			Identity{Annotations: map[string]string{"a": "b"}, Labels: map[string]string{"c": "d"}}},
		{"the text of YAML", `{"metadata":"a: b\nversion: \"1.30\"\n","addons":"# none\nc: d"}`,
			Identity{Annotations: map[string]string{"a": "b", "version": "1.30"}, Labels: map[string]string{"c": "d"}}},
		{"empty strings", `{"metadata":" ","addons":"# none"}`, Identity{}},
		{"values become strings as External Secrets makes them",
			`{"metadata":{"true":true,"false":false,"null":null,"int":111122223333,` +
				`"long":12345678901234567890,"float":1.50,"exp":1e3,"text":"true"}}`,
			Identity{Annotations: map[string]string{"true": "true", "false": "false", "null": "", "int": "111122223333",
				"long": "12345678901234567890", "float": "1.5", "exp": "1000", "text": "true"}}},
		{"so do those of YAML",
			`{"metadata":"t: yes\ni: 111122223333\nl: 12345678901234567890\nf: 1.50\nnil: ~\n1: one"}`,
			Identity{Annotations: map[string]string{"t": "true", "i": "111122223333",
				"l": "12345678901234567890", "f": "1.5", "nil": "", "1": "one"}}},
		{"prefixed keys; an annotation's may have capitals",
			`{"metadata":{"Example.com/a":"b"},"addons":{"example.com/A":"b"}}`,
			Identity{Annotations: map[string]string{"Example.com/a": "b"},
				Labels: map[string]string{"example.com/A": "b"}}},
		{"annotations may hold anything in 4 KiB", `{"metadata":{"a":"` + strings.Repeat("x\\n", 2048) + `"}}`,
			Identity{Annotations: map[string]string{"a": strings.Repeat("x\n", 2048)}}},
		{"credentials are left out, and said so",
			`{"metadata":{"a":"b","bearer_token":"x","nested_password":{"p":"x"}},"addons":{"c":"d","ca_data":"x","enable_token":"true"}}`,
			Identity{Annotations: map[string]string{"a": "b"},
				Labels:  map[string]string{"c": "d", "enable_token": "true"},
				Dropped: []string{"metadata.bearer_token", "metadata.nested_password", "addons.ca_data"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, failure := parse([]byte(test.raw))
			require.Nil(t, failure)
			require.Equal(t, test.want, got)
		})
	}
}

func TestParseRefuses(t *testing.T) {
	const wrongName = "whose value is none: a name of at most 253 characters, or a URL without user and query"
	for _, test := range []struct{ name, raw, want string }{
		{"nothing at all", ``, "is no JSON object"},
		{"text", canary, "is no JSON object"},
		{"a JSON text", `"` + canary + `"`, "is no JSON object"},
		{"a list", `["` + canary + `"]`, "is no JSON object"},
		{"broken JSON", `{"config":"` + canary + `"`, "is not valid JSON"},
		{"more after the end", `{} ` + canary, "is not valid JSON"},
		{"a name of the wrong type", `{"cluster_name":{"a":"` + canary + `"}}`,
			`has a key "cluster_name" that must be a string, not a map`},
		{"a name with line breaks", `{"cluster_name":"` + canary + `\n"}`, `has a key "cluster_name" ` + wrongName},
		{"a name that is a token", `{"cluster_name":"k8s-aws-v1.` + canary + `"}`,
			`has a key "cluster_name" ` + wrongName},
		{"a server of the wrong type", `{"server":["` + canary + `"]}`,
			`has a key "server" that must be a string, not a list`},
		{"a server that is no URL", `{"server":"` + canary + `"}`, `has a key "server" ` + wrongName},
		{"a server with a password", `{"server":"https://u:` + canary + `@s.example"}`,
			`has a key "server" ` + wrongName},
		{"a server with a query", `{"server":"https://s.example?token=` + canary + `"}`,
			`has a key "server" ` + wrongName},
		{"metadata of the wrong type", `{"metadata":["` + canary + `"]}`,
			`has a key "metadata" that must be a map, or the text of one`},
		{"a number", `{"metadata":1}`, `has a key "metadata" that must be a map, or the text of one`},
		{"text that is no map", `{"metadata":"` + canary + `"}`,
			`has a key "metadata" that must be a map, or the text of one`},
		{"broken YAML", `{"addons":"a: [` + canary + `"}`, `has a key "addons" whose text is neither JSON nor YAML`},
		{"a nested value", `{"metadata":{"a":{"b":"` + canary + `"}}}`,
			`has a key "a" in "metadata" that must be a string, not a map`},
		{"a nested list", `{"addons":"a: [` + canary + `]"}`,
			`has a key "a" in "addons" that must be a string, not a list`},
		{"a key that is none", `{"metadata":{"` + canary + `":"x"}}`,
			`has a key in "metadata" that is no key of a Kubernetes label or annotation`},
		{"a label that is too long", `{"addons":{"a":"` + strings.Repeat("x", 64) + `"}}`,
			`has a key "a" in "addons" whose value is no value of a Kubernetes label: at most 63 letters, digits, and -_. between them`},
		{"a label with other characters", `{"addons":{"a":"` + canary + `"}}`,
			`has a key "a" in "addons" whose value is no value of a Kubernetes label: at most 63 letters, digits, and -_. between them`},
		{"a label's prefix with capitals", `{"addons":{"Example.com/a":"b"}}`,
			`has a key "Example.com/a" in "addons" that is no key of a Kubernetes label: its prefix must be in lower case`},
		{"an annotation that is too long", `{"metadata":{"a":"` + strings.Repeat("x", 4097) + `"}}`,
			`has a key "a" in "metadata" whose value has 4097 bytes, more than 4096`},
	} {
		t.Run(test.name, func(t *testing.T) {
			identity, failure := parse([]byte(test.raw))
			require.NotNil(t, failure)
			require.Equal(t, test.want, failure.message)
			require.Zero(t, identity)
			require.NotContains(t, failure.message+failure.hint, canary)
		})
	}
}

func TestIsCredential(t *testing.T) {
	const jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzcG9rZTEifQ.c2lnbmF0dXJl"
	for _, test := range []struct {
		key, value string
		want       bool
	}{
		{"token", "x", true}, {"bearerToken", "x", true}, {"hub_bearer_token", "x", true}, {"Password", "x", true},
		{"tls-client-certificate", "x", true}, {"caData", "x", true}, {"certificate_authority_data", "x", true},
		{"aws_secret_access_key", "x", true}, {"private.key", "x", true}, {"kubeconfig", "x", true},
		{"token", "", true},
		// switches, identifiers, and the names of things
		{"enable_token", "true", false}, {"use_certificate", "false", false},
		{"acm_certificate", "arn:aws:acm:eu-west-2:111122223333:certificate/1", false}, {"token_ttl", "1h", false},
		{"addons_repo_secret", "github-app", false}, {"enable_cert_manager", "yes", false},
		{"fleet_repo_url", "https://git.example/f", false},
		{"cert_manager_iam_role_arn", "arn:aws:iam::111122223333:role/c", false}, {"kms_key_id", "1", false},
		{"aws_region", "eu-west-2", false},
		{"repo", "git@github.com:org/repo.git", false}, {"repo", "ssh://git@github.com/org/repo", false},
		// whatever the key
		{"note", "-----BEGIN CERTIFICATE-----\nMII", true}, {"note", "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg==", true},
		{"note", jwt, true}, {"note", "Bearer " + jwt, true}, {"note", "k8s-aws-v1.aHR0cHM6Ly9zdHM", true},
		{"note", "AKIAIOSFODNN7EXAMPLE", true}, {"note", "ghp_abcdefghijklmnopqrstuvwxyz0123456789", true},
		{"repo", "https://user:password@git.example/f", true},
	} {
		require.Equal(t, test.want, isCredential(test.key, test.value), "%s: %s", test.key, test.value)
	}
}
