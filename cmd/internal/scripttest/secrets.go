package scripttest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"

	"github.com/rogpeppe/go-internal/testscript"
)

// serveSecrets serves secrets from a file (a JSON map of names to strings) as AWS Secrets Manager does, and sets the
// variables by which the AWS SDK finds it.
func serveSecrets(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: secrets FILE")
	}
	secrets := map[string]string{}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &secrets))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var call struct {
			Names []string `json:"SecretIdList"`
		}
		if r.Header.Get("X-Amz-Target") != "secretsmanager.BatchGetSecretValue" ||
			json.NewDecoder(r.Body).Decode(&call) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		values, failures := []map[string]string{}, []map[string]string{}
		for _, id := range call.Names {
			if text, ok := secrets[id]; ok {
				values = append(values, map[string]string{
					"ARN": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:" + id + "-abcdef", "Name": id,
					"SecretString": text,
				})
			} else {
				failures = append(failures, map[string]string{"SecretId": id, "ErrorCode": "ResourceNotFoundException"})
			}
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		_ = json.NewEncoder(w).Encode(map[string]any{"SecretValues": values, "Errors": failures})
	}))
	ts.Defer(server.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_SECRETS_MANAGER": server.URL, "AWS_REGION": "eu-west-1",
		"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key", "AWS_EC2_METADATA_DISABLED": "true",
	} {
		ts.Setenv(name, value)
	}
}
