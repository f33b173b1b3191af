package serving

import (
	"bytes"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestDisk: repositories on disk leave for others as long as these have no room, that used last at last. What has none
// even so is refused.
func TestDisk(t *testing.T) {
	limits := enough
	limits.Repositories, limits.Disk = 4, 1000
	limits.Archive.Memory, limits.Archive.Directory = 2000, t.TempDir()
	of := func(size int) []byte {
		return packed(t, time.Unix(1, 0), "a", strings.Repeat("a", size), "small", "x", "b", strings.Repeat("b", size))
	}
	k := &talk{t: t}
	k.ask("discover", "in memory", ".", of(10))
	k.ask("discover", "one", ".", packed(t, time.Unix(1, 0), "a", strings.Repeat("a", 2000), "b", ""))
	for _, name := range []string{"two", "three"} {
		k.ask("discover", name, ".", packed(t, time.Unix(1, 0), name, "", "a", strings.Repeat("a", 1900)))
	}
	all := k.answers(limits, func(*Work, string, io.Writer, io.Writer) int { return 0 })
	for i, kept := range [][]string{{"in memory"}, {"in memory"}, {"in memory"}, {"in memory"}} {
		require.Equal(t, kept, all[i].Kept)
		if i > 0 {
			require.Equal(t,
				"Error: the archive cannot be read: there is no room for the repository: a worker may have "+
					"1000 bytes of disk; raise --disk-limit of the plugin server, or have fewer --workers\n",
				all[i].Stderr)
		}
	}

	limits.Disk = 5000
	k.ask("discover", "in memory", ".", of(10))
	for _, name := range []string{"one", "two", "three"} {
		k.ask("discover", name, ".", packed(t, time.Unix(1, 0), name, "", "a", strings.Repeat("a", 2400)))
	}
	k.ask("discover", "two", ".", nil)
	k.ask("discover", "four", ".", packed(t, time.Unix(1, 0), "four", "", "a", strings.Repeat("a", 2400)))
	all = k.answers(limits, func(*Work, string, io.Writer, io.Writer) int { return 0 })
	for i, kept := range [][]string{{"in memory"}, {"in memory", "one"}, {"in memory", "one", "two"},
		{"in memory", "two", "three"}, {"in memory", "three", "two"}, {"in memory", "two", "four"}} {
		require.Equal(t, kept, all[i].Kept, i)
		require.Zero(t, all[i].Status)
	}
}

// TestDiskOfGit: a Git repository makes room as others do, but not that of its own files.
func TestDiskOfGit(t *testing.T) {
	limits := enough
	limits.Repositories, limits.Disk = 4, 10_000
	limits.Archive.Memory, limits.Archive.Directory = 2000, t.TempDir()
	limits.Archive.Bytes = 32 << 20
	inMemory := strings.Repeat("a", 4<<20-4<<10)
	k := &talk{t: t}
	ask := func(name string, git int) {
		data := packed(t, time.Unix(1, 0), ".git/HEAD", "0123", ".git/objects/a", inMemory, ".git/objects/b",
			strings.Repeat("b", git), name, "", "a", strings.Repeat("a", 2400))
		require.NoError(t, WriteRequest(&k.in, Request{Command: "discover", Content: name, Path: ".", Git: git > 0,
			Archive: int64(len(data))}, bytes.NewReader(data)))
	}
	ask("one", 0)
	ask("two", 0)
	ask("two", 6000)
	ask("three", 0)
	ask("two", 0)
	ask("two", 9000)
	all := k.answers(limits, func(*Work, string, io.Writer, io.Writer) int { return 0 })
	for i, kept := range [][]string{{"one"}, {"one", "two"}, {"two"}, {"three"}, {"three", "two"}, {"two"}} {
		require.Equal(t, kept, all[i].Kept, i)
		require.Equal(t, i == 5, all[i].Status != 0, all[i].Stderr)
	}
	require.Contains(t, all[5].Stderr, "the Git repository: the archive cannot be read: there is no room for the "+
		"repository: a worker may have 10000 bytes of disk; raise --disk-limit")
}

// TestGarbage: the less is in use, the longer garbage stays, up to a bound.
func TestGarbage(t *testing.T) {
	usual := debug.SetGCPercent(100)
	defer debug.SetGCPercent(usual)
	runtime.GC()
	for _, test := range []struct{ garbage, least, most int64 }{{0, 0, 0}, {1, 100, 100}, {1 << 40, 400, 400}} {
		k := &kept{limits: Limits{Garbage: test.garbage}}
		k.collect()
		require.True(t, test.least <= k.percent && k.percent <= test.most, k.percent)
		is := debug.SetGCPercent(100)
		require.Equal(t, max(k.percent, 100), int64(is))
	}
}
