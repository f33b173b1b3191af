package problem

import (
	"fmt"
	"strings"
)

// Joined returns errors of which those with one [Mistake] are one: the first, with how many more there are. Others are
// not changed, and the order is that of the first ones.
func Joined(errs []error) []error {
	joined := make([]error, 0, len(errs))
	at, more := map[string]int{}, map[string]int{}
	for _, err := range errs {
		key := Mistake(err)
		if _, has := at[key]; has {
			more[key]++
			continue
		}
		if key != "" {
			at[key] = len(joined)
		}
		joined = append(joined, err)
	}
	for key, others := range more {
		joined[at[key]] = AndMore(joined[at[key]], others)
	}
	return joined
}

// Mistake returns what tells a mistake in a file from other mistakes, whichever group and cluster it concerns: a file
// that is no YAML concerns all that need it. It returns "" for other errors, and for what is about an Application,
// since each of these is named.
func Mistake(err error) string {
	p, is := err.(*Problem) //nolint:errorlint // what wraps one says more
	if !is || p.File == "" || strings.Contains(p.Scope, "application ") {
		return ""
	}
	return p.InScope("").Error()
}

// AndMore returns an error that has a [Mistake] with how many others have the same one.
func AndMore(err error, others int) error {
	p, is := err.(*Problem) //nolint:errorlint // as above
	if !is || others == 0 {
		return err
	}
	return p.InScope(strings.TrimPrefix(fmt.Sprintf("%s, and %d more", p.Scope, others), ", "))
}
