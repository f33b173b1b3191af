package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Where the counts are published.
const (
	parityReport = "../docs/parity.md"
	readme       = "../README.md"
)

// report counts how fixtures come out. It says nothing that changes without cause.
type report struct{ versions []*versionCounts }

// versionCounts are the counts of a version of Argo CD, with the tools that its server runs.
type versionCounts struct {
	argoCD, helm, kustomize string
	kinds                   []kindCounts
}

// kindCounts are the counts of a kind of fixtures.
type kindCounts struct {
	group, kind                         string
	compared, equal, refused, different int
}

func newReport() *report { return &report{} }

// version begins the counts of a version, as counted from the oldest.
func (r *report) version(t *testing.T, argo *argoCD, index int) *versionCounts {
	t.Helper()
	v := &versionCounts{
		argoCD:    strings.TrimPrefix(argo.version, "v"),
		helm:      toolVersion(t, filepath.Join(helmDirectories[index], "helm"), "version", "--short"),
		kustomize: toolVersion(t, filepath.Join(kustomizeDirectories[index], "kustomize"), "version"),
	}
	r.versions = append(r.versions, v)
	return v
}

// toolVersion is the version that a program says it is.
func toolVersion(t *testing.T, program string, args ...string) string {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), program, args...).Output()
	require.NoError(t, err)
	number := regexp.MustCompile(`v([0-9]+\.[0-9]+\.[0-9]+)`).FindSubmatch(output)
	require.NotNil(t, number, "%s has no version: %s", program, output)
	return string(number[1])
}

// add counts an outcome. Those of a kind follow each other.
func (v *versionCounts) add(group string, o outcome) {
	last := len(v.kinds) - 1
	if last < 0 || v.kinds[last].group != group || v.kinds[last].kind != o.fixture.kind {
		v.kinds = append(v.kinds, kindCounts{group: group, kind: o.fixture.kind})
		last++
	}
	c := &v.kinds[last]
	c.compared++
	switch {
	case o.difference != "":
		c.different++
	case o.refused:
		c.refused++
	default:
		c.equal++
	}
}

// total are the counts of all kinds.
func (v *versionCounts) total() (all kindCounts) {
	for _, c := range v.kinds {
		all.compared += c.compared
		all.equal += c.equal
		all.refused += c.refused
		all.different += c.different
	}
	return all
}

func (c kindCounts) String() string {
	return fmt.Sprintf("%d | %d | %d | %d", c.compared, c.equal, c.refused, c.different)
}

// String is docs/parity.md.
func (r *report) String() string {
	var b strings.Builder
	b.WriteString(`# Parity with Argo CD

What ` + "`cmp render --argocd-version`" + ` prints is compared with what real servers of Argo CD make of the same repository.
These are the Applications that the ApplicationSet controller creates in a Kubernetes API server, and the objects that
repo-server renders with the Helm and Kustomize of its image. The fixtures are in ` + "`e2e/testdata/parity`" + `.

` + "`make parity-report`" + ` runs the comparison and writes this page; ` + "`make e2e`" + ` fails if the page is not current.

- compared: fixtures that both got
- equal: both make the same Applications or objects
- refused: both refuse the fixture, and the message of ` + "`cmp`" + ` names the cause
- differences: all others

| Argo CD | Helm | Kustomize | compared | equal | refused | differences |
| --- | --- | --- | --: | --: | --: | --: |
`)
	for _, v := range r.versions {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", v.argoCD, v.helm, v.kustomize, v.total())
	}
	for _, v := range r.versions {
		fmt.Fprintf(&b, "\n## Argo CD %s\n\n| fixtures | compared | equal | refused | differences |\n", v.argoCD)
		b.WriteString("| --- | --: | --: | --: | --: |\n")
		for _, c := range v.kinds {
			fmt.Fprintf(&b, "| %s: %s | %s |\n", c.group, c.kind, c)
		}
	}
	b.WriteString(known)
	return b.String()
}

// check compares the counts with docs/parity.md, or writes it. Where only some fixtures ran, there is nothing to
// compare.
func (r *report) check(t *testing.T, sets, sources int) {
	t.Helper()
	for _, v := range r.versions {
		if v.total().compared != sets+sources {
			require.False(t, *update, "only some fixtures ran: docs/parity.md is not written")
			return
		}
	}
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(parityReport), 0o755))
		require.NoError(t, os.WriteFile(parityReport, []byte(r.String()), 0o644))
		r.quote(t)
		return
	}
	text, err := os.ReadFile(parityReport)
	require.NoError(t, err, "run make parity-report")
	require.Equal(t, string(text), r.String(), "docs/parity.md is not current: run make parity-report")
}

// quote writes the totals into README.md, where those of another run are.
func (r *report) quote(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile(readme)
	require.NoError(t, err)
	quoted := regexp.MustCompile(`(?m)^- Argo CD \S+ \(Helm .* differences$`)
	require.Len(t, quoted.FindAll(text, -1), len(r.versions), "README.md quotes other versions")
	next := 0
	text = quoted.ReplaceAllFunc(text, func([]byte) []byte {
		v := r.versions[next]
		next++
		all := v.total()
		return fmt.Appendf(nil,
			"- Argo CD %s (Helm %s, Kustomize %s): %d fixtures, %d equal, %d refused by both, %d differences",
			v.argoCD, v.helm, v.kustomize, all.compared, all.equal, all.refused, all.different)
	})
	require.NoError(t, os.WriteFile(readme, text, 0o644))
}

// known are the differences that no fixture has, since cmp wants them, or cannot know better.
const known = `
## What is known to differ

Fixtures for these would count as differences:

- What a render must not do is refused with a message, where Argo CD does it. It fetches no remote value files,
  kustomizations and resources, and runs no Jsonnet. It has no generators that ask other systems (SCM provider, pull
  request, plugin, cluster decision resource), and no functions of chance and clock in ApplicationSets. It follows no
  links that leave the repository, and takes no patterns that are none (` + "`directory.include: '['`" + `).
- The function ` + "`tpl`" + ` in values of generators, and in generators inside a matrix (3.6), is refused.
- Values of a matrix's second generator that use its own parameters, without ` + "`missingkey=error`" + `: 2.14 puts ` + "`<no value>`" + `,
  here it is an error.
- Annotations of cluster Secrets in which Argo CD and kubectl keep their own state are no parameters, where 2.14 has
  them.
- A ` + "`flatList`" + ` that selects no cluster is null, where 2.14 has an empty list.
- A List inside a List is taken apart too. Objects of no namespace that are printed twice with different ones count
  twice.
- Which Git revisions and AppProjects there are is not known: all are taken to exist.
`
