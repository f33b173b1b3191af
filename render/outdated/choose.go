package outdated

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/Masterminds/semver/v3"
	"helm.sh/helm/v3/pkg/chartutil"

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
	r.Repository, r.Kept = l.Repository, l.Kept.UTC().Truncate(time.Second)
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
	r.InUse, r.InMajor, r.Newest = r.versionOf(c.inUse), r.versionOf(c.inMajor), r.versionOf(c.newest)
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
	heldBack := func(v *Version) bool { return v != nil && len(v.NotFor) > 0 }
	if r.Status == Outdated && (heldBack(r.InMajor) || heldBack(r.Newest)) {
		if r.Usable = r.usable(l, true); r.Usable == nil {
			r.Usable = r.usable(l, false)
		}
	}
}

// mostAsked is how many versions of a registry are asked about for one row, of the same major version and of all, to
// find one that all clusters can have.
const mostAsked = 10

// wanted returns which versions of a registry are to be described: those that count, and where one of these is not for
// all clusters, one after the other of those below it until one is.
func (r *Row) wanted(l chart.Listing) []string {
	c, ok := choose(l, r.Version)
	if !ok {
		return nil
	}
	r.InUse = r.versionOf(c.inUse)
	wanted := []string{c.inUse.Version, c.inMajor.Version, c.newest.Version}
	held := slices.ContainsFunc([]chart.Version{c.inMajor, c.newest}, func(v chart.Version) bool {
		return newer(v.Version, c.inUse.Version) && len(r.notFor(v.KubeVersion)) > 0
	})
	for _, inMajor := range []bool{true, false} {
		if held && r.usable(l, inMajor) == nil {
			if next := r.next(l, inMajor); next != "" {
				return append(wanted, next)
			}
		}
	}
	return wanted
}

// next returns the version that is described next: of those that are newer than the one in use, the highest of each
// minor version, until enough are. It is "" where there is none.
func (r *Row) next(l chart.Listing, inMajor bool) string {
	asked, last := 0, ""
	for of := range r.newerOf(l, inMajor) {
		minor := fmt.Sprintf("%d.%d", of.Major(), of.Minor())
		if minor == last {
			continue
		}
		last = minor
		switch asked++; {
		case asked > mostAsked:
			return ""
		case !of.version.Described:
			return of.version.Version
		}
	}
	return ""
}

// A candidate is a version of a repository, as it is compared.
type candidate struct {
	*semver.Version
	version chart.Version
}

// newerOf returns the versions that are newer than the one in use, of the same major version or of all, the highest
// first. Pre-releases are among them where the one in use is one.
func (r *Row) newerOf(l chart.Listing, inMajor bool) iter.Seq[candidate] {
	return func(yield func(candidate) bool) {
		current, err := semver.NewVersion(r.InUse.Version)
		if err != nil {
			return
		}
		for _, v := range l.Versions { // the highest first
			of, err := semver.NewVersion(v.Version)
			if err != nil || of.Prerelease() != "" && current.Prerelease() == "" ||
				inMajor && of.Major() != current.Major() {
				continue
			}
			if !of.GreaterThan(current) || !yield(candidate{of, v}) {
				return
			}
		}
	}
}

// usable returns the newest version that all clusters can have, of the same major version or of all; nil if it is not
// newer than the one in use. A version counts if it is known what it says of itself: of a registry, that is asked of
// few.
func (r *Row) usable(l chart.Listing, inMajor bool) *Version {
	for of := range r.newerOf(l, inMajor) {
		if usable := r.versionOf(of.version); of.version.Described && len(usable.NotFor) == 0 {
			return usable
		}
	}
	return nil
}

// versionOf returns what is known of a version, nil if there is none.
func (r *Row) versionOf(v chart.Version) *Version {
	if v.Version == "" {
		return nil
	}
	return &Version{Version: v.Version, Kubernetes: v.KubeVersion, Deprecated: v.Deprecated,
		NotFor: r.notFor(v.KubeVersion)}
}

// notFor returns the clusters whose Kubernetes is not of a range, as Helm decides it.
func (r *Row) notFor(kubeVersion string) []string {
	if kubeVersion == "" {
		return nil
	}
	var clusters []string
	for version, of := range r.kubernetes {
		if !chartutil.IsCompatibleRange(kubeVersion, version) {
			clusters = append(clusters, of...)
		}
	}
	slices.Sort(clusters)
	return slices.Compact(clusters)
}
