package lint

import (
	"testing"

	"github.com/stretchr/testify/require"
	yamlnode "go.yaml.in/yaml/v3"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/lint/secret"
)

// TestValuesThatAreFine: what looks like a mistake of a credential, and is none.
func TestValuesThatAreFine(t *testing.T) {
	for key, texts := range map[string][]string{
		"chartRepository": {"ghcr.io/prometheus-community/charts", "public.ecr.aws", "helm.corp.example.com",
			"100000000001.dkr.ecr.eu-west-1.amazonaws.com/charts", "charts.example.com/oci", "https://charts.example.com"},
		"url": {"file:/etc/x", "https://example.com", "git@example.com:a/b.git",
			"https://{{ .Release.Name }}.example.com"},
		"parameter":       {"ssm://path", "httpx://a", "http//: see docs"},
		"secretKey":       {"dbPassword", "AWS_SECRET_KEY"},
		"secretAccessKey": {"arn:aws:kms:eu-west-1:100000000001:key/1", "alias/fleet-1", "vault:secret/a#Token1"},
		"password":        {"ref+awssecrets://a/b1", "ENC[AES256,data:x1]", "%{TOKEN1}", "{{ .Values.a1 }}", "changeme"},
		"accountId":       {"1234567"},
		"roleArn":         {"arn:aws:iam::100000000001:role/a", "arn:aws:s3:::bucket", "arn:aws:iam::aws:policy/a"},
		"schemaVersion":   {"1.0"},
		"version":         {"v1.10", "1.10.0"},
		"defaultMode":     {"0644"},
	} {
		for _, text := range texts {
			node := &yamlnode.Node{}
			require.NoError(t, yamlnode.Unmarshal([]byte(key+": '"+text+"'"), node))
			plain := &yamlnode.Node{}
			if yamlnode.Unmarshal([]byte(key+": "+text), plain) != nil || plain.Content[0].Kind != yamlnode.MappingNode {
				plain = node
			}
			for _, root := range []*yamlnode.Node{node, plain} {
				secret.Find("a.yaml", root, func(p *problem.Problem) { t.Error(p) })
			}
		}
	}
}
