package archive

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// revisions are what is kept of the Git repository in an archive: the names of its branches and tags.
type revisions struct {
	names  map[string]bool // with refs/; those of branches of a remote without the remote
	size   int             // in bytes
	some   bool            // not all are known
	branch string          // that is checked out
}

// maxRevisions is the size of all names of branches and tags that are kept, in bytes.
const maxRevisions = 4 << 20

// MayHave tells whether the Git repository that the archive holds can have a revision: a branch of its own or of a
// remote, a tag, HEAD, or what can be the name of a commit. It is false if the archive holds none.
func (t *Tree) MayHave(revision string) bool {
	if t.git == nil {
		return false
	}
	name := strings.TrimPrefix(strings.TrimPrefix(revision, "refs/heads/"), "refs/tags/")
	return t.git.some || name == "HEAD" || commit.MatchString(name) ||
		t.git.names["refs/heads/"+name] || t.git.names["refs/tags/"+name]
}

// Branch returns the branch that is checked out in the Git repository that the archive holds; "" if there is none.
func (t *Tree) Branch() string {
	if t.git == nil || t.git.branch == ".invalid" { // as with reftable
		return ""
	}
	return t.git.branch
}

// commit matches what can be the name of a commit, in full or abbreviated.
var commit = regexp.MustCompile(`^[0-9a-fA-F]{4,64}$`)

// take takes from a file of the Git repository which branches and tags there are. What these stand for counts for the
// sum: of another commit of a branch, other catalogs are read. Of a nil receiver it makes one, if the file is in a
// repository. It fails if the file cannot be read.
func (g *revisions) take(f gitFile, sum io.Writer) (*revisions, error) {
	name, inside := strings.CutPrefix(f.name, ".git/")
	if !inside {
		return g, nil
	}
	if g == nil {
		g = &revisions{names: map[string]bool{}}
		fmt.Fprintln(sum, "git")
	}
	if !f.regular {
		return g, nil
	}
	top, _, _ := strings.Cut(name, "/")
	switch top {
	case "HEAD", "packed-refs", "refs", "reftable":
		fmt.Fprintf(sum, "git %d %q\n", f.size, name)
	default:
		return g, nil
	}
	content := io.TeeReader(f.content, sum)
	switch {
	case top == "refs":
		g.named(name)
	case top == "reftable":
		g.some = true
	case name == "HEAD":
		lines := bufio.NewScanner(content)
		if lines.Scan() {
			branch, is := strings.CutPrefix(strings.TrimSpace(lines.Text()), "ref: refs/heads/")
			if is {
				g.branch = branch
			}
		}
	case name == "packed-refs":
		lines := bufio.NewScanner(content)
		for lines.Scan() && !g.some {
			if _, name, ok := strings.Cut(lines.Text(), " "); ok && strings.HasPrefix(name, "refs/") {
				g.named(name)
			}
		}
		g.some = g.some || lines.Err() != nil
	}
	_, err := io.Copy(io.Discard, content)
	return g, err
}

// A gitFile is a file of the Git repository in an archive.
type gitFile struct {
	name    string // in the archive
	regular bool
	size    int64
	content io.Reader
}

// named keeps the name of a branch or tag.
func (g *revisions) named(name string) {
	if rest, of := strings.CutPrefix(name, "refs/remotes/"); of {
		_, branch, _ := strings.Cut(rest, "/")
		name = "refs/heads/" + branch
	}
	if g.size += len(name); g.size > maxRevisions {
		g.some = true
		return
	}
	g.names[name] = true
}
