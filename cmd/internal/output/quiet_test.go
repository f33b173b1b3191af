package output

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestQuiet(t *testing.T) {
	var out strings.Builder
	w := Quiet(&out)
	Message(w, "Warning", errors.New("one"))
	Message(w, "Error", errors.New("two"))
	n, err := fmt.Fprint(w, "Note: three\nanother line\n")
	require.NoError(t, err)
	require.Equal(t, len("Note: three\nanother line\n"), n)
	require.Equal(t, "Error: two\nanother line\n", out.String())
	_, err = fmt.Fprint(Quiet(failing{}), "a line\n")
	require.ErrorIs(t, err, errFailing)
}

var errFailing = errors.New("nothing can be written")

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errFailing }
