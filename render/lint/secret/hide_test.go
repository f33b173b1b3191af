package secret

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHide(t *testing.T) {
	const key = "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----"
	tests := []struct{ key, text, want string }{
		// By the name of a key.
		{"pw", "word", "#"}, {"db_pw", "word", "#"}, {"rootpw", "word", "#"}, {"adminPw", "word", "#"},
		{"pwd", "word", "#"}, {"DB_PASS", "word", "#"}, {"smtpPass", "word", "#"}, {"passwd", "word", "#"},
		{"passphrase", "two words", "#"}, {"refreshToken", "a", "#"}, {"usernamePassword", "a", "#"},
		{"secretKey", "minio123", "#"}, {"passwords", "a", "#"}, {"password", "a\nb", "#"},
		// In a text.
		{"dsn", "root:s3cret@tcp(db:3306)/app", "root:#@tcp(db:3306)/app"},
		{"dsn", "app:p@ss:w/rd@unix(/run/a.sock)/app?tls=true", "app:#@unix(/run/a.sock)/app?tls=true"},
		{"dsn", "host=db user=app password=word sslmode=disable", "host=db user=app password=# sslmode=disable"},
		{"dsn", "Server=db;User Id=sa;Password='two words';Encrypt=true", "Server=db;User Id=sa;Password='#';Encrypt=true"},
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
		{"run", "API_USER=a; API_TOKEN=word run --db-password=a --x", "API_USER=a; API_TOKEN=# run --db-password=# --x"},
		{"run", "curl -H 'Authorization: Bearer abc.def' x", "curl -H 'Authorization: Bearer #' x"},
		{"Authorization", "Basic dXNlcjpw", "Basic #"},
		{"tls", "a: |\n  " + key + "\nb: 1", "a: |\n  #\nb: 1"},
		{"tls", "-----BEGIN PRIVATE KEY-----\nabc", "#"},
		{"note", "AKIAABCDEFGHIJKLMNOP and ghp_" + strings.Repeat("a", 36), "# and #"},
		{"hook", "https://hooks.slack.com/services/T1/B1/abc", "https://hooks.slack.com/services/#"},
		{"c", `{"auths":{"x.io":{"auth":"dXNlcjpwYXNz"}}}`, `{"auths":{"x.io":{"auth":"#"}}}`},
	}
	for _, test := range tests {
		found := Hide(test.key, test.text, func(credential string) string {
			require.NotEmpty(t, credential)
			return "#"
		})
		require.Equal(t, test.want, found, "%s: %s", test.key, test.text)
	}
}

// TestReferencesAreNotHidden: what only names a credential can be read, and so can all that looks a bit like one.
func TestReferencesAreNotHidden(t *testing.T) {
	for key, texts := range map[string][]string{
		"password": {"", "{{.metadata.annotations.db}}", "{{ .Values.a }}-{{ .Values.b }}", "${PASSWORD}", "$(PASSWORD)",
			"$PASSWORD", "arn:aws:secretsmanager:eu-west-1:1:secret:a", "vault:secret/a#b", "ref+awsssm://a", "<path:a#b>",
			"ENC[AES256,data:x1]", "null", "false"},
		"secretKey":  {"password", "dbPassword", "AWS_SECRET_KEY"},
		"secretName": {"db-credentials"}, "existingSecret": {"db"}, "passwordSecretRef": {"db"}, "passwordKey": {"db"},
		"existingPassword": {"db"}, "tokenFile": {"/var/run/token"}, "PWD": {"/app"}, "bypass": {"a"},
		"maxTokens": {"4096"}, "compass": {"north"}, "key": {"password"}, "property": {"token"},
		"text": {"secretName: db\npasswordSecretRef: a\n", "a: b@tcp(c)", "root:$(PASSWORD)@tcp(db:3306)/app",
			"root:{{ .Values.pw }}@tcp(db)/", "db:3306@unknown(x)", "token: {{ .Values.token }}", "password=${PASSWORD}",
			"TOKEN=$(aws ecr get-login-password)", "TOKEN=`cat /token`", "automountServiceAccountToken: false", "password: \"\"",
			"password: ''", "passwordFile=/etc/a", "image: repo/app@sha256:abc", "a password is wanted", "--password-file=/a",
			`{"secretName":"db","password":"${DB}"}`, "Basic authentication is off", "Authorization: Bearer $TOKEN",
			"password:\nb: 1", "https://example.com/a:b", "12:30@tcp", "PASSWORD: <path:a#b>", "password: |"},
	} {
		for _, text := range texts {
			require.Equal(t, text, Hide(key, text, func(string) string { return "#" }), key)
		}
	}
}

// FuzzHide proves that no text makes it fail, and that a text without marks has no more in it than before.
func FuzzHide(f *testing.F) {
	for _, text := range []string{"password: |\n  a", "a:b@tcp(", "token=\"", `"password": "a\"b"`, "pw: '", "-----BEGIN PRIVATE KEY"} {
		f.Add("a", text)
	}
	f.Fuzz(func(t *testing.T, key, text string) {
		var hidden int
		out := Hide(key, text, func(credential string) string {
			hidden += len(credential)
			return ""
		})
		require.Equal(t, len(text), len(out)+hidden)
		require.Equal(t, text, Hide(key, text, func(credential string) string { return credential }))
	})
}
