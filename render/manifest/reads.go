package manifest

import (
	"slices"

	"github.com/eks-fleet-management/fleet-cmp/render/application"
	"github.com/eks-fleet-management/fleet-cmp/render/chart"
)

// Reads are what an Application reads or looks for.
type Reads struct {
	// Files are those that its sources name, from the root of the repository. They need not exist, and can be patterns.
	Files       []string
	ValueFiles  [][]string        // those of each source that are its value files, in order
	Directories []string          // of its sources in the repository: whatever is in them can count
	Charts      []chart.Reference // in repositories of charts
}

// Reads returns what an Application reads of the repository without rendering it. It fails as [Renderer.Render] does
// for what is no Application, and for files that no render could read.
func (r *Renderer) Reads(of application.Application) (Reads, error) {
	var reads Reads
	app, err := r.rendering(of)
	if err != nil {
		return reads, err
	}
	if _, err := app.checkReferences(); err != nil {
		return reads, inScope(err, app.scope())
	}
	for i := range app.sources {
		if err := r.addReads(&reads, app, &app.sources[i]); err != nil {
			return reads, inScope(err, app.sources[i].scope())
		}
	}
	return reads, nil
}

func (r *Renderer) addReads(reads *Reads, app *rendering, s *source) error {
	in := inputs{repository: r.repositoryFiles(), app: app, env: app.environment(s), allowed: r.checkRepository,
		own: chartFiles{}, source: s, at: r.options.Locate}
	ours := s.Chart == "" && !s.IsOCI() && r.checkAddress(s) == nil
	switch {
	case s.Chart != "":
		reads.Charts = append(reads.Charts, chart.ReferenceOf(&s.ApplicationSource))
	case ours:
		in.own = directoryFiles{in.repository, s.dir()}
		if s.Path != "" {
			reads.Directories = append(reads.Directories, s.dir())
		}
	}
	if s.Helm == nil {
		return nil
	}
	names := slices.Clone(s.Helm.ValueFiles)
	for _, parameter := range s.Helm.FileParameters {
		names = append(names, parameter.Path)
	}
	var valueFiles []string
	for i, name := range names {
		if in.checkReference(name) != nil {
			continue // of another repository
		}
		at, err := in.locate(name)
		if err != nil {
			return err
		}
		if at.repository {
			reads.Files = append(reads.Files, at.name)
			if i < len(s.Helm.ValueFiles) {
				valueFiles = append(valueFiles, at.name)
			}
		}
	}
	reads.ValueFiles = append(reads.ValueFiles, valueFiles)
	return nil
}
