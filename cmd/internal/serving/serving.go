// Package serving is the side of a worker that does one job after the other for a plugin server: it reads jobs, keeps the
// repositories that these are about, and what was read of them, and answers with what a run of the plugin would print.
package serving

import (
	"bufio"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/supervise"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/plugin/archive"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// A Request asks for what a command of the plugin prints. An archive of so many bytes follows it, if there is one.
type Request struct {
	Command  string   // generate, parameters or discover
	Environ  []string // in the form of os.Environ, besides that of this process
	Path     string   // directory of the Application in the repository
	Checksum string   // of the repository's archive
	Archive  int64    // its size in bytes; 0: it was sent before
}

// A Response is what the command printed.
type Response struct {
	Status   int
	Stdout   []byte
	Stderr   []byte
	Unknown  bool           // nothing was done: the repository is not kept any more, and is to be sent again
	Kept     []string       // checksums of the repositories that are kept
	Session  bool           // a session was used that was opened for another job
	Findings map[string]int // how many there are of each rule; "" for those of none
}

// Limits bound what a worker keeps.
type Limits struct {
	Archive      archive.Limits
	Repositories int   // how many are kept
	Memory       int64 // in bytes: a process that has more after a job forgets all that it keeps
}

// Work is a job that is done.
type Work struct {
	Environ []string

	path     string
	checkout *checkout
	root     string         // of the fleet, in the repository
	reused   bool           // the session was there before
	findings map[string]int // by rule
}

// A checkout is a repository that is kept, with what was opened of it.
type checkout struct {
	checksum string
	tree     *archive.Tree
	roots    map[string]fs.FS // by directory
	sessions map[sessionKey]session
}

// A sessionKey has all that a session is opened with besides the files of the repository. Nothing else of a job may be
// in a session: it is used for other Applications, of other tenants.
type sessionKey struct {
	root   string // directory of the fleet
	parts  string // fleet.yaml and other files that parameters take the place of, see plugin.Invocation.Parts
	argoCD string
}

type session struct {
	session *render.Session
	later   workshop.Later
}

// Application returns the repository of the Application, and where in it the Application is: as for a process that is
// started in its directory. sourcePath is the path that the Application says.
func (w *Work) Application(sourcePath string) (fs.FS, string, error) {
	directory := path.Clean("/" + w.path)[1:]
	if directory == "" {
		directory = "."
	}
	whole := w.checkout.root(".")
	if info, err := fs.Stat(whole, directory); err != nil || !info.IsDir() {
		return nil, "", fmt.Errorf("the app path %s is not a directory", directory)
	}
	source := path.Clean(sourcePath)
	if sourcePath != "" && !fs.ValidPath(source) {
		return nil, "", fmt.Errorf("the Application's path %q is not inside the repository", sourcePath)
	}
	root := w.rootOf(whole, directory, source)
	inside := directory
	if root != "." {
		inside = strings.TrimPrefix(strings.TrimPrefix(directory, root), "/")
	}
	if inside == "" {
		inside = "."
	}
	w.root = root
	return w.checkout.root(root), inside, nil
}

// rootOf returns the root of the fleet: the nearest directory with fleet.yaml on the Application's path, or else that
// of the repository, as far as the names of the directories are those of the path.
func (w *Work) rootOf(whole fs.FS, directory, source string) string {
	at, base := directory, ""
	for _, segment := range slices.Backward(strings.Split(source, "/")) {
		if _, err := fs.Lstat(whole, path.Join(at, hierarchy.FleetFile)); err == nil && base == "" {
			base = at
		}
		if path.Base(at) != segment || at == "." {
			break
		}
		at = path.Dir(at)
	}
	if base == "" {
		return at
	}
	return base
}

// Session returns the session that was opened for the same parts of the fleet and the same version of Argo CD before, or
// opens one. [Work.Application] was called before.
func (w *Work) Session(parts, argoCD string, open func() (*render.Session, workshop.Later, error)) (*render.Session,
	workshop.Later, error) {
	key := sessionKey{root: w.root, parts: parts, argoCD: argoCD}
	if known, is := w.checkout.sessions[key]; is {
		w.reused = true
		return known.session, known.later, nil
	}
	opened, later, err := open()
	if err == nil {
		w.checkout.sessions[key] = session{opened, later}
	}
	return opened, later, err
}

// Found counts findings.
func (w *Work) Found(warnings []*problem.Problem) {
	if w.findings == nil {
		w.findings = map[string]int{}
	}
	for _, warning := range warnings {
		w.findings[warning.Rule]++
	}
}

// root returns a directory of the repository as a tree that nothing leads out of.
func (c *checkout) root(directory string) fs.FS {
	if known := c.roots[directory]; known != nil {
		return known
	}
	var opened fs.FS
	if sub := c.tree.Sub(directory); sub != nil {
		opened = worktree.InsideFor(sub, supervise.Reading)
	}
	c.roots[directory] = opened
	return opened
}

// Serve does the jobs that it reads, one after the other, until there are no more. do runs a command for a job, and
// returns its exit status. Serve fails if what it reads is no request.
func Serve(in io.Reader, out io.Writer, limits Limits, watch *supervise.Watch,
	do func(w *Work, command string, stdout, stderr io.Writer) int) error {
	reader := bufio.NewReader(in)
	requests, responses := gob.NewDecoder(reader), gob.NewEncoder(out)
	kept := &kept{limits: limits}
	for {
		var r Request
		err := requests.Decode(&r)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("what a server asks for cannot be read: %w", err)
		}
		watch.Restart()
		response := kept.answer(r, reader, do)
		watch.Stop()
		kept.forget()
		response.Kept = kept.checksums()
		if err := responses.Encode(response); err != nil {
			return fmt.Errorf("the server does not take the answer: %w", err)
		}
	}
}

// kept are the repositories that a worker keeps, that used last at the end.
type kept struct {
	limits    Limits
	checkouts []*checkout
}

func (k *kept) checksums() []string {
	var all []string
	for _, c := range k.checkouts {
		all = append(all, c.checksum)
	}
	return all
}

func (k *kept) answer(r Request, reader io.Reader, do func(w *Work, command string, stdout, stderr io.Writer) int) Response {
	c := k.take(r.Checksum)
	if r.Archive > 0 {
		sent := io.LimitReader(reader, r.Archive)
		var err error
		if c == nil {
			if c, err = k.add(r.Checksum, sent); err != nil {
				c = nil
			}
		}
		_, _ = io.Copy(io.Discard, sent) // what comes next is another request
		if err != nil {
			return Response{Status: 1, Stderr: fmt.Appendf(nil, "Error: %v\n", err)}
		}
	}
	if c == nil {
		return Response{Unknown: true}
	}
	var stdout, stderr limited
	w := &Work{Environ: r.Environ, path: r.Path, checkout: c}
	status := do(w, r.Command, &stdout, &stderr)
	return Response{Status: status, Stdout: stdout.data, Stderr: stderr.data, Session: w.reused, Findings: w.findings}
}

// take returns a repository that is kept; nil if it is not. It is then the one that was used last.
func (k *kept) take(checksum string) *checkout {
	i := slices.IndexFunc(k.checkouts, func(c *checkout) bool { return c.checksum == checksum })
	if i < 0 {
		return nil
	}
	c := k.checkouts[i]
	k.checkouts = append(slices.Delete(k.checkouts, i, i+1), c)
	return c
}

func (k *kept) add(checksum string, sent io.Reader) (*checkout, error) {
	for len(k.checkouts) >= k.limits.Repositories && len(k.checkouts) > 0 {
		k.checkouts = slices.Delete(k.checkouts, 0, 1)
	}
	tree, err := archive.Read(sent, k.limits.Archive)
	if err != nil {
		return nil, err
	}
	c := &checkout{checksum: checksum, tree: tree, roots: map[string]fs.FS{}, sessions: map[sessionKey]session{}}
	k.checkouts = append(k.checkouts, c)
	return c, nil
}

// forget drops what is kept if the process has more memory than it may keep.
func (k *kept) forget() {
	if memory() <= k.limits.Memory {
		return
	}
	runtime.GC() // what is garbage does not count
	if memory() <= k.limits.Memory {
		return
	}
	k.checkouts = nil
	debug.FreeOSMemory()
}

// memory returns how many bytes the Go runtime has that it has not given back.
func memory() int64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return int64(min(sample[0].Value.Uint64(), 1<<62))
}

// limited is what a command printed.
type limited struct{ data []byte }

func (l *limited) Write(data []byte) (int, error) {
	l.data = append(l.data, data...)
	return len(data), nil
}
