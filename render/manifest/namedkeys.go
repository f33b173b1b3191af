package manifest

import (
	"bytes"
	"maps"
	"strings"

	helmchart "helm.sh/helm/v3/pkg/chart"
)

// namedKeys are the keys that templates name.
type namedKeys struct {
	fields map[string]bool // behind a dot
	values map[string]bool // behind .Values. or $values.
	quoted map[string]bool // in quotes, up to a dot
	whole  bool            // the values are used as a whole, so that others may read any of them
}

func newNamedKeys() *namedKeys {
	return &namedKeys{fields: map[string]bool{}, values: map[string]bool{}, quoted: map[string]bool{}}
}

// addChart adds what the templates of a chart name, and those of its subcharts: some are libraries.
func (n *namedKeys) addChart(c *helmchart.Chart) {
	for _, file := range c.Templates {
		n.add(string(file.Data))
	}
	for _, file := range c.Files {
		if bytes.Contains(file.Data, []byte(".Values")) { // a template that another one reads
			n.add(string(file.Data))
		}
	}
	for _, child := range c.Dependencies() {
		n.addChart(child)
	}
}

func (n *namedKeys) join(other *namedKeys) {
	maps.Copy(n.fields, other.fields)
	maps.Copy(n.values, other.values)
	maps.Copy(n.quoted, other.quoted)
}

// add adds what a text names.
func (n *namedKeys) add(text string) {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '.':
			name := leading(text[i+1:], false)
			if name == "" {
				continue
			}
			n.fields[name] = true
			if before := text[:i]; strings.HasSuffix(before, "Values") || strings.HasSuffix(before, "values") {
				n.values[name] = true
			}
			rest := text[i+1+len(name):]
			if name == "Values" && !strings.HasPrefix(rest, ".") && !looksUp(text[:i]) {
				n.whole = true
			}
			i += len(name)
		case '"', '`':
			if name := leading(text[i+1:], true); name != "" {
				if end := i + 1 + len(name); end < len(text) && strings.IndexByte("\"`.", text[end]) >= 0 {
					n.quoted[name] = true
				}
			}
		}
	}
}

// looksUp tells whether what follows is only looked into for a key, which is in quotes then.
func looksUp(before string) bool {
	before = strings.TrimRight(strings.TrimSuffix(before, "$"), " ")
	for _, function := range []string{"index", "get", "hasKey", "dig"} {
		if strings.HasSuffix(before, function) {
			return true
		}
	}
	return false
}

// leading returns the name that a text begins with; in quotes, it can have dashes.
func leading(text string, quoted bool) string {
	for i := range len(text) {
		c := text[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || quoted && c == '-' {
			continue
		}
		return text[:i]
	}
	return text
}
