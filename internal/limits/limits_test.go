package limits

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestOrAndWithin(t *testing.T) {
	said := Limits{Memory: 100, Timeout: time.Minute}
	other := Limits{Memory: 50, Timeout: time.Hour, ApplicationTimeout: time.Second}
	require.Equal(t, Limits{Memory: 100, Timeout: time.Minute, ApplicationTimeout: time.Second}, said.Or(other))
	require.Equal(t, Limits{Memory: 50, Timeout: time.Minute, ApplicationTimeout: time.Second}, said.Within(other))
	require.Equal(t, Limits{Memory: 50, Timeout: time.Minute, ApplicationTimeout: time.Second}, other.Within(said))
	require.Equal(t, said, said.Within(Limits{}), "nothing is said")
	require.Equal(t, 5*time.Second, Default.ApplicationCPU())
}

func TestParseMemory(t *testing.T) {
	for text, want := range map[string]int64{
		"400Mi": 400 << 20, "400MiB": 400 << 20, "1Gi": 1 << 30, "1G": 1e9, "1.5GiB": 3 << 29, "67108864": 64 << 20,
		"1e9": 1e9,
	} {
		got, err := ParseMemory(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for text, message := range map[string]string{
		"":       `must be a size, such as 400Mi or 1Gi, not ""`,
		"-1Gi":   `must be a size, such as 400Mi or 1Gi, not "-1Gi"`,
		"lots":   `must be a size, such as 400Mi or 1Gi, not "lots"`,
		"9e99":   `must be a size, such as 400Mi or 1Gi, not "9e99"`,
		"10Mi":   `must be at least 64 MiB, not "10Mi"`,
		"400MBB": `must be a size, such as 400Mi or 1Gi, not "400MBB"`,
	} {
		_, err := ParseMemory(text)
		require.EqualError(t, err, message)
	}
}

func TestParseTimeout(t *testing.T) {
	got, err := ParseTimeout("1m30s")
	require.NoError(t, err)
	require.Equal(t, 90*time.Second, got)
	for text, message := range map[string]string{
		"":     `must be a duration, such as 90s or 2m, not ""`,
		"90":   `must be a duration, such as 90s or 2m, not "90"`,
		"-1s":  `must be at least 100ms, not "-1s"`,
		"99ms": `must be at least 100ms, not "99ms"`,
	} {
		_, err := ParseTimeout(text)
		require.EqualError(t, err, message)
	}
}

func TestOfContainer(t *testing.T) {
	for rule, test := range map[string]struct {
		texts []string // of the files; "-" is no file
		want  int64
	}{
		"no container":                  {[]string{"-", "-"}, 0},
		"version 2":                     {[]string{"1073741824\n", "-"}, 819 << 20},
		"version 2 without a limit":     {[]string{"max\n", "1073741824\n"}, 0},
		"version 1":                     {[]string{"-", "536870912\n"}, 409 << 20},
		"version 1 without a limit":     {[]string{"-", "9223372036854771712\n"}, 0},
		"what is no number":             {[]string{"lots", "-"}, 0},
		"a container that is too small": {[]string{"1000000", "-"}, leastMemory},
	} {
		t.Run(rule, func(t *testing.T) {
			var files []string
			for _, text := range test.texts {
				file := filepath.Join(t.TempDir(), "limit")
				if text != "-" {
					require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
				}
				files = append(files, file)
			}
			require.Equal(t, test.want, ofContainer(files))
		})
	}
}

// TestAmong: several processes share what there is, in whole MiB.
func TestAmong(t *testing.T) {
	require.EqualValues(t, 819<<20, among(819<<20, 0))
	require.EqualValues(t, 819<<20, among(819<<20, 1))
	require.EqualValues(t, 409<<20, among(819<<20, 2))
	require.EqualValues(t, leastMemory, among(819<<20, 100))
	require.Zero(t, among(0, 2), "where there is no limit")
}

func TestSizeText(t *testing.T) {
	for size, want := range map[int64]string{1 << 30: "1 GiB", 400 << 20: "400 MiB", 3 << 10: "3 KiB",
		1000: "1000 bytes"} {
		require.Equal(t, want, SizeText(size))
	}
}

// TestStallCPU: whoever allows a run more time allows it more CPU time without getting on; less takes nothing away.
func TestStallCPU(t *testing.T) {
	for timeout, want := range map[time.Duration]time.Duration{
		time.Second:     6 * time.Second,
		Default.Timeout: 6 * time.Second,
		time.Hour:       36 * time.Second,
	} {
		require.Equal(t, want, Limits{Timeout: timeout}.StallCPU())
	}
}
