package secret

import (
	"testing"

	"github.com/stretchr/testify/require"
	yamlnode "go.yaml.in/yaml/v3"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// TestValuesThatAreFine: what looks like a mistake of a credential, and is none.
func TestValuesThatAreFine(t *testing.T) {
	for key, texts := range map[string][]string{
		"secretKey":       {"dbPassword", "AWS_SECRET_KEY"},
		"secretAccessKey": {"arn:aws:kms:eu-west-1:100000000001:key/1", "alias/fleet-1", "vault:secret/a#Token1"},
		"password": {"ref+awssecrets://a/b1", "ENC[AES256,data:x1]", "%{TOKEN1}", "{{ .Values.a1 }}",
			"changeme"},
	} {
		for _, text := range texts {
			node := &yamlnode.Node{}
			require.NoError(t, yamlnode.Unmarshal([]byte(key+": '"+text+"'"), node))
			Find("a.yaml", node, func(p *problem.Problem) { t.Error(p) })
		}
	}
}
