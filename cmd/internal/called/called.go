// Package called knows the name by which this program was called: cmp, or fleet-cmp where cmp is another program. Help
// and messages have that name; results have not, since they are the same whoever asks.
package called

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

const (
	usual  = "cmp"
	stages = "-stages" // what follows the name in that of the second executable
)

// Name returns the name by which this program was called. A worker, cmp-stages, is called for the program that started
// it, and has its name. Programs that are only built for development, such as tests, are cmp.
func Name() string { return name() }

var name = sync.OnceValue(func() string {
	if len(os.Args) == 0 {
		return usual
	}
	return nameOf(os.Args[0])
})

// plain are names that can be printed and typed as they are.
var plain = regexp.MustCompile(`^([A-Za-z0-9][A-Za-z0-9._-]*[._-])?cmp$`)

func nameOf(argument string) string {
	base := strings.TrimSuffix(strings.TrimSuffix(filepath.Base(argument), ".exe"), stages)
	if !plain.MatchString(base) {
		return usual
	}
	return base
}

// Stages returns the name by which the executable with the later stages is called, so that it has the name of this one.
func Stages() string { return Name() + stages }

// commands are the words that follow the name in a command line.
var commands atomic.Pointer[regexp.Regexp]

// Commands says which commands there are, before [Text] is called.
func Commands(names []string) {
	quoted := make([]string, len(names))
	for i, command := range names {
		quoted[i] = regexp.QuoteMeta(command)
	}
	slices.Sort(quoted)
	commands.Store(regexp.MustCompile(`(^|[^\w./-])` + usual + ` (--help|` + strings.Join(quoted, "|") + `)\b`))
}

// Text returns a text in which command lines of cmp begin with the name by which it was called. What else is called
// cmp, such as a namespace, stays.
func Text(text string) string { return textAs(Name(), text) }

func textAs(name, text string) string {
	lines := commands.Load()
	if name == usual || lines == nil {
		return text
	}
	return lines.ReplaceAllString(text, "${1}"+name+" ${2}")
}
