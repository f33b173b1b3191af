package against

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// A comparison is a fleet that two programs render.
type comparison struct {
	programs  [2]program
	flags     []string            // of each render
	targets   []string            // flags that choose clusters, for the later stages
	argoCDs   map[string][]string // clusters with one, by group
	stage     string              // the last one that is compared
	directory string              // for what is rendered, which is removed again
	filter    workshop.Filter
	atOnce    int // so many programs

	display

	failures   []workshop.RenderFailure
	ofSets     func(group, argoCD string) map[string]string // the components of ApplicationSets, by their names
	components map[string]map[string]bool                   // that there are, by group
	labels     map[string]string                            // components, by group and label of their Applications
	owners     map[string]workshop.Rendered                 // what is known of Applications, by their names
}

// A run is one render of each program.
type run struct {
	stage, group string
	args         []string
	quiet        bool              // what fails on both sides in the same way is no matter
	keys         map[string]string // the components of ApplicationSets, by their names
}

// runs returns what is rendered: the stages up to the one that is asked for, and those of each Argo CD.
func (c *comparison) runs() []run {
	var all []run
	clusters := map[string]bool{}
	for _, group := range slices.Sorted(maps.Keys(c.argoCDs)) {
		for _, on := range c.argoCDs[group] {
			clusters[on] = true
			all = append(all, run{stage: render.StageApplicationSets, group: group,
				args: []string{"--group", group, "--cluster", on}})
		}
	}
	for _, stage := range []string{render.StageApplications, render.StageManifests} {
		if c.stage == render.StageApplicationSets || c.stage == render.StageApplications && stage != c.stage {
			continue
		}
		for _, group := range slices.Sorted(maps.Keys(c.argoCDs)) {
			all = append(all, run{stage: stage, group: group,
				args: slices.Concat([]string{"--stage", stage, "--group", group}, c.targets)})
		}
	}
	if c.filter.Group != "" || len(c.filter.Components) > 0 {
		return all // the others are of no group
	}
	for _, stage := range []string{render.StageRegistration, render.StageBootstrap} {
		for _, on := range slices.Sorted(maps.Keys(clusters)) {
			all = append(all, run{stage: stage, group: "fleet", args: []string{"--stage", stage, "--cluster", on},
				quiet: true})
		}
	}
	return all
}

// each renders with both programs, and calls use with what differs of each Application, or of each other object. What a
// program could not render is compared on neither side. It fails where a program cannot be run, and as use does.
func (c *comparison) each(ctx context.Context, use func(workshop.Rendered) error) error {
	c.owners, c.components = map[string]workshop.Rendered{}, map[string]map[string]bool{}
	c.labels = map[string]string{}
	all := c.runs()
	c.total = len(all) * len(c.programs)
	defer c.end()
	c.step(0)
	for i, r := range all {
		if r.stage == render.StageApplicationSets {
			all[i].keys = c.ofSets(r.group, r.args[len(r.args)-1])
		}
	}
	later := firstLater(all)
	if err := c.renderings(ctx, all[:later], use); err != nil {
		return err
	}
	if err := c.renderings(ctx, c.rest(all[later:]), use); err != nil {
		return err
	}
	known := map[string]bool{}
	for _, of := range c.components {
		maps.Copy(known, of)
	}
	for _, component := range c.filter.Components {
		if !known[component] && len(c.failures) == 0 {
			names := slices.Sorted(maps.Keys(known))
			return usage.Error(fmt.Errorf("neither side has the component %q; %s", component,
				problem.Suggest(component, names, "the components are "+problem.Few(names))))
		}
	}
	return nil
}

// only returns a run of a later stage with the components of its group that are asked for: charts of others need not
// be there. It tells whether there are any, which the ApplicationSets have said.
func (c *comparison) only(r run) (run, bool) {
	if len(c.filter.Components) == 0 || r.stage == render.StageApplicationSets {
		return r, true
	}
	r.args = slices.Clip(r.args)
	some := false
	for _, component := range c.filter.Components {
		if c.components[r.group][component] {
			r.args, some = append(r.args, "--component", component), true
		}
	}
	return r, some
}

// compare calls use with what differs of what both programs rendered.
func (c *comparison) compare(r run, directories [2]string, messages [2][]string,
	use func(workshop.Rendered) error) (err error) {
	c.fail(r, messages)
	var found [2]map[string][]string
	for i, directory := range directories {
		if found[i], err = filesIn(directory); err != nil {
			return err
		}
	}
	names := slices.Sorted(maps.Keys(found[0]))
	for name := range found[1] {
		if found[0][name] == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var unknown [2][]string
	for _, name := range names {
		side := slices.IndexFunc(found[:], func(of map[string][]string) bool { return of[name] == nil })
		if side >= 0 && len(messages[side]) > 0 {
			file := strings.TrimSuffix(path.Base(name), ".json") // GROUP_VERSION_KIND_NAME, or an Application's name
			unknown[side] = append(unknown[side], file[strings.LastIndex(file, "_")+1:])
			continue
		}
		if err := c.use(r, name, directories, [2][]string{found[0][name], found[1][name]}, use); err != nil {
			return err
		}
	}
	for side, names := range unknown {
		if len(names) > 0 {
			c.failures = append(c.failures, workshop.RenderFailure{Side: side, Message: fmt.Sprintf(
				"group %s, stage %s: what it could not render is not compared: %s", r.group, r.stage,
				strings.Join(names, ", "))})
		}
	}
	return nil
}

// fail adds what could not be rendered, once for both sides.
func (c *comparison) fail(r run, messages [2][]string) {
	for side, all := range messages {
		for _, message := range all {
			known := slices.Contains(messages[1-side], message)
			if known && (side == 1 || r.quiet) {
				continue
			}
			failure := workshop.RenderFailure{Side: side, Message: message, Known: known}
			if !slices.Contains(c.failures, failure) {
				c.failures = append(c.failures, failure)
			}
		}
	}
}

// filesIn returns the files of a directory: those of each Application by its directory, all others by themselves.
func filesIn(directory string) (map[string][]string, error) {
	found := map[string][]string{}
	root, err := os.OpenRoot(directory)
	if errors.Is(err, fs.ErrNotExist) { // nothing was rendered
		return found, nil
	}
	if err != nil {
		return nil, err
	}
	defer root.Close()
	err = fs.WalkDir(root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || path.Ext(name) != ".json" {
			return err
		}
		key := path.Dir(name)
		if key == "." {
			key = name
		}
		found[key] = append(found[key], name)
		return nil
	})
	return found, err
}

// use calls use with the objects of some files that differ.
func (c *comparison) use(r run, name string, directories [2]string, files [2][]string,
	use func(workshop.Rendered) error) error {
	var objects [2][]render.Object
	all := slices.Concat(files[0], files[1])
	slices.Sort(all)
	for _, file := range slices.Compact(all) {
		var texts [2][]byte
		for side, directory := range directories {
			root := os.DirFS(directory)
			data, err := hierarchy.ReadFile(root, file, file, hierarchy.LargestFileSize)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("%s writes: %w", c.programs[side].path, err)
			}
			texts[side] = data
		}
		if r.stage == render.StageManifests && bytes.Equal(texts[0], texts[1]) {
			continue
		}
		for side, text := range texts {
			if text == nil {
				continue
			}
			parsed, err := c.programs[side].parse(file, text)
			if err != nil {
				return err
			}
			objects[side] = append(objects[side], parsed...)
		}
	}
	of := c.ownerOf(r, name, slices.Concat(objects[1], objects[0]))
	if c.components[of.Group] == nil {
		c.components[of.Group] = map[string]bool{}
	}
	c.components[of.Group][of.Component] = true
	if wanted := c.filter.Components; len(wanted) > 0 && !slices.Contains(wanted, of.Component) {
		return nil
	}
	of.Before, of.After = objects[0], objects[1]
	return use(of)
}

// ownerOf returns what objects are of.
func (c *comparison) ownerOf(r run, name string, objects []render.Object) workshop.Rendered {
	if r.stage == render.StageManifests {
		of := c.owners[path.Base(name)]
		of.Group, of.Application, of.Cluster = r.group, path.Base(name), path.Dir(name)
		of.Component = cmp.Or(of.Component, of.Application)
		return of
	}
	of := workshop.Rendered{Group: r.group, Component: r.stage, Cluster: r.args[len(r.args)-1]}
	if len(objects) == 0 {
		return of
	}
	of.Application = hierarchy.NameOf(objects[0])
	switch r.stage {
	case render.StageApplicationSets:
		spec, _ := objects[0]["spec"].(render.Object)
		template, _ := spec["template"].(render.Object)
		label := labelOf(template)
		of.Component = cmp.Or(r.keys[of.Application], label, of.Application)
		if label != "" {
			c.labels[r.group+"/"+label] = of.Component
		}
	case render.StageApplications:
		spec, _ := objects[0]["spec"].(render.Object)
		destination, _ := spec["destination"].(render.Object)
		of.Cluster, _ = destination["name"].(string)
		if of.Cluster == "" {
			of.Cluster, _ = destination["server"].(string)
		}
		label := labelOf(objects[0])
		of.Component = cmp.Or(c.labels[r.group+"/"+label], label, of.Application)
		c.owners[of.Application] = of
	}
	return of
}

// labelOf returns the label of an Application, or of a template of some, that names what it is an instance of.
func labelOf(object render.Object) string {
	metadata, _ := object["metadata"].(render.Object)
	labels, _ := metadata["labels"].(render.Object)
	label, _ := labels["component"].(string)
	return label
}
