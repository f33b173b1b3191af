package helm

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/internal/sandbox"
)

// A placed error is what went wrong in the innermost template, without the chain of calls that led there, which would
// grow with each of them.
type placed struct {
	file    string // "" in a string that `tpl` executes
	line    int
	message string
	hint    string
	cause   error
}

func (e *placed) Error() string { return e.message }
func (e *placed) Unwrap() error { return e.cause }

var (
	// Package template tells the place of an error only in its text.
	templatePlace = regexp.MustCompile(`(?s)^template: (.+?):(\d+)(?::\d+)?: (.*)$`)
	templateNode  = regexp.MustCompile(`(?s)^executing "(?:[^"\\]|\\.)*" at <(.*?)>: (.*)$`)
	ownFunctions  = strings.NewReplacer(" | "+sandbox.TextName, "", sandbox.CallName, "template")
)

// innermost returns an error of package template as a placed one.
func innermost(err error) error {
	var inner *placed
	known := errors.As(err, &inner)
	if known && inner.file != "" {
		return inner
	}
	match := templatePlace.FindStringSubmatch(err.Error())
	if match == nil {
		return err
	}
	out := &placed{file: match[1], cause: err}
	out.line, _ = strconv.Atoi(match[2])
	if out.file == "gotpl" {
		out.file = ""
	}
	var own *chartError
	var limit *sandbox.LimitError
	var guarded *problem.Problem
	node := templateNode.FindStringSubmatch(match[3])
	switch {
	case known:
		out.message, out.hint, out.cause = inner.message, inner.hint, inner.cause
	case errors.As(err, &own):
		out.message = own.message
	case errors.As(err, &limit):
		out.message = "the chart asks for too much: " + limit.Message
	case errors.As(err, &guarded):
		bare := *guarded
		bare.Hint = ""
		out.message, out.hint = bare.Error(), guarded.Hint
	case node != nil:
		out.message = ownFunctions.Replace(node[2] + " at <" + node[1] + ">")
	default:
		out.message = ownFunctions.Replace(match[3])
	}
	if out.file == "" && !known {
		out.message += " (in a string given to tpl)"
	}
	return out
}

// templateError returns an error of a template as a problem with the innermost file and line that are known; name is
// the file that was being rendered.
func templateError(name string, err error) error {
	var where *placed
	if inner := innermost(err); !errors.As(inner, &where) || where.file == "" {
		return problem.New(name, 0, "%w", inner)
	}
	out := problem.New(where.file, where.line, "%w", where).WithHint("%s", where.hint)
	if where.file != name {
		out.Message += ", called from " + name
	}
	return out
}
