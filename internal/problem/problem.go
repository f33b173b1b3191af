// Package problem holds the one form in which everything that is wrong with the input is said: as an error that stops
// a render, or as a warning. It is a single line that names the place, what is wrong there, and what to do.
package problem

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/eks-fleet-management/fleet-cmp/internal/address"
)

// A Problem is something wrong with the input, as one line.
type Problem struct {
	File    string // as the user knows it: relative to the repository, or as given on the command line; "" if none
	Line    int    // counted from 1; 0 if it is about the whole file
	Column  int    // of the line, in characters counted from 1; 0 if it is not known. Messages do not show it
	Message string // what is wrong
	Scope   string // for which group and cluster; may be empty
	Hint    string // what to do about it; may be empty
	Err     error  // the cause, for errors.Is and errors.As; may be nil

	// Of a finding that has a rule, by which spec.lint.ignore of fleet.yaml can name it:

	Rule   string   // the stable name of the rule; "" if it has none
	Stops  bool     // it is an error, unless it is ignored
	Places []string // paths from the root of the repository by which it can be named too, besides File
}

// New returns a problem at a place in a file; line 0 means the file as a whole.
func New(file string, line int, format string, args ...any) *Problem {
	err := fmt.Errorf(format, args...)
	return &Problem{File: file, Line: line, Message: oneLine(err.Error()), Err: errors.Unwrap(err)}
}

// WithHint sets what to do about the problem, and returns it.
func (p *Problem) WithHint(format string, args ...any) *Problem {
	p.Hint = oneLine(fmt.Sprintf(format, args...))
	return p
}

// WithRule makes the problem a finding of a rule, which fleet.yaml can also ignore by the paths of these places, and
// returns it.
func (p *Problem) WithRule(rule string, places ...string) *Problem {
	p.Rule, p.Places = rule, places
	return p
}

// Stopping makes the finding an error, unless it is ignored, and returns it.
func (p *Problem) Stopping() *Problem {
	p.Stops = true
	return p
}

// InScope returns a copy of the problem for another scope: others may have the problem itself too.
func (p *Problem) InScope(scope string) *Problem {
	of := *p
	of.Scope = scope
	return &of
}

// Place returns a place in a file for a message: FILE:LINE, or FILE alone for line 0.
func Place(file string, line int) string {
	if line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d", file, line)
}

// Few returns names for a message: all of them, or the first ten and how many more there are.
func Few(names []string) string {
	const few = 10
	if len(names) > few {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:few], ", "), len(names)-few)
	}
	return strings.Join(names, ", ")
}

// Count returns a number of things for a message: 1 object, 2 objects.
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Error returns "FILE:LINE: MESSAGE (SCOPE); HINT" without the parts that are not known.
func (p *Problem) Error() string {
	var b strings.Builder
	if p.File != "" {
		b.WriteString(Place(oneLine(p.File), p.Line) + ": ")
	}
	b.WriteString(p.Message)
	if p.Scope != "" {
		fmt.Fprintf(&b, " (%s)", oneLine(p.Scope))
	}
	if p.Hint != "" {
		b.WriteString("; ")
		b.WriteString(p.Hint)
	}
	if p.Stops {
		fmt.Fprintf(&b, "; if it is meant, list %s in spec.lint.ignore", p.Rule)
	}
	return b.String()
}

// Unwrap returns the cause.
func (p *Problem) Unwrap() error { return p.Err }

// OneLine returns text of the input as a message may show it: as one line, without control characters, without
// credentials in addresses, and not without end.
func OneLine(s string) string { return oneLine(s) }

// oneLine keeps text of the input from breaking a message into lines, sending control sequences to a terminal, or
// showing the credentials in addresses: these go first, since half of one is one as well. Nor can it turn the direction
// of the text around it.
func oneLine(s string) string {
	clean := strings.Map(plain, withoutQuoted(address.Redact(beginning(s))))
	const limit = 600
	if len(clean) > limit {
		clean = strings.ToValidUTF8(clean[:limit], "") + "…"
	}
	return clean
}

// beginning returns the first part of a text that is far longer than a message, so that it is quick to look at. No
// address is cut in two: without its end, nobody would know the credentials in it.
func beginning(s string) string {
	const limit = 64 << 10
	if len(s) <= limit {
		return s
	}
	s = s[:limit]
	end := strings.LastIndexFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) + 1
	if address := strings.Index(s[end:], ":/"); address >= 0 {
		return s[:end+address] + "…"
	}
	return s
}
