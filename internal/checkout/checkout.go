// Package checkout looks at a Git checkout from outside: which branch is checked out, which names can be those of
// revisions, and on which servers the remotes are. It reads a few plain files of .git, no objects, and runs nothing.
package checkout

import (
	"bufio"
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

// The sizes, in bytes, above which files of .git are not read: of those with one line, and of those with many.
const (
	maxLine = 64 << 10
	maxList = 64 << 20
)

// A Checkout is a work tree of a Git repository, or a bare repository.
type Checkout struct {
	Root string // the directory with .git

	git    string // the directory of the work tree in the repository
	common string // the directory of the repository
}

// Find returns the checkout that a directory is in; false if it is in none. It looks at the directories around it.
func Find(directory string) (*Checkout, bool) {
	root, err := filepath.Abs(directory)
	if err == nil {
		root, err = filepath.EvalSymlinks(root)
	}
	if err != nil {
		return nil, false
	}
	for ; ; root = filepath.Dir(root) {
		git := filepath.Join(root, ".git")
		if info, err := os.Stat(git); err == nil {
			if !info.IsDir() { // of a further work tree, or a submodule
				git = named(root, git, "gitdir: ")
			}
			return &Checkout{Root: root, git: git, common: commonOf(git)}, true
		}
		if root == filepath.Dir(root) {
			return nil, false
		}
	}
}

// commonOf returns the directory that all work trees of a repository share.
func commonOf(git string) string {
	if common := named(git, filepath.Join(git, "commondir"), ""); common != "" {
		return common
	}
	return git
}

// named returns the path that a file names after a prefix, seen from a directory; "" if it names none.
func named(from, file, prefix string) string {
	data, err := worktree.ReadPath(file, maxLine)
	name, is := strings.CutPrefix(strings.TrimSpace(string(data)), prefix)
	if err != nil || !is || name == "" {
		return ""
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(from, name)
	}
	return name
}

// Branch returns the branch that is checked out; "" if that is none, or cannot be told.
func (c *Checkout) Branch() string {
	data, err := worktree.ReadPath(filepath.Join(c.git, "HEAD"), maxLine)
	branch, is := strings.CutPrefix(strings.TrimSpace(string(data)), "ref: refs/heads/")
	if err != nil || !is || branch == ".invalid" { // as with reftable
		return ""
	}
	return branch
}

// hash matches what can be the name of a commit, in full or abbreviated.
var hash = regexp.MustCompile(`^[0-9a-fA-F]{4,64}$`)

// IsName tells whether a text can be the name of a branch, a tag or a commit, as git-check-ref-format has it.
func IsName(text string) bool {
	return text != "" && !strings.HasPrefix(text, "-") && !strings.HasSuffix(text, ".lock") &&
		!strings.ContainsAny(text, "~^:?*[\\ \x7f") && !strings.Contains(text, "@{") && fs.ValidPath(text) &&
		!strings.Contains(text, "..") && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' })
}

// MayHave tells whether the checkout can have a revision: a branch of its own or of a remote, a tag, HEAD, or what can
// be the name of a commit. Branches and tags may be given in full, as refs/heads/NAME and refs/tags/NAME.
func (c *Checkout) MayHave(revision string) bool {
	name := strings.TrimPrefix(strings.TrimPrefix(revision, "refs/heads/"), "refs/tags/")
	switch {
	case !IsName(name):
		return false
	case name == "HEAD", hash.MatchString(name):
		return true
	}
	if _, err := os.Stat(filepath.Join(c.common, "reftable")); err == nil {
		return true // which cannot be told from files
	}
	for _, directory := range append([]string{"heads", "tags"}, c.remoteDirectories()...) {
		file := filepath.Join(c.common, "refs", directory, filepath.FromSlash(name))
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			return true
		}
	}
	return c.isPacked(name)
}

// remoteDirectories returns the directories below refs that have the branches of remotes.
func (c *Checkout) remoteDirectories() []string {
	entries, err := os.ReadDir(filepath.Join(c.common, "refs", "remotes"))
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		names = append(names, filepath.Join("remotes", e.Name()))
	}
	return names
}

// isPacked tells whether the file packed-refs can have a branch or tag.
func (c *Checkout) isPacked(name string) bool {
	data, err := worktree.ReadPath(filepath.Join(c.common, "packed-refs"), maxList)
	if errors.Is(err, worktree.ErrTooLarge) {
		return true
	}
	for rest := data; ; {
		i := bytes.Index(rest, []byte("/"+name+"\n"))
		if i < 0 {
			return false
		}
		line := rest[bytes.LastIndexByte(rest[:i], '\n')+1 : i]
		_, ref, _ := strings.Cut(string(line), " ")
		parts := strings.Split(ref, "/")
		if ref == "refs/heads" || ref == "refs/tags" || len(parts) == 3 && strings.HasPrefix(ref, "refs/remotes/") {
			return true
		}
		rest = rest[i+1:]
	}
}

// remoteURL matches a line with the address of a remote in a configuration file.
var remoteURL = regexp.MustCompile(`^\s*url\s*=\s*"?([^"\s]+)"?\s*$`)

// Remotes returns the addresses of the remotes, as the repository's own configuration has them. They may hold
// credentials.
func (c *Checkout) Remotes() []string {
	data, err := worktree.ReadPath(filepath.Join(c.common, "config"), maxList)
	if err != nil {
		return nil
	}
	var remotes []string
	inRemote := false
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		line := lines.Text()
		if strings.HasPrefix(strings.TrimSpace(line), "[") {
			inRemote = strings.HasPrefix(strings.TrimSpace(line), "[remote ")
		}
		if match := remoteURL.FindStringSubmatch(line); match != nil && inRemote {
			remotes = append(remotes, match[1])
		}
	}
	slices.Sort(remotes)
	return slices.Compact(remotes)
}
