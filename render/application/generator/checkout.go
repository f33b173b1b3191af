package generator

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	appv1 "github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/git"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

// maxFiles is how many bytes of files one entry of a git generator may read.
const maxFiles = 64 << 20

// A checkout answers the git generator from a file system, as Argo CD's repo-server does from a clone. It is one of
// Argo CD's services.Repos.
type checkout struct {
	repository fs.FS
	fileSize   int64           // that a file may have
	urls       map[string]bool // as Argo CD normalizes them
	emptyFiles bool            // an empty list in a file gives no parameters
	at         func(url string) func(name string) string

	mu     sync.Mutex
	others map[string]*checkout // by address, those of which the root is elsewhere in the files

	once  sync.Once
	err   error
	files []string // of the whole repository, in byte order
	dirs  []string // in the order of a walk, without hidden ones
}

func newCheckout(of Repository, emptyFiles bool) *checkout {
	c := &checkout{repository: of.FS, fileSize: of.FileSize, urls: map[string]bool{}, emptyFiles: emptyFiles,
		at: of.At, others: map[string]*checkout{}}
	for _, url := range of.URLs {
		c.urls[git.NormalizeGitURL(url)] = true
	}
	return c
}

// checkURL fails for another repository than this one, whose files are not here.
func (c *checkout) checkURL(url string) error {
	if len(c.urls) == 0 || c.urls[git.NormalizeGitURL(url)] {
		return nil
	}
	return problem.New("", 0, "the git generator is of the repository %s, which is not this one", url).
		WithHint("its files are not here; if they are, add the address to spec.repositoryURLs of %s",
			hierarchy.FleetFile)
}

// of returns the checkout of the repository with an address. It fails as checkURL does.
func (c *checkout) of(url string) (*checkout, error) {
	if err := c.checkURL(url); err != nil || c.at == nil {
		return c, err
	}
	locate := c.at(url)
	if locate == nil {
		return c, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.others[url] == nil {
		c.others[url] = newCheckout(Repository{FS: worktree.Relocated(c.repository, locate), FileSize: c.fileSize},
			c.emptyFiles)
	}
	return c.others[url], nil
}

// walk lists files and directories. Symbolic links count as files, as for Git.
func (c *checkout) walk() error {
	c.once.Do(func() {
		hidden := ""
		c.err = fs.WalkDir(c.repository, ".", func(name string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case !entry.IsDir():
				c.files = append(c.files, name)
				return nil
			case name == ".", hidden != "" && strings.HasPrefix(name, hidden):
				return nil
			case strings.HasPrefix(entry.Name(), "."):
				hidden = name + "/"
				return nil
			}
			c.dirs = append(c.dirs, name)
			return nil
		})
		slices.Sort(c.files)
	})
	return c.err
}

// GetDirectories returns all directories but the hidden ones and those in them, as repo-server's GetGitDirectories.
func (c *checkout) GetDirectories(_ context.Context, url, _, _ string, _ bool, _ *appv1.SourceIntegrity) ([]string,
	error) {
	c, err := c.of(url)
	if err != nil {
		return nil, err
	}
	if err := c.walk(); err != nil {
		return nil, err
	}
	return c.dirs, nil
}

// GetFiles returns the files that match a pathspec of `git ls-files`, which is what repo-server's GetGitFiles uses by
// default (without --enable-new-git-file-globbing). It fails on a path outside of the repository, on pathspec magic,
// and on files that are too large.
func (c *checkout) GetFiles(_ context.Context, url, _, _, pattern string, _ bool,
	_ *appv1.SourceIntegrity) (map[string][]byte, error) {
	c, err := c.of(url)
	if err != nil {
		return nil, err
	}
	if err := c.walk(); err != nil {
		return nil, err
	}
	matching, err := match(c.files, pattern)
	if err != nil {
		return nil, err
	}
	return c.read(matching, pattern, "")
}

// read returns the content of files, which match a pattern. Messages call them by their names below a directory.
func (c *checkout) read(matching []string, pattern, directory string) (map[string][]byte, error) {
	found := make(map[string][]byte, len(matching))
	size := 0
	for _, name := range matching {
		label := path.Join(directory, name)
		data, err := hierarchy.ReadFile(c.repository, name, label, c.fileSize)
		if err != nil {
			return nil, err
		}
		if err := safeyaml.Check(data, label); err != nil { // the generator parses it
			return nil, err
		}
		if size += len(data); size > maxFiles {
			return nil, fmt.Errorf("the files that match %q are larger than %d MiB together", pattern, maxFiles>>20)
		}
		if !c.emptyFiles && isEmptyList(data, label) {
			data = []byte("{}") // Argo CD 2.14 makes one set of parameters of it
		}
		found[name] = data
	}
	return found, nil
}

// isEmptyList tells whether a file holds an empty list.
func isEmptyList(data []byte, label string) bool {
	var list []any
	return safeyaml.Unmarshal(data, label, &list) == nil && list != nil && len(list) == 0
}

// match returns those of the sorted files that match a pathspec: of this name, below a directory of this name, or of a
// name that the wildcards fit; there, * and ? also stand for slashes (gitglossary, "pathspec").
func match(files []string, pattern string) ([]string, error) {
	if strings.HasPrefix(pattern, ":") {
		return nil, fmt.Errorf("%q: pathspec magic is not possible here", pattern)
	}
	clean := path.Clean(pattern) // also of "", for which repo-server asks for "."
	if path.IsAbs(clean) || clean == ".." || strings.HasPrefix(clean, "../") {
		return nil, fmt.Errorf("%q is outside of the repository", pattern)
	}
	if clean == "." {
		return files, nil
	}
	if strings.HasSuffix(pattern, "/") {
		clean += "/"
	}
	glob := wildcards(clean)
	literal := clean
	if i := strings.IndexAny(clean, `*?[\`); i >= 0 {
		literal = clean[:i]
	}
	start, _ := slices.BinarySearch(files, literal)
	var found []string
	for _, name := range files[start:] {
		if !strings.HasPrefix(name, literal) {
			break
		}
		rest, below := strings.CutPrefix(name, clean)
		below = below && (rest == "" || rest[0] == '/' || strings.HasSuffix(clean, "/"))
		if below || glob != nil && glob.MatchString(bytesAsRunes(name)) {
			found = append(found, name)
		}
	}
	return found, nil
}

// wildcards returns the regular expression for a pathspec; nil if it cannot match anything.
func wildcards(pattern string) *regexp.Regexp {
	var out strings.Builder
	out.WriteString(`(?s)\A`)
	for i := 0; i < len(pattern); i++ {
		switch char := pattern[i]; char {
		case '*':
			out.WriteString(`.*`)
		case '?':
			out.WriteByte('.')
		case '[':
			class, length := bracket(pattern[i:])
			if length == 0 {
				return nil
			}
			out.WriteString(class)
			i += length - 1
		default:
			if char == '\\' {
				if i++; i == len(pattern) {
					return nil
				}
			}
			out.WriteString(regexp.QuoteMeta(bytesAsRunes(pattern[i : i+1])))
		}
	}
	out.WriteString(`\z`)
	expression, err := regexp.Compile(out.String())
	if err != nil {
		return nil // a range such as [z-a] is one that Git takes for empty
	}
	return expression
}

// bracket translates a bracket expression at the start of a pattern, and returns how long it is there; 0 if it has no
// end.
func bracket(pattern string) (class string, length int) {
	out := "["
	i := 1
	if i < len(pattern) && (pattern[i] == '!' || pattern[i] == '^') {
		out += "^"
		i++
	}
	for first := true; i < len(pattern); first = false {
		switch char := pattern[i]; {
		case char == ']' && !first:
			return out + "]", i + 1
		case char == '-' && !first && i+1 < len(pattern) && pattern[i+1] != ']':
			out += "-"
		case strings.HasPrefix(pattern[i:], "[:"):
			end := strings.Index(pattern[i:], ":]")
			if end < 0 {
				return "", 0
			}
			out += pattern[i : i+end+2]
			i += end + 1
		default:
			if char == '\\' {
				if i++; i == len(pattern) {
					return "", 0
				}
			}
			out += `\x{` + fmt.Sprintf("%x", pattern[i]) + `}`
		}
		i++
	}
	return "", 0
}

// bytesAsRunes turns each byte into one rune, since Git matches bytes.
func bytesAsRunes(s string) string {
	runes := make([]rune, len(s))
	for i := range len(s) {
		runes[i] = rune(s[i])
	}
	return string(runes)
}
