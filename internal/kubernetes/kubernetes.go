// Package kubernetes knows what each version of Kubernetes serves where nobody says otherwise.
package kubernetes

import (
	_ "embed" // the table
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:generate go run ../tools/apiversions kubernetes apiversions.txt 1.25 1.37
//go:embed apiversions.txt
var table string

// served are the API versions of each minor version that is known, the oldest first.
var served = sync.OnceValue(func() versions { return read(table) })

type versions struct {
	oldest int // the first is of 1.oldest
	sets   [][]string
}

// number is how a version begins: 1.34, v1.34.2-eks-1, 1.34+.
var number = regexp.MustCompile(`^v?([0-9]{1,4})\.([0-9]{1,4})([^0-9]|$)`)

// APIVersions returns the API versions that a Kubernetes of a version such as 1.34 or v1.34.2-eks-1 serves by default,
// without those that are off until asked for: GROUP/VERSION and GROUP/VERSION/KIND, sorted, of what can be listed and
// watched, as Argo CD tells them to Helm. Of a version that is older or newer than those known, they are those of the
// nearest; of what is no version, those of the newest. The slice is shared by all callers, who must not change it.
func APIVersions(version string) []string {
	known := served()
	last := len(known.sets) - 1
	minor, ok := Minor(version)
	if !ok {
		return known.sets[last]
	}
	return known.sets[max(0, min(minor-known.oldest, last))]
}

// Newest returns the minor version of the newest Kubernetes that is known: 34 of 1.34.
func Newest() int {
	known := served()
	return known.oldest + len(known.sets) - 1
}

// Minor returns the minor version of a Kubernetes of a version such as 1.34 or v1.34.2-eks-1: 34. That of a major
// version other than 1 is less, or greater, than all of 1. What is no version has none.
func Minor(version string) (minor int, ok bool) {
	parts := number.FindStringSubmatch(version)
	if parts == nil {
		return 0, false
	}
	major, _ := strconv.Atoi(parts[1]) // both are digits
	minor, _ = strconv.Atoi(parts[2])
	switch {
	case major < 1:
		return -1, true
	case major > 1:
		return math.MaxInt, true
	}
	return minor, true
}

// A kind is served from one minor version to another.
type kind struct {
	name        string // GROUP/VERSION/KIND
	first, last int
}

// read reads the table.
func read(table string) versions {
	var kinds []kind
	for line := range strings.Lines(table) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] != "#" {
			kinds = append(kinds, kind{fields[0], minorOf(fields[1]), minorOf(fields[2])})
		}
	}
	oldest := slices.MinFunc(kinds, func(a, b kind) int { return a.first - b.first }).first
	newest := slices.MaxFunc(kinds, func(a, b kind) int { return a.last - b.last }).last
	out := versions{oldest, make([][]string, newest-oldest+1)}
	for _, k := range kinds {
		groupVersion := k.name[:strings.LastIndexByte(k.name, '/')]
		for minor := k.first; minor <= k.last; minor++ {
			out.sets[minor-oldest] = append(out.sets[minor-oldest], groupVersion, k.name)
		}
	}
	for i, set := range out.sets {
		slices.Sort(set)
		out.sets[i] = slices.Clip(slices.Compact(set)) // so that appending copies
	}
	return out
}

// minorOf returns the second number of a version of the table, which are all 1.MINOR.
func minorOf(version string) int {
	minor, _ := strconv.Atoi(strings.TrimPrefix(version, "1."))
	return minor
}
