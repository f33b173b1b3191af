package plugin

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

// Tree returns the files of the fleet for the repository of the Application: these, or of a fleet in several
// repositories these with fleet.yaml, the releases and the members as the parameters have them. It fails if the
// parameters do not fit together, or the fleet cannot be read, by this version of cmp.
func (i *Invocation) Tree(repository fs.FS, version string) (fs.FS, error) {
	name, text := i.Text("repository"), i.Text("fleet")
	releases, members := i.Text("releases"), i.mapping("members")
	if text == "" {
		if name != "" || releases != "" || len(members) > 0 {
			return nil, errors.New("the parameters repository, releases and members need the parameter fleet: render " +
				"the Application with cmp render --stage bootstrap")
		}
		return repository, nil
	}
	files := map[string][]byte{hierarchy.FleetFile: []byte(text)}
	loaded, err := fleet.LoadFor(hierarchy.NewRepository(worktree.InMemory(files)), version)
	if err != nil {
		return nil, fmt.Errorf("parameter fleet: %w", err)
	}
	if name == "" {
		return worktree.With(repository, hierarchy.FleetFile, []byte(text)), nil
	}
	if releases != "" {
		files[loaded.Releases] = []byte(releases)
	}
	for key, text := range members {
		hub, spoke, _ := strings.Cut(key, "/")
		if cluster.CheckSegment(hub) != nil || cluster.CheckSegment(spoke) != nil {
			return nil, fmt.Errorf("parameter members: %q is not HUB/NAME", shorten(key))
		}
		file := path.Clean(loaded.MemberFile(hub, spoke))
		if strings.HasPrefix(spoke, ".") { // no member, but what keeps the directory of a hub without any
			file = path.Join(loaded.MemberDirectory(hub), spoke)
		}
		files[file] = []byte(text)
	}
	joined, err := loaded.Join(worktree.InMemory(files), map[string]fs.FS{name: repository})
	if err != nil {
		return nil, fmt.Errorf("parameters fleet and repository: %w", err)
	}
	return joined, nil
}

// Parts returns what of the tree is not of the repository, as a text that is the same for the same parts and no others:
// "" if [Invocation.Tree] returns the repository itself.
func (i *Invocation) Parts() string {
	text := i.Text("fleet")
	if text == "" {
		return ""
	}
	sum := sha256.New()
	write := func(text string) { fmt.Fprintf(sum, "%d %s", len(text), text) } // which never fails
	for _, part := range []string{i.Text("repository"), text, i.Text("releases")} {
		write(part)
	}
	members := i.mapping("members")
	for _, name := range slices.Sorted(maps.Keys(members)) {
		write(name)
		write(members[name])
	}
	return hex.EncodeToString(sum.Sum(nil))
}
