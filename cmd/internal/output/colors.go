package output

import (
	"bytes"
	"io"
	"os"

	"golang.org/x/term"

	"github.com/eks-fleet-management/fleet-cmp/internal/color"
)

// Colors tells whether what is written to w gets colors: w is a terminal that has them, and NO_COLOR is not set
// (https://no-color.org).
func Colors(w io.Writer, getenv func(string) string) bool {
	file, is := w.(*os.File)
	if !is || getenv("NO_COLOR") != "" {
		return false
	}
	if kind := getenv("TERM"); kind == "" || kind == "dumb" {
		return false
	}
	return term.IsTerminal(int(file.Fd()))
}

// Painted returns a writer to a terminal in which errors and warnings begin with a word in color. Each message must
// come as a whole.
func Painted(terminal *os.File) io.Writer { return painted{terminal} }

type painted struct{ terminal *os.File }

// Fd returns the file descriptor, so that what asks for a terminal finds this one.
func (p painted) Fd() uintptr { return p.terminal.Fd() }

// Write implements [io.Writer].
func (p painted) Write(data []byte) (int, error) {
	if _, err := p.terminal.Write(paint(data)); err != nil {
		return 0, err
	}
	return len(data), nil
}

// words are those that messages begin with, and that have a color.
var words = []struct {
	word  string
	color color.Color
}{{"Error:", color.Red}, {"Warning:", color.Yellow}}

// paint returns messages with their first words in color.
func paint(messages []byte) []byte {
	var out bytes.Buffer
	for line := range bytes.Lines(messages) {
		for _, w := range words {
			if rest, is := bytes.CutPrefix(line, []byte(w.word+" ")); is {
				out.WriteString(color.Painter(true).Paint(w.color, w.word) + " ")
				line = rest
				break
			}
		}
		out.Write(line)
	}
	return out.Bytes()
}
