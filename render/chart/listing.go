package chart

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/Masterminds/semver/v3"
	"golang.org/x/sync/errgroup"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/render/chart/network"
)

// What of a listing is kept.
const (
	mostListed    = 5_000    // versions, of which the highest are kept
	listedText    = 256      // bytes of a version, and of a range
	listingBytes  = 16 << 20 // of all of them, where each character is escaped
	askedTogether = 8        // repositories
)

// A Listing is which versions of a chart, or of an artifact, its repository has.
type Listing struct {
	// Repository is its address, without what may be secret; "" if the reference cannot be understood.
	Repository string
	Versions   []Version // the highest first
	Registry   bool      // the repository is of a registry
	Kept       time.Time // when that was listed, of one that was kept; zero of one that was asked for now
	// Err is why the versions are not known, or why some are not described. It is the same for all charts of a
	// repository that cannot be read.
	Err error
}

// A Version is one that a repository has.
type Version struct {
	Version string `json:"version"`
	// KubeVersion is the range of versions of Kubernetes that it is for; "" if it does not say.
	KubeVersion string `json:"kubeVersion,omitempty"`
	Deprecated  bool   `json:"deprecated,omitempty"`
	// Described says that it is known what the version says of itself. A registry is asked that for each one.
	Described bool `json:"described,omitempty"`
}

// Wanted says what is asked for beside the versions.
type Wanted struct {
	// Describe chooses which versions of a registry are described, among those of the reference at an index. It is
	// asked again when these are, until it chooses none that is not. It is called by several goroutines.
	Describe func(at int, l Listing) []string
	// Progress is told how many of the repositories have been asked, one after the other; nil: nobody wants to know.
	Progress func(done, total int)
}

// List returns which versions there are of each of some charts and artifacts, whatever version the reference has. Each
// repository is asked once, several at the same time. While offline, it is what was listed last.
func (c *Cache) List(ctx context.Context, all []Reference, w Wanted) []Listing {
	listings := make([]Listing, len(all))
	locations := make([]location, len(all))
	repositories := map[string][]int{}
	for i, r := range all {
		var err error
		if locations[i], err = r.locateListing(); err == nil {
			listings[i].Repository = locations[i].label()
			err = locations[i].checkAllowed(c.options.Allowed)
		}
		if err != nil {
			name := cmp.Or(r.Name, locations[i].name, "of an artifact")
			listings[i].Err = failure(Reference{Name: name}, listings[i].Repository, err)
			continue
		}
		key := locations[i].url.String()
		if listings[i].Registry = locations[i].url.Scheme == network.SchemeOCI; listings[i].Registry {
			key = locations[i].ociRepository()
		}
		repositories[key] = append(repositories[key], i)
	}
	tell, told := w.telling(len(repositories))
	defer told()
	var work errgroup.Group
	work.SetLimit(askedTogether)
	for _, of := range repositories {
		work.Go(func() error {
			defer tell()
			unreadable := c.check(ctx, locations[of[0]])
			for _, i := range of {
				if listings[i].Err = unreadable; unreadable == nil {
					listings[i] = c.list(ctx, listings[i], locations[i],
						func(l Listing) []string { return w.Describe(i, l) })
				}
			}
			return nil
		})
	}
	_ = work.Wait() // each listing has its own error
	return listings
}

// telling returns what is called for each repository that has been asked, and in the end. In between it tells how far
// the work is each second too: whoever shows that may not show what was told first.
func (w Wanted) telling(total int) (one, end func()) {
	if w.Progress == nil {
		return func() {}, func() {}
	}
	events, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for done := 0; ; {
			w.Progress(done, total)
			select {
			case _, more := <-events:
				if !more {
					return
				}
				done++
			case <-tick.C:
			}
		}
	}()
	return func() { events <- struct{}{} }, func() { close(events); <-ended }
}

// locateListing checks a reference, apart from its version.
func (r Reference) locateListing() (location, error) {
	r.Version = ""
	if r.Name != "" || !strings.HasPrefix(r.RepoURL, SchemeArtifact) {
		return r.locate()
	}
	r.Version = "latest"
	l, err := r.locateArtifact()
	l.version = ""
	return l, err
}

// check fails if a chart repository has no index that can be read.
func (c *Cache) check(ctx context.Context, l location) error {
	if c.options.Dir == "" {
		return errNoDirectory
	}
	if c.options.Offline || l.url.Scheme == network.SchemeOCI {
		return nil
	}
	from, err := c.sources.Repository(l.url)
	if err == nil {
		err = from.Check(ctx)
	}
	if err == nil {
		return nil
	}
	return problem.New("", 0, "chart repository %s: %w", l.label(), err).WithHint("%s", problem.HintOf(err))
}

// list completes a listing.
func (c *Cache) list(ctx context.Context, listing Listing, l location, describe func(Listing) []string) Listing {
	known, kept, err := c.store.listing(l.id())
	if c.options.Offline {
		if listing.Versions, listing.Kept = known, kept; err != nil {
			listing.Err = failure(Reference{Name: l.name}, listing.Repository, problem.Hinted(onceOnline,
				"which versions there are is not in the cache, and %w", ErrOffline))
		}
		return listing
	}
	if listing.Registry {
		listing.Versions, err = c.listTags(ctx, l, known)
		for more := err == nil; more; {
			more, err = c.describe(ctx, l, listing.Versions, describe(listing))
		}
	} else {
		listing.Versions, err = c.listIndex(ctx, l)
	}
	if len(listing.Versions) > 0 {
		err = cmp.Or(err, c.store.writeListing(l.id(), listing.Versions))
	}
	if err != nil {
		listing.Err = failure(Reference{Name: l.name}, listing.Repository, err)
	}
	return listing
}

// listIndex lists what the index of a chart repository has.
func (c *Cache) listIndex(ctx context.Context, l location) ([]Version, error) {
	from, err := c.sources.Repository(l.url)
	if err != nil {
		return nil, err
	}
	entries, err := from.Entries(ctx, l.name)
	versions := make([]Version, len(entries))
	for i, e := range entries {
		versions[i] = versionOf(e)
	}
	return bounded(versions), err
}

// versionOf returns a version that is described.
func versionOf(e network.Entry) Version {
	v := Version{Version: e.Version, KubeVersion: e.KubeVersion, Deprecated: e.Deprecated, Described: true}
	if len(v.KubeVersion) > listedText {
		v.KubeVersion = strings.ToValidUTF8(v.KubeVersion[:listedText-len("…")], "") + "…"
	}
	return v
}

// listTags lists the tags that a registry has of a chart, with what is known of them.
func (c *Cache) listTags(ctx context.Context, l location, known []Version) ([]Version, error) {
	from, err := c.sources.Registry(l.url.Host)
	if err != nil {
		return nil, err
	}
	tags, err := from.Tags(ctx, l.ociRepository())
	if err != nil {
		return nil, err
	}
	described := map[string]Version{}
	for _, v := range known {
		described[v.Version] = v
	}
	versions := make([]Version, len(tags))
	for i, t := range tags {
		versions[i] = described[t]
		versions[i].Version = t
	}
	return bounded(versions), nil
}

// describe asks a registry for what some versions say of themselves, unless that is known. It tells whether there was
// one that is now.
func (c *Cache) describe(ctx context.Context, l location, versions []Version, wanted []string) (bool, error) {
	some := false
	for i, v := range versions {
		if v.Described || !slices.Contains(wanted, v.Version) {
			continue
		}
		from, err := c.sources.Registry(l.url.Host)
		if err != nil {
			return false, err
		}
		entry, err := from.Describe(ctx, l.ociRepository(), v.Version)
		if err != nil && !errors.Is(err, network.ErrNoChart) { // an artifact that is none says nothing
			return false, err
		}
		versions[i], some = versionOf(entry), true
	}
	return some, nil
}

// bounded returns the highest versions, the highest first. Where these are too many, pre-releases go first: of some
// charts there is one for each commit.
func bounded(all []Version) []Version {
	parsed := make(map[string]*semver.Version, len(all))
	kept := all[:0]
	for _, v := range all {
		of, err := semver.NewVersion(v.Version)
		if err != nil || len(v.Version) > listedText {
			continue
		}
		parsed[v.Version] = of
		kept = append(kept, v)
	}
	highest := func(a, b Version) int {
		return cmp.Or(parsed[b.Version].Compare(parsed[a.Version]), cmp.Compare(a.Version, b.Version))
	}
	slices.SortStableFunc(kept, highest)
	if len(kept) > mostListed {
		isPre := func(v Version) int { return min(len(parsed[v.Version].Prerelease()), 1) }
		slices.SortStableFunc(kept, func(a, b Version) int { return cmp.Compare(isPre(a), isPre(b)) })
		kept = kept[:mostListed]
		slices.SortStableFunc(kept, highest)
	}
	return kept
}

// Find returns the version that a reference with a version, or with a range, stands for. has is false if the repository
// does not have it. Then it is the version itself, or "" for a range.
func (l Listing) Find(version string) (found Version, has bool) {
	for _, v := range l.Versions {
		if v.Version == version {
			return v, true
		}
	}
	parse := semver.StrictNewVersion
	if l.Registry {
		parse = semver.NewVersion
	}
	if wanted, err := parse(strings.TrimPrefix(version, "v")); err == nil {
		for _, v := range l.Versions {
			if of, err := semver.NewVersion(v.Version); err == nil && of.Equal(wanted) {
				return v, true
			}
		}
		return Version{Version: version}, false
	}
	constraint, err := semver.NewConstraint(cmp.Or(version, "*"))
	if err != nil {
		return Version{}, false
	}
	for _, v := range l.Versions {
		if of, err := semver.NewVersion(v.Version); err == nil && constraint.Check(of) {
			return v, true
		}
	}
	return Version{}, false
}

// listing returns what was listed last of a chart, and when. It fails with errNotStored.
func (s store) listing(chart string) ([]Version, time.Time, error) {
	file := filepath.Join(s.dir, "listings", chart)
	info, err := os.Stat(file)
	if err != nil {
		return nil, time.Time{}, errNotStored
	}
	data, err := worktree.ReadPath(file, listingBytes)
	if err != nil {
		return nil, time.Time{}, errNotStored
	}
	versions, err := parseListing(data)
	return versions, info.ModTime(), err
}

// parseListing reads a file below listings/. It fails with errNotStored for one that this package did not write.
func parseListing(data []byte) ([]Version, error) {
	var versions []Version
	if err := safeyaml.UnmarshalJSON(data, "a listing", &versions); err != nil {
		return nil, errNotStored
	}
	if versions = bounded(versions); len(versions) == 0 {
		return nil, errNotStored
	}
	for i, v := range versions {
		versions[i].KubeVersion = versionOf(network.Entry{KubeVersion: v.KubeVersion}).KubeVersion
	}
	return versions, nil
}

// writeListing stores which versions of a chart there are.
func (s store) writeListing(chart string, versions []Version) error {
	data, err := json.Marshal(versions)
	if err == nil {
		err = worktree.WriteEntry(filepath.Join(s.dir, "listings", chart), data)
	}
	return s.unusable(err)
}
