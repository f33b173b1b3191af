package generator

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

func TestMatchIsThatOfGitLsFiles(t *testing.T) {
	files := []string{".github/sub/f.yaml", ".hid/f.yaml", "a/B.YAML", "a/b/c/g.json", "a/b/config.yaml", "a/b/f.yaml",
		"a/f.yaml", "br[ack/f.yaml",
		"f.yaml", "st*r.txt", "x.d/f.yaml", "x.yaml", "{x,y}.yaml", "ü.txt"}
	// The right side is what git 2.39 prints for `git ls-files -- PATTERN` in a repository of these files.
	for pattern, want := range map[string]string{
		".":             strings.Join(files, "|"),
		"":              strings.Join(files, "|"), // repo-server asks for "." then
		"a":             "a/B.YAML|a/b/c/g.json|a/b/config.yaml|a/b/f.yaml|a/f.yaml",
		"a/":            "a/B.YAML|a/b/c/g.json|a/b/config.yaml|a/b/f.yaml|a/f.yaml",
		"a/b":           "a/b/c/g.json|a/b/config.yaml|a/b/f.yaml",
		"./a/f.yaml":    "a/f.yaml",
		"a//f.yaml":     "a/f.yaml",
		"a/x/../f.yaml": "a/f.yaml",
		"a/b/../../x.d": "x.d/f.yaml",
		"*.yaml": ".github/sub/f.yaml|.hid/f.yaml|a/b/config.yaml|a/b/f.yaml|a/f.yaml|br[ack/f.yaml|f.yaml|" +
			"x.d/f.yaml|x.yaml|{x,y}.yaml",
		"**/f.yaml":      ".github/sub/f.yaml|.hid/f.yaml|a/b/f.yaml|a/f.yaml|br[ack/f.yaml|x.d/f.yaml",
		"a/**/f.yaml":    "a/b/f.yaml",
		"a/*":            "a/B.YAML|a/b/c/g.json|a/b/config.yaml|a/b/f.yaml|a/f.yaml",
		"a/*/f.yaml":     "a/b/f.yaml",
		"a/?/f.yaml":     "a/b/f.yaml",
		"a?f.yaml":       "a/f.yaml",
		"a/[bc]/f.yaml":  "a/b/f.yaml",
		"a/[!c]/*.yaml":  "a/b/config.yaml|a/b/f.yaml",
		"a/[^b]/*":       "",
		"a/[a-z]*":       "a/b/c/g.json|a/b/config.yaml|a/b/f.yaml|a/f.yaml",
		"a/[[:alpha:]]*": "a/B.YAML|a/b/c/g.json|a/b/config.yaml|a/b/f.yaml|a/f.yaml",
		"br[ack":         "br[ack/f.yaml",
		`br\[ack/*`:      "br[ack/f.yaml",
		"br[ack/*":       "",
		`st\*r.txt`:      "st*r.txt",
		"st*r.txt":       "st*r.txt",
		"?.txt":          "",
		"??.txt":         "ü.txt",
		"{x,y}.yaml":     "{x,y}.yaml",
		"nope":           "",
		"a/b*":           "a/b/c/g.json|a/b/config.yaml|a/b/f.yaml",
		"a*/b":           "",
		"a/[z-a]*":       "",
		"a/[]b]/*":       "a/b/c/g.json|a/b/config.yaml|a/b/f.yaml",
		"a/[!]]/f.yaml":  "a/b/f.yaml",
		"a/[b-]/f.yaml":  "a/b/f.yaml",
		`a/[\b]/f.yaml`:  "a/b/f.yaml",
		"f.yaml/":        "",
		"*/":             "",
		"a/*/":           "",
		"*a/b/c":         "",
		"[":              "",
		"[a":             "",
		"[[:alpha":       "",
		`[\`:             "",
		`\f.yaml`:        "f.yaml",
		".hid/*":         ".hid/f.yaml",
		"*/sub/*":        ".github/sub/f.yaml",
		`a\b`:            "",
		`x.yaml\`:        "",
	} {
		got, err := match(files, pattern)
		require.NoError(t, err, pattern)
		require.Equal(t, want, strings.Join(got, "|"), pattern)
	}
	for _, pattern := range []string{"../x", "/etc/passwd", "a/../../x", "..", ":/a", ":(glob)**/f.yaml", ":!a"} {
		_, err := match(files, pattern)
		require.Error(t, err, pattern)
	}
}

func TestCheckoutHidesGitAndHiddenDirectories(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, fstest.MapFS{
		".git/config": {}, ".github/workflows/ci.yaml": {}, "a/.git": {Data: []byte("gitdir: x")},
		"a/.hidden/deep/x": {}, "a/b/c": {}, "d.e/f": {}, "z": {},
	}))
	repository, err := worktree.Open(dir)
	require.NoError(t, err)
	c := &checkout{repository: repository, fileSize: hierarchy.MaxFileSize}
	dirs, err := c.GetDirectories(context.Background(), "", "", "", false, nil)
	require.NoError(t, err)
	require.Equal(t, []string{"a", "a/b", "d.e"}, dirs)
	found, err := c.GetFiles(context.Background(), "", "", "", "*", false, nil)
	require.NoError(t, err)
	require.NotContains(t, found, ".git/config")
	require.NotContains(t, found, "a/.git")
	require.Contains(t, found, ".github/workflows/ci.yaml")
	require.Contains(t, found, "a/.hidden/deep/x")
}

func TestCheckoutStaysInTheRepository(t *testing.T) {
	outside, inside := t.TempDir(), t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(outside, "secret.yaml"), []byte("secret: CANARY"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(inside, "a.yaml"), []byte("a: 1"), 0o600))
	require.NoError(t, os.Symlink(filepath.Join(outside, "secret.yaml"), filepath.Join(inside, "link.yaml")))
	require.NoError(t, os.Symlink("a.yaml", filepath.Join(inside, "good.yaml")))
	require.NoError(t, os.Symlink(outside, filepath.Join(inside, "directory")))
	repository, err := worktree.Open(inside)
	require.NoError(t, err)
	c := &checkout{repository: repository, fileSize: hierarchy.MaxFileSize}

	found, err := c.GetFiles(context.Background(), "", "", "", "good.yaml", false, nil)
	require.NoError(t, err)
	require.Equal(t, map[string][]byte{"good.yaml": []byte("a: 1")}, found)
	for _, pattern := range []string{"link.yaml", "directory", "*"} {
		_, err := c.GetFiles(context.Background(), "", "", "", pattern, false, nil)
		require.Error(t, err, pattern)
		require.NotContains(t, err.Error(), "CANARY")
		require.NotContains(t, err.Error(), outside)
	}
	found, err = c.GetFiles(context.Background(), "", "", "", "directory/secret.yaml", false, nil)
	require.NoError(t, err, "what is behind a link is not there")
	require.Empty(t, found)
	dirs, err := c.GetDirectories(context.Background(), "", "", "", false, nil)
	require.NoError(t, err)
	require.Empty(t, dirs)
}

func TestCheckoutLimitsSizes(t *testing.T) {
	large := &fstest.MapFile{Data: make([]byte, hierarchy.LargestFileSize)}
	c := &checkout{fileSize: hierarchy.LargestFileSize, repository: fstest.MapFS{
		"large": {Data: make([]byte, hierarchy.LargestFileSize+1)},
		"x/1":   large, "x/2": large, "x/3": large, "x/4": large, "x/5": large, "x/6": large, "x/7": large,
	}}
	_, err := c.GetFiles(context.Background(), "", "", "", "large", false, nil)
	require.EqualError(t, err, "large: is larger than 10 MiB; is this the right file? The limit cannot be raised")
	_, err = c.GetFiles(context.Background(), "", "", "", "x", false, nil)
	require.EqualError(t, err, `the files that match "x" are larger than 64 MiB together`)
	_, err = c.GetFiles(context.Background(), "", "", "", "x/1", false, nil)
	require.NoError(t, err)
}

// brokenFS fails to open everything.
type brokenFS struct{}

func (brokenFS) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: "/machine/" + name, Err: errors.New("broken")}
}

func TestCheckoutReportsWhatCannotBeRead(t *testing.T) {
	c := &checkout{repository: brokenFS{}}
	_, err := c.GetFiles(context.Background(), "", "", "", "*", false, nil)
	require.ErrorContains(t, err, "broken")
	_, err = c.GetDirectories(context.Background(), "", "", "", false, nil)
	require.ErrorContains(t, err, "broken")
}

// FuzzMatch makes sure that no pathspec panics, and that none without wildcards gives a file outside of its directory.
func FuzzMatch(f *testing.F) {
	for _, seed := range []string{"a/[", "[[:x:]]", "[!", "**", `\`, "a/b/../c", "[a-\\]]", "[[:alpha:]-z]", "é*"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		files := []string{"a", "b/c.yaml", "b/é", "x]"}
		found, err := match(files, pattern)
		if err != nil {
			return
		}
		require.Subset(t, files, found)
	})
}

// TestGlobbedIsThatOfRepoServer: repo-server asks a directory what package doublestar finds in it, and takes the files.
func TestGlobbedIsThatOfRepoServer(t *testing.T) {
	fsys := fstest.MapFS{}
	for _, name := range []string{".hidden/a.yaml", "a.yaml", "b.json", "d/a.yaml", "d/e/a.yaml", "d/e/b.yaml",
		"{x}.yaml", "d/e/f/g/a.yaml"} {
		fsys[name] = &fstest.MapFile{}
	}
	c := newCheckout(Repository{FS: fsys}, true)
	require.NoError(t, c.walk())
	for _, pattern := range []string{"**", "*", "*.yaml", "**/*.yaml", "**/a.yaml", "d/**", "d/*/*", "d", "d/",
		"./a.yaml", "/a.yaml", "../a.yaml",
		"d/../a.yaml", "{a,b}.*", "d/{e,f}/*", `\{x\}.yaml`, "[ab].*", "[!a].*", "?.yaml", ".hidden/*", ".*/*", "**/e/**", "d/e", "none", "d//e/a.yaml",
		"**/**/a.yaml", "d/**/a.yaml", "{d/e,d/e/f/g}/a.yaml", "{d/,}a.yaml"} {
		got, err := c.globbed(pattern)
		require.NoError(t, err, pattern)
		found, err := doublestar.Glob(fsys, pattern)
		require.NoError(t, err, pattern)
		var want []string
		for _, name := range found {
			if info, err := fs.Stat(fsys, name); err == nil && !info.IsDir() {
				want = append(want, name)
			}
		}
		slices.Sort(want)
		require.ElementsMatch(t, slices.Compact(want), got, pattern) // it puts them into a map
	}
}
