package outdated

import (
	"strings"

	"github.com/Masterminds/semver/v3"

	"github.com/eks-fleet-management/fleet-cmp/render/chart"
)

// choice is which versions of a listing count for one that is in use.
type choice struct {
	inUse, inMajor, newest chart.Version
	has                    bool // the repository has the one that is in use
}

// choose returns which versions of a repository count for a version, or a range, that is in use. ok is false if there
// is no such version. Pre-releases count if the one in use is one.
func choose(l chart.Listing, version string) (c choice, ok bool) {
	c.inUse, c.has = l.Find(version)
	current, err := semver.NewVersion(c.inUse.Version)
	if err != nil {
		return c, false
	}
	for _, v := range l.Versions { // the highest first
		of, err := semver.NewVersion(v.Version)
		if err != nil || of.Prerelease() != "" && current.Prerelease() == "" {
			continue
		}
		if c.newest.Version == "" {
			c.newest = v
		}
		if c.inMajor.Version == "" && of.Major() == current.Major() {
			c.inMajor = v
		}
	}
	return c, true
}

// isVersion tells whether text is a version, or a range of versions.
func isVersion(text string) bool {
	_, err := semver.NewConstraint(strings.TrimSpace(text))
	return text == "" || err == nil
}

// newer tells whether a version is higher than another.
func newer(version, other string) bool {
	a, err := semver.NewVersion(version)
	if err != nil {
		return false
	}
	b, err := semver.NewVersion(other)
	return err == nil && a.GreaterThan(b)
}

// judge completes a row by what its repository has.
func (r *Row) judge(l chart.Listing) {
	r.Repository = l.Repository
	c, ok := choose(l, r.Version)
	switch {
	case len(l.Versions) == 0 && l.Err == nil:
		r.Status, r.Reason = Unknown, "the repository has no versions of it"
		return
	case len(l.Versions) == 0:
		r.Status, r.Reason = Unknown, "the repository cannot be asked"
		return
	case !ok:
		r.Status, r.Reason = Unknown, "the repository has no version that it stands for"
		return
	}
	r.InUse, r.InMajor, r.Newest = versionOf(c.inUse), versionOf(c.inMajor), versionOf(c.newest)
	r.Status = Current
	for _, v := range []**Version{&r.InMajor, &r.Newest} {
		switch {
		case *v == nil:
		case newer((*v).Version, c.inUse.Version):
			r.Status = Outdated
		case newer(c.inUse.Version, (*v).Version): // which the repository no longer has: none is a step back
			*v = nil
		}
	}
	if !c.has {
		r.Reason = "the repository does not have this version"
	}
}

func versionOf(v chart.Version) *Version {
	if v.Version == "" {
		return nil
	}
	return &Version{Version: v.Version, Kubernetes: v.KubeVersion, Deprecated: v.Deprecated}
}
