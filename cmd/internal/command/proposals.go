package command

import (
	"regexp"
	"slices"
	"strings"
)

// word is one that is the same in every shell, and no flag.
var word = regexp.MustCompile(`^[\pL\pN_.,:/@+%][\pL\pN_.,:/@+%=-]*$`)

// Proposals returns those of some names that a shell may put into a command line. Names come from the repository, and
// what several have in common is put there without quotes: one such as $(command) would run when the shell is asked
// again. A name may have a description behind a tab.
func Proposals(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		name, _, _ = strings.Cut(name, "\t")
		return !word.MatchString(name)
	})
}
