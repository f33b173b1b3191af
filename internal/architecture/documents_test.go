package architecture

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	quoted = regexp.MustCompile("`([^`]+)`")
	fence  = regexp.MustCompile("(?s)```.*?```")
)

// markdown returns our own documents: not those that a fleet or a chart in testdata has.
func markdown(t *testing.T) []string {
	return slices.DeleteFunc(filesOf(t, ".md"), func(name string) bool {
		return strings.Contains(name, "testdata/") && name != "testdata/parity/README.md"
	})
}

// TestLineLength: documents have lines of up to 120 columns, but for code, tables and lines with a link.
func TestLineLength(t *testing.T) {
	for _, name := range markdown(t) {
		for line := range strings.Lines(fence.ReplaceAllString(read(t, name), "")) {
			if len([]rune(strings.TrimRight(line, "\n"))) > 120 && !strings.HasPrefix(line, "|") &&
				!strings.Contains(line, "](") {
				t.Errorf("%s: a line over 120 columns: %s", name, line)
			}
		}
	}
}

// rules returns the names of the rules, with the file of each.
func rules(t *testing.T) map[string]string {
	files, err := fs.Glob(repository, "docs/rules/*.md")
	require.NoError(t, err)
	all := map[string]string{}
	for _, file := range files {
		if path.Base(file) == "README.md" {
			continue
		}
		for _, found := range regexp.MustCompile(`(?m)^## (.*)$`).FindAllStringSubmatch(read(t, file), -1) {
			require.Regexp(t, `^[a-z0-9]+(-[a-z0-9]+)*$`, found[1], "%s: the name of a rule", file)
			require.NotContains(t, all, found[1], "two rules of one name")
			all[found[1]] = file
		}
	}
	require.NotEmpty(t, all)
	return all
}

// TestRulesThatCodeCites: the rules exist under the name and in the file that the code gives.
func TestRulesThatCodeCites(t *testing.T) {
	all := rules(t)
	lines := regexp.MustCompile(`\s*\n\s*// *`) // a citation may go on in the next line of a comment
	citation := regexp.MustCompile(`\b[Rr]ules? ([a-z0-9-]+(?:(?:, | and )[a-z0-9-]+)*) in (docs/rules/[a-z-]+\.md)`)
	mention := regexp.MustCompile(`docs/rules/[a-z-]+\.md`)
	section := regexp.MustCompile(`\b[Ss]ections? \d+\b`) // of a page that has been replaced
	for _, name := range goFiles(t) {
		if strings.HasPrefix(name, "internal/architecture/") {
			continue
		}
		text := lines.ReplaceAllString(read(t, name), " ")
		if old := section.FindString(text); old != "" {
			t.Errorf("%s cites %s, where it should cite a rule of docs/rules by its name", name, old)
		}
		for _, found := range citation.FindAllStringSubmatch(text, -1) {
			for _, rule := range regexp.MustCompile(`, | and `).Split(found[1], -1) {
				if all[rule] != found[2] {
					t.Errorf("%s cites rule %s in %s, which is not there", name, rule, found[2])
				}
			}
		}
		for _, file := range mention.FindAllString(text, -1) {
			if _, err := fs.Stat(repository, file); err != nil {
				t.Errorf("%s cites %s, which does not exist", name, file)
			}
		}
		if regexp.MustCompile(`\bSPEC (section|P)`).MatchString(text) {
			t.Errorf("%s cites a specification outside of the repository; cite a rule in docs/rules", name)
		}
	}
}

// TestRulesThatRulesCite: the rules that the pages refer to exist.
func TestRulesThatRulesCite(t *testing.T) {
	all := rules(t)
	reference := regexp.MustCompile("\\bsee ((?:`[a-z0-9-]+`(?:, | and )?)+)")
	files, err := fs.Glob(repository, "docs/rules/*.md")
	require.NoError(t, err)
	for _, file := range files {
		text := strings.Join(strings.Fields(read(t, file)), " ")
		for _, found := range reference.FindAllStringSubmatch(text, -1) {
			for _, name := range quoted.FindAllStringSubmatch(found[1], -1) {
				if all[name[1]] == "" {
					t.Errorf("%s refers to rule %s, which does not exist", file, name[1])
				}
			}
		}
	}
}

// TestProofsOfRules: the tests and parity cases that the rules name exist.
func TestProofsOfRules(t *testing.T) {
	var tests strings.Builder
	for _, name := range goFiles(t) {
		if strings.HasSuffix(name, "_test.go") {
			tests.WriteString(read(t, name))
		}
	}
	proof := regexp.MustCompile(`(?s)- \*\*Proof:\*\*(.*?)\n(?:\n|$)`)
	files, err := fs.Glob(repository, "docs/rules/*.md")
	require.NoError(t, err)
	proofs := 0
	for _, file := range files {
		for _, found := range proof.FindAllStringSubmatch(read(t, file)+"\n", -1) {
			for _, name := range quoted.FindAllStringSubmatch(found[1], -1) {
				proofs++
				_, err := fs.Stat(repository, path.Join("testdata/parity/cases", name[1]))
				if isTest := strings.HasPrefix(name[1], "Test"); isTest &&
					!strings.Contains(tests.String(), "\nfunc "+name[1]+"(") {
					t.Errorf("%s: there is no test %s", file, name[1])
				} else if !isTest && err != nil {
					t.Errorf("%s: there is no parity case %s", file, name[1])
				}
			}
		}
	}
	require.Greater(t, proofs, 50, "the proofs are not read")
}
