package output

import (
	"bytes"
	"io"
)

// Quiet returns a writer of messages that leaves out warnings and notes. Each message must come as a whole.
func Quiet(w io.Writer) io.Writer { return quiet{w} }

type quiet struct{ io.Writer }

// Write implements [io.Writer].
func (q quiet) Write(data []byte) (int, error) {
	for line := range bytes.Lines(data) {
		if bytes.HasPrefix(line, []byte("Warning: ")) || bytes.HasPrefix(line, []byte("Note: ")) {
			continue
		}
		if _, err := q.Writer.Write(line); err != nil {
			return 0, err
		}
	}
	return len(data), nil
}
