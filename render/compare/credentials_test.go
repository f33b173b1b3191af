package compare_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/compare"
)

// TestCredentialsAreHidden: a comparison shows none that stands in an object that is no Secret, only that it changes.
func TestCredentialsAreHidden(t *testing.T) {
	const object = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  app.ini: |\n    level: %s\n" +
		"    password=canary%s\n  dsn: app:canary%s@tcp(db:3306)/app\n  pw: canary%s\n  secretName: db\n"
	of := func(level, n string) string { return fmt.Sprintf(object, level, n, n, n) }
	before := small(of("one", "1"))
	result := compareTrees(t, before, small(of("two", "1")), compare.Options{Stage: render.StageManifests})
	require.Len(t, result.Changes, 1)
	require.Contains(t, result.Changes[0].Diff, "-    level: one\n+    level: two\n     password=(hidden)\n")
	require.Contains(t, result.Changes[0].Diff, "dsn: app:(hidden)@tcp(db:3306)/app\n")
	require.NotContains(t, fmt.Sprintf("%+v", result), "canary")
	result = compareTrees(t, before, small(of("one", "2")), compare.Options{Stage: render.StageManifests})
	require.Len(t, result.Changes, 1)
	require.Contains(t, result.Changes[0].Diff, "+    password=(hidden, after)\n")
	require.Equal(t, 3, result.Changes[0].Added)
	require.NotContains(t, fmt.Sprintf("%+v", result), "canary")
}
