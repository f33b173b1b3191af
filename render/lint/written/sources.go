package written

import (
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// A lackingSource is a source of an Application whose directory is not in the repository.
type lackingSource struct {
	of                           Application
	directory, address, revision string
}

// An unfitSource is a source of an Application whose directory is there.
type unfitSource struct {
	lackingSource
	why unfitness
}

// An unfitness says why Argo CD can make nothing of a directory.
type unfitness int

const (
	fits     unfitness = iota
	noChart            // Helm is to render it, and it is no chart
	noObject           // its manifests are to be applied, and there is none
)

// seeSources remembers the sources of an Application whose directory is not in the repository.
func (j *Judge) seeSources(a Application) {
	spec, _ := a.Object["spec"].(map[string]any)
	sources, _ := spec["sources"].([]any)
	for _, object := range append(slices.Clip(sources), spec["source"]) {
		s, _ := object.(map[string]any)
		at, _ := s["path"].(string)
		address, _ := s["repoURL"].(string)
		if at == "" || s["chart"] != nil || strings.HasPrefix(address, "oci://") {
			continue
		}
		revision, _ := s["targetRevision"].(string)
		j.repositories.sources[[2]string{address, revision}] = true
		directory := path.Clean(at)
		key := strings.Join([]string{a.Group, a.Component, directory, address}, "\x00")
		if _, known := j.repositories.lacking[key]; known {
			continue
		}
		source := lackingSource{a, directory, address, revision}
		if !j.isDirectory(directory) {
			j.repositories.lacking[key] = source
		} else if _, known := j.repositories.unfit[key]; !known {
			j.repositories.unfit[key] = unfitSource{source, j.unfit(directory, s)}
		}
	}
}

// unfit tells what a directory lacks that a source of an Application needs.
func (j *Judge) unfit(directory string, source map[string]any) unfitness {
	if source["plugin"] != nil || source["kustomize"] != nil {
		return fits
	}
	if source["helm"] != nil {
		if _, err := fs.Stat(j.tree, path.Join(directory, "Chart.yaml")); errors.Is(err, fs.ErrNotExist) {
			return noChart
		}
		return fits
	}
	found := false
	err := fs.WalkDir(j.tree, directory, func(name string, entry fs.DirEntry, err error) error {
		switch path.Ext(name) {
		case ".yaml", ".yml", ".json", ".jsonnet":
			found = found || !entry.IsDir()
		}
		if err == nil && found {
			return fs.SkipAll
		}
		return err
	})
	if err == nil && !found {
		return noObject
	}
	return fits
}

// checkSources finds directories of charts and manifests that are not in the repository.
func (j *Judge) checkSources(own ownRepository, valuesOf func(group, argoCD string) *hierarchy.Values) {
	j.checkUnfit(own, valuesOf)
	for source := range j.repositories.sources {
		j.repositories.foreign = j.repositories.foreign || !own.is(source[0], source[1])
	}
	for _, key := range slices.Sorted(maps.Keys(j.repositories.lacking)) {
		lacking := j.repositories.lacking[key]
		near := j.nearDirectory(lacking.directory)
		if !own.is(lacking.address, lacking.revision) &&
			(near == "" || !own.addresses[normalAddress(lacking.address)]) {
			continue
		}
		file, line, text := placeOfPath(lacking, valuesOf)
		if text != lacking.directory && !j.isMistyped(lacking.directory, text, near) {
			continue
		}
		p := problem.New(file, line, "component %q: there is no directory %s in the repository",
			lacking.of.Component, lacking.directory).
			WithHint("%s", didYouMean(near, "correct the path, or add the directory")).
			WithRule(problem.RuleRender, lacking.directory)
		j.add(p)
		j.Missing = append(j.Missing, lacking.directory)
	}
	if j.repositories.foreign || len(j.repositories.sources) == 0 {
		return
	}
	for _, f := range j.repositories.paths { // of components that nobody has: others may be on purpose
		directory := path.Clean(f.Node.Value)
		near := j.nearDirectory(directory)
		if near == "" || !fs.ValidPath(directory) || j.isDirectory(directory) ||
			j.hasFoundAt(f.Value) {
			continue
		}
		p := problem.New(f.File, f.Node.Line, "%s: there is no directory %s in the repository", f.title(), directory).
			WithHint("did you mean %s?", near).WithRule(problem.RuleRender, directory)
		j.addAt(f.Value, p)
	}
}

// isMistyped tells whether a directory that differs from cluster to cluster is not there because of a slip of the hand.
// The directory of one cluster may be still to come, which the stage manifests tells.
func (j *Judge) isMistyped(directory, text, near string) bool {
	literal, _, _ := strings.Cut(text, "{{")
	if at := strings.LastIndexByte(literal, '/'); at > 0 && !j.isDirectory(literal[:at]) {
		return true
	}
	return problem.IsSlip(directory, near) && !isVariant(directory, near)
}

// placeOfPath returns where the path of a source is set, by the component or by the settings, and how it is written.
func placeOfPath(s lackingSource, valuesOf func(group, argoCD string) *hierarchy.Values) (file string, line int,
	text string) {
	values := valuesOf(s.of.Group, s.of.ArgoCD)
	if values == nil {
		return "", 0, s.directory
	}
	key := s.of.Component
	for _, at := range [][]string{{key, "path"}, {key, "additionalResources", "path"},
		{key, wellknown.SettingAckPodIdentity, "path"}, {wellknown.SettingAckPodIdentity, "path"},
		{key, "additionalResources", "manifestPath"}} {
		text, _ := ValueAt(values.Map(), at).(string)
		literal, _, isTemplate := strings.Cut(text, "{{")
		isPath := text != "" && path.Clean(text) == s.directory || isTemplate && literal != "" &&
			strings.HasPrefix(s.directory, literal)
		if isPath && !isTemplate {
			text = s.directory
		}
		if isPath || text != "" && at[len(at)-1] == "manifestPath" && strings.HasSuffix(s.directory, "/"+text) {
			file, line = values.Locate(at...)
			return file, line, text
		}
	}
	file, line = values.Locate(key)
	return file, line, s.directory
}

// checkUnfit finds directories of this repository of which Argo CD can make nothing.
func (j *Judge) checkUnfit(own ownRepository, valuesOf func(group, argoCD string) *hierarchy.Values) {
	for _, key := range slices.Sorted(maps.Keys(j.repositories.unfit)) {
		source := j.repositories.unfit[key]
		if source.why == fits || !own.is(source.address, source.revision) {
			continue
		}
		file, line, _ := placeOfPath(source.lackingSource, valuesOf)
		if source.why == noObject {
			j.add(problem.New(file, line, "component %q: there is no manifest in the directory %s", source.of.Component,
				source.directory).WithHint("end the names of its files in .yaml, or correct the path").
				WithRule(problem.RuleNoEffect, source.directory))
			continue
		}
		j.add(problem.New(file, line, "component %q: the directory %s is no chart: there is no Chart.yaml",
			source.of.Component, source.directory).
			WithHint("write type: manifest for manifests as they are, or correct the path").
			WithRule(problem.RuleRender, source.directory))
		j.Missing = append(j.Missing, path.Join(source.directory, "Chart.yaml"))
	}
}
