package main

import (
	"io"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/cli"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/daemon"
)

// serverName is the command that hands over to cmp-server.
const serverName = "server"

// Commands returns the commands of the program under a name, those of the plugin server and for completion among them.
func Commands(name string) *cobra.Command {
	root := cli.Command()
	root.Use = name
	root.InitDefaultVersionFlag()
	root.InitDefaultCompletionCmd("completion") // made only when something is to be run
	for _, below := range root.Commands() {
		if below.Name() == serverName { // which hands over to another program
			server := daemon.Command("", io.Discard)
			server.Use = below.Use
			root.RemoveCommand(below)
			root.AddCommand(server)
		}
	}
	return root
}

// all returns a command and those below it, without the hidden ones and that for help.
func all(c *cobra.Command) []*cobra.Command {
	c.InitDefaultHelpFlag()
	commands := []*cobra.Command{c}
	for _, below := range below(c) {
		commands = append(commands, all(below)...)
	}
	return commands
}

// below returns the commands directly below one, sorted by their names.
func below(c *cobra.Command) (commands []*cobra.Command) {
	for _, command := range c.Commands() {
		if command.IsAvailableCommand() {
			commands = append(commands, command)
		}
	}
	return commands
}

// fileName returns the name of a command's page, without its ending: the words of the command.
func fileName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// A flagText is what is to be said of a flag.
type flagText struct {
	names   []string // as they are written: -o, --output
	value   string   // what it takes, in one word; "" for a switch
	usage   string
	initial string // its default, where the usage does not tell
}

// flagsOf returns the flags of a command: its own, and those of every command.
func flagsOf(c *cobra.Command) (own, inherited []flagText) {
	c.LocalFlags().VisitAll(func(f *pflag.Flag) { own = appendFlag(own, f) })
	if !ofServer(c) {
		c.InheritedFlags().VisitAll(func(f *pflag.Flag) { inherited = appendFlag(inherited, f) })
	}
	return own, inherited
}

// ofServer tells whether a command is of cmp-server, which has its own flags only.
func ofServer(c *cobra.Command) bool {
	return c.Name() == serverName || c.HasParent() && c.Parent().Name() == serverName
}

// values says in words what flags of a type take.
var values = map[string]string{
	"bool": "", "string": "string", "stringArray": "string", "strings": "strings", "stringToString": "key=value",
	"stringSlice": "strings", "int": "number", "duration": "duration",
}

func appendFlag(texts []flagText, f *pflag.Flag) []flagText {
	if f.Hidden {
		return texts
	}
	var text flagText
	if f.Shorthand != "" {
		text.names = append(text.names, "-"+f.Shorthand)
	}
	text.names = append(text.names, "--"+f.Name)
	text.value, text.usage = pflag.UnquoteUsage(f)
	if plain, known := values[f.Value.Type()]; known && !strings.Contains(f.Usage, "`") {
		text.value = plain
	}
	switch f.DefValue {
	case "", "false", "[]":
	default:
		if !strings.Contains(f.Usage, "by default") { // that may depend on the machine
			text.initial = strings.TrimSuffix(f.DefValue, "m0s")
			if text.initial != f.DefValue { // a duration
				text.initial += "m"
			}
		}
	}
	return append(texts, text)
}

// A part of a description is a paragraph, or lines to be shown as they are.
type part struct {
	text string
	code bool
}

// parts divides a description. Lines to be shown as they are begin with a space or a tab, headings with #.
func parts(text string) (all []part) {
	for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		var lines []string
		code := false
		flush := func() {
			if len(lines) > 0 {
				all = append(all, part{strings.Join(lines, "\n"), code})
			}
			lines = nil
		}
		for line := range strings.SplitSeq(paragraph, "\n") {
			is := line != strings.TrimLeft(line, " \t")
			if is != code {
				flush()
				code = is
			}
			lines = append(lines, strings.TrimLeft(strings.TrimSpace(line), "# "))
		}
		flush()
	}
	return all
}

// examples returns the examples of a command, without what they are indented by.
func examples(c *cobra.Command) string {
	lines := strings.Split(c.Example, "\n")
	for i := range lines {
		lines[i] = strings.TrimPrefix(lines[i], "  ")
	}
	return strings.Join(lines, "\n")
}

// called returns a text in which the program is called by its name where a command line calls it cmp.
func called(root *cobra.Command, text string) string {
	var names []string
	for _, c := range root.Commands() {
		names = append(names, c.Name())
	}
	line := regexp.MustCompile(`(^|[^\w-])cmp (` + strings.Join(names, "|") + `|--?[a-z])`)
	return line.ReplaceAllString(text, "${1}"+root.Name()+" $2")
}
