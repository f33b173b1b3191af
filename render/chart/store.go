package chart

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/gofrs/flock"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/render/chart/network"
)

// stampBytes is how large a file may be that notes which archive a version has.
const stampBytes = 1 << 20

// store is the cache directory:
//
//	archives/DIGEST           the archive with this SHA-256 digest
//	versions/CHART/VERSION    which digest a version of a chart has, as JSON; names are hashes of repository, chart,
//	                          version; CHART of an artifact that is none is the last part of its address
//	listings/CHART            which versions of a chart its repository had when it was last asked, as JSON
//	locks/CHART               held by the process that fetches versions of the chart
//
// No name of the input becomes a path. Files appear whole, by renaming, so reading needs no lock.
type store struct{ dir string }

// stamp is the content of a file below versions/.
type stamp struct {
	Version string `json:"version"`
	Digest  string `json:"digest"`
	// MediaType is that of the archive of an artifact; "" of a chart.
	MediaType string `json:"mediaType,omitempty"`
}

var (
	// errNotStored: there is no such version in the cache directory.
	errNotStored = errors.New("it is not in the cache")
	// errDamaged is errNotStored for an archive that is not what it was when it was stored.
	errDamaged = fmt.Errorf("%w any more: its archive was damaged", errNotStored)
)

var sha256Hex = regexp.MustCompile(`^[0-9a-f]{64}$`)

func digestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// read returns the archive of an exact version, verified, and what is known of it. It fails with errNotStored.
func (s store) read(chart, version string) (data []byte, found stamp, err error) {
	found, err = readStamp(s.stampFile(chart, version))
	if err != nil || found.Version != version {
		return nil, stamp{}, errNotStored
	}
	data, err = s.archive(found.Digest)
	return data, found, err
}

// archive returns the archive with a digest, verified. It fails with errNotStored.
func (s store) archive(digest string) ([]byte, error) {
	if !sha256Hex.MatchString(digest) {
		return nil, errNotStored
	}
	data, err := worktree.ReadPath(filepath.Join(s.dir, "archives", digest), network.DownloadBytes)
	if err != nil {
		return nil, errNotStored
	}
	if digestOf(data) != digest {
		return nil, errDamaged
	}
	return data, nil
}

// versions returns the versions of a chart that were stored, in no order.
func (s store) versions(chart string) []string {
	directory := filepath.Join(s.dir, "versions", chart)
	entries, err := os.ReadDir(directory)
	if err != nil {
		return nil
	}
	var versions []string
	for _, e := range entries {
		if found, err := readStamp(filepath.Join(directory, e.Name())); err == nil {
			versions = append(versions, found.Version)
		}
	}
	return versions
}

func (s store) stampFile(chart, version string) string {
	return filepath.Join(s.dir, "versions", chart, hash(version))
}

func readStamp(file string) (stamp, error) {
	var found stamp
	data, err := worktree.ReadPath(file, stampBytes)
	if err == nil {
		err = safeyaml.UnmarshalJSON(data, file, &found)
	}
	if err == nil && !sha256Hex.MatchString(found.Digest) {
		err = errDamaged
	}
	return found, err
}

// write stores the archive of a version, and returns its digest. mediaType is that of an artifact, "" of a chart.
func (s store) write(chart, version, mediaType string, data []byte) (string, error) {
	digest := digestOf(data)
	text, err := json.Marshal(stamp{Version: version, Digest: digest, MediaType: mediaType})
	if err == nil {
		err = worktree.WriteEntry(filepath.Join(s.dir, "archives", digest), data)
	}
	if err == nil {
		err = worktree.WriteEntry(s.stampFile(chart, version), text)
	}
	return digest, s.unusable(err)
}

// lock waits until no other process fetches versions of a chart.
func (s store) lock(ctx context.Context, chart string) (unlock func(), err error) {
	directory := filepath.Join(s.dir, "locks")
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return nil, s.unusable(err)
	}
	if err := worktree.RemoveDirectory(filepath.Join(directory, chart)); err != nil {
		return nil, s.unusable(err)
	}
	l := flock.New(filepath.Join(directory, chart))
	if _, err := l.TryLockContext(ctx, 20*time.Millisecond); err != nil {
		return nil, s.unusable(err)
	}
	return func() { _ = l.Close() }, nil
}

// unusable adds what can be done about a cache directory that cannot be written.
func (s store) unusable(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return problem.Hinted("choose a directory that can be written", "the cache directory cannot be used: %w", err)
}
