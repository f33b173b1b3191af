package fleet

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSources(t *testing.T) {
	f, err := loadFleet(t, `  chartRepositories: [https://charts.example.com/stable, 'oci://registry.example.com/charts']
  repositoryURLs:
  - https://git.example.com/fleet.git
  - git@git.example.com:fleet.git
  secretsManager:
    region: eu-west-1
    roleARN: arn:aws:iam::111111111111:role/reader
    prefix: fleet/
    timeout: 1m30s
    cache: 5m
`)
	require.NoError(t, err)
	require.Equal(t, []string{"https://charts.example.com/stable", "oci://registry.example.com/charts"},
		f.ChartRepositories)
	require.Equal(t, []string{"https://git.example.com/fleet.git", "git@git.example.com:fleet.git"}, f.RepositoryURLs)
	require.Equal(t, &SecretsManager{Region: "eu-west-1", RoleARN: "arn:aws:iam::111111111111:role/reader",
		Prefix:  "fleet/",
		Timeout: 90 * time.Second, Cache: 5 * time.Minute}, f.SecretsManager)
}

// TestSourcesThatAreNotThere: AWS Secrets Manager is asked only if fleet.yaml says so.
func TestSourcesThatAreNotThere(t *testing.T) {
	for spec, want := range map[string]*SecretsManager{
		"": nil,
		"  chartRepositories: []\n  repositoryURLs: null\n": nil,
		"  secretsManager: null\n":                          nil,
		"  secretsManager: {}\n":                            {},
		"  secretsManager: {timeout: null, cache: ''}\n":    {},
		"  secretsManager: {cache: 0}\n":                    {},
		"  secretsManager: {timeout: 0s}\n":                 {},
		"  secretsManager: {region: eu-west-1}\n":           {Region: "eu-west-1"},
	} {
		f, err := loadFleet(t, spec)
		require.NoError(t, err, spec)
		require.Empty(t, f.ChartRepositories, spec)
		require.Empty(t, f.RepositoryURLs, spec)
		require.Equal(t, want, f.SecretsManager, spec)
	}
}

func TestSourcesThatAreRefused(t *testing.T) {
	for _, test := range []struct{ spec, want string }{
		{"  chartRepositories: https://a\n", "fleet.yaml:4: spec: chartRepositories must be a list, not a string"},
		{"  catalog: x\n  chartRepositories:\n  - a\n  - {b: c}\n",
			"fleet.yaml:5: spec: chartRepositories[1] must be a string, not a map"},
		{"  chartRepositories: ['https://a b']\n",
			`fleet.yaml:4: spec: "https://a b" is no address of a chart repository`},
		{"  chartRepositories: ['']\n", `fleet.yaml:4: spec: "" is no address of a chart repository`},
		{"  chartRepositories: [null]\n", `fleet.yaml:4: spec: "" is no address of a chart repository`},
		{"  chartRepositories: ['https://a/?x=y']\n",
			`fleet.yaml:4: spec: "https://a/?x=y" is no address of a chart repository`},
		{"  chartRepositories: ['https://a/#x']\n",
			`fleet.yaml:4: spec: "https://a/#x" is no address of a chart repository`},
		{"  chartRepositories: ['https://%zz']\n",
			`fleet.yaml:4: spec: "https://%zz" is no address of a chart repository`},
		{"  chartRepositories: ['https://a', 'https://u@b']\n",
			`fleet.yaml:4: spec: "https://u@b" is no address of a chart repository`},
		{"  secretsManager:\n    region: EU\n", `fleet.yaml:5: secretsManager: "EU" is no AWS region`},
		{"  secretsManager:\n    timeout: 1s\n    roleARN: reader\n",
			`fleet.yaml:6: secretsManager: "reader" is no ARN of an IAM role`},
		{"  secretsManager: {prefix: 'a b'}\n",
			`fleet.yaml:4: secretsManager: "a b" cannot start the name of a secret`},
		{"  repositoryURLs: {a: b}\n", "fleet.yaml:4: spec: repositoryURLs must be a list, not a map"},
		{"  repositoryURLs: [[a]]\n", "fleet.yaml:4: spec: repositoryURLs[0] must be a string, not a list"},
		{"  secretsManager: true\n", "fleet.yaml:4: spec: secretsManager must be a map, not a boolean"},
		{"  secretsManager:\n    region: [eu]\n", "fleet.yaml:5: secretsManager: region must be a string, not a list"},
		{"  secretsManager:\n    region: eu\n    roleARN: {}\n",
			"fleet.yaml:6: secretsManager: roleARN must be a string, not a map"},
		{"  secretsManager:\n    prefix: []\n", "fleet.yaml:5: secretsManager: prefix must be a string, not a list"},
		{"  secretsManager:\n    timeout: 30\n",
			`fleet.yaml:5: secretsManager: timeout must be a duration such as 30s, not "30"`},
		{"  secretsManager:\n    region: eu\n    timeout: soon\n",
			`fleet.yaml:6: secretsManager: timeout must be a duration such as 30s, not "soon"`},
		{"  secretsManager:\n    timeout: 1s\n    cache: -1s\n",
			`fleet.yaml:6: secretsManager: cache must be a duration such as 30s, not "-1s"`},
		{"  secretsManager:\n    cache: soon\n    timeout: soon\n",
			`fleet.yaml:6: secretsManager: timeout must be a duration such as 30s, not "soon"`},
		{"  secretsManager:\n    region: eu\n    accessKey: a\n",
			`fleet.yaml:6: secretsManager: unknown key "accessKey"; known are cache, prefix, prefixes, region, roleARN, timeout`},
	} {
		t.Run(test.spec, func(t *testing.T) {
			for range 10 { // and always with the same one of several
				f, err := loadFleet(t, test.spec)
				require.EqualError(t, err, test.want)
				require.Nil(t, f)
			}
		})
	}
}
