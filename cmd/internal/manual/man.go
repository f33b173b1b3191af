package main

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// Man returns a page for man of each command by the names of the files. The version and the date may be empty.
func Man(root *cobra.Command, version, date string) map[string]string {
	files := map[string]string{}
	for _, c := range all(root) {
		files[fileName(c)+".1"] = manPage(root, c, version, date)
	}
	return files
}

func manPage(root, c *cobra.Command, version, date string) string {
	var b strings.Builder
	source := strings.TrimSpace(root.Name() + " " + version)
	fmt.Fprintf(&b, ".TH \"%s\" \"1\" \"%s\" \"%s\" \"User Commands\"\n", roff(strings.ToUpper(fileName(c))),
		roff(date), roff(source))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(fileName(c)), roff(c.Short))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n\\fB%s\\fR%s\n", roff(c.CommandPath()),
		roff(strings.TrimPrefix(usageOf(c), c.CommandPath())))
	b.WriteString(".SH DESCRIPTION\n")
	for i, p := range parts(called(root, descriptionOf(c))) {
		switch {
		case p.code:
			writeLines(&b, p.text)
		case i > 0:
			b.WriteString(".PP\n" + roff(p.text) + "\n")
		default:
			b.WriteString(roff(p.text) + "\n")
		}
	}
	if commands := below(c); len(commands) > 0 {
		b.WriteString(".SH COMMANDS\n")
		for _, command := range commands {
			fmt.Fprintf(&b, ".TP\n\\fB%s\\fR(1)\n%s\n", roff(fileName(command)), roff(command.Short))
		}
	}
	own, inherited := flagsOf(c)
	writeOptions(&b, root, "OPTIONS", own)
	writeOptions(&b, root, "OPTIONS OF EVERY COMMAND", inherited)
	if c.HasExample() {
		b.WriteString(".SH EXAMPLES\n")
		writeLines(&b, called(root, examples(c)))
	}
	if c.HasParent() {
		fmt.Fprintf(&b, ".SH SEE ALSO\n\\fB%s\\fR(1)\n", roff(fileName(c.Parent())))
	}
	return b.String()
}

// descriptionOf returns what a command says of itself.
func descriptionOf(c *cobra.Command) string {
	if c.Long == "" {
		return c.Short + "."
	}
	return c.Long
}

func writeLines(b *strings.Builder, text string) {
	b.WriteString(".PP\n.RS\n.nf\n" + roff(text) + "\n.fi\n.RE\n")
}

func writeOptions(b *strings.Builder, root *cobra.Command, title string, flags []flagText) {
	if len(flags) == 0 {
		return
	}
	b.WriteString(".SH " + title + "\n")
	for _, f := range flags {
		b.WriteString(".TP\n\\fB" + strings.Join(mapped(f.names, roff), "\\fR, \\fB") + "\\fR")
		if f.value != "" {
			b.WriteString(" \\fI" + roff(f.value) + "\\fR")
		}
		b.WriteString("\n" + roff(called(root, f.usage)))
		if f.initial != "" {
			b.WriteString(" (default: " + roff(f.initial) + ")")
		}
		b.WriteString("\n")
	}
}

func mapped(texts []string, by func(string) string) []string {
	all := make([]string, len(texts))
	for i, text := range texts {
		all[i] = by(text)
	}
	return all
}

// roff returns a text in which nothing is a request or an escape of roff.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, `"`, `\(dq`, "'", `\(aq`).Replace(text)
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == '.' && (i == 0 || text[i-1] == '\n'):
			b.WriteString(`\&.`)
		case r >= utf8.RuneSelf:
			fmt.Fprintf(&b, `\[u%04X]`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
