package hierarchy

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/internal/yamlguard"
)

// FuzzParseDocument: what is read is what Helm reads, an error is one line, and no line is asked for in vain.
func FuzzParseDocument(f *testing.F) {
	for _, seed := range mergeSeeds {
		f.Add([]byte(seed), "a", "b")
	}
	for _, seed := range []string{
		"- a", "a: [", "a: b: c", "~: 1", "{{ .x }}: 1", "a: .nan", "a: \xff", "\ufeffa: 1\r\nb: 2\r\n", "a: *b", "a: &a [*a]", "a: &a {<<: *a}",
		"? [x]\n: 1", "<<: {a: {b: 1}}\na: 1", "<<: [{a: 1}, {b: 2}]", "'<<': [a]\n\"<<\": b", "a: {<<: [*x]}", "a: &x [b]\n<<: *x",
		"!!str a: !!int b", "!!binary /w==: 1", "a: !!timestamp 2001-01-01", "%YAML 1.1\n---\na: 1", "a: |\n  x\n ...\n", "--- >\n x\n--- {a: b}",
		"\xff\xfea\x00:\x00 \x001\x00", "a: 1\n...\nb: 2\n",
	} {
		f.Add([]byte(seed), "a", "<<")
	}
	f.Fuzz(func(t *testing.T, data []byte, key, below string) {
		d, err := ParseDocument("f.yaml", data)
		if err != nil {
			require.Nil(t, d)
			requireOneLine(t, err, "f.yaml")
			var p *Problem
			require.ErrorAs(t, err, &p)
			require.GreaterOrEqual(t, p.Line, 0)
			require.LessOrEqual(t, p.Line, strings.Count(strings.ReplaceAll(string(data), "\r", "\n"), "\n")+2)
			if yamlguard.Check(data, "f.yaml") == nil {
				values := map[string]any{}
				require.Error(t, yaml.Unmarshal(data, &values), "Helm reads it: %v", err)
			}
			return
		}
		values := map[string]any{}
		require.NoError(t, yaml.Unmarshal(data, &values))
		requireTheSame(t, values, d.Values)
		require.NotNil(t, d.Values)
		for _, warning := range d.Warnings {
			requireOneLine(t, warning, "f.yaml:")
		}
		for _, path := range [][]string{nil, {key}, {key, below}, {below, key, key}} {
			require.GreaterOrEqual(t, d.Line(path...), 0)
		}
		var visit func(path []string, values map[string]any)
		visit = func(path []string, values map[string]any) {
			for key, value := range values {
				path := append(slices.Clone(path), key)
				d.Line(path...)
				visit(path, asMap(value))
			}
		}
		visit(nil, d.Values)
	})
}

// FuzzLoadFleet: whatever fleet.yaml holds, it is a fleet or an error of one line that names the file.
func FuzzLoadFleet(f *testing.F) {
	for _, seed := range []string{
		"", "- a", "spec: {", "apiVersion: fleet.cmp/v1alpha1\nkind: Fleet\n", fleetHeader + "  x: 1\n",
		fleetHeader + "  catalog: oci://x\n", fleetHeader + "  catalog: ../x\n", fleetHeader + "  members: {a: b}\n",
		fleetHeader + "  levels: [{name: a, paths: ['{{.tenant}}/{{if .environment}}x{{else}}y{{end}}']}]\n",
		fleetHeader + "  levels: [{name: a, paths: ['{{range .x}}{{end}}', '{{define \"x\"}}{{end}}']}]\n",
		fleetHeader + "  groups: {addons: {path: addons, components: [a], repoNames: [b], useSelectors: false, mergeValues: {a: {use: x}}}}\n",
		fleetHeader + "  groups: {\"a\\nb\": {path: [1]}}\n", fleetHeader + "  groups: {a: {x: 1}, b: null}\n",
		fleetHeader + "  clusters: [{name: hub, server: s, labels: {tenant: t, environment: np}, annotations: {a: b}}]\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		repo := files{FleetFile: string(data), "addons/defaults/": "", "addons/hub/": ""}.repository()
		fleet, err := LoadFleet(repo)
		if err != nil {
			require.Nil(t, fleet)
			requireOneLine(t, err, FleetFile)
			return
		}
		_, err = fleet.Group("none")
		if err != nil {
			requireOneLine(t, err, FleetFile)
		}
		for _, group := range fleet.Groups {
			require.NoError(t, checkSegment(group.Name))
			layer := fleet.Layer(group, nil)
			v := Merge(nil, nil, []Layer{layer})
			for _, e := range v.Explain() {
				require.Equal(t, Origin{Level: layer.Level, File: layer.File, Line: e.Line, Value: e.Value}, e.Origin)
				value, there := valueAt(v.Map(), e.Path...)
				require.True(t, there, "%v", e.Path)
				require.Equal(t, value, e.Value)
			}
			for _, c := range append([]Cluster{spoke}, fleet.Clusters...) {
				levels, err := fleet.LevelsOf(repo, c, group.Path)
				if err != nil {
					requireOneLine(t, err, FleetFile)
					continue
				}
				require.Len(t, levels, len(fleet.Levels))
			}
			if _, err := fleet.ValueFiles(repo, group.Path); err != nil {
				requireOneLine(t, err, FleetFile)
			}
		}
	})
}

// FuzzParseClusterSecrets: whatever the stream holds, it is clusters with names or an error of one line. That no error
// quotes a credential is for the tables of TestClusterSecretsErrorsQuoteNoCredentials: here the fuzzer would make it a name.
func FuzzParseClusterSecrets(f *testing.F) {
	for _, seed := range []string{
		"", "---\n", secret(""), secret("") + "---\n" + secret("stringData: {name: b}"), secret("data: {name: '!'}"), secret("data: null"),
		"items: [" + "{kind: Secret}, null, [], a]", "a: b\n--- {kind: Secret}\n", "- a", "kind: Secret\nmetadata: []\n", "config: a: b\n", "\xff",
		"kind: Secret\nmetadata: {labels: {argocd.argoproj.io/secret-type: cluster}, name: \"a\\nb\"}\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		clusters, err := ParseClusterSecrets("s.yaml", data)
		if err != nil {
			require.Nil(t, clusters)
			requireOneLine(t, err, "s.yaml: ")
			return
		}
		for _, c := range clusters {
			require.NotEmpty(t, c.Name)
			require.Equal(t, "s.yaml", c.File)
			require.Equal(t, "cluster", c.Labels[LabelSecretType])
			require.NotContains(t, c.Annotations, "kubectl.kubernetes.io/last-applied-configuration")
		}
	})
}

// FuzzLevelPath: whatever the labels and names of a cluster are, a path of a level is below the app path, or an error.
func FuzzLevelPath(f *testing.F) {
	for _, value := range []string{"retail", "", ".", "..", "a/b", "../../etc", "/etc", `a\b`, "a\x00", "a\n", "\xff", "{{.name}}", "a.b", "...", "//"} {
		f.Add(value, "np", "c", "x", "{{.metadata.labels.more}}")
		f.Add("retail", value, "c", "x", "a/{{index . \"tenant\"}}/{{with .environment}}{{.}}{{end}}")
		f.Add("retail", "np", value, "x", "{{if eq .name \"c\"}}{{.nameNormalized}}{{else}}{{.metadata.annotations.more}}{{end}}")
		f.Add("retail", "np", "c", value, "{{$.metadata.labels.more}}{{printf \"%s/%v\" .server .metadata}}")
	}
	levels := builtIn().Levels
	f.Fuzz(func(t *testing.T, tenant, environment, name, more, text string) {
		c := Cluster{Name: name, Server: more, File: "cluster.yaml", Annotations: map[string]string{"more": more},
			Labels: map[string]string{"tenant": tenant, "environment": environment, "more": more}}
		require.NotContains(t, c.NameNormalized(), "/")
		data := c.Fields()
		for _, level := range append(levels, Level{"fuzzed", []string{text}}) {
			for _, path := range level.Paths {
				for _, path := range []string{path, fromTenant(path)} {
					folder, missing, err := c.expand(path, data)
					if err != nil {
						requireOneLine(t, err, "")
						require.True(t, level.Name == "fuzzed" || errors.Is(err, errSegment), "%v", err)
					}
					if err != nil || missing != "" {
						require.Empty(t, folder)
						continue
					}
					if folder == "" {
						require.Equal(t, "fuzzed", level.Name)
						continue
					}
					for segment := range strings.SplitSeq(folder, "/") {
						require.NotContains(t, []string{"", ".", ".."}, segment, "%q from %q", folder, path)
						require.NotContains(t, segment, "\x00")
						require.NotContains(t, segment, `\`)
					}
					if level.Name != "fuzzed" {
						require.Equal(t, strings.Count(path, "/"), strings.Count(folder, "/"), "%q from %q", folder, path)
					}
				}
			}
		}
	})
}

// FuzzParseMember: a member without errors has valid names and labels, and is written as it was read.
func FuzzParseMember(f *testing.F) {
	for _, seed := range []string{
		"", "tenant: t\nenvironment: np\nuse_remote_argo: yes\n", "clusterName: 010\ntenant: true\nenvironment: 1e3\n", "githubSecret: maybe",
		"secretManagerSecretName: <arn>", "secretManagerSecretName: arn:aws:secretsmanager:eu-west-1:123456789012:secret:a", "fleet_repo_url: https://a:b@c",
		"tenant: [a]", "environment: ''", "clusterName: <x>", "addons_repo_path: ../..", "tennant: x\nargocd_config: {}\nannotations: {a: b}",
		"addons_repo_basepath: \"\\u2028\"\ntenant: a\nenvironment: b", "tenant: a\nenvironment: b\ngithubSecretName: '#'",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := ParseDocument(membersAt+"hub/a.yaml", data)
		if err != nil {
			return
		}
		m, warnings, errs := ParseMember(d, "hub")
		for _, warning := range warnings {
			requireOneLine(t, warning, d.Name)
		}
		for _, err := range errs {
			requireOneLine(t, err, d.Name)
		}
		if len(errs) > 0 {
			return
		}
		require.NoError(t, checkName(m.Name))
		labels, annotations := m.metadata()
		_, err = checkMetadata(d, metadataValues(labels, annotations))
		require.NoError(t, err)
		for _, text := range annotations {
			require.NotContains(t, text, "<no value>")
		}
		if text, err := NewMember(m); err == nil {
			again, warnings, errs := ParseMember(document(t, d.Name, string(text)), "hub")
			require.Empty(t, warnings)
			require.Empty(t, errs)
			require.Equal(t, m, again)
		}
	})
}
