package compare

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPlacesOfAFile: each place at which a file differs is told, as lines of what it is now.
func TestPlacesOfAFile(t *testing.T) {
	var lines []string
	for i := range 40 {
		lines = append(lines, fmt.Sprintf("line %d", i+1))
	}
	text := func(edit func(lines []string) []string) []byte {
		return []byte(strings.Join(edit(append([]string{}, lines...)), "\n") + "\n")
	}
	before := text(func(l []string) []string { l[4], l[30], l[31] = "five", "thirty-one", "thirty-two"; return l })
	for name, test := range map[string]struct {
		edit func(lines []string) []string
		want [][2]int
	}{
		"two places": {func(l []string) []string { l[4], l[30], l[31] = "5", "31", "32"; return l },
			[][2]int{{5, 5}, {31, 32}}},
		"removed": {func(l []string) []string {
			l[30], l[31] = "thirty-one", "thirty-two"
			return append(l[:4],
				l[5:]...)
		},
			[][2]int{{5, 5}}},
		"empty": {func([]string) []string { return nil }, [][2]int{{1, 1}}},
		"everywhere": {func(l []string) []string {
			for i := range l {
				l[i] = strings.Repeat("new ", i%2) + l[i]
			}
			return l
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			places := placesIn("values.yaml", hunks(before, text(test.edit)))
			require.LessOrEqual(t, len(places), maxPlaces)
			var got [][2]int
			for _, place := range places {
				require.Equal(t, Cause{File: "values.yaml", Line: place.Line, End: place.End, Side: Changed}, place)
				got = append(got, [2]int{place.Line, place.End})
			}
			if test.want != nil {
				require.Equal(t, test.want, got)
				return
			}
			require.Len(t, got, maxPlaces)
			require.Equal(t, 40, got[maxPlaces-1][1], "the last reaches to the end of what differs")
		})
	}
}
