package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestReadme runs the commands of the console blocks, of the README and of each page with some, in the directory that
// the README is in, and compares what they print.
func TestReadme(t *testing.T) {
	for _, page := range append([]string{"README.md"}, pages(t)...) {
		t.Run(page, func(t *testing.T) { runPage(t, page) })
	}
}

func runPage(t *testing.T, page string) {
	root := filepath.Join("..", "..")
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(page)))
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)```console\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	for _, block := range blocks {
		for _, step := range strings.Split("\n"+block[1], "\n$ ")[1:] {
			command, want, _ := strings.Cut(step, "\n")
			t.Run(command, func(t *testing.T) {
				shell := exec.Command("sh", "-c", command)
				shell.Dir = root
				shell.Env = append(os.Environ(), "COLUMNS=") // which is as wide as tables are
				out, _ := shell.CombinedOutput()             // the exit status shows in the output
				require.Equal(t, strings.TrimRight(want, "\n"), strings.TrimRight(string(out), "\n"))
			})
		}
	}
}
