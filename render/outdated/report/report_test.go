package report_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render/outdated"
	"github.com/eks-fleet-management/fleet-cmp/render/outdated/report"
)

var update = flag.Bool("update", false, "write the golden files")

var found = &outdated.Report{Rows: []outdated.Row{
	{Group: "addons", Component: "cert_manager", Release: "stable", Chart: "cert-manager",
		Repository: "https://charts.example.com",
		Version:    "1.17.2", Status: outdated.Outdated, InUse: &outdated.Version{Version: "v1.17.2",
			Kubernetes: ">=1.22.0-0"},
		InMajor:  &outdated.Version{Version: "v1.18.2", Kubernetes: ">=1.23.0-0"},
		Newest:   &outdated.Version{Version: "v2.0.0", Deprecated: true, NotFor: []string{"data-prod-1", "hub-prod"}},
		Usable:   &outdated.Version{Version: "v1.19.0"},
		Clusters: []string{"data-prod-1", "hub-prod"},
		Changes:  &outdated.Changes{To: "v1.18.2", Applications: 2, Added: 1, Removed: 2, Changed: 40, Failed: 1}},
	{Group: "addons", Component: "cert_manager", Release: "next", Chart: "trust-manager", Additional: true,
		Version: "1.x",
		Status:  outdated.Outdated, InUse: &outdated.Version{Version: "1.2.3", Deprecated: true},
		InMajor: &outdated.Version{Version: "1.2.3"},
		Newest:  &outdated.Version{Version: "2.0.0"}, Changes: &outdated.Changes{To: "2.0.0", Applications: 1}},
	{Group: "addons", Component: "gone", Version: "0.9.0", Status: outdated.Current,
		InUse:  &outdated.Version{Version: "0.9.0"},
		Reason: "the repository does not have this version"},
	{Group: "addons", Component: "off", Status: outdated.NotDeployed, Reason: "no cluster has it"},
	{Group: "resources", Component: "nodes", Version: "main", Status: outdated.NotVersioned,
		Repository: "https://user:hunter2@git.example.com/fleet.git", Reason: "it is a directory of a Git repository"},
	{Group: "resources", Component: "queue", Version: "1.0.0", Status: outdated.Unknown,
		Reason: "the repository\ncannot be asked"},
}}

func TestFormats(t *testing.T) {
	for _, format := range report.Formats {
		t.Run(format, func(t *testing.T) {
			var out strings.Builder
			require.NoError(t, report.Print(&out, found, format))
			require.NotContains(t, out.String(), "hunter2")
			golden := filepath.Join("testdata", "golden", format+".txt")
			if *update {
				require.NoError(t, os.MkdirAll(filepath.Dir(golden), 0o755))
				require.NoError(t, os.WriteFile(golden, []byte(out.String()), 0o600))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.Equal(t, string(want), out.String())
		})
	}
	require.ErrorContains(t, report.Print(&strings.Builder{}, found, "xml"), `there is no format "xml"`)
	require.ErrorIs(t, report.Print(full{}, found, "text"), errFull)
}

var errFull = errors.New("full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestWithoutChanges(t *testing.T) {
	var out strings.Builder
	require.NoError(t, report.Print(&out, &outdated.Report{Rows: found.Rows[2:3]}, "text"))
	require.NotContains(t, out.String(), "CHANGES")
}

// TestTextOfTheInputIsPlain proves that no format hands a terminal what controls it.
func TestTextOfTheInputIsPlain(t *testing.T) {
	hostile := "1.0.0\x1b[31m\u009b31m\x7f\u202e\n2"
	row := outdated.Row{Group: hostile, Component: hostile, Release: hostile, Chart: hostile, Additional: true,
		Repository: hostile, Version: hostile, Status: outdated.Outdated, Reason: hostile, Clusters: []string{hostile},
		InUse:  &outdated.Version{Version: hostile, Kubernetes: hostile},
		Newest: &outdated.Version{Version: hostile + "2", NotFor: []string{hostile}}}
	for _, format := range report.Formats {
		var out strings.Builder
		require.NoError(t, report.Print(&out, &outdated.Report{Rows: []outdated.Row{row}}, format))
		require.NotRegexp(t, "[\x00-\x09\x0b-\x1f\x7f-\u009f\u2028-\u202e]", out.String(), format)
		require.Contains(t, out.String(), "1.0.0", format)
	}
}
