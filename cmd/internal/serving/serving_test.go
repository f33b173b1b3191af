package serving

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/plugin/archive"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

var enough = Limits{Repositories: 2, Memory: 1 << 30, Archive: archive.Limits{Bytes: 1 << 20, Files: 100}}

// packed returns an archive of files, which are links if they begin with ->, written at a time.
func packed(t testing.TB, at time.Time, files ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	w := tar.NewWriter(zipped)
	for i := 0; i < len(files); i += 2 {
		name, text := files[i], files[i+1]
		header := &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: int64(len(text)), Mode: 0o644, ModTime: at}
		if len(text) > 2 && text[:2] == "->" {
			header.Typeflag, header.Linkname, header.Size, text = tar.TypeSymlink, text[2:], 0, ""
		}
		require.NoError(t, w.WriteHeader(header))
		_, err := io.WriteString(w, text)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	require.NoError(t, zipped.Close())
	return out.Bytes()
}

// A talk is requests to a worker, and its answers.
type talk struct {
	t  testing.TB
	in bytes.Buffer
}

func (k *talk) ask(command, checksum, path string, archive []byte) {
	require.NoError(k.t, WriteRequest(&k.in, Request{Command: command, Content: checksum, Path: path,
		Archive: int64(len(archive))}, bytes.NewReader(archive)))
}

func (k *talk) answers(limits Limits, do func(w *Work, command string, stdout, stderr io.Writer) int) []Response {
	k.t.Helper()
	var out bytes.Buffer
	begun := 0
	w := Worker{Limits: limits, Begin: func() { begun++ }, End: func() { begun-- }, Works: func() bool { return false },
		Do: do}
	require.NoError(k.t, w.Serve(&k.in, &out))
	require.Zero(k.t, begun)
	var all []Response
	for out.Len() > 0 {
		one, err := ReadResponse(&out, 1<<20, roomy)
		require.NoError(k.t, err)
		one.Parts, one.Texts, one.Sizes, one.Sum = written(one.Texts), nil, nil, 0
		all = append(all, one)
	}
	return all
}

// TestRepositories: a repository is kept as long as there is room, and is the same whenever its files were written.
func TestRepositories(t *testing.T) {
	one := packed(t, time.Unix(1, 0), "a", "1")
	k := &talk{t: t}
	k.ask("discover", "one", ".", nil)
	k.ask("discover", "one", ".", one)
	k.ask("discover", "one", ".", nil)
	k.ask("discover", "touched", ".", packed(t, time.Unix(2, 0), "a", "1"))
	k.ask("discover", "two", ".", packed(t, time.Unix(1, 0), "a", "2"))
	k.ask("discover", "three", ".", packed(t, time.Unix(1, 0), "a", "3"))
	k.ask("discover", "one", ".", nil)
	k.ask("discover", "bad", ".", []byte("no archive"))
	k.ask("discover", "three", ".", nil)
	seen := map[*checkout]int{}
	all := k.answers(enough, func(w *Work, _ string, stdout, stderr io.Writer) int {
		repository, _, err := w.Application(".")
		if err != nil {
			t.Error(err)
			return 1
		}
		data, err := fs.ReadFile(repository, "a")
		fmt.Fprint(stdout, string(data), err)
		seen[w.checkout]++
		return 0
	})
	answer := func(text string, kept ...string) Response { return Response{Parts: [][]byte{[]byte(text)}, Kept: kept} }
	require.Equal(t, []Response{
		{Unknown: true}, answer("1<nil>", "one"), answer("1<nil>", "one"), answer("1<nil>", "one", "touched"),
		answer("2<nil>", "one", "touched", "two"), answer("3<nil>", "two", "three"),
		{Unknown: true, Kept: []string{"two", "three"}},
		{Status: 1, Stderr: "Error: the archive is not compressed with gzip: gzip: invalid header\n",
			Kept: []string{"two", "three"}},
		answer("3<nil>", "two", "three"),
	}, all)
	require.Len(t, seen, 3, "one and touched are the same")

	k.ask("discover", "one", ".", one)
	k.ask("discover", "one", ".", nil)
	without := enough
	without.Memory = 1
	all = k.answers(without, func(*Work, string, io.Writer, io.Writer) int { return 0 })
	require.True(t, all[1].Unknown, "a process that has too much memory forgets")
}

// TestObjects: of generate, each object is an answer's part, and what is no YAML is a failure.
func TestObjects(t *testing.T) {
	k := &talk{t: t}
	k.ask("generate", "one", ".", packed(t, time.Now(), "a", "1"))
	k.ask("generate", "one", ".", nil)
	k.ask("generate", "one", ".", nil)
	n := 0
	all := k.answers(enough, func(w *Work, _ string, stdout, stderr io.Writer) int {
		n++
		switch n {
		case 1:
			w.Found([]*problem.Problem{problem.New("", 0, "x").WithRule(problem.RuleDeadValue),
				problem.New("", 0, "y")})
			fmt.Fprintln(stderr, "Warning: x")
			fmt.Fprint(stdout, "---\nb: {d: 1, c: 2.50}\n---\n---\na: [x]\n")
		case 2:
			fmt.Fprint(stdout, "a: [")
		default:
			fmt.Fprint(stdout, "a: b\n")
			return 3
		}
		return 0
	})
	require.Equal(t, [][]byte{[]byte(`{"b":{"c":2.5,"d":1}}`), []byte(`{"a":["x"]}`)}, all[0].Parts)
	require.Equal(t, map[string]int{problem.RuleDeadValue: 1, "": 1}, all[0].Findings)
	require.Equal(t, "Warning: x\n", all[0].Stderr)
	require.Equal(t, 1, all[1].Status)
	require.Contains(t, all[1].Stderr, "Error: failed to unmarshal manifest: ")
	require.Equal(t, 3, all[2].Status)
	require.Empty(t, all[2].Parts, "what fails has no objects")
}

// TestApplication: the fleet is where a process finds it that is started in the Application's directory.
func TestApplication(t *testing.T) {
	data := packed(t, time.Now(), "apps/core/a", "", "sub/fleet.yaml", "{}", "sub/apps/core/a", "", "link", "->sub",
		"sub/apps/core/out", "->../../../apps/core/a", "loop", "->loop", "file", "")
	tree, err := archive.Read(bytes.NewReader(data), enough.Archive)
	require.NoError(t, err)
	for _, test := range []struct {
		path, source string
		root, inside string
		err          string
	}{
		{"apps/core", "apps/core", ".", "apps/core", ""},
		{"apps/core", "", "apps/core", ".", ""},
		{"sub/apps/core", "sub/apps/core", "sub", "apps/core", ""},
		{"link/apps/core", "link/apps/core", "link", "apps/core", ""},
		{"sub", "sub", "sub", ".", ""},
		{"core", "apps/core", "", "", `the app path "core" is not a directory of the repository`},
		{"file", "file", "", "", `the app path "file" is not a directory of the repository`},
		{"loop", "loop", "", "", `the app path "loop" is not a directory of the repository`},
		{"../../apps/core", "apps/core", ".", "apps/core", ""},
		{"/apps/core/", "apps/core", ".", "apps/core", ""},
		{"", ".", ".", ".", ""},
		{"apps", "../apps", "", "", `the Application's path "../apps" is not inside the repository`},
		{"apps", "/apps", "", "", `the Application's path "/apps" is not inside the repository`},
	} {
		w := &Work{path: test.path, checkout: &checkout{tree: tree, roots: map[string]fs.FS{}}}
		repository, inside, err := w.Application(test.source)
		if test.err != "" {
			require.EqualError(t, err, test.err)
			continue
		}
		require.NoError(t, err, test.path)
		require.Equal(t, test.root, w.root, test.path)
		require.Equal(t, test.inside, inside, test.path)
		_, err = fs.Stat(repository, inside)
		require.NoError(t, err)
		if test.root == "sub" {
			_, err = fs.ReadFile(repository, "apps/core/out")
			require.Error(t, err, "nothing leads out of the fleet")
		}
	}
}

// TestSessions: a session is shared where it would be opened with the same, for some time.
func TestSessions(t *testing.T) {
	c := &checkout{}
	opened := 0
	open := func() (*render.Session, workshop.Later, error) {
		opened++
		return &render.Session{}, nil, nil
	}
	use := func(root, parts, argoCD string) (*Work, *render.Session) {
		w := &Work{checkout: c, root: root}
		s, _, err := w.Session(parts, argoCD, open)
		require.NoError(t, err)
		return w, s
	}
	_, first := use(".", "", "")
	for i, other := range [][]string{{"sub", "", ""}, {".", "a", ""}, {".", "", "3.1"}} {
		w, s := use(other[0], other[1], other[2])
		require.False(t, first == s || w.reused)
		require.Equal(t, 2+i, opened)
	}
	w, again := use(".", "", "")
	require.True(t, first == again && w.reused)

	w.session.until = time.Now().Add(-time.Second)
	_, again = use(".", "", "")
	require.NotSame(t, first, again)
	for i := range 3 * maxSessions {
		use(".", fmt.Sprint(i), "")
	}
	require.Len(t, c.sessions, maxSessions)

	_, _, err := (&Work{checkout: c}).Session("broken", "", func() (*render.Session, workshop.Later, error) {
		return nil, nil, os.ErrNotExist
	})
	require.ErrorIs(t, err, os.ErrNotExist)
	require.Nil(t, c.find(sessionKey{parts: "broken"}, time.Now()))
	(&Work{}).failed() // without a session
}

// TestGit: the Git repository is asked for with the archive once a job needs it, and kept with the files.
func TestGit(t *testing.T) {
	sent := packed(t, time.Unix(1, 0), "a", "1", ".git/HEAD", "0123", ".git/refs/heads/next", "4567")
	k := &talk{t: t}
	withGit := func(archive []byte) {
		require.NoError(t, WriteRequest(&k.in, Request{Command: "discover", Content: "one", Path: ".", Git: true,
			Archive: int64(len(archive))}, bytes.NewReader(archive)))
	}
	k.ask("discover", "one", ".", sent)
	withGit(sent)
	k.ask("discover", "one", ".", nil)
	withGit([]byte("no archive")) // it is there already
	for _, other := range []string{"two", "three"} {
		k.ask("parameters", other, ".", packed(t, time.Unix(1, 0), "a", other))
	}
	withGit(sent) // the files are not kept any more: they come first
	withGit([]byte("no archive"))
	all := k.answers(enough, func(w *Work, command string, stdout, stderr io.Writer) int {
		if command == "parameters" {
			return 0
		}
		_, _, err := w.Application(".")
		if err != nil {
			t.Error(err)
			return 1
		}
		require.True(t, w.Sent().MayHave("next"))
		require.False(t, w.Sent().MayHave("other"))
		require.Empty(t, w.Branch())
		git, directory, err := w.Sent().Repository()
		if err != nil {
			require.ErrorIs(t, err, fleet.ErrNoSubstitute)
			fmt.Fprintln(stderr, err)
			return 1
		}
		require.Equal(t, ".", directory)
		head, err := fs.ReadFile(git, "HEAD")
		fmt.Fprint(stdout, string(head), err)
		return 0
	})
	one := []string{"one"}
	done := Response{Parts: [][]byte{[]byte("0123<nil>")}, Kept: one}
	require.Equal(t, []Response{{Git: true, Kept: one}, done, done, done}, all[:4])
	two := []string{"three", "one"}
	require.Equal(t, []Response{{Git: true, Kept: two},
		{Status: 1,
			Stderr: "Error: the Git repository: the archive is not compressed with gzip: gzip: invalid header\n",
			Kept:   two},
	}, all[6:])
}

// TestTooMuch: what the server does not take is an error of the job, and the worker goes on.
func TestTooMuch(t *testing.T) {
	k := &talk{t: t}
	archive := packed(t, time.Now(), "a", "1")
	for range 3 {
		require.NoError(t, WriteRequest(&k.in, Request{Command: "discover", Content: "one", Path: ".", Most: 5,
			Archive: int64(len(archive))}, bytes.NewReader(archive)))
	}
	n := 0
	all := k.answers(enough, func(w *Work, _ string, stdout, stderr io.Writer) int {
		n++
		fmt.Fprint(stdout, "1234567"[:4+n%3])
		return 0
	})
	tooLarge := "Error: the result is too large: it has more than 5 bytes; raise ARGOCD_GRPC_MAX_SIZE_MB of " +
		"repo-server and " +
		"plugin, or render less at once\n"
	require.Equal(t, []Response{
		{Parts: [][]byte{[]byte("12345")}, Kept: []string{"one"}},
		{Status: 1, Stderr: tooLarge, Kept: []string{"one"}},
		{Parts: [][]byte{[]byte("1234")}, Kept: []string{"one"}},
	}, all)

	r := Response{Stderr: strings.Repeat(strings.Repeat("a", 999)+"\n", 2000), Parts: make([][]byte, maxParts)}
	require.NoError(t, r.check(1))
	require.Len(t, r.Stderr, 1048000+len("Warning: 952000 bytes of further messages are left out\n"))
	require.True(t, strings.HasSuffix(r.Stderr, "a\nWarning: 952000 bytes of further messages are left out\n"),
		r.Stderr[1047000:])
	r.Parts = append(r.Parts, nil)
	require.EqualError(t, r.check(1),
		"the result has 2097153 objects, and Argo CD is sent at most 2097152: render less at once")
}
