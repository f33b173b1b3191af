package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestReadmeParity compares the counts that the README quotes with those of docs/parity.md, which servers gave.
func TestReadmeParity(t *testing.T) {
	root := filepath.Join("..", "..")
	report, err := os.ReadFile(filepath.Join(root, "docs", "parity.md"))
	require.NoError(t, err)
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	text := strings.Join(strings.Fields(string(readme)), " ")
	row := regexp.MustCompile(`(?m)^\| (\S+) \| (\S+) \| (\S+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$`)
	rows := row.FindAllSubmatch(report, -1)
	require.Len(t, rows, 2, "docs/parity.md has no row for each of two versions")
	for _, row := range rows {
		quoted := fmt.Sprintf(
			"Argo CD %s (Helm %s, Kustomize %s): %s fixtures, %s equal, %s refused by both, %s differences",
			row[1], row[2], row[3], row[4], row[5], row[6], row[7])
		require.Contains(t, text, quoted, "README.md does not quote docs/parity.md")
	}
}
