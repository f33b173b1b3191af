package supervise

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWithoutTemporaryFiles: a run needs no directory that can be written.
func TestWithoutTemporaryFiles(t *testing.T) {
	var stderr bytes.Buffer
	cmd := exec.Command("front", "killed")
	cmd.Env = append(os.Environ(), "TMPDIR="+filepath.Join(t.TempDir(), "missing"))
	cmd.Stderr = &stderr
	require.Error(t, cmd.Run())
	require.Contains(t, stderr.String(), "while rendering Application web, cluster spoke")
}
