package value_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	yamlnode "go.yaml.in/yaml/v3"

	"github.com/eks-fleet-management/fleet-cmp/internal/kubernetes"
	"github.com/eks-fleet-management/fleet-cmp/render/lint/value"
)

// valueOf returns the value of a file that has nothing else.
func valueOf(t *testing.T, file, text string) value.Value {
	t.Helper()
	var document yamlnode.Node
	require.NoError(t, yamlnode.Unmarshal([]byte(text), &document))
	v := value.Value{File: file, Node: document.Content[0]}
	for v.Node.Kind != yamlnode.ScalarNode {
		v.In = v.Node
		if v.Node.Kind == yamlnode.SequenceNode {
			v.Path, v.Node = append(v.Path, "0"), v.Node.Content[0]
		} else {
			v.Path, v.Node = append(v.Path, v.Node.Content[0].Value), v.Node.Content[1]
		}
	}
	return v
}

func TestCheck(t *testing.T) {
	for name, c := range map[string]struct {
		file, text string
		want       []string // nothing: it is fine
	}{
		"a version that loses its zero": {"a.yaml", "web: {defaultVersion: 1.10}", []string{
			`a.yaml:1: web.defaultVersion: 1.10 is 1.1 for YAML, not text; quote it: "1.10"`}},
		"a version that keeps its digits": {"a.yaml", "web: {defaultVersion: 1.11}", nil},
		"a version in quotes":             {"a.yaml", `web: {defaultVersion: "1.10"}`, nil},
		"a revision with an e": {"a.yaml", "web: {targetRevision: 12e4}", []string{
			`a.yaml:1: web.targetRevision: 12e4 is a number with an exponent for YAML, not text; quote it: "12e4"`}},
		"a label that loses its zero": {"a.yaml", "labels: {channel: 1.20}", []string{
			`a.yaml:1: labels.channel: 1.20 is 1.2 for YAML, not text; quote it: "1.20"`}},
		"an account as a number": {"a.yaml", "awsAccount: 123456789012", []string{
			"a.yaml:1: awsAccount: 123456789012 is a number, which Helm writes as 1.23456789012e+11 for YAML, " +
				`not text; quote it: "123456789012"`}},
		"zeros in front": {"a.yaml", "id: 00123", []string{
			`a.yaml:1: id: 00123 is an octal number, or one without its zeros for YAML, not text; quote it: "00123"`}},
		"a mode of files": {"a.yaml", "defaultMode: 00644", nil},
		"a misspelt scheme": {"a.yaml", "chartRepository: htps://charts.example.com", []string{"a.yaml:1: " +
			"chartRepository: there is no scheme htps in addresses; write https://charts.example.com"}},
		"one slash": {"a.yaml", "repoURL: https:/git.example.com/a", []string{
			`a.yaml:1: repoURL: "https:/git.example.com/a" is no address; write https://git.example.com/a`}},
		"a semicolon": {"a.yaml", "addons_repo_url: https;//git.example.com/a", []string{
			`a.yaml:1: addons_repo_url: "https;//git.example.com/a" is no address; write https://git.example.com/a`}},
		"no scheme": {"a.yaml", "repoURL: git.example.com/a.git", []string{
			`a.yaml:1: repoURL: the address "git.example.com/a.git" has no scheme; ` +
				"write https://git.example.com/a.git"}},
		"nearly .git": {"a.yaml", "repoURL: https://git.example.com/a.gti", []string{
			`a.yaml:1: repoURL: "https://git.example.com/a.gti" ends nearly in .git; write .git`}},
		"a slash for a colon": {"a.yaml", "repoURL: git@git.example.com/team/a.git", []string{
			`a.yaml:1: repoURL: the address "git@git.example.com/team/a.git" has / where : is to be; ` +
				"write git@git.example.com:team/a.git"}},
		"a blank in an address": {"a.yaml", "repoURL: https://git.example.com/a b", []string{
			`a.yaml:1: repoURL: there is a blank in the address "https://git.example.com/a b"; remove it`}},
		"a registry":    {"a.yaml", "chartRepository: ghcr.io/team/charts", nil},
		"ssh":           {"a.yaml", "repoURL: git@git.example.com:team/a.git", nil},
		"a web address": {"a.yaml", "homepage: www.example.com", nil},
		"an account of eleven digits": {"a.yaml", `role: "arn:aws:iam::12345678901:role/a"`, []string{
			"a.yaml:1: role: 12345678901 has 11 digits, where the number of an AWS account has 12; correct it"}},
		"an account of another vendor": {"a.yaml", `account: "4711"`, nil},
		"a region that is none": {"a.yaml", "aws_region: eu-wset-1", []string{
			`a.yaml:1: aws_region: "eu-wset-1" is no region of AWS; did you mean eu-west-1?`}},
		"a region without its number": {"a.yaml", "aws_region: frankfurt", []string{
			`a.yaml:1: aws_region: "frankfurt" is no region of AWS; write it as eu-west-1`}},
		"a new region":              {"a.yaml", "aws_region: mx-central-1", nil},
		"a region of the state":     {"a.yaml", "region: us-gov-west-1", nil},
		"a region of another cloud": {"a.yaml", "region: germanywestcentral", nil},
		"a VPC that is none": {"a.yaml", "aws_vpc_id: vcp-0a1b2c3d4e5f67890", []string{
			`a.yaml:1: aws_vpc_id: "vcp-0a1b2c3d4e5f67890" is no VPC of AWS; write it as vpc-0a1b2c3d4e5f67890`}},
		"a VPC": {"a.yaml", "aws_vpc_id: vpc-0a1b2c3d4e5f67890", nil},
		"an option of a sync": {"a.yaml", "syncOptions: [CreateNamespcae=true]", []string{
			"a.yaml:1: syncOptions.0: Argo CD knows no option CreateNamespcae; did you mean CreateNamespace?"}},
		"an option without a value": {"a.yaml", "syncOptions: [Replace]", []string{
			"a.yaml:1: syncOptions.0: the option Replace has no value; write Replace=true"}},
		"an option with another value": {"a.yaml", "syncOptions: [Replace=treu]", []string{
			`a.yaml:1: syncOptions.0: the option Replace is "treu", which Argo CD does not know; did you mean true? ` +
				"It can be false, true"}},
		"an option that only a newer Argo CD knows": {"a.yaml", "syncOptions: [HealthWithin=5m]", nil},
		"a Kubernetes of the far future": {"fleet.yaml", `spec: {kubernetesVersion: "1.343"}`, []string{
			"fleet.yaml:1: spec.kubernetesVersion: there is no Kubernetes 1.343; write it as 1." +
				strconv.Itoa(kubernetes.Newest())}},
		"a cluster that is neither": {"a.yaml", "labels: {fleet_member: spoek}", []string{
			`a.yaml:1: the label fleet_member is "spoek", which is neither hub nor spoke; did you mean spoke?`}},
		"a cluster that is nothing known": {"a.yaml", "labels: {fleet_member: control-plane}", nil},
		"a recommended label": {"a.yaml", "labels: {app.kubernetes.io/manged-by: a}", []string{
			"a.yaml:1: labels.app.kubernetes.io/manged-by: " +
				"Kubernetes knows no label app.kubernetes.io/manged-by; did you mean app.kubernetes.io/managed-by?"}},
		"a recommended label of a misspelt prefix": {"a.yaml", "labels: {app.kubernets.io/name: a}", []string{
			"a.yaml:1: labels.app.kubernets.io/name: " +
				"Kubernetes knows no label app.kubernets.io/name; did you mean app.kubernetes.io/name?"}},
		"a label of one's own": {"a.yaml", "labels: {example.com/name: a}", nil},
	} {
		t.Run(name, func(t *testing.T) {
			var found []string
			for _, p := range value.Check(valueOf(t, c.file, c.text)) {
				found = append(found, p.Error())
			}
			require.Equal(t, c.want, found)
		})
	}
}

func TestSibling(t *testing.T) {
	var document yamlnode.Node
	require.NoError(t, yamlnode.Unmarshal([]byte("{name: web, value: 1.10}"), &document))
	v := value.Value{Path: []string{"env", "0", "value"}, In: document.Content[0]}
	require.Equal(t, "web", v.Sibling("name"))
	require.Empty(t, v.Sibling("valueFrom"))
	require.Equal(t, "value", v.Key())
	require.Equal(t, "0", v.Parent())
}
