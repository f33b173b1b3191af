package outdated_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// A manager is one of Renovate's customManagers, as far as the example has it.
type manager struct {
	ManagerFilePatterns  []string
	MatchStringsStrategy string
	MatchStrings         []string
	DatasourceTemplate   string
	DepNameTemplate      string
	VersioningTemplate   string
}

// A dependency is what Renovate makes of a match.
type dependency struct{ datasource, name, registry, value string }

func managers(t *testing.T) []manager {
	t.Helper()
	data, err := os.ReadFile("../../docs/examples/renovate.json")
	require.NoError(t, err)
	var file struct{ CustomManagers []manager }
	require.NoError(t, json.Unmarshal(data, &file))
	require.NotEmpty(t, file.CustomManagers)
	return file.CustomManagers
}

// reads tells whether a manager reads a file: a pattern between slashes is an expression.
func (m manager) reads(name string) bool {
	for _, pattern := range m.ManagerFilePatterns {
		if regexp.MustCompile(strings.Trim(pattern, "/")).MatchString(name) {
			return true
		}
	}
	return false
}

// find does what Renovate does: each expression looks at what the one before it matched, and all groups count together.
// The last match is what is replaced.
func (m manager) find(t *testing.T, text string, expressions []string, groups map[string]string) []dependency {
	t.Helper()
	if len(expressions) == 0 {
		require.Equal(t, 1, strings.Count(text, groups["currentValue"]), text)
		d := dependency{groups["datasource"], groups["depName"], groups["registryUrl"], groups["currentValue"]}
		if m.DatasourceTemplate != "" {
			d.datasource, d.name = m.DatasourceTemplate, fill(m.DepNameTemplate, groups)
		}
		return []dependency{d}
	}
	var found []dependency
	expression := regexp.MustCompile(expressions[0])
	for _, match := range expression.FindAllStringSubmatch(text, -1) {
		merged := map[string]string{}
		for name, value := range groups {
			merged[name] = value
		}
		for i, name := range expression.SubexpNames() {
			if name != "" {
				merged[name] = match[i]
			}
		}
		found = append(found, m.find(t, match[0], expressions[1:], merged)...)
	}
	return found
}

var (
	condition   = regexp.MustCompile(`\{\{#if (\w+)\}\}(.*?)(?:\{\{else\}\}(.*?))?\{\{/if\}\}`)
	replacement = regexp.MustCompile(`\{\{\{replace '(.*?)' '(.*?)' (\w+)\}\}\}`)
	variable    = regexp.MustCompile(`\{\{\{(\w+)\}\}\}`)
)

// fill fills a template: what the example has of Handlebars.
func fill(template string, groups map[string]string) string {
	template = condition.ReplaceAllStringFunc(template, func(text string) string {
		parts := condition.FindStringSubmatch(text)
		if groups[parts[1]] != "" {
			return parts[2]
		}
		return parts[3]
	})
	template = replacement.ReplaceAllStringFunc(template, func(text string) string {
		parts := replacement.FindStringSubmatch(text)
		return regexp.MustCompile(parts[1]).ReplaceAllString(groups[parts[3]], parts[2])
	})
	return variable.ReplaceAllStringFunc(template, func(text string) string { return groups[strings.Trim(text, "{}")] })
}

func dependencies(t *testing.T, name, text string) []dependency {
	t.Helper()
	var found []dependency
	for _, m := range managers(t) {
		require.Equal(t, "helm", m.VersioningTemplate)
		require.Equal(t, len(m.MatchStrings) > 1, m.MatchStringsStrategy == "recursive")
		if m.reads(name) {
			found = append(found, m.find(t, text, m.MatchStrings, nil)...)
		}
	}
	return found
}

// wanted are the versions of charts in a file of components, as cmp reads it.
func wanted(t *testing.T, text string) []dependency {
	t.Helper()
	var file map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(text), &file))
	var all []dependency
	add := func(repository, chart string, version any) {
		value, _ := version.(string)
		switch {
		case repository == "" || value == "":
		case strings.HasPrefix(repository, "http"):
			all = append(all, dependency{"helm", chart, repository, value})
		default:
			all = append(all, dependency{"docker", strings.TrimPrefix(repository, "oci://") + "/" + chart, "", value})
		}
	}
	textOf := func(of map[string]any, key string) string {
		text, _ := of[key].(string)
		return text
	}
	for key, value := range file {
		component, _ := value.(map[string]any)
		chart := textOf(component, "chartName")
		if chart == "" {
			chart = strings.ReplaceAll(key, "_", "-")
		}
		repository := textOf(component, "chartRepository")
		if namespace := textOf(component, "chartNamespace"); namespace != "" && !strings.HasPrefix(repository, "http") {
			chart = namespace + "/" + chart
		}
		add(repository, chart, component["defaultVersion"])
		environments, _ := component["environments"].([]any)
		for _, item := range environments {
			environment, _ := item.(map[string]any)
			add(repository, chart, environment["chartVersion"])
		}
		if more, is := component["additionalResources"].(map[string]any); is {
			add(textOf(more, "repoURL"), textOf(more, "chart"), more["chartVersion"])
		}
	}
	return all
}

// TestRenovate proves that the expressions of docs/examples/renovate.json find each version of the example fleet whose
// chart is described in the same file, and nothing else.
func TestRenovate(t *testing.T) {
	tree := os.DirFS("../../testdata/fleet")
	total := 0
	require.NoError(t, fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".yaml") {
			return err
		}
		data, err := fs.ReadFile(tree, name)
		require.NoError(t, err)
		if !strings.Contains(name, "application-sets/") {
			require.Empty(t, dependencies(t, name, string(data)), name)
			return nil
		}
		want := wanted(t, string(data))
		require.ElementsMatch(t, want, dependencies(t, name, string(data)), name)
		total += len(want)
		return nil
	}))
	require.Equal(t, 26, total)
}

// TestRenovateOfOtherFiles: keys have any order, and values any quotes.
func TestRenovateOfOtherFiles(t *testing.T) {
	const text = `# first: is no component
web: # with a comment
  defaultVersion: '1.2.3' # keep
  # defaultVersion: "0.0.1"
  chartRepository: "https://charts.example.com/stable"

  environments:
  - {selector: {a: b}, chartVersion: 1.3.0}
  # a comment
  - selector: {a: c}
    chartVersion: "v1.4.0"
  valuesObject:
    image: {tag: 1.2.3}
    nested:
      chartVersion: "9.9.9"
off_by_one:
  enabled: false
  environments:
    team: {selector: {a: b}, chartVersion: "3.0.0"}
  defaultVersion: 2.0.0
  chartNamespace: team
  chartRepository: oci://registry.example.com:5000/charts # ours
  additionalResources:
    type: crds
    chartVersion: "4.0.0"
    chart: crds
    repoURL: https://charts.example.com
# commented:
#   chartRepository: https://charts.example.com
#   defaultVersion: "1.0.0"
directory:
  path: charts/directory
  defaultVersion: "0.1.0"
setting: {chartRepository: "https://charts.example.com", defaultVersion: "0.2.0"}
elsewhere:
  defaultVersion: "5.0.0" # renovate: datasource=helm depName=web registryUrl=https://charts.example.com
again:
  defaultVersion: 6.0.0 # renovate: datasource=docker depName=registry.example.com/charts/web
`
	want := []dependency{
		{"helm", "web", "https://charts.example.com/stable", "1.2.3"},
		{"helm", "web", "https://charts.example.com/stable", "1.3.0"},
		{"helm", "web", "https://charts.example.com/stable", "v1.4.0"},
		{"docker", "registry.example.com:5000/charts/team/off-by-one", "", "2.0.0"},
		{"docker", "registry.example.com:5000/charts/team/off-by-one", "", "3.0.0"},
		{"helm", "crds", "https://charts.example.com", "4.0.0"},
		{"helm", "web", "https://charts.example.com", "5.0.0"},
		{"docker", "registry.example.com/charts/web", "", "6.0.0"},
	}
	for _, text := range []string{text, strings.ReplaceAll(text, "\n", "\r\n")} {
		require.ElementsMatch(t, want, dependencies(t, "addons/bootstrap/defaults/application-sets/addons.yaml", text))
	}
	require.Empty(t, dependencies(t, "charts/application-sets/templates/web/values.yaml", text))
}

// TestRenovateOfThePage: the comments that docs/outdated.md shows are understood.
func TestRenovateOfThePage(t *testing.T) {
	page, err := os.ReadFile("../../docs/outdated.md")
	require.NoError(t, err)
	_, block, found := strings.Cut(string(page), "```yaml\n")
	require.True(t, found)
	block, _, _ = strings.Cut(block, "```")
	require.ElementsMatch(t, []dependency{
		{"helm", "cert-manager", "https://charts.jetstack.io", "v1.18.2"},
		{"docker", "public.ecr.aws/karpenter/karpenter", "", "1.5.1"},
	}, dependencies(t, "addons/bootstrap/defaults/application-sets/addons.yaml", block))
}
