package revision

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

// program reads a repository with the program git. Of the objects, one process gives all.
type program struct {
	root        string
	environment []string

	batch  *exec.Cmd
	input  io.WriteCloser
	output *bufio.Reader
	told   *firstLine // what the process says of itself
}

// local are the variables that name another repository, as hooks of Git have them (git rev-parse --local-env-vars).
var local = []string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX",
	"GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE",
	"GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT"}

func newProgram(root string, environment []string) *program {
	own := slices.DeleteFunc(slices.Clone(environment), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains(local, name)
	})
	return &program{root: root,
		environment: append(own, "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C")}
}

// command returns a call of git that runs nothing which the repository's configuration names.
func (p *program) command(args ...string) *exec.Cmd {
	fixed := []string{"-C", p.root, "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"}
	c := exec.Command("git", append(fixed, args...)...)
	c.Env = p.environment
	return c
}

// run returns the line that a call of git prints.
func (p *program) run(args ...string) (string, error) {
	out, err := p.command(args...).Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		reason, _, _ := strings.Cut(strings.TrimSpace(string(exit.Stderr)), "\n")
		err = fmt.Errorf("git %s: %s: %w", args[0], reason, err)
	}
	return strings.TrimSpace(string(out)), err
}

func (p *program) commit(name string) (string, error) {
	return p.run("rev-parse", "--verify", "--quiet", "--end-of-options", name+"^{commit}")
}

func (p *program) mergeBase(a, b string) (string, error) {
	base, err := p.run("merge-base", a, b)
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 {
		return "", nil
	}
	return base, err
}

func (p *program) remotes() ([]string, error) {
	out, err := p.run("remote")
	return strings.Fields(out), err
}

func (p *program) shallow() (bool, error) {
	out, err := p.run("rev-parse", "--is-shallow-repository")
	return out == "true", err
}

func (p *program) object(hash string) (string, []byte, error) {
	if p.batch == nil {
		if err := p.start(); err != nil {
			return "", nil, err
		}
	}
	kind, data, err := p.next(hash)
	if err != nil && !errors.Is(err, errMissing) && !errors.Is(err, worktree.ErrTooLarge) {
		p.close()
	}
	return kind, data, err
}

var errMissing = errors.New("git does not have the object")

// start starts the process that gives the objects.
func (p *program) start() error {
	batch := p.command("cat-file", "--batch")
	input, err := batch.StdinPipe()
	if err != nil {
		return err
	}
	output, err := batch.StdoutPipe()
	if err != nil {
		return err
	}
	p.told = &firstLine{}
	batch.Stderr = p.told
	if err := batch.Start(); err != nil {
		return err
	}
	p.batch, p.input, p.output = batch, input, bufio.NewReader(output)
	return nil
}

// next asks the process for an object: its answer is the line "HASH TYPE SIZE", the content and a line's end
// (git-cat-file, BATCH OUTPUT).
func (p *program) next(hash string) (string, []byte, error) {
	if _, err := fmt.Fprintln(p.input, hash); err != nil {
		return "", nil, err
	}
	header, err := p.output.ReadString('\n')
	if err != nil {
		p.close() // after which all that it says is there
		return "", nil, problem.New("", 0, "git cannot read object %s: %w: %s", hash, err, p.told.text()).
			WithHint("in a partial clone, its remote must be reached")
	}
	fields := strings.Fields(header)
	if len(fields) != 3 {
		return "", nil, fmt.Errorf("object %s: %w", hash, errMissing)
	}
	size, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil {
		return "", nil, err
	}
	if size > MaxObject {
		if _, err := io.CopyN(io.Discard, p.output, size+1); err != nil {
			return "", nil, err
		}
		return "", nil, fmt.Errorf("object %s %w: %d bytes", hash, worktree.ErrTooLarge, size)
	}
	data := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead))
	if _, err := io.CopyN(data, p.output, size+1); err != nil {
		return "", nil, err
	}
	return fields[1], data.Bytes()[:size], nil
}

func (p *program) close() {
	if p.batch != nil {
		_ = p.input.Close()
		_ = p.batch.Wait()
		p.batch = nil
	}
}

// firstLine keeps the first line that is written to it, or the beginning of it.
type firstLine struct{ kept []byte }

// Write implements [io.Writer].
func (f *firstLine) Write(data []byte) (int, error) {
	const most = 1024
	f.kept = append(f.kept, data[:min(len(data), most-len(f.kept))]...)
	return len(data), nil
}

func (f *firstLine) text() string {
	line, _, _ := strings.Cut(string(f.kept), "\n")
	return line
}
