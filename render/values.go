package render

import (
	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/release"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render/applicationset"
)

// Merged are the merged values of a group for a cluster, or of one of its components.
type Merged struct {
	Values   *hierarchy.Values
	Levels   []fleet.ClusterLevel // as they apply to the cluster; none without a group
	Warnings []*problem.Problem

	Release string           // that the values are of; "" without releases
	Choices []release.Choice // the releases that the cluster's Argo CD renders, and for whom

	// Of a component: the value files that exist in the directories of the levels, lowest first, and
	// globalValuesObject and valuesObject, with their Go templates.
	ValueFiles []hierarchy.Layer
	Inline     *hierarchy.Values
	Broken     error // why one of the value files cannot be read, which counts if somebody reads it

	// Of a component whose Application is known: its name, and which of the files it does not read.
	Application string
	Unread      []string
	// Of a chart: the paths of nulls that remove a key, where its other nulls are values; and those under which its
	// defaults cannot be given to it once more without changing what Helm makes of them.
	Removed, Inherited [][]string

	reads
}

// ValuesOptions say which values of a component are wanted.
type ValuesOptions struct {
	Source int  // of the Application's sources, counted from 1; 0 is the one that is the component itself
	Raw    bool // with Go templates as they are written, not evaluated for the cluster
}

// Values merges the values that a request would render: of the group, or the Helm values of one component if
// [Request.Components] names it. These are, from low to high, the component's value files in the levels' directories,
// globalValuesObject, and the component's valuesObject, which Argo CD lays over all value files. With delivery by the
// plugin the value files come last. Those are all that the levels have: which of them the Application reads, and the
// defaults of its chart, package stages knows. Of several releases it takes the one on which the cluster itself is. It
// fails as [Session.Render] does.
func (s *Session) Values(r Request) (*Merged, error) {
	merged, err := s.LevelValues(r)
	if err == nil && merged.Broken != nil {
		return nil, merged.Broken
	}
	return merged, err
}

// LevelValues is [Session.Values] also where a value file cannot be read: it is left out, and told in [Merged.Broken].
func (s *Session) LevelValues(r Request) (*Merged, error) {
	j := s.job(r)
	merged, err := j.values()
	if err != nil {
		return nil, j.InScope(err)
	}
	merged.Warnings, merged.reads = unique(merged.Warnings), j.reads()
	if r.Strict && len(merged.Warnings) > 0 {
		return nil, Findings(merged.Warnings)
	}
	return merged, nil
}

func (r job) values() (*Merged, error) {
	p, err := r.prepare()
	if err != nil {
		return nil, err
	}
	name := r.Release
	if name == "" {
		name = p.source.ClusterRelease()
	}
	values, warnings, err := p.source.Values(name)
	if err != nil {
		return nil, err
	}
	if warnings, err = r.judge(p, append(p.warnings, warnings...)); err != nil {
		return nil, err
	}
	merged := &Merged{Values: values, Levels: p.source.Levels, Warnings: warnings, Release: name,
		Choices: p.source.Choices()}
	if len(r.Components) == 0 {
		return merged, nil
	}
	component := r.Components[0]
	if len(r.Components) > 1 {
		return nil, Incomplete("give one component, not %d", len(r.Components))
	}
	files, err := applicationset.ValueFilesOf(values, component)
	if err != nil {
		return nil, err
	}
	var layers []hierarchy.Layer
	if p.group != nil {
		if layers, err = p.componentFiles(p.source.Levels, files); err != nil {
			merged.Broken, layers = r.InScope(err), p.existingFiles(p.source.Levels, files)
		}
	}
	for _, layer := range layers {
		merged.Warnings = append(merged.Warnings, r.wanted(p, layer.Warnings())...)
	}
	inline := values.At(component, "valuesObject").Over(values.SettingAt(wellknown.SettingGlobalValuesObject))
	inFiles := hierarchy.Merge(nil, nil, layers)
	merged.ValueFiles, merged.Inline = layers, inline
	if files.Win {
		merged.Values = inFiles.Over(inline)
	} else {
		merged.Values = inline.Over(inFiles)
	}
	return merged, nil
}
