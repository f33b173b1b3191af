package applicationset

import (
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/gotemplate"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// What stands for the component and the release type in applicationName. These are filled in now, and all else of the
// template for each cluster. No name of Kubernetes has capitals, so that nobody means them as they are.
const (
	placeholderComponent   = "COMPONENT"
	placeholderReleaseType = "RELEASETYPE"
)

const defaultValuesFileName = "values.yaml"

// readApplicationName reads the template for the names of Applications; "" where there is none.
func readApplicationName(r *fields.Reader) string {
	text := r.Text(wellknown.SettingApplicationName)
	if _, err := gotemplate.Parse(text); err != nil {
		r.Fail(wellknown.SettingApplicationName, "applicationName: %w", err)
	}
	return text
}

// readValuesFileName reads the name of the Helm value files, a path below the directory of their chart.
func readValuesFileName(r *fields.Reader, otherwise string) string {
	return r.TextOr(wellknown.SettingValuesFileName, otherwise)
}

// readName reads what the component's Applications are called.
func (c *component) readName(s *settings) {
	template := or(readApplicationName(c.reader), s.applicationName)
	if template == "" {
		return
	}
	if c.appSetName != "" {
		c.reader.Fail("appSetName", "appSetName and applicationName both name the Applications; "+
			"remove appSetName, or where it is the whole name, write it as the component's applicationName")
	}
	c.nameTemplate = strings.NewReplacer(placeholderComponent, c.name, placeholderReleaseType, s.releaseType).
		Replace(template)
}

// nameOn returns the name of the component's Application on a cluster, as far as it can be told without evaluating
// templates.
func (c *component) nameOn(cluster, version, releaseType string) string {
	replace := []string{"{{ .name | trunc 30 }}", cut(cluster, 30)}
	for _, field := range []struct{ name, value string }{
		{".name", cluster}, {".nameNormalized", normalize(cluster)}, {".values.addonChart", c.chartName},
		{".values.addonChartVersion", version},
	} {
		replace = append(replace, "{{"+field.name+"}}", field.value, "{{ "+field.name+" }}", field.value)
	}
	return strings.NewReplacer(replace...).Replace(c.applicationName(releaseType))
}

// checkOneNameForClusters finds names of Applications that lack the cluster, so that several clusters have one. That
// two clusters have one label or annotation, the Applications themselves show.
func (f *findings) checkOneNameForClusters(c *component) {
	key, name := "appSetName", c.appSetName
	if c.nameTemplate != "" {
		key, name = wellknown.SettingApplicationName, c.nameTemplate
	}
	tells := slices.ContainsFunc([]string{".name", ".server", ".metadata", ".path", "index "},
		func(field string) bool { return strings.Contains(name, field) })
	if name == "" || tells || len(f.clusters) < 2 {
		return
	}
	at := []string{c.key, key}
	if !c.reader.Has(key) {
		at = []string{key}
	}
	f.add(f.at(at, "component %q: %s does not contain the cluster, so that the Applications of all clusters have "+
		"one name", c.key, key).
		WithHint("add {{.name}}, or select one cluster only").WithRule(problem.RuleConflicts))
}
