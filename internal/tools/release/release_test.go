package release

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const root = "../../.."

// built returns the directory with what was built, and the version.
func built(t *testing.T) (directory, version string) {
	t.Helper()
	directory = filepath.Join(root, "dist")
	archives, err := filepath.Glob(filepath.Join(directory, "fleet-cmp_*.tar.gz"))
	require.NoError(t, err)
	require.NotEmpty(t, archives, "make release first")
	parts := regexp.MustCompile(`^fleet-cmp_(.+)_(linux|darwin)_(amd64|arm64)\.tar\.gz$`).
		FindStringSubmatch(filepath.Base(archives[0]))
	require.NotNil(t, parts, archives[0])
	return directory, parts[1]
}

// find returns the only file of dist that has a name.
func find(t *testing.T, pattern string) string {
	t.Helper()
	directory, _ := built(t)
	found, err := filepath.Glob(filepath.Join(directory, pattern))
	require.NoError(t, err)
	require.Len(t, found, 1, pattern)
	return found[0]
}

// commitTime returns when the commit was made that is checked out.
func commitTime(t *testing.T) time.Time {
	t.Helper()
	out, err := exec.Command("git", "log", "-1", "--format=%cI").Output()
	require.NoError(t, err)
	made, err := time.Parse(time.RFC3339, strings.TrimSpace(string(out)))
	require.NoError(t, err)
	return made.UTC()
}

// TestChecksums: checksums.txt has all that is published, but itself and the formula, which is made of it.
func TestChecksums(t *testing.T) {
	directory, _ := built(t)
	file, err := os.Open(filepath.Join(directory, "checksums.txt"))
	require.NoError(t, err)
	defer file.Close()
	var summed []string
	for lines := bufio.NewScanner(file); lines.Scan(); {
		sum, name, _ := strings.Cut(lines.Text(), "  ")
		data, err := os.ReadFile(filepath.Join(directory, name))
		require.NoError(t, err)
		require.Equal(t, sum, fmt.Sprintf("%x", sha256.Sum256(data)), name)
		summed = append(summed, name)
	}
	var published []string
	entries, err := os.ReadDir(directory)
	require.NoError(t, err)
	for _, entry := range entries {
		if name := entry.Name(); name != "checksums.txt" && name != "fleet-cmp.rb" {
			published = append(published, name)
		}
	}
	require.ElementsMatch(t, published, summed)
}

// TestArchives: an archive has the executables, the link, the licence, completions and pages for man, and nothing says
// who built it, where or when.
func TestArchives(t *testing.T) {
	directory, _ := built(t)
	archives, err := filepath.Glob(filepath.Join(directory, "*.tar.gz"))
	require.NoError(t, err)
	for _, archive := range archives {
		t.Run(filepath.Base(archive), func(t *testing.T) {
			file, err := os.Open(archive)
			require.NoError(t, err)
			defer file.Close()
			compressed, err := gzip.NewReader(file)
			require.NoError(t, err)
			require.Zero(t, compressed.ModTime)
			require.Empty(t, compressed.Name)
			modes, order := map[string]int64{}, []string{}
			for reader := tar.NewReader(compressed); ; {
				header, err := reader.Next()
				if errors.Is(err, io.EOF) {
					break
				}
				require.NoError(t, err)
				require.Equal(t, commitTime(t), header.ModTime.UTC(), header.Name)
				require.Equal(t, "root root 0 0", fmt.Sprint(header.Uname, " ", header.Gname, " ", header.Uid,
					header.Gid))
				if header.Name == "cmp" {
					require.Equal(t, "fleet-cmp", header.Linkname)
				}
				require.NotContains(t, modes, header.Name)
				order = append(order, header.Name)
				modes[header.Name] = header.Mode & 0o777
			}
			require.Equal(t, []string{"fleet-cmp", "cmp-stages", "cmp-server"}, order[len(order)-3:])
			for name, mode := range map[string]int64{"fleet-cmp": 0o755, "cmp-stages": 0o755, "cmp-server": 0o755,
				"cmp": 0o777, "LICENSE": 0o644, "NOTICE": 0o644, "README.md": 0o644, "CHANGELOG.md": 0o644,
				"completions/fleet-cmp.bash": 0o644, "completions/fleet-cmp.fish": 0o644,
				"completions/_fleet-cmp": 0o644,
				"man/fleet-cmp.1":        0o644} {
				require.Contains(t, modes, name)
				require.Equal(t, mode, modes[name], name)
				delete(modes, name)
			}
			for name := range modes {
				require.Regexp(t, `^man/fleet-cmp-[a-z-]+\.1$`, name)
			}
		})
	}
}

// TestSBOMs: each executable has one, with the modules that are linked in it.
func TestSBOMs(t *testing.T) {
	for program, modules := range map[string][]string{
		"fleet-cmp":  {"github.com/spf13/cobra"},
		"cmp-stages": {"github.com/spf13/cobra", "github.com/argoproj/argo-cd/v3", "helm.sh/helm/v4"},
		"cmp-server": {"google.golang.org/grpc"},
	} {
		_, version := built(t)
		data, err := os.ReadFile(find(t, program+"_*_linux_"+runtime.GOARCH+".cdx.json"))
		require.NoError(t, err)
		var document struct {
			BOMFormat string `json:"bomFormat"`
			Metadata  struct {
				Component struct{ Name, Version string }
			}
			Components []struct{ Name, Version string }
		}
		require.NoError(t, json.Unmarshal(data, &document))
		require.Equal(t, "CycloneDX", document.BOMFormat)
		require.Equal(t, "github.com/eks-fleet-management/fleet-cmp", document.Metadata.Component.Name)
		require.Equal(t, "v"+version, document.Metadata.Component.Version)
		var names []string
		for _, component := range document.Components {
			require.NotEmpty(t, component.Version, component.Name)
			names = append(names, component.Name)
		}
		require.Subset(t, names, modules)
		require.Contains(t, names, "std")
	}
}
