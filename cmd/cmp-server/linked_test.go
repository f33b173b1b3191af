package main

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLinkedPackages keeps the server small: what renders is in its workers.
func TestLinkedPackages(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").CombinedOutput()
	require.NoError(t, err, string(out))
	for _, heavy := range []string{
		"github.com/argoproj/", "helm.sh/helm/", "sigs.k8s.io/kustomize/", "k8s.io/client-go/", "k8s.io/api/",
		"github.com/aws/", "github.com/go-git/", "github.com/Masterminds/sprig",
		"github.com/eks-fleet-management/fleet-cmp/cmd/internal/cli",
		"github.com/eks-fleet-management/fleet-cmp/cmd/internal/linked",
		"github.com/eks-fleet-management/fleet-cmp/render/stages",
	} {
		for dependency := range strings.Lines(string(out)) {
			require.False(t, strings.HasPrefix(dependency, heavy), "cmp-server links %s", dependency)
		}
	}
}
