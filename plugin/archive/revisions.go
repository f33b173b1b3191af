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
	names map[string]bool // with refs/; those of branches of a remote without the remote
	size  int             // in bytes
	some  bool            // not all are known
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

// commit matches what can be the name of a commit, in full or abbreviated.
var commit = regexp.MustCompile(`^[0-9a-fA-F]{4,64}$`)

// revision takes from a file of the Git repository which branches and tags there are, and nothing else.
func (r *reader) revision(name string, header *tar.Header, content io.Reader) error {
	file, inside := strings.CutPrefix(name, ".git/")
	if !inside {
		return nil
	}
	if r.tree.git == nil {
		r.tree.git = &revisions{names: map[string]bool{}}
		fmt.Fprintln(r.sum, "git")
	}
	known := !r.tree.git.some
	switch {
	case header.Typeflag != tar.TypeReg:
	case strings.HasPrefix(file, "refs/"):
		r.named(file)
	case strings.HasPrefix(file, "reftable/"):
		r.tree.git.some = true
	case file == "packed-refs":
		lines := bufio.NewScanner(content)
		for lines.Scan() && !r.tree.git.some {
			if _, name, ok := strings.Cut(lines.Text(), " "); ok && strings.HasPrefix(name, "refs/") {
				r.named(name)
			}
		}
		r.tree.git.some = r.tree.git.some || lines.Err() != nil
	}
	if known && r.tree.git.some {
		fmt.Fprintln(r.sum, "git, not all")
	}
	return nil
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
	fmt.Fprintf(r.sum, "git %q\n", name)
}
