package reference

import (
	"fmt"
	"slices"
	"strings"
)

// PageURL returns the address of the section about a key.
func (k Key) PageURL() string { return repository + directory + k.kind.page() + "#" + k.anchor() }

// PageURL returns the address of the page about a kind.
func (k *Kind) PageURL() string { return repository + directory + k.page() }

// RulePageURL returns the address of the page about a rule of lint.
func RulePageURL(rule string) string { return repository + "docs/lint/" + rule + ".md" }

func (k *Kind) page() string { return k.Name + ".md" }

// anchor returns the name of the key's section, as GitHub makes it of the heading.
func (k Key) anchor() string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(".[]`", r) {
			return -1
		}
		return r
	}, strings.ToLower(k.Path))
}

// Page returns the page about a kind in docs/reference.
func (k *Kind) Page() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", k.Title)
	b.WriteString(Wrap("Written in "+k.Files+". "+k.About+" `cmp explain "+k.Name+
		"` prints the same, and `cmp schema "+k.Name+"` [a JSON schema]("+k.SchemaFile()+").", columns))
	b.WriteString("\n| key | type | without it |\n| --- | --- | --- |\n")
	for _, key := range k.Keys {
		fmt.Fprintf(&b, "| [`%s`](#%s) | %s | %s |\n", key.Path, key.anchor(), key.Type, cell(key.Otherwise()))
	}
	for _, key := range k.Keys {
		fmt.Fprintf(&b, "\n## `%s`\n\n", key.Path)
		b.WriteString(Wrap(key.Effect, columns))
		fmt.Fprintf(&b, "\n- Type: %s\n", key.Describe())
		fmt.Fprintf(&b, "- Without it: %s\n", key.Otherwise())
		fmt.Fprintf(&b, "\n```yaml\n%s```\n", key.Snippet())
	}
	return []byte(b.String())
}

// Describe returns the type of a key with what else is to be said of its values.
func (k Key) Describe() string {
	text := string(k.Type)
	switch {
	case k.Type == Switch && k.Values != nil: // besides the two
		text = "true, false or " + strings.Join(k.Values, " or ")
	case k.Values != nil:
		text += ": " + strings.Join(k.Values, " or ")
	}
	if k.Required {
		text += ", required"
	}
	return text
}

// Summary returns the first sentence about what the key does.
func (k Key) Summary() string {
	first, _, more := strings.Cut(k.Effect, ". ")
	if more {
		first += "."
	}
	return first
}

// Otherwise returns what counts without the key: its default, or in words what happens.
func (k Key) Otherwise() string {
	if k.Default == "" {
		return k.Without
	}
	return "`" + k.Default + "`"
}

func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// columns is how long a line of a page may be.
const columns = 118

// Wrap returns text in lines of up to some columns.
func Wrap(text string, columns int) string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > columns {
			lines = append(lines, line)
			line = ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return strings.Join(slices.Concat(lines, []string{line, ""}), "\n")
}
