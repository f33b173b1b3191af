package worktree

import (
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// WithTargets returns paths of a tree of files with what they lead to through links, and these links: all that changes
// what is read at the paths. The result is sorted. A link that leads nowhere, or out of the tree, is followed as far as
// that goes.
func WithTargets(fsys fs.FS, names []string) []string {
	f := follower{fsys: fsys, all: map[string]bool{}, links: map[string]string{}}
	for _, name := range names {
		f.all[name] = true
		f.follow(name)
	}
	return slices.Sorted(maps.Keys(f.all))
}

type follower struct {
	fsys  fs.FS
	all   map[string]bool
	links map[string]string // by path: where it leads; "" for no link
}

func (f *follower) follow(name string) {
	done, links := ".", 0
	for pending := strings.Split(name, "/"); len(pending) > 0; {
		segment := pending[0]
		pending = pending[1:]
		if segment == ".." && done == "." {
			return
		}
		next := path.Join(done, segment)
		target := f.link(next)
		if target == "" {
			done = next
			continue
		}
		f.all[next] = true
		if links++; path.IsAbs(target) || links > maxLinks {
			return
		}
		pending = append(strings.Split(target, "/"), pending...)
	}
	f.all[done] = true
}

func (f *follower) link(name string) string {
	if target, known := f.links[name]; known {
		return target
	}
	target := ""
	if info, err := fs.Lstat(f.fsys, name); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		if target, err = fs.ReadLink(f.fsys, name); err != nil {
			target = ""
		}
	}
	f.links[name] = target
	return target
}
