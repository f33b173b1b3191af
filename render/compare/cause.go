package compare

import (
	"io/fs"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// causes know where the files of two trees differ.
type causes struct {
	trees [2]fs.FS
	lines map[string]Cause
	files map[*stages.Set][]string // that differ, of those that an ApplicationSet depends on
}

// causesOf returns the places that can have changed an Application: files that it reads; those of its ApplicationSet,
// if that is another; those of its cluster, if that has other labels or annotations.
func (c *comparison) causesOf(p *pair, b both) []Cause {
	var files []string
	for _, v := range b {
		if v != nil {
			files = append(files, c.readBy(v)...)
		}
	}
	if !p.equal() {
		files = append(files, c.setFiles(p)...)
	} else if of := b.of(); of != nil {
		files = append(files, c.clusterFiles(p, of.Application.Cluster)...)
	}
	if len(files) == 0 {
		files = c.setFiles(p)
	}
	slices.Sort(files)
	var found []Cause
	for _, file := range slices.Compact(files) {
		found = append(found, c.cause(file))
	}
	return found
}

// setFiles returns the files that differ, of those that an ApplicationSet depends on.
func (c *comparison) setFiles(p *pair) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var files []string
	for _, set := range p {
		if set == nil {
			continue
		}
		known, is := c.causes.files[set]
		if !is {
			known = c.changed.Matching(set.Files(), nil)
			c.causes.files[set] = known
		}
		files = append(files, known...)
	}
	return files
}

// clusterFiles returns the files that differ and describe a cluster, if it is described otherwise.
func (c *comparison) clusterFiles(p *pair, name string) []string {
	var found [2]*cluster.Cluster
	for side, set := range p {
		if set == nil {
			continue
		}
		for i := range set.On.Targets {
			if set.On.Targets[i].Name == name {
				found[side] = &set.On.Targets[i]
			}
		}
	}
	if found[0] != nil && found[1] != nil && sameIdentity(*found[0], *found[1]) {
		return nil
	}
	files := []string{hierarchy.FleetFile}
	for _, cluster := range found {
		if cluster != nil && cluster.File != "" {
			files = append(files, cluster.File)
		}
	}
	return c.changed.Matching(files, nil)
}

// cause returns what differs in a file.
func (c *comparison) cause(file string) Cause {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, is := c.causes.lines[file]; is {
		return known
	}
	var texts [2][]byte
	var failed [2]error
	for side, tree := range c.causes.trees {
		texts[side], failed[side] = worktree.ReadFile(tree, file, hierarchy.MaxFileSize)
	}
	cause := Cause{File: file, Side: sidesOf(failed[0] == nil, failed[1] == nil)}
	if cause.Side == Changed {
		cause.Line, cause.End = firstHunk(string(texts[0]), string(texts[1]))
	}
	c.causes.lines[file] = cause
	return cause
}

// firstHunk returns the first and last line of the first place at which a text differs from what it was.
func firstHunk(before, after string) (first, last int) {
	old, now := strings.Split(before, "\n"), strings.Split(after, "\n")
	same := 0
	for same < min(len(old), len(now)) && old[same] == now[same] {
		same++
	}
	end := 0
	for end < min(len(old), len(now))-same && old[len(old)-1-end] == now[len(now)-1-end] {
		end++
	}
	return same + 1, max(same+1, len(now)-end)
}
