package outdated_test

import (
	"io/fs"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/render/outdated"
)

// TestKubernetes: versions that Helm refuses to render for the Kubernetes of clusters are marked with these, and no
// update is to one of them.
func TestKubernetes(t *testing.T) {
	for name, test := range map[string]struct {
		label, fleet          string // the version of hub-prod, and that of all others
		inMajor, newest       string // their ranges
		notInMajor, notNewest []string
		usable, target        string
	}{
		"nothing is known of them": {inMajor: ">=1.40", newest: ">=1.50", target: "v1.19.0"},
		"all can have all":         {"v1.30.2-eks-1a2b3c", "1.31", ">=1.29", ">=1.30", nil, nil, "", "v1.19.0"},
		"one cannot have the newest": {"1.27", "1.31", ">=1.22", ">=1.28", nil, []string{"hub-prod"}, "v1.19.0",
			"v1.19.0"},
		"one cannot have any but one":   {"1.27", "1.31", ">=1.28", ">=1.28", only, only, "v1.18.0", "v1.18.0"},
		"one is in no range":            {"1.21", "1.31", ">=1.28", ">=1.28", only, only, "", ""},
		"a range that Helm cannot read": {"1.27", "", "new", "", only, nil, "v1.18.0", "v1.18.0"},
		"one of the same major is none": {"1.21", "", ">=1.28", "", only, nil, "v2.0.0", "v2.0.0"},
	} {
		t.Run(name, func(t *testing.T) {
			repository, _ := serve(t,
				published{name: "cert-manager", version: "v1.17.2", kubernetes: ">=1.20"},
				published{name: "cert-manager", version: "v1.18.0", kubernetes: ">=1.22"},
				published{name: "cert-manager", version: "v1.19.0", kubernetes: test.inMajor},
				published{name: "cert-manager", version: "v2.0.0", kubernetes: test.newest})
			report := of(t, versioned(t, example(t, repository), test.label, test.fleet), t.TempDir(), false, false,
				"cert_manager")
			require.Empty(t, report.Failures)
			row := stable(t, report)
			require.Equal(t, test.notInMajor, row.InMajor.NotFor)
			require.Equal(t, test.notNewest, row.Newest.NotFor)
			usable := ""
			if row.Usable != nil {
				usable = row.Usable.Version
			}
			require.Equal(t, test.usable, usable)
			require.Equal(t, test.target, row.Target())
			require.Equal(t, outdated.Outdated, row.Status)
		})
	}
}

var only = []string{"hub-prod"}

// stable returns the row of the release stable.
func stable(t *testing.T, r *outdated.Report) outdated.Row {
	t.Helper()
	for _, row := range r.Rows {
		if row.Release == "stable" {
			return row
		}
	}
	require.FailNow(t, "there is no row of the release stable")
	return outdated.Row{}
}

// versioned is a fleet whose hub-prod has a Kubernetes version as label, and fleet.yaml another; "" for none.
func versioned(t *testing.T, tree fs.FS, label, all string) fs.FS {
	t.Helper()
	data, err := fs.ReadFile(tree, "fleet.yaml")
	require.NoError(t, err)
	text := string(data)
	for _, edit := range [][3]string{
		{label, "        fleet_member: hub-cluster\n", "        argocd.argoproj.io/kubernetes-version: "},
		{all, "spec:\n", "  kubernetesVersion: "},
	} {
		require.Contains(t, text, edit[1])
		if edit[0] != "" {
			text = strings.Replace(text, edit[1], edit[1]+edit[2]+strconv.Quote(edit[0])+"\n", 1)
		}
	}
	return worktree.With(tree, "fleet.yaml", []byte(text))
}
