package compare

import (
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// causes know where the files of two trees differ.
type causes struct {
	trees [2]fs.FS
	lines map[string][]Cause
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
		found = append(found, c.causesIn(file)...)
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

// causesIn returns what differs in a file.
func (c *comparison) causesIn(file string) []Cause {
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
	found := []Cause{{File: file, Side: sidesOf(failed[0] == nil, failed[1] == nil)}}
	if found[0].Side == Changed {
		found = placesIn(file, hunks(texts[0], texts[1]))
	}
	c.causes.lines[file] = found
	return found
}

// maxPlaces is how many places of a file are told apart. The last of them reaches to the end of what differs.
const maxPlaces = 10

// placesIn returns the places at which a file differs from what it was, by the hunks of a unified diff. Lines are those
// of the file as it is; of what is only removed, the line that follows.
func placesIn(file, hunks string) []Cause {
	var found []Cause
	line, within := 0, false
	for text := range strings.Lines(hunks) {
		switch text[0] {
		case '@':
			_, after, _ := strings.Cut(text, "+")
			line, _ = strconv.Atoi(after[:strings.IndexAny(after, ", ")])
			line = max(line, 1) // of a file that is empty now
			within = false
		case ' ':
			line, within = line+1, false
		case '+', '-':
			if !within && len(found) < maxPlaces {
				found = append(found, Cause{File: file, Side: Changed, Line: line})
			}
			within = true
			found[len(found)-1].End = line
			if text[0] == '+' {
				line++
			}
		}
	}
	return found
}
