package files

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/supervise"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

// Checkouts are the directories of the other repositories of a fleet, as the flag --repository gives them. The zero
// value has none.
type Checkouts struct {
	Otherwise *Checkouts // has those that are not given; nil for none

	directories map[string]string
	opened      map[string]fs.FS
}

// Add adds the flag to a set.
func (c *Checkouts) Add(flags *pflag.FlagSet) {
	flags.Var(c, "repository",
		"checkout of another repository of the fleet, by its name in spec.repositories (repeatable)")
}

// Type implements [pflag.Value].
func (*Checkouts) Type() string { return "NAME=DIR" }

// String implements [pflag.Value].
func (c *Checkouts) String() string {
	var all []string
	for name, directory := range c.directories {
		all = append(all, name+"="+directory)
	}
	slices.Sort(all)
	return strings.Join(all, ",")
}

// Set implements [pflag.Value]: it adds one.
func (c *Checkouts) Set(text string) error {
	name, directory, is := strings.Cut(text, "=")
	switch {
	case !is || name == "" || directory == "":
		return errors.New("must be NAME=DIR")
	case c.directories[name] != "":
		return fmt.Errorf("%s is given twice", name)
	case c.directories == nil:
		c.directories = map[string]string{}
	}
	c.directories[name] = directory
	return nil
}

// flag returns the name of the flag that says the checkouts.
func (c *Checkouts) flag() string {
	if c.Otherwise != nil {
		return "base-repository"
	}
	return "repository"
}

// Arguments returns the flags that would say the same, sorted.
func (c *Checkouts) Arguments() []string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(c.directories)) {
		all = append(all, "--repository", name+"="+c.directories[name])
	}
	return all
}

// Directories returns the directories that were given, sorted.
func (c *Checkouts) Directories() []string { return slices.Sorted(maps.Values(c.directories)) }

// Join returns the files of a fleet with those of its other repositories. The checkouts are opened once, however often
// that is asked for. It fails as [fleet.Fleet.Join] does; of a fleet.yaml that cannot be read, whoever reads it next
// says so.
func (c *Checkouts) Join(fsys fs.FS) (fs.FS, error) {
	f, err := fleet.Load(hierarchy.NewRepository(fsys))
	if err != nil {
		return fsys, nil
	}
	checkouts, err := c.open()
	if err != nil {
		return nil, err
	}
	joined, err := f.Join(fsys, checkouts)
	if err != nil && len(f.Repositories) == 0 {
		return nil, usage.Error(fmt.Errorf("--repository: %w", err))
	}
	return joined, err
}

// open opens the checkouts that are not open yet, and returns all.
func (c *Checkouts) open() (map[string]fs.FS, error) {
	all := map[string]fs.FS{}
	if c.Otherwise != nil {
		others, err := c.Otherwise.open()
		if err != nil {
			return nil, err
		}
		maps.Copy(all, others)
	}
	if c.opened == nil {
		c.opened = map[string]fs.FS{}
	}
	for name, directory := range c.directories {
		if c.opened[name] == nil {
			if info, err := os.Stat(directory); err != nil || !info.IsDir() {
				return nil, usage.Error(fmt.Errorf("--%s %s=%s: there is no such directory", c.flag(), name, directory))
			}
			opened, err := worktree.OpenFor(directory, supervise.Reading)
			if err != nil {
				return nil, err
			}
			c.opened[name] = opened
		}
		all[name] = c.opened[name]
	}
	return all, nil
}

// OpenFleet is [OpenRepository] with the files of the fleet's other repositories. It fails as [Checkouts.Join] does,
// too.
func OpenFleet(appPath, root string, checkouts *Checkouts) (fs.FS, string, error) {
	repository, inside, err := OpenRepository(appPath, root)
	if err != nil {
		return nil, "", err
	}
	joined, err := checkouts.Join(repository)
	return joined, inside, err
}
