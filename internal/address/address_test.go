package address

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRedact(t *testing.T) {
	token := strings.Repeat("aB3", 7)
	for name, test := range map[string]struct{ text, want string }{
		"a password": {"https://me:CANARY@git.example.com/a/b.git",
			"https://…@git.example.com/a/b.git"},
		"upper case": {"HTTPS://me:CANARY@git.example.com/a", "HTTPS://…@git.example.com/a"},
		"an address in a path": {"https://proxy/https://me:CANARY@git/a?token=CANARY",
			"https://proxy/https://…@git/a?token=…"},
		"no user":                      {"https://:CANARY@git/a", "https://…@git/a"},
		"a port":                       {"https://me:CANARY@git:8443/a", "https://…@git:8443/a"},
		"a password of SSH":            {"ssh://git:CANARY@git/a", "ssh://…@git/a"},
		"a password of a database":     {"postgres://app:CANARY@db/app", "postgres://…@db/app"},
		"an @ in the password":         {"https://me:CAN@RY@git/a", "https://…@git/a"},
		"a slash in the password":      {"https://me:CAN/ARY@git/a", "https://…@git/a"},
		"a question mark in it":        {"https://me:CAN?ARY@git/a", "https://…@git/a"},
		"a quote in it":                {`https://me:CAN"ARY@git/a`, "https://…@git/a"},
		"a quote in it, quoted":        {`"https://me:CAN\"ARY@git/a"`, `"https://…@git/a"`},
		"an address in it":             {"https://me:CAN://ARY@git/a", "https://…@git/a"},
		"an escaped password":          {"https://me:CAN%40ARY@git/a", "https://…@git/a"},
		"IPv6":                         {"https://me:CANARY@[::1]:8443/a", "https://…@[::1]:8443/a"},
		"a template for the scheme":    {"{{.scheme}}://me:CANARY@git/a", "{{.scheme}}://…@git/a"},
		"a template for the host":      {"https://me:CANARY@{{.host}}/a", "https://…@{{.host}}/a"},
		"a cleaned path":               {"charts/https:/me:CANARY@git/a", "charts/https:/…@git/a"},
		"a cleaned path of SSH":        {"ssh:/git:CANARY@git/a", "ssh:/…@git/a"},
		"a cleaned path of a registry": {"x/oci:/me:CANARY@git/a", "x/oci:/…@git/a"},
		"a credential in a password":   {"https://me:https://a:CANARY@b@git/a", "https://…@git/a"},
		"a prefix":                     {"git::https://me:CANARY@git/a?ref=b", "git::https://…@git/a?ref=b"},
		"text around it": {"cannot read 'https://me:CANARY@git/a', sorry",
			"cannot read 'https://…@git/a', sorry"},
		"a letter before it":      {"é https://me:CANARY@git/a", "é https://…@git/a"},
		"letters without a space": {"éhttps://me:CANARY@git/a", "éhttps://…@git/a"},
		"several": {"https://a:CANARY@b/c, oci://d:CANARY@e https://f/g",
			"https://…@b/c, oci://…@e https://f/g"},
		"several without a space": {"https://a:CANARY@b,https://c:CANARY@d", "https://…@b,https://…@d"},
		"lines": {"a: https://a:CANARY@b\nb: https://c:CANARY@d\n",
			"a: https://…@b\nb: https://…@d\n"},
		"one in another": {"https://a:CANARY@b?to=https://c:CANARY@d/", "https://…@b?to=https://…@d/"},
		"JSON": {`{"a":"https://me:CANARY@git","b":"c@d"}`,
			`{"a":"https://…@git","b":"c@d"}`},
		"a token of GitHub":              {"https://ghp_CANARY@github.com/a/b", "https://…@github.com/a/b"},
		"a fine-grained token":           {"https://github_pat_CANARY@github.com/a/b", "https://…@github.com/a/b"},
		"a token of GitLab":              {"oci://glpat-CANARY@gitlab.com/a/b", "oci://…@gitlab.com/a/b"},
		"a token with an empty password": {"https://ghs_CANARY:@github.com/a", "https://…@github.com/a"},
		"a user of tokens":               {"https://x-token-auth@bitbucket.org/a/b", "https://…@bitbucket.org/a/b"},
		"a long token":                   {"https://" + token + "@git/a", "https://…@git/a"},
		"a short token in hex":           {"https://9a8b7c6d5e4f3a2b@git/a", "https://…@git/a"},
		"a short token in base64":        {"https://Zm9vYmFyYmF6cXV4@git/a", "https://…@git/a"},
		"one that ends with a digit":     {"oci://q1Zm9vYmFyYmF6c8@git/a", "oci://…@git/a"},
		"one that is filled up":          {"https://Zm9vYmFyYmF6cQ%3D%3D@git/a", "https://…@git/a"},
		"a long escaped token":           {"https://" + token[:19] + "%3D@git/a", "https://…@git/a"},
		"a token of Azure DevOps": {"https://" + token + "@dev.azure.com/org/p/_git/r",
			"https://…@dev.azure.com/org/p/_git/r"},
		"a query": {"https://git/a?ref=b&access_token=CANARY&c=d",
			"https://git/a?ref=b&access_token=…&c=d"},
		"a private token":      {"https://git/a?private_token=CANARY", "https://git/a?private_token=…"},
		"an escaped name":      {"https://git/a?access%5Ftoken=CANARY", "https://git/a?access%5Ftoken=…"},
		"a signature of Azure": {"https://git/a?sv=1&sig=CANARY", "https://git/a?sv=1&sig=…"},
		"a signature of AWS": {"https://s3/a?X-Amz-Date=1&X-Amz-Signature=CANARY",
			"https://s3/a?X-Amz-Date=1&X-Amz-Signature=…"},
		"a token of AWS": {"https://s3/a?X-Amz-Security-Token=CANARY", "https://s3/a?X-Amz-Security-Token=…"},
		"a key of Git":   {"git::ssh://git@git/a?sshkey=CANARY", "git::ssh://git@git/a?sshkey=…"},
		"a fragment":     {"https://git/a#token=CANARY", "https://git/a#token=…"},
		"a query in JSON": {`{"a":"https://git/a?b=c\u0026token=CANARY","d":"e"}`,
			`{"a":"https://git/a?b=c\u0026token=…","d":"e"}`},
		"a user and a query": {"https://a:CANARY@git/a?token=CANARY", "https://…@git/a?token=…"},
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorIs(t, Check(test.text), ErrCredential)
			require.Equal(t, test.want, Redact(test.text))
			require.NoError(t, Check(test.want))
		})
	}
}

func TestWhatIsNoCredential(t *testing.T) {
	for _, text := range []string{
		"", "plain text", "a: b", "https://", "://", ":/", "https://git.example.com/a/b.git",
		"https://git.example.com:8443/a@b", "ssh://git@github.com/a/b",
		"git@github.com:a/b.git", "https://git@github.com/a/b", "https://org@dev.azure.com/org/project/_git/repo",
		"https://a-long-name-of-an-organization@dev.azure.com/a-long-name-of-an-organization/p/_git/r",
		"ssh://a-long-name-of-an-organization@git/x",
		"https://organization2024@git/a", "https://service-account-01@git/a", "https://9a8b7c6d5e4f3a2@git/a",
		"https://platformengineers@git/a", "ssh://9a8b7c6d5e4f3a2b@git/a",
		"https://jane.doe.of.somewhere%40example.com@git/a", "oci://registry.example.com/charts/a:1.2.3",
		"mailto:team@example.com",
		"docker://nginx:1.27-alpine@sha256:abcdef", "nginx:1.27@sha256:abcdef", "https://git/a?ref=main&depth=1",
		"https://git/a?token=", "https://git/a?tokens_max=5",
		"arn:aws:iam::123456789012:role/a@b", "user:jane@example.com", "https://[::1]:8443/a@b",
		"https://{{.name}}:{{.port}}/a@b", "see https://a.example.com: b@c",
		`{"a":"https://host:8443","b":"c@d"}`, `{"a":"https://host","b":"c:d@e"}`, "C:/a:b@c", "$values/a/b@c",
		"https://…@git/a", "https://git/a?token=…",
	} {
		require.NoError(t, Check(text), text)
		require.Equal(t, text, Redact(text))
	}
}

func TestCheckURL(t *testing.T) {
	for _, text := range []string{"https://me:CANARY@git/a", "me:CANARY@registry.example.com/charts",
		"ghp_CANARY@github.com/a"} {
		require.ErrorIs(t, CheckURL(text), ErrCredential, text)
	}
	for _, text := range []string{"", "git@github.com:a/b.git", "registry.example.com/charts", "registry:5000/a",
		"https://git/a@b"} {
		require.NoError(t, CheckURL(text), text)
	}
}

// TestRedactImage: a digest is no credential, and what stands before another @ is one.
func TestRedactImage(t *testing.T) {
	digest := "@sha256:" + strings.Repeat("0a", 32)
	for text, want := range map[string]string{
		"": "", "nginx": "nginx", "nginx:1.27": "nginx:1.27",
		"registry.example.com:5000/a/b:1":       "registry.example.com:5000/a/b:1",
		"nginx:1.27" + digest:                   "nginx:1.27" + digest,
		"me:CANARY@registry.example.com/a:1":    "…@registry.example.com/a:1",
		"me:CAN@RY@registry/a" + digest:         "…@registry/a" + digest,
		"CANARY@registry/a":                     "…@registry/a",
		"https://me:CANARY@registry/a:1":        "https://…@registry/a:1",
		"me:CANARY@registry/a@sha256:too-short": "…@sha256:too-short",
	} {
		require.Equal(t, want, RedactImage(text), text)
		require.Equal(t, want, RedactImage(want), "again")
		require.Equal(t, map[string]any{"image": want}, RedactValue(map[string]any{"image": text}))
	}
}

func TestRedactValue(t *testing.T) {
	value := map[string]any{
		"chartRepository":    "u:CANARY@charts.example.com",
		"repoURL":            "git@github.com:a/b.git",
		"registry_endpoints": []any{"a", "me:CANARY@b", 1.0},
		"url":                "https://me:CANARY@git/a",
		"owner":              "group:team@example.com",
		"nested":             map[string]any{"text": "see oci://me:CANARY@git/a", "server": "me:CANARY@a", "none": nil},

		"https://me:CANARY@git": true,
	}
	want := map[string]any{
		"chartRepository":    "…@charts.example.com",
		"repoURL":            "git@github.com:a/b.git",
		"registry_endpoints": []any{"a", "…@b", 1.0},
		"url":                "https://…@git/a",
		"owner":              "group:team@example.com",
		"nested":             map[string]any{"text": "see oci://…@git/a", "server": "…@a", "none": nil},

		"https://…@git": true,
	}
	require.Equal(t, want, RedactValue(value))
	require.Equal(t, want, RedactValue(want))
	require.Equal(t, "…@b", RedactValue("me:CANARY@b", "component", "chartRepository"))
	require.Equal(t, "me:CANARY@b", RedactValue("me:CANARY@b", "component", "owner"))
}

func TestFind(t *testing.T) {
	secret := "https://a:CANARY@b"
	require.Equal(t, []string{"b", "1", "c"},
		Find(map[string]any{"a": "x", "b": []any{1.0, map[string]any{"c": secret}}, "d": secret}, nil))
	require.Nil(t, Find(map[string]any{"a": "x", "b": []any{nil, true}}, nil))
	require.Equal(t, []string{"e"}, Find(map[string]any{"a": map[string]any{"b": secret}, "e": secret},
		func(path []string) bool { return strings.Join(path, ".") == "a.b" }))
	require.Equal(t, []string{secret}, Find(map[string]any{secret: "x"}, nil))
	require.Equal(t, []string{"chartRepository"},
		Find(map[string]any{"chartRepository": "me:CANARY@registry.example.com/charts"}, nil))
	require.Equal(t, []string{"registry_endpoints", "1"},
		Find(map[string]any{"registry_endpoints": []any{"a", "me:CANARY@b"}}, nil))
	require.Nil(t, Find(map[string]any{"owner": "group:team@example.com", "repoURL": "git@github.com:a/b.git",
		"chartRepository": "r.example.com/a"}, nil))
}

func FuzzRedact(f *testing.F) {
	for _, seed := range []string{"https://me:CANARY@git/a?token=b", "a://b:/c@d", "https://\xff:\xff@\xff",
		"é://é:é@é", "https:/a:b@c#token=x\\u0026y",
		"://://:Y@?token=b", "://?tok://:q@en=b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		redacted := Redact(text)
		if Check(text) == nil {
			require.Equal(t, text, redacted)
		}
		require.NoError(t, Check(redacted), "%q", redacted)
		require.Equal(t, redacted, Redact(redacted))
	})
}

// BenchmarkRedact has the strings that could take longest: one that is nothing but addresses, and one without any.
func BenchmarkRedact(b *testing.B) {
	for name, text := range map[string]string{"addresses": strings.Repeat("a://", 1<<18),
		"none": strings.Repeat("text ", 1<<18)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				Redact(text)
			}
		})
	}
}
