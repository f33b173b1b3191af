package report

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/lint"
	"github.com/eks-fleet-management/fleet-cmp/render/page"
)

type dataFindings struct {
	Errors    int           `json:"errors"`
	Ignored   int           `json:"ignored"`
	Unchecked []string      `json:"unchecked"`
	List      []dataFinding `json:"list"`
}

type dataFinding struct {
	Rule     string   `json:"rule"`
	Severity string   `json:"severity"`
	File     string   `json:"file"`
	Line     int      `json:"line"`
	Message  string   `json:"message"`
	Hint     string   `json:"hint"`
	Effects  []string `json:"effects"`
	Clusters []int    `json:"clusters"` // that it is about; none if that is all, or not known
	Rows     []int    `json:"rows"`     // components that it is about
}

// A finder tells what findings are about.
type finder struct {
	clusters    map[string]int
	directories map[string][]int // of levels: the clusters that have them
	all         int              // clusters
	rows        map[string][]int // by the name of the component
}

var (
	clusterIn   = regexp.MustCompile(`\bcluster "?([^\s",;:]+)`)
	componentIn = regexp.MustCompile(`\bcomponent "?([^\s",;:]+)`)
)

// findings packs what lint found.
func (k *packer) findings(p *page.Page, report *lint.Report) *dataFindings {
	f := finder{clusters: k.cluster, directories: map[string][]int{}, all: len(p.Matrix.Clusters),
		rows: map[string][]int{}}
	for i, levels := range p.Levels {
		for _, level := range levels {
			for _, directory := range level.Directories {
				f.directories[directory] = append(f.directories[directory], i)
			}
		}
	}
	for i, row := range p.Matrix.Rows {
		f.rows[plain(row.Component)] = append(f.rows[plain(row.Component)], i)
	}
	out := &dataFindings{Ignored: report.Ignored, Unchecked: []string{}, List: []dataFinding{}}
	for _, note := range report.Unchecked {
		out.Unchecked = append(out.Unchecked, problem.OneLine(note))
	}
	for _, found := range report.Findings {
		if found.Severity == problem.Error {
			out.Errors++
		}
		out.List = append(out.List, f.finding(found))
	}
	return out
}

func (f *finder) finding(found lint.Finding) dataFinding {
	effects := found.Effects
	if len(effects) == 0 && found.Scope != "" {
		effects = []string{found.Scope}
	}
	out := dataFinding{Rule: found.Rule, Severity: string(found.Severity), File: problem.OneLine(found.File),
		Line: found.Line, Message: problem.OneLine(found.Message), Hint: problem.OneLine(found.Hint),
		Effects: []string{}, Clusters: []int{}, Rows: []int{}}
	said := strings.Join(append([]string{found.Message}, effects...), "\n")
	for _, match := range clusterIn.FindAllStringSubmatch(said, -1) {
		if at, known := f.clusters[match[1]]; known {
			out.Clusters = append(out.Clusters, at)
		}
	}
	if len(out.Clusters) == 0 {
		out.Clusters = append(out.Clusters, f.ofFile(found.File)...)
	}
	for _, match := range componentIn.FindAllStringSubmatch(said, -1) {
		out.Rows = append(out.Rows, f.rows[plain(match[1])]...)
	}
	if len(out.Rows) == 0 {
		out.Rows = append(out.Rows, f.rows[plain(path.Base(path.Dir(found.File)))]...)
	}
	slices.Sort(out.Clusters)
	slices.Sort(out.Rows)
	out.Clusters, out.Rows = slices.Compact(out.Clusters), slices.Compact(out.Rows)
	for _, effect := range effects {
		out.Effects = append(out.Effects, problem.OneLine(effect))
	}
	return out
}

// ofFile returns the clusters that have the level that a file is in; none if all have.
func (f *finder) ofFile(file string) []int {
	for directory := path.Dir(file); directory != "." && directory != "/"; directory = path.Dir(directory) {
		if clusters, known := f.directories[directory]; known {
			if len(clusters) == f.all {
				return nil
			}
			return clusters
		}
	}
	if name := strings.TrimSuffix(path.Base(file), path.Ext(file)); file != "" {
		if at, known := f.clusters[name]; known { // a member
			return []int{at}
		}
	}
	return nil
}

// plain returns the name of a component as files and labels can have it.
func plain(name string) string { return strings.ReplaceAll(strings.ToLower(name), "_", "-") }
