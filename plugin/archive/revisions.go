package archive

import (
	"archive/tar"
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

// revision takes from a file of the Git repository which branches and tags there are. What these stand for counts for
// the digest: of another commit of a branch, other catalogs are read.
func (r *reader) revision(name string, header *tar.Header, content io.Reader) error {
	file, inside := strings.CutPrefix(name, ".git/")
	if !inside {
		return nil
	}
	if r.tree.git == nil {
		r.tree.git = &revisions{names: map[string]bool{}}
		fmt.Fprintln(r.sum, "git")
	}
	if header.Typeflag != tar.TypeReg {
		return nil
	}
	top, _, _ := strings.Cut(file, "/")
	switch top {
	case "HEAD", "packed-refs", "refs", "reftable":
		fmt.Fprintf(r.sum, "git %d %q\n", header.Size, file)
		content = io.TeeReader(content, r.sum)
	default:
		return nil
	}
	switch {
	case top == "refs":
		r.named(file)
	case top == "reftable":
		r.tree.git.some = true
	case file == "HEAD":
		lines := bufio.NewScanner(content)
		if lines.Scan() {
			branch, is := strings.CutPrefix(strings.TrimSpace(lines.Text()), "ref: refs/heads/")
			if is {
				r.tree.git.branch = branch
			}
		}
	case file == "packed-refs":
		lines := bufio.NewScanner(content)
		for lines.Scan() && !r.tree.git.some {
			if _, name, ok := strings.Cut(lines.Text(), " "); ok && strings.HasPrefix(name, "refs/") {
				r.named(name)
			}
		}
		r.tree.git.some = r.tree.git.some || lines.Err() != nil
	}
	_, err := io.Copy(io.Discard, content)
	return err
}

// named keeps the name of a branch or tag.
func (r *reader) named(name string) {
	git := r.tree.git
	if rest, of := strings.CutPrefix(name, "refs/remotes/"); of {
		_, branch, _ := strings.Cut(rest, "/")
		name = "refs/heads/" + branch
	}
	if git.size += len(name); git.size > maxRevisions {
		git.some = true
		return
	}
	git.names[name] = true
}
