// Package explosive has YAML that package safeyaml refuses, for the tests of all that read YAML.
package explosive

import "strings"

// A Document is YAML that no parser may get.
type Document struct {
	Name    string
	YAML    string // a map in block style
	Message string // what the error holds
}

const (
	beyond = "YAML aliases expand beyond measure; write the values out, or use fewer aliases"
	limit  = "is this the right text? The limit cannot be raised"
)

// Documents are files of 1 MB that would make 80 MB and 3 GB, and one of whose keys chance would choose, one that is
// nested too deeply, and one of too many values.
var Documents = []Document{
	{"80 aliases", aliases(80), beyond},
	{"3,000 aliases", aliases(3000), beyond},
	{"keys that are one", "b:\n  1: x\n  \"1\": y\n",
		`the keys 1 (line 2) and "1" are both "1" in JSON, so that chance decides which one counts; keep one of them`},
	{"251 levels", "b:\n\n  " + strings.Repeat("[", 251) + strings.Repeat("]", 251) + "\n",
		"is nested more than 250 levels deep; " + limit},
	{"400,001 values", "b:\n\n  [" + strings.Repeat("1,", 400_000) + "]\n",
		"has more than 400000 values in one document; " + limit},
}

func aliases(n int) string {
	return "a: &a " + strings.Repeat("x", 1_000_000) + "\nb: [" + strings.Repeat("*a, ", n) + "]\n"
}

// Indented returns the YAML of the document with each line behind a prefix.
func (d Document) Indented(prefix string) string {
	return prefix + strings.ReplaceAll(strings.TrimSuffix(d.YAML, "\n"), "\n", "\n"+prefix) + "\n"
}
