package initialize

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/start"
)

// answer has a dialog complete a fleet with answers, and returns what was printed.
func answer(f *start.Fleet, lines ...string) (string, error) {
	var out strings.Builder
	err := newDialog(strings.NewReader(strings.Join(lines, "\n")), &out).complete(f)
	return out.String(), err
}

func TestAllIsAskedFor(t *testing.T) {
	var f start.Fleet
	shown, err := answer(&f, "hub", "platform", "prod", " eu-west-1 ", "https://git.example.com/f",
		"a=https://charts.example.com/a:1.0.0", "b=oci://charts.example.com/x/b:2.0.0", "", "one:shop:np", "", "")
	require.NoError(t, err)
	require.Equal(t, start.Fleet{Hub: "hub", Tenant: "platform", Environment: "prod", Region: "eu-west-1",
		RepoURL: "https://git.example.com/f",
		Components: []start.Component{{Name: "a", Repository: "https://charts.example.com", Chart: "a",
			Version: "1.0.0"},
			{Name: "b", Repository: "charts.example.com/x", Chart: "b", Version: "2.0.0"}},
		Members: []start.Member{{Name: "one", Tenant: "shop", Environment: "np"}}}, f)
	require.Equal(t, 1, strings.Count(shown, "name of the hub"))
	_, err = f.Files()
	require.NoError(t, err)
}

// TestWrongAnswersAreAskedForAgain, and what flags said is not asked for.
func TestWrongAnswersAreAskedForAgain(t *testing.T) {
	f := start.Fleet{Hub: "hub", Tenant: "t", Environment: "e", RepoURL: "https://git.example.com/f",
		Members: []start.Member{{Name: "one", Tenant: "shop", Environment: "np"}}}
	shown, err := answer(&f, "", "EU", "eu-west-1", "", "a", "a=https://charts.example.com/a:1.0.0", "", "")
	require.NoError(t, err)
	require.Equal(t, "eu-west-1", f.Region)
	require.Len(t, f.Components, 1)
	require.Equal(t, 3, strings.Count(shown, "AWS region of the hub"))
	require.Contains(t, shown, `"EU" is no region of AWS; write it as eu-west-1`)
	require.NotContains(t, shown, "tenant")
	require.NotContains(t, shown, "spokes")
}

func TestNoMoreAnswers(t *testing.T) {
	for _, lines := range [][]string{nil, {"hub", "t"}, {"hub", "t", "e", "eu-west-1", "https://git.example.com/f"},
		{strings.Repeat("a", 2*maxAnswer)}} {
		_, err := answer(&start.Fleet{}, lines...)
		require.ErrorIs(t, err, errNoAnswer)
	}
}

func TestOnlyTerminalsAreAsked(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "answers"))
	require.NoError(t, err)
	defer file.Close()
	for name, stream := range map[string]any{"a file": file, "memory": &bytes.Buffer{}, "nothing": nil} {
		require.False(t, isTerminal(stream), name)
	}
}

func TestDirectoriesForAShell(t *testing.T) {
	require.Equal(t, "my-fleet/a.b", quote("my-fleet/a.b"))
	require.Equal(t, `'it'\''s $(x)'`, quote("it's $(x)"))
}
