package secret

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHide(t *testing.T) {
	const random = "q9Zk7Xv2Lm4Rt8Wp"
	const key = "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----"
	tests := []struct{ key, text, want string }{
		// By the name of a key.
		{"pw", "word", "#"}, {"db_pw", "word", "#"}, {"rootpw", "word", "#"}, {"adminPw", "word", "#"},
		{"pwd", "word", "#"}, {"DB_PASS", "word", "#"}, {"smtpPass", "word", "#"}, {"passwd", "word", "#"},
		{"passphrase", "two words", "#"}, {"refreshToken", "a", "#"}, {"usernamePassword", "a", "#"},
		{"secretKey", "minio123", "#"}, {"passwords", "a", "#"}, {"password", "a\nb", "#"},
		{"cookieSecret", random, "#"}, {"githubSecret", random, "#"}, {"secret", random, "#"},
		{"x_secret", random, "#"},
		{"COOKIE_SECRET", random, "#"}, {"appKey", random, "#"}, {"licenseKey", random, "#"}, {"service_key", random,
			"#"},
		{"routing_key", random, "#"}, {"masterKey", random, "#"}, {"hmacKey", random, "#"}, {"sshKey", random, "#"},
		{"tls.key", random, "#"}, {"apiKeys", random, "#"}, {"api_tokens", random, "#"}, {"credentials", random, "#"},
		{"htpasswdString", "admin:$2y$10$ab", "#"}, {"passwordHash", "$2a$10$ab", "#"}, {"secretValue", random, "#"},
		{"psk", random, "#"}, {"routing_key", "R0212P1QXGEIQE2NMTQ7L7WXD00DWHIN", "#"},
		{"otpSecret", "JBSWY3DPEHPK3PX4", "#"},
		{"licenseKey", "abcd-1234-efgh-5678", "#"}, {"otpSecret", "JBSWY3DPEHPK3PXPABCD", "#"},
		{"url", "redis://:word@redis:6379/0", "redis://:#@redis:6379/0"},
		{"dex", "- hash: $2a$10$q9Zk7Xv2Lm4Rt8WpAb3Dq9", "- hash: #"}, {"accountKey", "/q9Zk7Xv2Lm4Rt8Wpq9Zk7Xv2==",
			"#"},
		{"secret", "QwErTyUiOpAsDfGhJkLz", "#"}, {"erlangCookie", random, "#"}, {"secret_key_base", random, "#"},
		{"xsrfKey", random, "#"}, {"fernetKey", random, "#"}, {"aesKey", random, "#"}, {"unsealKeys", random, "#"},
		{"password2", random, "#"}, {"token_v2", random, "#"}, {"dbpass", random, "#"}, {"privateKeyPem", random, "#"},
		{"password_sha256_hex", random, "#"},
		// In a text.
		{"url", "https://a.example.com;AccountKey=" + random + ";b=1", "https://a.example.com;AccountKey=#;b=1"},
		{"args", "--cookie-secret=" + random, "--cookie-secret=#"},
		{"extraEnv", "- name: KC_DB_PASSWORD\n  value: \"word\"\n- name: A\n  value: b",
			"- name: KC_DB_PASSWORD\n  value: \"#\"\n" +
				"- name: A\n  value: b"},
		{"run", "mysql --password word -h db --port 1", "mysql --password # -h db --port 1"},
		{"settings.xml", "<user>a</user><password>word</password>", "<user>a</user><password>#</password>"},
		{"sql", "CREATE USER a WITH PASSWORD 'word'; ALTER USER a IDENTIFIED BY 'word'",
			"CREATE USER a WITH PASSWORD '#'; ALTER USER a IDENTIFIED BY '#'"},
		{"redis.conf", "port 1\nrequirepass word\nmasterauth word2", "port 1\nrequirepass #\nmasterauth #"},
		{"entries", "bob:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", "bob:#"}, {"entries", "bob:$2y$10$abc", "bob:#"},
		{"url", "https://a.example.com/?sv=1&sig=q9Zk7Xv2Lm4Rt8Wp%3D", "https://a.example.com/?sv=1&sig=#"},
		{"run", "curl -H 'Authorization: Api-Token abc.def' x", "curl -H 'Authorization: Api-Token #' x"},
		{"hook", "https://discord.com/api/webhooks/12/ab-c_d", "https://discord.com/api/webhooks/#"},
		{"hook", "https://a.webhook.office.com/webhookb2/a@b/c", "https://a.webhook.office.com/webhookb2/#"},
		{"kubeconfig", "users: [{name: a, user: {token: word, b: 1}}]", "users: [{name: a, user: {token: #, b: 1}}]"},
		{"flow", `{password: "two words", b: 'x'}`, `{password: "#", b: 'x'}`},
		{"dsn", "root:s3cret@tcp(db:3306)/app", "root:#@tcp(db:3306)/app"},
		{"dsn", "app:p@ss:w/rd@unix(/run/a.sock)/app?tls=true", "app:#@unix(/run/a.sock)/app?tls=true"},
		{"dsn", "host=db user=app password=word sslmode=disable", "host=db user=app password=# sslmode=disable"},
		{"dsn", "Server=db;User Id=sa;Password='two words';Encrypt=true",
			"Server=db;User Id=sa;Password='#';Encrypt=true"},
		{"url", "postgres://app:word@db/app", "postgres://app:#@db/app"},
		{"url", "see https://a.example.com/?x=1&api_key=word&y=2", "see https://a.example.com/?x=1&api_key=#&y=2"},
		{"app.ini", "a = 1\npassword = word # the old one\nb = 2\n", "a = 1\npassword = #\nb = 2\n"},
		{"app.yaml", "a: 1\n  token: \"word\"\r\nb: 2", "a: 1\n  token: \"#\"\r\nb: 2"},
		{"app.yaml", "- password: 'a'\n- pw: b", "- password: '#'\n- pw: #"},
		{"app.yaml", "password: |\n  one\n\n  two\nb: 2\n", "password: |\n  #\nb: 2\n"},
		{"app.yaml", "a:\n  password: >-\n    one", "a:\n  password: >-\n    #"},
		{"app.json", "{\n  \"password\": \"a\",\n  \"b\": 1}", "{\n  \"password\": \"#\",\n  \"b\": 1}"},
		{"app.json", `{"user":"a","password":"b","port":1}`, `{"user":"a","password":"#","port":1}`},
		{"app.json", `"{\"password\":\"b\",\"port\":1}"`, `"{\"password\":\"#\",\"port\":1}"`},
		{"run", "API_USER=a; API_TOKEN=word run --db-password=a --x",
			"API_USER=a; API_TOKEN=# run --db-password=# --x"},
		{"run", "curl -H 'Authorization: Bearer abc.def' x", "curl -H 'Authorization: Bearer #' x"},
		{"Authorization", "Basic dXNlcjpw", "Basic #"},
		{"tls", "a: |\n  " + key + "\nb: 1", "a: |\n  #\nb: 1"},
		{"tls", "-----BEGIN PRIVATE KEY-----\nabc", "#"},
		{"note", "AKIAABCDEFGHIJKLMNOP and ghp_" + strings.Repeat("a", 36), "# and #"},
		{"hook", "https://hooks.slack.com/services/T1/B1/abc", "https://hooks.slack.com/services/#"},
		{"c", `{"auths":{"x.io":{"auth":"dXNlcjpwYXNz"}}}`, `{"auths":{"x.io":{"auth":"#"}}}`},
	}
	for _, test := range tests {
		found := Hide(At(test.key), test.text, func(credential string) string {
			require.NotEmpty(t, credential)
			return "#"
		})
		require.Equal(t, test.want, found, "%s: %s", test.key, test.text)
	}
}

// TestReferencesAreNotHidden: what only names a credential can be read, and so can all that looks a bit like one.
func TestReferencesAreNotHidden(t *testing.T) {
	for key, texts := range map[string][]string{
		"password": {"", "{{.metadata.annotations.db}}", "{{ .Values.a }}-{{ .Values.b }}", "${PASSWORD}",
			"$(PASSWORD)",
			"$PASSWORD", "arn:aws:secretsmanager:eu-west-1:1:secret:a", "vault:secret/a#b", "ref+awsssm://a",
			"<path:a#b>",
			"ENC[AES256,data:x1]", "null", "false"},
		"secretKey":  {"password", "dbPassword", "AWS_SECRET_KEY"},
		"secretName": {"db-credentials"}, "existingSecret": {"db"}, "passwordSecretRef": {"db"}, "passwordKey": {"db"},
		"existingPassword": {"db"}, "tokenFile": {"/var/run/token"}, "PWD": {"/app"}, "bypass": {"a"},
		"secret":         {"my-secret-1", "db", "", "{{ .Values.a }}", "two words of a description"},
		"topologyKey":    {"kubernetes.io/hostname"},
		"checksum/token": {"1a2b3c4d5e6f7a8b"}, "checksum/secret": {"1a2b3c4d5e6f7a8b"}, "MAX_TOKENS": {"128000"},
		"x_secret":     {"2160h0m0s"},
		"cookieSecret": {"OAuthProxyCookieSecret"},
		"secrets":      {"regcred"}, "serverKey": {"server.key"}, "kmsKeyId": {"1234abcd-12ab"},
		"publicKey": {"AAAAB3NzaC1yc2E1"},
		"maxTokens": {"4096"}, "compass": {"north"}, "key": {"password"}, "property": {"token"},
		"text": {"secretName: db\npasswordSecretRef: a\n", "a: b@tcp(c)", "root:$(PASSWORD)@tcp(db:3306)/app",
			"root:{{ .Values.pw }}@tcp(db)/", "db:3306@unknown(x)", "token: {{ .Values.token }}",
			"password=${PASSWORD}",
			"TOKEN=$(aws ecr get-login-password)", "TOKEN=`cat /token`", "automountServiceAccountToken: false",
			"password: \"\"",
			"password: ''", "passwordFile=/etc/a", "image: repo/app@sha256:abc", "a password is wanted",
			"--password-file=/a",
			`{"secretName":"db","password":"${DB}"}`, "Basic authentication is off", "Authorization: Bearer $TOKEN",
			"password:\nb: 1", "https://example.com/a:b", "12:30@tcp", "PASSWORD: <path:a#b>", "password: |"},
	} {
		for _, text := range texts {
			require.Equal(t, text, Hide(At(key), text, func(string) string { return "#" }), key)
		}
	}
}

// TestHideBelow: what is in a map or a list with the name of credentials is one, unless it reads as what is said of
// one.
func TestHideBelow(t *testing.T) {
	const random = "q9Zk7Xv2Lm4Rt8Wp"
	for _, test := range []struct {
		path         []string
		text         string
		isCredential bool
	}{
		{[]string{"passwords", "alice"}, random, true},
		{[]string{"password", "value"}, "word", true}, // which says nothing: it is the password
		{[]string{"token", "0", "x"}, random, true},
		{[]string{"secrets", "a", "b"}, random, true},
		{[]string{"accessKeys", "a"}, random, true},
		{[]string{"apiKeys", "0"}, random, true},
		{[]string{"passwords", "david"}, random, true},
		{[]string{"secureJsonData", "httpHeaderValue1"}, random, true},
		{[]string{"passwords", "bob.smith"}, random, true},
		{[]string{"apiKeys", "ghost"}, "QwErTyUiOpAsDfGhJkLz", true},
		{[]string{"external-secrets", "resources", "memory"}, "1024Mi", false},
		{[]string{"external-secrets", "fsGroup"}, "1000650000", false},
		{[]string{"credentials", "refreshInterval"}, "15m30s", false},
		{[]string{"token", "refillPerHour"}, "100000", false},
		{[]string{"secret", "networkPolicy", "cidr"}, "10.0.0.0/8", false},
		{[]string{"secret", "secretRef", "key"}, "AwsCredentialsProd1", false},
		{[]string{"users", "alice"}, random, false},
		{[]string{"volumes", "0", "secret", "secretName"}, "db-2", false},
		{[]string{"secrets", "0", "name"}, "regcred", false},
		{[]string{"serviceAccountToken", "audience"}, "sts.amazonaws.com", false},
		{[]string{"serviceAccountToken", "expirationSeconds"}, "604800", false},
		{[]string{"properties", "secret", "description"}, "The name of a Secret with 2 keys.", false},
		{[]string{"properties", "token", "pattern"}, "^[a-z0-9]{3}$", false},
		{[]string{"existingSecrets", "a"}, random, false},
		{[]string{"secretKeyRef", "key"}, random, false},
	} {
		want := test.text
		if test.isCredential {
			want = "#"
		}
		require.Equal(t, want, Hide(At(test.path...), test.text, func(string) string { return "#" }), "%v", test.path)
	}
}

// BenchmarkHide hides the credentials of a text of 1 MB that has nothing else.
func BenchmarkHide(b *testing.B) {
	for _, line := range []string{"password=ab1\n", "AKIAABCDEFGHIJKLMNOP "} {
		b.Run(line[:4], func(b *testing.B) {
			text := strings.Repeat(line, 1<<20/len(line))
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				Hide(Place{}, text, func(string) string { return "" })
			}
		})
	}
}

// FuzzHide proves that no text makes it fail, and that a text without marks has no more in it than before.
func FuzzHide(f *testing.F) {
	for _, text := range []string{"password: |\n  a", "a:b@tcp(", "token=\"", `"password": "a\"b"`, "pw: '", "-----BEGIN PRIVATE KEY"} {
		f.Add("a", text)
	}
	f.Fuzz(func(t *testing.T, key, text string) {
		var hidden int
		out := Hide(At(key), text, func(credential string) string {
			hidden += len(credential)
			return ""
		})
		require.Equal(t, len(text), len(out)+hidden)
		require.Equal(t, text, Hide(At(key), text, func(credential string) string { return credential }))
	})
}
