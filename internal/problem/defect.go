package problem

import (
	"errors"
	"regexp"
	"slices"
	"strings"
)

// A Defect is a mistake of this program itself, which a panic showed. Both its parts are safe to show: what the panic
// said may hold values, and is in neither.
type Defect struct {
	Message string
	Frames  string // where it was, see [Frames]
}

// Error returns the message.
func (d *Defect) Error() string { return d.Message }

// FramesOf returns the frames of the first [Defect] in an error; "" if there is none.
func FramesOf(err error) string {
	var d *Defect
	if errors.As(err, &d) {
		return d.Frames
	}
	return ""
}

// Bounds of what is kept of a stack: the beginning tells where it was.
const (
	maxFrames    = 40
	longestFrame = 256 // in bytes
)

var (
	crashLine     = regexp.MustCompile(`(?m)^(fatal error|panic|runtime|SIG[A-Z]+): `)
	goroutineLine = regexp.MustCompile(`(?m)^goroutine \d+ .*\[[^\n]*\]:$`)
	functionName  = regexp.MustCompile(`^[\pL\pN_./·*()\[\]~%@+$-]+$`)
	placeLine     = regexp.MustCompile(`^\t(?:.*/)?([^/\s]+\.(?:go|s):\d+)(?: [ +a-z0-9=]*)?$`)
)

// Frames returns the functions and places of the goroutine that a stack of Go begins with, one a line, as
// "main.run main.go:7", without what functions were called with. What else stands in the text, such as the message of a
// panic, may hold values, and is left out. It returns "" for a text that has no stack.
func Frames(text string) string {
	if crash := crashLine.FindStringIndex(text); crash != nil {
		text = text[crash[0]:]
	}
	begin := goroutineLine.FindStringIndex(text)
	if begin == nil {
		return ""
	}
	stack, _, _ := strings.Cut(text[begin[1]:], "\n\n")
	lines := slices.Collect(strings.Lines(stack))
	var frames []string
	for i := 0; i+1 < len(lines) && len(frames) < maxFrames; i++ {
		name := function(strings.TrimSuffix(lines[i], "\n"))
		place := placeLine.FindStringSubmatch(strings.TrimSuffix(lines[i+1], "\n"))
		if name == "" || place == nil {
			continue
		}
		if frame := name + " " + place[1]; len(frame) <= longestFrame {
			frames = append(frames, frame)
		}
	}
	return strings.Join(frames, "\n")
}

// function returns the name of the function that a line of a stack has; "" if it has none.
func function(line string) string {
	line, _, _ = strings.Cut(strings.TrimPrefix(line, "created by "), " in goroutine ")
	if strings.HasSuffix(line, ")") { // what it was called with
		line = line[:strings.LastIndex(line, "(")]
	}
	if !functionName.MatchString(line) {
		return ""
	}
	return line
}
