package problem

import (
	"regexp"
	"strings"
)

// quoted is what the parsers of YAML quote of a text, which may be a password that nobody put into quotes, by a part of
// their messages.
var quoted = []struct {
	part    string
	form    *regexp.Regexp
	instead string
}{
	{"unknown anchor '", regexp.MustCompile(`unknown anchor '[^']*' referenced`),
		"a value with * in front refers to an anchor that does not exist"},
	{"cannot decode !!", regexp.MustCompile("cannot decode (!![a-z]+) `[^`]*`"), "cannot decode a $1"},
}

// withoutQuoted returns a message without what a parser quotes in it.
func withoutQuoted(text string) string {
	for _, q := range quoted {
		if strings.Contains(text, q.part) {
			text = q.form.ReplaceAllString(text, q.instead)
		}
	}
	return text
}
