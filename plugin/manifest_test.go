package plugin

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite plugin.yaml")

// TestManifest keeps plugin.yaml as the code has it.
func TestManifest(t *testing.T) {
	file := filepath.Join("..", "plugin.yaml")
	made, err := manifestFile()
	require.NoError(t, err)
	if *update {
		require.NoError(t, os.WriteFile(file, made, 0o644))
	}
	committed, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(made), string(committed), "run: go test ./plugin -run TestManifest -update")
}
