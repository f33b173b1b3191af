package secretsmanager

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

// maxEntry is how large a file of the cache may be: a secret has 64 KiB at most.
const maxEntry = 1 << 20

// A cache keeps identities as files, readable by their owner only. It never holds a secret, only what was kept of it.
// Its nil value is a cache that holds nothing.
type cache struct {
	dir   string
	valid time.Duration
	scope []string // what else, besides region and name, decides which secret is meant
}

// cached is the content of a file. It repeats what it is about, so that a file under a wrong name does not count.
type cached struct {
	Scope    []string `json:"scope"`
	Identity Identity `json:"identity"`
}

// about returns all that decides which secret a target is.
func (c *cache) about(t target) []string { return append([]string{t.region, t.name}, c.scope...) }

// file returns the path for a target: a hash, since names have slashes.
func (c *cache) file(t target) string {
	sum := sha256.Sum256([]byte(strings.Join(c.about(t), "\x00")))
	return filepath.Join(c.dir, hex.EncodeToString(sum[:])+".json")
}

// get returns an identity that is not too old. What cannot be read counts as missing, and is replaced by put.
func (c *cache) get(t target) (Identity, bool) {
	if c == nil {
		return Identity{}, false
	}
	info, err := os.Stat(c.file(t))
	if err != nil {
		return Identity{}, false
	}
	if age := time.Since(info.ModTime()); age < 0 || age >= c.valid {
		return Identity{}, false
	}
	data, err := worktree.ReadPath(c.file(t), maxEntry)
	var e cached
	if err != nil || json.Unmarshal(data, &e) != nil ||
		strings.Join(e.Scope, "\x00") != strings.Join(c.about(t), "\x00") {
		return Identity{}, false
	}
	return e.Identity, true
}

// put keeps an identity, as a whole or not at all: another process may read the file at any time. A cache that cannot
// be written only costs the next run a call, and so is no error.
func (c *cache) put(t target, identity Identity) {
	if c == nil {
		return
	}
	data, err := json.Marshal(cached{Scope: c.about(t), Identity: identity})
	if err != nil {
		return
	}
	_ = worktree.WriteEntry(c.file(t), data)
}
