package render

import (
	"path"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/render/applicationset"
)

// inRepository changes options for a group in another repository than the fleet's own: what Applications name are
// paths of that repository, and what is in others is none of theirs.
func (p *prepared) inRepository(options *applicationset.Options) error {
	of, _, is := p.fleet.RepositoryOf(p.appPath)
	if len(p.fleet.Repositories) == 0 {
		return nil
	}
	if is {
		options.AppPath = p.inside(of, []string{options.AppPath})[0]
		options.BasePath = options.AppPath
		options.LevelFiles, options.Inputs = p.inside(of, options.LevelFiles), p.inside(of, options.Inputs)
		outside := options.Outside
		locate := p.fleet.LocateIn(of.URL)
		options.Outside = func(template string) []string {
			return p.inside(of, outside(locate(strings.TrimPrefix(template, "/"))))
		}
	}
	carry := fleet.Carry{Groups: []string{p.group.Name}}
	if !p.on.IsSpoke() { // without its hub, a spoke would seem to be on its own
		carry.Hub = &p.on
	}
	text, err := p.fleet.Carried(carry)
	if err != nil {
		return err
	}
	options.Carried = map[string]string{"fleet": text}
	if !is {
		return nil
	}
	options.Carried["repository"] = of.Name
	releases, err := p.fleet.CarriedReleases(p.repository, []string{p.group.Name})
	if releases != "" {
		options.Carried["releases"] = releases
	}
	return err
}

// inside returns the paths of a repository for those of the fleet's files that are in it.
func (p *prepared) inside(of fleet.Repository, names []string) []string {
	var found []string
	for _, name := range names {
		if r, inside, is := p.fleet.RepositoryOf(name); is && r.Name == of.Name {
			found = append(found, path.Clean(inside))
		}
	}
	return found
}
