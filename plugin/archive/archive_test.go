package archive

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/argoproj/argo-cd/v3/util/io/files"
	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

var enough = Limits{Bytes: 1 << 20, Files: 1000}

// TestSameAsDisk: a repository as Argo CD packs it has the files that it has on disk.
func TestSameAsDisk(t *testing.T) {
	directory := t.TempDir()
	for name, text := range map[string]string{"fleet.yaml": "spec: {}", "addons/a/values.yaml": "a: b", "empty": "",
		"deep/" + strings.Repeat("d/", 20) + "x": "x", ".gitignore": "bin"} {
		file := filepath.Join(directory, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	}
	require.NoError(t, os.Mkdir(filepath.Join(directory, "nothing"), 0o755))
	require.NoError(t, os.Symlink("../addons", filepath.Join(directory, "deep", "link")))
	require.NoError(t, os.Symlink("missing", filepath.Join(directory, "dangling")))
	var sent bytes.Buffer
	_, err := files.Tgz(directory, nil, nil, &sent)
	require.NoError(t, err)
	tree, err := Read(&sent, enough)
	require.NoError(t, err)
	require.Positive(t, tree.Size())

	disk, err := worktree.Open(directory)
	require.NoError(t, err)
	memory := worktree.Inside(tree)
	require.Equal(t, list(t, disk), list(t, memory))
	without, err := Read(bytes.NewReader(packed(t, file("a/b", "text"), file("c", ""))), enough)
	require.NoError(t, err)
	require.NoError(t, fstest.TestFS(without, "a/b", "c"))
	data, err := fs.ReadFile(memory, "deep/link/a/values.yaml")
	require.NoError(t, err)
	data[0] = 'X'
	again, err := fs.ReadFile(memory, "deep/link/a/values.yaml")
	require.NoError(t, err)
	require.Equal(t, "a: b", string(again), "whoever reads a file cannot change it")
	for _, name := range []string{"missing", "fleet.yaml/x", "dangling"} {
		_, err := fs.ReadFile(memory, name)
		require.Error(t, err, name)
	}
	_, err = fs.ReadFile(memory, "addons")
	require.Error(t, err)
}

// list says of each file what it is.
func list(t *testing.T, fsys fs.FS) (all []string) {
	t.Helper()
	require.NoError(t, fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		line := fmt.Sprint(name, " ", entry.Type())
		switch {
		case entry.Type().IsRegular():
			data, err := fs.ReadFile(fsys, name)
			require.NoError(t, err)
			line += " " + string(data)
		case entry.Type() == fs.ModeSymlink:
			target, err := fs.ReadLink(fsys, name)
			require.NoError(t, err)
			line += " " + target
		}
		all = append(all, line)
		return nil
	}))
	return all
}

func packed(t testing.TB, headers ...tar.Header) []byte {
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	w := tar.NewWriter(zipped)
	for _, header := range headers {
		content := header.Uname // of no use otherwise
		header.Uname, header.Size = "", int64(len(content))
		require.NoError(t, w.WriteHeader(&header))
		_, err := io.WriteString(w, content)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	require.NoError(t, zipped.Close())
	return out.Bytes()
}

func file(name, content string) tar.Header {
	return tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Uname: content}
}

func link(name, target string) tar.Header {
	return tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: target}
}

// TestHostile: what leads out, is something odd or too much is refused.
func TestHostile(t *testing.T) {
	var many []tar.Header
	for i := range 1001 {
		many = append(many, file(fmt.Sprint("f", i), ""))
	}
	for name, test := range map[string]struct {
		headers []tar.Header
		want    string
	}{
		"out":              {[]tar.Header{file("../x", "")}, "is no name of a file in it"},
		"out, inside":      {[]tar.Header{file("a/../../x", "")}, "is no name of a file in it"},
		"link out":         {[]tar.Header{link("a", "../x")}, "leads out"},
		"link to the root": {[]tar.Header{link("a", "/etc/passwd")}, "leads out"},
		"a hard link":      {[]tar.Header{{Typeflag: tar.TypeLink, Name: "a", Linkname: "b"}}, "neither a file"},
		"a device":         {[]tar.Header{{Typeflag: tar.TypeChar, Name: "a"}}, "neither a file"},
		"through a file":   {[]tar.Header{file("a", ""), file("a/b", "")}, "is a directory and something else"},
		"through a link":   {[]tar.Header{link("a", "b"), file("a/b", "")}, "is a directory and something else"},
		"over a directory": {[]tar.Header{file("a/b", ""), file("a", "")}, "is a directory and something else"},
		"deep":             {[]tar.Header{file(strings.Repeat("a/", 300)+"b", "")}, "is no name"},
		"a long name":      {[]tar.Header{file(strings.Repeat("a", 5000), "")}, "is no name"},
		"many files":       {many, "more than 1000 files"},
		"large":            {[]tar.Header{file("a", strings.Repeat("a", 2<<20))}, "more than 1048576 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read(bytes.NewReader(packed(t, test.headers...)), enough)
			require.ErrorContains(t, err, test.want)
			require.Less(t, len(err.Error()), 500)
			require.NotContains(t, err.Error(), "\n")
		})
	}
	whole := packed(t, file("a", "text"), file("b", "text"))
	for name, data := range map[string][]byte{"no archive": []byte("text"), "truncated": whole[:len(whole)-20],
		"empty": nil} {
		_, err := Read(bytes.NewReader(data), enough)
		require.Error(t, err, name)
	}
	var zeros bytes.Buffer
	w := gzip.NewWriter(&zeros)
	require.NoError(t, tar.NewWriter(w).WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: ".git/x", Size: 1 << 40}))
	_, err := io.Copy(w, io.LimitReader(zero{}, 64<<20))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	_, err = Read(&zeros, enough)
	require.ErrorIs(t, err, ErrTooLarge, "also of what is left out")
}

type zero struct{}

func (zero) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// TestWhatIsLeftOut: nothing of Git's, in any case of letters; what comes twice is the last.
func TestWhatIsLeftOut(t *testing.T) {
	tree, err := Read(bytes.NewReader(packed(t, file("./a", "1"), file("a", "2"), file(".git/config", "x"),
		file("sub/.GIT/config", "x"), file(".git", "x"), link("l", "."), tar.Header{Typeflag: tar.TypeDir,
			Name: "./"})),
		enough)
	require.NoError(t, err)
	require.Equal(t, []string{". d---------", "a ---------- 2", "l L--------- ."}, list(t, tree))
}

// FuzzRead: whatever arrives, nothing leads out and the bounds hold.
func FuzzRead(f *testing.F) {
	f.Add(packed(f, file("a/b", "text"), link("l", "a")))
	f.Add(packed(f, tar.Header{Typeflag: tar.TypeDir, Name: "d/"}))
	f.Fuzz(func(t *testing.T, data []byte) {
		tree, err := Read(bytes.NewReader(data), Limits{Bytes: 1 << 16, Files: 100})
		if err != nil {
			require.NotContains(t, err.Error(), "\n")
			return
		}
		require.LessOrEqual(t, tree.Size(), int64(1<<16))
		_ = list(t, worktree.Inside(tree))
	})
}

// TestOnDisk: beyond the bound of memory, files are as they are in memory, and no directory has anything of them.
func TestOnDisk(t *testing.T) {
	data := packed(t, file("a", strings.Repeat("a", 2000)), file("b/large", strings.Repeat("b", 200_000)),
		file("c", ""),
		file("b/last", "last"), link("d", "b/large"))
	memory, err := Read(bytes.NewReader(data), enough)
	require.NoError(t, err)
	limits := enough
	limits.Memory, limits.Directory = 4<<10, t.TempDir()
	disk, err := Read(bytes.NewReader(data), limits)
	require.NoError(t, err)
	require.NotNil(t, disk.disk)
	require.Less(t, disk.Size(), int64(10<<10))
	require.Equal(t, memory.Digest(), disk.Digest())
	require.Equal(t, list(t, worktree.Inside(memory)), list(t, worktree.Inside(disk)))
	without, err := Read(bytes.NewReader(packed(t, file("x/a", "text"), file("b", strings.Repeat("b", 20_000)))),
		limits)
	require.NoError(t, err)
	require.NoError(t, fstest.TestFS(without, "x/a", "b"))
	entries, err := os.ReadDir(limits.Directory)
	require.NoError(t, err)
	require.Empty(t, entries)
	part := disk.Sub("b")
	disk.Close()
	_, err = part.ReadFile("large")
	require.ErrorIs(t, err, fs.ErrClosed)
	require.NotEqual(t, memory.Digest(), without.Digest())

	limits.Directory = filepath.Join(limits.Directory, "missing")
	_, err = Read(bytes.NewReader(data), limits)
	require.ErrorContains(t, err, "there is no room for the repository in "+limits.Directory)
}

// TestFullDisk: a disk without space is a failure, not a file that ends early.
func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		full, err = os.Open(os.DevNull) // where that is missing, a file that cannot be written
	}
	require.NoError(t, err)
	r := &reader{tree: &Tree{root: newDirectory("."), disk: full}, limits: Limits{Bytes: 1 << 20, Memory: 1, Files: 10},
		sum: sha256.New()}
	defer r.tree.Close()
	unzipped, err := gzip.NewReader(bytes.NewReader(packed(t, file("a", "text"))))
	require.NoError(t, err)
	require.ErrorContains(t, r.all(unzipped, r.add), "there is no room for the repository")
}

// TestSub: links within the tree lead to directories of it, and no others do.
func TestSub(t *testing.T) {
	tree, err := Read(bytes.NewReader(packed(t, file("a/b/c", "text"), link("l", "a/b"), link("a/up", "../a"),
		link("loop", "loop"), link("missing", "x"), link("file", "a/b/c"))), enough)
	require.NoError(t, err)
	for name, want := range map[string]bool{".": true, "a/b": true, "l": true, "a/up/up/b": true, "loop": false,
		"missing": false, "file": false, "a/b/c": false, "x": false, "l/c": false, "../a": false, "/a": false} {
		require.Equal(t, want, tree.Sub(name) != nil, name)
	}
	data, err := tree.Sub("a/up/up/b").ReadFile("c")
	require.NoError(t, err)
	require.Equal(t, "text", string(data))
}

// TestCutOff: an archive that goes on where the bound of its bytes is, between two files, is too large: it is not taken
// for one that ends there.
func TestCutOff(t *testing.T) {
	limits := Limits{Bytes: 8192, Files: 2}
	const header = 512
	var headers []tar.Header
	for i := range (8192 + 2*4096) / header {
		headers = append(headers, file(fmt.Sprint(".git/", i), ""))
	}
	_, err := Read(bytes.NewReader(packed(t, append(headers, file("fleet.yaml", "spec: {}"))...)), limits)
	require.ErrorIs(t, err, ErrTooLarge)
	tree, err := Read(bytes.NewReader(packed(t, append(headers[5:], file("fleet.yaml", "spec: {}"))...)), limits)
	require.NoError(t, err)
	require.Contains(t, list(t, tree), "fleet.yaml ---------- spec: {}")
}

// TestDigestOfGit: what [Tree.MayHave] can tell of two trees with the same files is the same where their digest is.
func TestDigestOfGit(t *testing.T) {
	seen := map[[sha256.Size]byte]string{}
	for name, more := range map[string][]tar.Header{
		"no Git repository": nil,
		"no revisions":      {file(".git/HEAD", "0123")},
		"what is not known": {file(".git/HEAD", "0123"), file(".git/reftable/tables.list", "")},
		"a branch":          {file(".git/refs/heads/next", "0123")},
		"its other commit":  {file(".git/refs/heads/next", "4567")},
		"packed":            {file(".git/packed-refs", "0123 refs/heads/next\n")},
		"packed, another":   {file(".git/packed-refs", "4567 refs/heads/next\n")},
	} {
		tree, err := Read(bytes.NewReader(packed(t, append(more, file("fleet.yaml", ""))...)), enough)
		require.NoError(t, err)
		require.Empty(t, seen[tree.Digest()], name)
		seen[tree.Digest()] = name
	}
}

// TestBranch: what is checked out is known, as it is in a checkout.
func TestBranch(t *testing.T) {
	for head, want := range map[string]string{"ref: refs/heads/a/b\n": "a/b", "0123\n": "",
		"ref: refs/heads/.invalid\n": "",
		"":                           "", "ref: refs/tags/a": ""} {
		tree, err := Read(bytes.NewReader(packed(t, file(".git/HEAD", head))), enough)
		require.NoError(t, err)
		require.Equal(t, want, tree.Branch(), head)
	}
	tree, err := Read(bytes.NewReader(packed(t, file("HEAD", "ref: refs/heads/a"))), enough)
	require.NoError(t, err)
	require.Empty(t, tree.Branch())
}

// TestReadGit: the Git repository at the root, and nothing else, not even links.
func TestReadGit(t *testing.T) {
	archive := packed(t, file(".git/HEAD", "0123"), file(".git/objects/ab/cd", "object"), file("fleet.yaml", ""),
		file("a/.git/HEAD", "4567"), link("l", "a"), link(".git/l", "HEAD"))
	git, err := ReadGit(bytes.NewReader(archive), enough)
	require.NoError(t, err)
	defer git.Close()
	require.Equal(t, []string{". d---------", "HEAD ---------- 0123", "objects d---------", "objects/ab d---------",
		"objects/ab/cd ---------- object"}, list(t, git))

	few := enough
	few.Files = 2
	_, err = ReadGit(bytes.NewReader(archive), few)
	require.ErrorIs(t, err, ErrTooLarge)
	_, err = ReadGit(bytes.NewReader(archive[:len(archive)/2]), enough)
	require.Error(t, err)
	_, err = ReadGit(strings.NewReader("no archive"), enough)
	require.ErrorContains(t, err, "not compressed")
}
