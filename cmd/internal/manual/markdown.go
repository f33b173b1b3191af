package main

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/internal/reference"
)

// columns is how long a line of a page may be.
const columns = 118

// guides are the pages that say more of a command than its own, by the name of the command.
var guides = map[string]string{
	"affected": "diff.md", "diff": "diff.md", "explain": "reference/README.md", "lint": "lint.md",
	"matrix": "matrix.md", "migrate": "migration.md", "render": "rendering.md",
	"generate": "plugin.md", "parameters": "plugin.md", "discover": "plugin.md", "releases": "rules/releases.md",
	"schema": "reference/README.md", "server": "server.md", "values": "values.md", "why": "why.md",
}

// Markdown returns the page of each command below one, and README.md, which lists them, by the names of the files.
func Markdown(root *cobra.Command) map[string]string {
	commands := all(root)
	var index strings.Builder
	index.WriteString("# Commands\n\nA page for each command, made of the commands themselves: `make docs` writes " +
		"them.\n\n| command | what it does |\n| --- | --- |\n")
	files := map[string]string{}
	for _, c := range commands {
		fmt.Fprintf(&index, "| %s | %s |\n", link(c), prose(c.Short))
		files[pageName(c)] = page(c)
	}
	files["README.md"] = index.String()
	return files
}

func link(c *cobra.Command) string { return "[`" + c.CommandPath() + "`](" + pageName(c) + ")" }

// pageName returns the name of the page, which has the words of the command after that of the program.
func pageName(c *cobra.Command) string {
	return strings.TrimPrefix(fileName(c), c.Root().Name()+"-") + ".md"
}

// page returns the page of one command.
func page(c *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# `%s`\n\n%s", c.CommandPath(), wrapped(c.Short+"."))
	b.WriteString("\n```text\n" + usageOf(c) + "\n```\n")
	for _, p := range parts(c.Long) {
		if p.code {
			b.WriteString("\n```text\n" + p.text + "\n```\n")
		} else {
			b.WriteString("\n" + wrapped(p.text))
		}
	}
	if c.HasExample() {
		b.WriteString("\n## Examples\n\n```sh\n" + examples(c) + "\n```\n")
	}
	own, inherited := flagsOf(c)
	writeFlags(&b, "Flags", own)
	writeFlags(&b, "Flags of every command", inherited)
	b.WriteString("\n## See also\n\n")
	if c.HasParent() {
		fmt.Fprintf(&b, "- %s: %s\n", link(c.Parent()), prose(c.Parent().Short))
	}
	for _, command := range below(c) {
		fmt.Fprintf(&b, "- %s: %s\n", link(command), prose(command.Short))
	}
	if guide := guides[c.Name()]; guide != "" {
		fmt.Fprintf(&b, "- [%s](../%s), which says more of it\n", guide, guide)
	}
	b.WriteString("- [all commands](README.md)\n")
	return b.String()
}

// usageOf returns how a command is called.
func usageOf(c *cobra.Command) string {
	if c.HasAvailableSubCommands() && c.Name() != serverName {
		return c.CommandPath() + " COMMAND"
	}
	return c.UseLine()
}

// writeFlags writes a table with a row for each flag.
func writeFlags(b *strings.Builder, title string, flags []flagText) {
	if len(flags) == 0 {
		return
	}
	fmt.Fprintf(b, "\n## %s\n\n| flag | value | default | what it does |\n| --- | --- | --- | --- |\n", title)
	for _, f := range flags {
		initial := ""
		if f.initial != "" {
			initial = "`" + f.initial + "`"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", strings.Join(f.names, "`, `"), prose(f.value), initial,
			strings.ReplaceAll(prose(f.usage), "|", `\|`))
	}
}

func wrapped(text string) string { return reference.Wrap(prose(text), columns) }

var (
	quotedCommand = regexp.MustCompile(`'((?:cmp|helm|git|kubectl) [^']*)'|"((?:cmp|helm|git|kubectl) [^"]*)"`)
	document      = regexp.MustCompile(`^docs/[a-z/-]+\.md$`)
	codeWord      = regexp.MustCompile(`^[a-z]+[A-Z]\w*$|^--?[A-Za-z][A-Za-z-]*(=\S*)?$|[_<>*{}\[\]|\\]|\S/\S|^/\w|\.ya?ml$|^(spec|component|settings|member)\.|=`)
)

// prose returns a text of a command as Markdown: what is code is marked as such, and pages are linked.
func prose(text string) string {
	var b strings.Builder
	rest := strings.ReplaceAll(text, "`", "'")
	for {
		at := quotedCommand.FindStringSubmatchIndex(rest)
		if at == nil {
			return b.String() + words(rest)
		}
		b.WriteString(words(rest[:at[0]]) + "`" + rest[at[0]+1:at[1]-1] + "`")
		rest = rest[at[1]:]
	}
}

// words marks the words of a text that are code, without the marks around them.
func words(text string) string {
	return regexp.MustCompile(`\S+`).ReplaceAllStringFunc(text, func(word string) string {
		start, end := "", ""
		core := strings.TrimLeft(word, `("'`)
		start = word[:len(word)-len(core)]
		bare := strings.TrimRight(core, `.,:;)"'`)
		end = core[len(bare):]
		switch {
		case document.MatchString(bare):
			return start + "[" + bare + "](../" + strings.TrimPrefix(bare, "docs/") + ")" + end
		case bare != "macOS" && codeWord.MatchString(bare):
			return start + "`" + bare + "`" + end
		}
		return word
	})
}
