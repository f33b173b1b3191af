package daemon

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// others are metrics in the dashboard that are not this server's: cAdvisor's.
var others = []string{"container_memory_working_set_bytes"}

// targetLabels are those that Prometheus gives what it scrapes, and le of histograms.
var targetLabels = []string{"namespace", "pod", "container", "le"}

// expressions returns the queries of a text in YAML or JSON: what its fields expr have.
func expressions(value any) (all []string) {
	switch v := value.(type) {
	case map[string]any:
		for key, one := range v {
			if text, is := one.(string); is && key == "expr" {
				all = append(all, text)
			} else {
				all = append(all, expressions(one)...)
			}
		}
	case []any:
		for _, one := range v {
			all = append(all, expressions(one)...)
		}
	}
	return all
}

// TestPage: the page has each flag, and no other.
func TestPage(t *testing.T) {
	page, err := os.ReadFile("../../../docs/server.md")
	require.NoError(t, err)
	var o options
	f := pflag.NewFlagSet("", pflag.ContinueOnError)
	o.addFlags(f)
	f.VisitAll(func(flag *pflag.Flag) { require.Contains(t, string(page), "`--"+flag.Name+"`") })
	for _, found := range regexp.MustCompile("`--([a-z-]+)").FindAllStringSubmatch(string(page), -1) {
		require.NotNil(t, f.Lookup(found[1]), found[1])
	}
}

// TestMonitoring: each metric and label that alerts and the dashboard name is one that the server has, and all that are
// its own are looked at somewhere.
func TestMonitoring(t *testing.T) {
	r := start(t, pluginYAML, nil)
	client := connect(t, r.directory)
	for _, do := range []string{"find", "die"} {
		_, _ = generate(t.Context(), t, client, "DO="+do)
	}
	families, err := r.metrics.registry.Gather()
	require.NoError(t, err)
	names, labels, own := slices.Clone(others), slices.Clone(targetLabels), map[string]bool{}
	for _, family := range families {
		name := family.GetName()
		names = append(names, name, name+"_bucket", name+"_sum", name+"_count")
		if strings.HasPrefix(name, "cmp_server_") {
			own[name] = true
		}
		for _, pair := range family.GetMetric()[0].GetLabel() {
			labels = append(labels, pair.GetName())
		}
	}

	page, err := os.ReadFile("../../../docs/server.md")
	require.NoError(t, err)
	for name := range own {
		require.Regexp(t, "`"+name+"[{`]", string(page))
	}

	quoted := regexp.MustCompile(`"[^"]*"`)
	name := regexp.MustCompile(`\b[a-z]+(_[a-z]+)+\b`)
	label := regexp.MustCompile(`([a-z_]+)\s*(?:=~|!~|!=|=)\s*""`)
	grouped := regexp.MustCompile(`\bby \(([^)]*)\)`)
	known := []string{"histogram_quantile"} // a function
	for _, file := range []string{"prometheusrule.yaml", "dashboard.json"} {
		data, err := os.ReadFile("../../../manifests/monitoring/" + file)
		require.NoError(t, err)
		var value any
		require.NoError(t, yaml.Unmarshal(data, &value))
		queries := expressions(value)
		require.GreaterOrEqual(t, len(queries), 10, file)
		for _, query := range queries {
			text := quoted.ReplaceAllString(query, `""`)
			for _, found := range label.FindAllStringSubmatch(text, -1) {
				require.Contains(t, labels, found[1], "%s: %s", file, query)
			}
			for _, found := range grouped.FindAllStringSubmatch(text, -1) {
				for one := range strings.SplitSeq(found[1], ",") {
					require.Contains(t, labels, strings.TrimSpace(one), "%s: %s", file, query)
				}
			}
			text = strings.ReplaceAll(text, "$__rate_interval", "5m")
			for _, found := range name.FindAllString(text, -1) {
				if !slices.Contains(known, found) {
					require.Contains(t, names, found, "%s: %s", file, query)
				}
				for _, suffix := range []string{"", "_bucket", "_sum", "_count"} {
					delete(own, strings.TrimSuffix(found, suffix))
				}
			}
		}
	}
	delete(own, "cmp_server_waiting_limit") // of those who ask for themselves
	require.Empty(t, own, "nobody looks at these")

	var dashboard struct {
		UID    string `json:"uid"`
		Panels []struct {
			ID    int    `json:"id"`
			Title string `json:"title"`
		} `json:"panels"`
	}
	data, err := os.ReadFile("../../../manifests/monitoring/dashboard.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &dashboard))
	seen := map[int]bool{}
	for _, panel := range dashboard.Panels {
		require.False(t, seen[panel.ID], panel.Title)
		seen[panel.ID] = true
	}
}
