package main

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLinkedPackages keeps the start of cmp quick: see the comment in main.go.
func TestLinkedPackages(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").CombinedOutput()
	require.NoError(t, err, string(out))
	for _, heavy := range []string{
		"github.com/argoproj/argo-cd/", "helm.sh/helm/", "sigs.k8s.io/kustomize/", "k8s.io/client-go/", "k8s.io/api/",
		"github.com/aws/", "github.com/go-git/", "github.com/Masterminds/sprig", "google.golang.org/grpc",
	} {
		for dependency := range strings.Lines(string(out)) {
			require.False(t, strings.HasPrefix(dependency, heavy), "cmp links %s", dependency)
		}
	}
}
