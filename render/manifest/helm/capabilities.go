package helm

import (
	_ "embed" // the table
	"strings"
	"sync"

	"github.com/Masterminds/semver/v3"
)

//go:generate go run ../../../internal/tools/apiversions helm apiversions.txt
//go:embed apiversions.txt
var builtInTable string

// A builtIn is what a version of Helm was built with. It differs between versions since client-go does, whichever one
// is linked here.
type builtIn struct {
	helm        *semver.Version
	apiVersions []string // in its order
}

// builtIns are those of the versions that are known, the oldest first.
var builtIns = sync.OnceValue(func() (out []builtIn) {
	for line := range strings.Lines(builtInTable) {
		line = strings.TrimSpace(line)
		switch version, isHelm := strings.CutPrefix(line, "Helm "); {
		case isHelm:
			out = append(out, builtIn{helm: semver.MustParse(version)})
		case len(out) > 0:
			last := &out[len(out)-1]
			last.apiVersions = append(last.apiVersions, line)
		}
	}
	return out
})

// builtInAPIVersions returns the API versions that charts see with a version of Helm before any that it is given,
// shared by all callers. Of a version that is not known, they are those of the nearest older one, else of the oldest.
func builtInAPIVersions(version string) []string {
	known := builtIns()
	found := known[0]
	if wanted, err := semver.NewVersion(version); err == nil {
		for _, b := range known[1:] {
			if !b.helm.GreaterThan(wanted) {
				found = b
			}
		}
	}
	return found.apiVersions
}
