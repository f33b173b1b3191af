// Package cmpversion knows which versions of cmp a fleet wants, and whether one is among them.
package cmpversion

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// Any is the version of what nobody asks for one: it is among all that a fleet can want.
const Any = "any"

// described finds what `git describe` adds to the version before a commit, and what it says of uncommitted changes.
var described = regexp.MustCompile(`(-[0-9]+-g[0-9a-f]+)?(-dirty)?$`)

// Parse returns a version of cmp, and whether the build has one. One that has none, of a checkout without tags or by Go
// alone, is 0.0.0: nobody knows what is in it.
func Parse(version string) (parsed *semver.Version, has bool) {
	text := described.ReplaceAllString(strings.TrimPrefix(version, "v"), "")
	parsed, err := semver.StrictNewVersion(text)
	if err != nil || parsed.Major() == 0 && parsed.Minor() == 0 && parsed.Patch() == 0 {
		return semver.New(0, 0, 0, "", ""), false
	}
	return parsed, true
}

// beforeRelease finds versions before a release that a constraint names, such as 2.0.0-rc.1 or 2-0.
var beforeRelease = regexp.MustCompile(`[0-9]+(\.[0-9]+){0,2}-[0-9A-Za-z.-]+`)

// Fits tells whether a version is among those of a constraint, such as ">=1.4, <2". A version before a release, such as
// 2.0.0-rc.1, comes after 1.9 and before 2.0.0. It has what is new in 2.0.0, so that it is among those of a constraint
// only if 2.0.0 is, too: not below 2. A constraint that names such a version of the same release says it all by itself.
// Nobody asks for a version that is [Any] or "". Fits fails for text that is no constraint.
func Fits(constraint, version string) (bool, error) {
	_, err := semver.NewConstraint(constraint)
	if err != nil || strings.TrimSpace(constraint) == "" {
		return false, fmt.Errorf("%q is no range of versions: write it as \">=1.4\" or \">=1.4, <2\"", constraint)
	}
	if version == "" || version == Any {
		return true, nil
	}
	is, _ := Parse(version)
	release := semver.New(is.Major(), is.Minor(), is.Patch(), "", "")
	for _, alternative := range strings.Split(constraint, "||") {
		one, err := semver.NewConstraint(alternative)
		if err != nil {
			continue // the whole was understood
		}
		one.IncludePrerelease = true
		if one.Check(is) && (one.Check(release) || namesBefore(alternative, release)) {
			return true, nil
		}
	}
	return false, nil
}

// namesBefore tells whether a constraint names a version before a release.
func namesBefore(constraint string, release *semver.Version) bool {
	for _, text := range beforeRelease.FindAllString(constraint, -1) {
		if named, err := semver.NewVersion(text); err == nil && named.Major() == release.Major() &&
			named.Minor() == release.Minor() && named.Patch() == release.Patch() {
			return true
		}
	}
	return false
}
