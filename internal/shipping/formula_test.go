package shipping_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFormula: the Homebrew formula has each archive with its own checksum.
func TestFormula(t *testing.T) {
	platforms := []string{"darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64"}
	checksums := strings.Repeat("f", 64) + "  fleet-cmp_1.2.3_linux_amd64.cdx.json\n"
	for i, platform := range platforms {
		checksums += fmt.Sprintf("%064d  fleet-cmp_1.2.3_%s.tar.gz\n", i+1, platform)
	}
	formula, err := printFormula(t, checksums)
	require.NoError(t, err)
	require.Contains(t, formula, "class FleetCmp < Formula\n")
	require.Contains(t, formula, "  version \"1.2.3\"\n")
	require.NotRegexp(t, `@\w+@`, formula)
	for i, platform := range platforms {
		require.Contains(t, formula,
			fmt.Sprintf("      url \"https://github.com/eks-fleet-management/fleet-cmp/releases/"+
				"download/v1.2.3/fleet-cmp_1.2.3_%s.tar.gz\"\n      sha256 \"%064d\"\n", platform, i+1))
	}

	for _, platform := range platforms {
		_, err := printFormula(t, strings.Replace(checksums, platform+".tar", "plan9_arm.tar", 1))
		require.ErrorContains(t, err, "has no archive for ")
	}
}

func printFormula(t *testing.T, checksums string) (string, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "checksums.txt")
	require.NoError(t, os.WriteFile(file, []byte(checksums), 0o600))
	out, err := exec.Command("../tools/release/formula.sh", file).Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		err = fmt.Errorf("%w: %s", err, exit.Stderr)
	}
	return string(out), err
}
