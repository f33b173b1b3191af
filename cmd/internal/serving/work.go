package serving

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/gitcatalog"
)

// Work is a job that is done.
type Work struct {
	Environ []string

	path     string
	checkout *checkout
	root     string // of the fleet, in the repository
	key      jobKey
	session  *session       // nil: none was asked for
	instead  *session       // with which the job failed before; nil: the job has the one that others have
	reused   bool           // the session was there before
	findings map[string]int // by rule
	defects  []string       // where they were
	adding   [][]byte       // objects as JSON
	objects  [][]byte       // these, once they are complete
}

// Application returns the repository of the Application, and where in it the Application is, as for a process that is
// started in its directory. It gets the path that the Application says. It fails for what is no directory of the
// repository, and for one that cannot be the root of a fleet.
func (w *Work) Application(sourcePath string) (fs.FS, string, error) {
	directory := path.Clean("/" + w.path)[1:]
	if directory == "" {
		directory = "."
	}
	whole := w.checkout.root(".")
	if info, err := fs.Stat(whole, directory); err != nil || !info.IsDir() {
		return nil, "", fmt.Errorf("the app path %.200q is not a directory of the repository", directory)
	}
	source := path.Clean(sourcePath)
	if sourcePath != "" && !fs.ValidPath(source) {
		return nil, "", fmt.Errorf("the Application's path %.200q is not inside the repository", sourcePath)
	}
	w.root = rootOf(whole, directory, source)
	repository := w.checkout.root(w.root)
	if repository == nil { // a directory, but through links that lead nowhere
		return nil, "", fmt.Errorf("the directory %.200q cannot be the root of a fleet", w.root)
	}
	inside := directory
	if w.root != "." {
		inside = strings.TrimPrefix(strings.TrimPrefix(directory, w.root), "/")
	}
	if inside == "" {
		inside = "."
	}
	return repository, inside, nil
}

// rootOf returns the root of the fleet: the nearest directory with fleet.yaml on the Application's path, or else that
// of the repository. It looks as far up as the names of the directories are those of the path.
func rootOf(whole fs.FS, directory, source string) string {
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

// Branch returns the branch that is checked out in the repository that arrived; "" if there is none.
func (w *Work) Branch() string { return w.checkout.tree.Branch() }

// Sent returns the Git repository that arrived with the files. It may be used for as long as these, by other jobs too.
func (w *Work) Sent() gitcatalog.Sent { return sent{checkout: w.checkout, fleet: w.root} }

// sent is the Git repository of a checkout. Its objects are read from the archive once they are asked for, since most
// jobs need none.
type sent struct {
	checkout *checkout
	fleet    string // directory of the fleet
}

// MayHave implements [gitcatalog.Sent].
func (s sent) MayHave(revision string) bool { return s.checkout.tree.MayHave(revision) }

// Repository implements [gitcatalog.Sent]. If it fails, the job will be done again with the archive.
func (s sent) Repository() (git fs.FS, directory string, err error) {
	if s.checkout.git == nil {
		s.checkout.wantsGit = true
		return nil, "", problem.New("", 0, "%w", fleet.ErrNoSubstitute)
	}
	return s.checkout.git, s.fleet, nil
}

// Session returns the session that was opened before for the same parts of the fleet and the same version of Argo CD.
// It opens one if there is none, or if the job failed with that some time ago. It fails as open does.
// [Work.Application] was called before.
func (w *Work) Session(parts, argoCD string, open func() (*render.Session, workshop.Later, error)) (*render.Session,
	workshop.Later, error) {
	key, now := sessionKey{root: w.root, parts: parts, argoCD: argoCD}, time.Now()
	found := w.checkout.find(key, now)
	if found != nil && !found.failures.again(w.key, now) {
		w.session, w.reused = found, true
		return found.session, found.later, nil
	}
	opened, later, err := open()
	if w.instead = found; err != nil {
		return nil, nil, err
	}
	w.session = &session{key: key, until: now.Add(sessionLasts), session: opened, later: later}
	if found == nil {
		w.checkout.add(w.session)
	}
	return opened, later, nil
}

// Add implements the sink of a render: it takes an object that [Encode] has written.
func (w *Work) Add(r render.Rendered) error {
	w.adding = append(w.adding, r.Data)
	return nil
}

// Finish implements the sink of a render.
func (w *Work) Finish() error {
	w.objects = w.adding
	return nil
}

// Discard implements the sink of a render.
func (w *Work) Discard() { w.adding = nil }

// Encode returns an object as argocd-cmp-server hands it to repo-server. It fails for what YAML or JSON has not.
func Encode(object render.Object) ([]byte, error) {
	line, ok, err := render.EncodeLine(object)
	if ok || err != nil {
		return line, err
	}
	text, err := render.EncodeValue(object, "yaml")
	if err != nil {
		return nil, err
	}
	lines, err := Split(text)
	if err == nil && len(lines) != 1 {
		err = fmt.Errorf("an object is read as %d", len(lines))
	}
	if err != nil {
		return nil, err
	}
	return lines[0], nil
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

// maxDefects is how many defects of a job are told: others are likely to be the same.
const maxDefects = 5

// Met says where a defect was that the job met, see [problem.Frames].
func (w *Work) Met(frames string) {
	if len(w.defects) < maxDefects && !slices.Contains(w.defects, frames) {
		w.defects = append(w.defects, frames)
	}
}
