package secret

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	yamlnode "go.yaml.in/yaml/v3"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

func TestFind(t *testing.T) {
	const secret = "kind: Secret\nmetadata: {name: password1}\n"
	tests := []struct {
		what, text string
		lines      []int
	}{
		{"a variable", "env:\n- name: DB_PASSWORD\n  value: hunter2abc", []int{3}},
		{"a reference", "env:\n- name: DB_PASSWORD\n  valueFrom: {secretKeyRef: {name: a1b2c3, key: Pa55word}}", nil},
		{"a variable that names one",
			"env: [{name: DB_PASSWORD_FILE, value: /etc/a1}, {name: API_TOKEN, value: $(TOKEN1)}]", nil},
		{"an argument", "args: [--port=8080, --db-password=Tr0ub4dor3]", []int{1}},
		{"two arguments", "args:\n- --api-token\n- Tr0ub4dor3", []int{3}},
		{"arguments without", "args: ['--password=$(PASSWORD)', --password-file=/etc/a1, --token, --port=1]", nil},
		{"a registry", `c: '{"auths":{"x.io":{"auth":"dXNlcjpwYXNzd29yZA=="}}}'`, []int{1}},
		{"a registry as a map", "auths:\n  x.io:\n    auth: dXNlcjpwYXNzd29yZA==", []int{3}},
		{"one that is encoded", ".dockerconfigjson: eyJhdXRocyI6e319", []int{1}},
		{"an encoded secret", "secret: c3VwZXJzZWNyZXRwYXNzd29yZA==", []int{1}},
		{"the name of a secret", "secret: my-secret-1\nexistingSecret: Abc12345678=", nil},
		{"names that others have too", "config: {cookieSecret: q9Zk7Xv2Lm4Rt8Wp}\n" +
			"appKey: 0123456789abcdef0123456789abcdef\n" +
			"secret: {value: q9Zk7Xv2Lm4Rt8Wp}\napiKeys: [q9Zk7Xv2Lm4Rt8Wp]\n", []int{1, 2, 3, 4}},
		{"what reads as a name", "cookieSecret: OAuth2ProxyCookieSecret\nlicenseKey: fleet/License/2026\n" +
			"secrets: [Prod-Payments-Database-1, {a: Db2PasswordProduction}]\nroutingKey: OrderCreatedEventV2\n" +
			"tokenSecretName: q9Zk7Xv2Lm4Rt8Wp\nsecret: {name: q9Zk7Xv2Lm4Rt8Wp, key: Team1ProductionPassword}\n" +
			"token: {remoteRef: {key: GithubToken2024Prod}}\nsigningKeys: {enum: [EcdsaSha2Nistp256]}\n", nil},
		{"what everybody may know", "annotations:\n  checksum/secret: " + strings.Repeat("1a", 32) + "\n" +
			"signingKeys: [" + strings.Repeat("1a", 20) + "]\nuserKeys: {bob: AAAAC3NzaC1lZDI1NTE5}\n", nil},
		{"a sealed one", "kind: SealedSecret\nspec: {encryptedData: {password: AgBq9Zk7Xv2Lm4Rt8Wp}}\n", nil},
		{"a Secret", secret + "stringData:\n  password: hunter", []int{4}},
		{"an encoded one", secret + "data:\n  tls.key: aHVudGVyMg==", []int{4}},
		{"a repository for Argo CD", secret +
			"stringData: {type: helm, url: https://a.example.com, name: a, enableOCI: 'true'}", nil},
		{"a Secret with a placeholder", secret +
			"stringData: {password: <path:a#b>, token: changeme, a_key: '{{ .key }}'}", nil},
		{"another kind", "kind: ConfigMap\ndata: {token: hunter}", nil},
		{"a generated Secret", "secretGenerator:\n- literals:\n  - user=admin\n  - password=hunter", []int{4}},
		{"the address of a database", "dsn: app:hunter2@tcp(db:3306)/app\nother: app:$(PW)@tcp(db)/app", []int{1}},
		{"placeholders", "password: ChangeMe123\ntoken: your-token-1A\nadminPassword: Example1", nil},
		{"a private key without its text", "a: |\n  -----BEGIN RSA PRIVATE KEY-----\n  ...\n", nil},
		{"a key of the documentation of AWS", "a: AKIAIOSFODNN7EXAMPLE", nil},
	}
	for _, test := range tests {
		t.Run(test.what, func(t *testing.T) {
			document := &yamlnode.Node{}
			require.NoError(t, yamlnode.Unmarshal([]byte(test.text), document))
			var lines []int
			Find("a.yaml", document, func(p *problem.Problem) {
				require.NotContains(t, p.Error(), "hunter")
				lines = append(lines, p.Line)
			})
			require.Equal(t, test.lines, lines)
		})
	}
}

func TestTemplatesAreReferences(t *testing.T) {
	text := "{{- if .Values.a }}\nkind: Secret\ndata:\n  password: {{ .Values.b |\n    b64enc }}\n  token: " +
		"aHVudGVyMg==\n" +
		"  {{- toYaml .Values.c | nindent 2 }}\n{{- end }}\n"
	document := &yamlnode.Node{}
	require.NoError(t, yamlnode.Unmarshal(WithoutTemplates([]byte(text)), document))
	var lines []int
	Find("a.yaml", document, func(p *problem.Problem) { lines = append(lines, p.Line) })
	require.Equal(t, []int{6}, lines)
}
