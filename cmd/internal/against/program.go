// Package against renders a fleet with two executables of cmp, for what an upgrade of cmp changes.
package against

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// A program is an executable of cmp.
type program struct {
	path        string
	name        string        // that it is called by; "" for its path
	environment []string      // in place of that of this process; nil for that
	timeout     time.Duration // of each run; 0: none
	bound       *bound        // nil: none

	given func(flag string) bool // tells whether a flag need not be; nil: none is
}

// printed finds the version in what cmp version prints.
var printed = regexp.MustCompile(`^\S*cmp( \S+)? go\S+ \S+/\S+\n$`)

// mostPrinted is how much of what a program prints is looked at, in bytes.
const mostPrinted = 64 << 10

// version returns what the program calls itself, such as "cmp 1.4.0". It fails, with one line, for what is no cmp.
func (p program) version(ctx context.Context) (string, error) {
	var stdout bounded
	messages, err := p.run(ctx, &stdout, "version")
	match := printed.FindStringSubmatch(stdout.String())
	switch {
	case errors.Is(err, errStart):
		return "", fmt.Errorf("%s: %w", p.path, err)
	case match == nil && (err != nil || len(messages) > 0):
		if err != nil {
			messages = append(messages, err.Error())
		}
		return "", fmt.Errorf("%s is no cmp: \"%s version\" fails: %s", p.path, p.path, strings.Join(messages, "; "))
	case match == nil:
		return "", fmt.Errorf("%s is no cmp: \"%s version\" prints something else", p.path, p.path)
	}
	version := strings.TrimPrefix(strings.TrimSpace(match[1]), "v")
	if version == "" {
		version = "without a version"
	}
	return "cmp " + version, nil
}

var (
	errStart   = errors.New("cannot be started")
	errTooLong = errors.New("takes too long")
	errHeld    = errors.New("ended, but a process that it started keeps its output open: have it wait for that one")
)

// unknownFlag finds the flag in what an older cmp says of one.
var unknownFlag = regexp.MustCompile(`^unknown flag: --([a-z-]+)`)

// otherVersion finds the line, the range and the version in what cmp says if the fleet wants another one.
var otherVersion = regexp.MustCompile(
	`^(\S+: the fleet wants cmp .+, and this is \S+?(?:, a build without a version)?)(?: \(.*\))?; `)

// render renders into a directory. It returns why not everything is there, a line for each error. It fails for what
// concerns all runs, or leaves open what the program would have said.
func (p program) render(ctx context.Context, directory string, args []string) ([]string, error) {
	all := slices.Concat([]string{"render"}, args, []string{"-o", "json", "--output-dir", directory, "--allow-empty"})
	messages, err := p.within(ctx, directory, all)
	var status *exec.ExitError
	switch {
	case err == nil:
		return messages, nil
	case !errors.As(err, &status) || len(messages) == 0:
		return nil, fmt.Errorf("%s render %s: %w", p.path, strings.Join(args, " "), err)
	}
	if err := p.ofAll(messages[0], status.ExitCode()); err != nil {
		return nil, err
	}
	return messages, nil
}

// ofAll returns the error of all runs, if a message is about one; else nil.
func (p program) ofAll(message string, status int) error {
	if match := unknownFlag.FindStringSubmatch(message); match != nil && status == 2 {
		remedy := "it is too old: compare with a newer cmp"
		if p.given != nil && p.given(match[1]) {
			remedy = "leave that out, or compare with a newer cmp"
		}
		return fmt.Errorf("%s: cmp render has no flag --%s there; %s", p.path, match[1], remedy)
	}
	if match := otherVersion.FindStringSubmatch(message); match != nil {
		return fmt.Errorf("%s: %s; widen spec.cmpVersion while both are compared", p.path, match[1])
	}
	return nil
}

// within is run, for a program that may write so much to a directory.
func (p program) within(ctx context.Context, directory string, args []string) ([]string, error) {
	if p.bound == nil {
		return p.run(ctx, &bounded{}, args...)
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	stop := p.bound.watch(ctx, directory, end)
	messages, err := p.run(ctx, &bounded{}, args...)
	stop()
	if over := p.bound.look(directory); over != nil {
		return nil, over
	}
	return messages, err
}

// parse returns the objects in a file that the program wrote. It fails for what are none, and for too many.
func (p program) parse(name string, text []byte) ([]render.Object, error) {
	objects, err := hierarchy.ParseObjects(name, text)
	if err != nil {
		return nil, fmt.Errorf("%s writes: %w", p.path, err)
	}
	if p.bound != nil {
		if err := p.bound.read(len(objects)); err != nil {
			return nil, fmt.Errorf("%s %w", p.path, err)
		}
	}
	return objects, nil
}

// run runs the program, and returns the errors that it prints.
func (p program) run(ctx context.Context, stdout *bounded, args ...string) ([]string, error) {
	if p.timeout > 0 {
		var cancel func()
		ctx, cancel = context.WithTimeoutCause(ctx, p.timeout, errTooLong)
		defer cancel()
	}
	cmd := exec.CommandContext(ctx, p.path, args...)
	if errors.Is(cmd.Err, exec.ErrNotFound) || errors.Is(cmd.Err, exec.ErrDot) {
		return nil, fmt.Errorf("%w: it is not in PATH; of a file write the path, such as ./%s", errStart, p.path)
	}
	if p.name != "" {
		cmd.Args[0] = p.name
	}
	var stderr said
	cmd.Env, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = p.environment, stdout, &stderr, time.Second
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%w: %w", errStart, cmp.Or(errors.Unwrap(err), err)) // without the path
	}
	err := cmd.Wait()
	if errors.Is(err, exec.ErrWaitDelay) {
		err = errHeld
	}
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	return stderr.errors(), err
}

// Of what a program says, so many errors are kept, and so much of each line, in bytes.
const (
	mostErrors  = 1000
	longestLine = 8 << 10
)

// said keeps the errors among the lines that are written.
type said struct {
	line     []byte // the beginning of the last one, which has no end yet
	messages []string
	more     int
}

// Write implements [io.Writer].
func (s *said) Write(data []byte) (int, error) {
	for part := range bytes.Lines(data) {
		s.line = append(s.line, part[:min(len(part), longestLine-len(s.line))]...)
		if part[len(part)-1] == '\n' {
			s.end()
		}
	}
	return len(data), nil
}

// end takes the line.
func (s *said) end() {
	message, is := strings.CutPrefix(strings.TrimSpace(string(s.line)), "Error: ")
	s.line = s.line[:0]
	switch {
	case is && len(s.messages) < mostErrors:
		s.messages = append(s.messages, message)
	case is:
		s.more++
	}
}

// errors returns them, and how many more there were.
func (s *said) errors() []string {
	s.end()
	if s.more > 0 {
		return append(s.messages, fmt.Sprintf("and %d more errors", s.more))
	}
	return s.messages
}

// bounded keeps the beginning of what is written.
type bounded struct{ bytes.Buffer }

// Write implements [io.Writer].
func (b *bounded) Write(data []byte) (int, error) {
	if left := mostPrinted - b.Len(); left > 0 {
		b.Buffer.Write(data[:min(left, len(data))])
	}
	return len(data), nil
}
