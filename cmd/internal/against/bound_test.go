//go:build unix

package against

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestBadPrograms: each is one error, whatever number of groups there is.
func TestBadPrograms(t *testing.T) {
	for name, test := range map[string]struct{ script, want string }{
		"too many bytes": {writesSet + `head -c 600000 /dev/zero > "$directory/$group.txt"`,
			`cmp\.sh render --group group-\d --cluster hub: writes more than 1 MiB in all its renders, ` +
				`the most that is compared: ask for a part of the fleet, with --group, `},
		"too many files": {writesSet + `i=0; while [ $i -lt 20 ]; do i=$((i + 1)); mkdir "$directory/$i"; done`,
			`: writes more than 30 files in all its renders, the most that are compared: ask for a part`},
		"too many objects": {`mkdir "$directory"
i=0; while [ $i -lt 20 ]; do i=$((i + 1)); echo '---'; echo '{"kind": "A"}'; done > "$directory/a.json"`,
			`cmp\.sh writes more than 30 objects in all its renders`},
		"too much before it ends": {writesSet + `head -c 1100000 /dev/zero > "$directory/a"; exec sleep 60`,
			`: writes more than 1 MiB in all its renders`},
		"another process": {writesSet + `sleep 60 &`,
			`: ended, but a process that it started keeps its output open: have it wait for that one$`},
		"no such flag": {`echo "Error: unknown flag: --allow-empty; see 'cmp render --help'" >&2; exit 2`,
			`cmp\.sh: cmp render has no flag --allow-empty there; it is too old: compare with a newer cmp$`},
		"no flag that was given": {`echo "Error: unknown flag: --offline" >&2; exit 2`,
			`cmp\.sh: cmp render has no flag --offline there; leave that out, or compare with a newer cmp$`},
		"another version": {`echo "Error: fleet.yaml:4: the fleet wants cmp >=1.4, <2, and this is 1.3.2 ` +
			`(group $group, cluster hub); install one of those, or change spec.cmpVersion" >&2; exit 1`,
			`cmp\.sh: fleet\.yaml:4: the fleet wants cmp >=1\.4, <2, and this is 1\.3\.2; ` +
				`widen spec\.cmpVersion while both are compared$`},
		"no version": {`echo "Error: fleet.yaml:4: the fleet wants cmp >=1.4, and this is 0123abc, a build without a ` +
			`version (group $group); install one of those, or change spec.cmpVersion" >&2; exit 1`,
			`wants cmp >=1\.4, and this is 0123abc, a build without a version; widen spec\.cmpVersion while both`},
		"no JSON":      {writesSet + `echo '{' > "$directory/set.json"`, `cmp\.sh writes: set\.json:1: is not YAML`},
		"nothing said": {`exit 1`, `cmp\.sh render --group group-\d --cluster hub: exit status 1$`},
		"killed":       {`kill -9 $$`, `: signal: killed$`},
	} {
		t.Run(name, func(t *testing.T) {
			bad := script(t, test.script)
			bad.bound = newBound(size{bytes: 1 << 20, files: 30})
			bad.given = func(flag string) bool { return flag == "offline" }
			c := comparisonOf(t, 2, bad, script(t, writesSet))
			_, err := used(t, c)
			require.Error(t, err)
			require.Regexp(t, test.want, err.Error())
			require.NotContains(t, err.Error(), "\n")
			require.Empty(t, c.failures)
		})
	}
}

// TestBound proves that a directory counts once however often it is looked at, and that what is not there is nothing.
func TestBound(t *testing.T) {
	b := newBound(size{bytes: 10, files: 4})
	one, two := filepath.Join(t.TempDir(), "one"), t.TempDir()
	require.NoError(t, b.look(one))
	require.NoError(t, os.Mkdir(one, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(one, "a"), []byte("12345"), 0o600))
	require.NoError(t, b.look(one))
	require.NoError(t, b.look(one))
	require.NoError(t, os.RemoveAll(one))
	require.NoError(t, os.WriteFile(filepath.Join(two, "a"), []byte("1234567"), 0o600))
	require.ErrorIs(t, b.look(two), errTooMuch)
	b = newBound(size{bytes: 10, files: 4})
	require.NoError(t, b.look(two))
	ctx, cancel := context.WithCancelCause(t.Context())
	b.watch(ctx, two, cancel)()
	require.NoError(t, ctx.Err())
}
