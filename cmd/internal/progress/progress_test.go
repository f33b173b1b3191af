package progress

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestNoDisplayWithoutATerminal(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	require.NoError(t, err)
	defer file.Close()
	reader, pipe, err := os.Pipe()
	require.NoError(t, err)
	defer reader.Close()
	defer pipe.Close()
	for name, w := range map[string]io.Writer{"memory": &bytes.Buffer{}, "a file": file, "a pipe": pipe, "nothing": nil,
		"no file": (*os.File)(nil)} {
		require.Nil(t, On(w), name)
	}
}

// A clock goes on only when it is told to.
type clock struct{ time.Time }

func (c *clock) now() time.Time { return c.Time }

func (c *clock) advance(d time.Duration) { c.Time = c.Add(d) }

// line returns what a terminal shows of what was written to its line.
func line(text string) string {
	var shown []rune
	at := 0
	for _, r := range text {
		switch {
		case r == '\r':
			at = 0
			continue
		case at == len(shown):
			shown = append(shown, r)
		default:
			shown[at] = r
		}
		at++
	}
	return strings.TrimRight(string(shown), " ")
}

func TestDisplay(t *testing.T) {
	var out bytes.Buffer
	c := &clock{time.Unix(1, 0)}
	tell := display(&out, c.now)
	tell(1, 10)
	c.advance(patience - 1)
	tell(2, 10)
	require.Empty(t, out.String(), "short work is not worth a bar")
	c.advance(1)
	tell(3, 10)
	require.Contains(t, line(out.String()), "rendering  30%")
	require.NotContains(t, out.String(), "\n", "it stays on its line")
	tell(10, 10)
	require.Empty(t, line(out.String()), "it is removed when the work is done")
	require.True(t, strings.HasSuffix(out.String(), "\r"), "what comes next begins at the left")

	all := out.Len()
	tell(1, 1)
	require.Equal(t, all, out.Len(), "and does not come back")
}

// TestDisplayOfMoreWork: work that follows has a bar of its own, if it takes long enough.
func TestDisplayOfMoreWork(t *testing.T) {
	var out bytes.Buffer
	c := &clock{time.Unix(1, 0)}
	tell := display(&out, c.now)
	c.advance(patience)
	tell(5, 10)
	tell(10, 10)
	out.Reset()
	tell(1, 10)
	require.Empty(t, out.String(), "it has only begun")
	c.advance(patience)
	tell(2, 10)
	require.Contains(t, line(out.String()), "rendering  20%")
	tell(1, 1)
	require.Empty(t, line(out.String()))
}

func TestShortWorkHasNoDisplay(t *testing.T) {
	var out bytes.Buffer
	c := &clock{time.Unix(1, 0)}
	tell := display(&out, c.now)
	for i := range 100 {
		tell(i+1, 100)
	}
	c.advance(time.Hour)
	require.Empty(t, out.String())
}

// TestDisplayOfATotalThatChanges: the work of another cluster may be more, or less, than that of those before.
func TestDisplayOfATotalThatChanges(t *testing.T) {
	var out bytes.Buffer
	c := &clock{time.Unix(1, 0)}
	tell := display(&out, c.now)
	c.advance(time.Second)
	for _, told := range [][2]int{{3, 9}, {1, 3}, {3, 6}, {4, 6}, {2, 3}, {30, 40}, {0, 0}, {4, 5}} {
		tell(told[0], told[1])
		require.Contains(t, line(out.String()), "rendering", "%v", told)
	}
	tell(1, 1)
	require.Empty(t, line(out.String()))
}

// TestWorkThatFails: the last that is told removes the display, whatever was done before.
func TestWorkThatFails(t *testing.T) {
	var out bytes.Buffer
	c := &clock{time.Unix(1, 0)}
	tell := display(&out, c.now)
	c.advance(time.Second)
	tell(1, 7)
	require.NotEmpty(t, line(out.String()))
	tell(1, 1)
	require.Empty(t, line(out.String()))
}

// TestDisplayThatCannotBeDrawn: that is nothing to fail for.
func TestDisplayThatCannotBeDrawn(t *testing.T) {
	c := &clock{time.Unix(1, 0)}
	tell := display(broken{}, c.now)
	c.advance(time.Second)
	require.NotPanics(t, func() { tell(1, 2); tell(2, 2) })
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("broken") }
