package report

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/matrix"
	"github.com/eks-fleet-management/fleet-cmp/render/page"
)

// mostOfValue is how much of one value is in the page, in bytes.
const mostOfValue = 4 << 10

// data is what the script shows. It has each text once, and each thing that is the same for many clusters. All else
// names these by their places in the lists, so that the page of many clusters is small. -1 stands for none.
type data struct {
	Title        string            `json:"title"`
	Texts        []string          `json:"texts"`
	Clusters     []dataCluster     `json:"clusters"`
	Rows         []dataRow         `json:"rows"`
	Cells        [][6]int          `json:"cells"` // state, version, release, Argo CD, reason, origin
	Applications []dataApplication `json:"applications"`
	Values       [][]dataKey       `json:"values"`
	Origins      [][3]int          `json:"origins"` // source, file, line
	Failures     []string          `json:"failures"`
	Findings     *dataFindings     `json:"findings,omitempty"`
	Changes      json.RawMessage   `json:"changes,omitempty"`
	Downloads    []string          `json:"downloads,omitempty"` // files beside the page
}

type dataCluster struct {
	Name        string      `json:"name"`
	Hub         string      `json:"hub,omitempty"`
	Tenant      string      `json:"tenant,omitempty"`
	Environment string      `json:"environment,omitempty"`
	Server      string      `json:"server,omitempty"`
	File        string      `json:"file,omitempty"`
	Releases    [][2]int    `json:"releases"` // group, release
	Levels      []dataLevel `json:"levels"`
	Metadata    []dataKey   `json:"metadata"`
}

type dataLevel struct {
	Name        int   `json:"name"`
	Directories []int `json:"directories"`
	Skipped     int   `json:"skipped"`
}

type dataRow struct {
	Group     string   `json:"group"`
	Component string   `json:"component"`
	Differs   []string `json:"differs,omitempty"`
	Cells     []int    `json:"cells"`
}

// A dataApplication is a list: row, cluster, Argo CD, ApplicationSet, name, version, release, values, why these are not
// known. Behind that is what is evaluated, as pairs of the place of the key in the values, and its value. In the name,
// U+0001 stands for that of the cluster.
type dataApplication []int

// A dataKey is a list: path, value, origin, whether it is removed, and what it overrode.
type dataKey [5]any

// packer puts the data together.
type packer struct {
	data    data
	texts   map[string]int
	origins map[[3]int]int
	cells   map[[6]int]int
	rows    map[[2]string]int
	cluster map[string]int
	keys    []map[string]int // of each set of values: the place of each path
}

// pack returns what the page shows.
func pack(p *page.Page, o Options) data {
	k := &packer{texts: map[string]int{}, origins: map[[3]int]int{}, cells: map[[6]int]int{},
		rows: map[[2]string]int{}, cluster: map[string]int{},
		data: data{Title: problem.OneLine(o.Title), Clusters: []dataCluster{}, Rows: []dataRow{}, Cells: [][6]int{},
			Applications: []dataApplication{}, Values: [][]dataKey{}, Origins: [][3]int{}, Failures: []string{},
			Downloads: o.Downloads}}
	for i := range p.Matrix.Clusters {
		k.addCluster(p, i)
	}
	for _, row := range p.Matrix.Rows {
		k.addRow(row)
	}
	for _, values := range p.Values {
		k.addValues(values)
	}
	for _, app := range p.Applications {
		k.addApplication(app)
	}
	for _, failure := range p.Matrix.Failures {
		k.data.Failures = append(k.data.Failures, problem.OneLine(failure.Error()))
	}
	if o.Findings != nil {
		k.data.Findings = k.findings(p, o.Findings)
	}
	return k.data
}

// text returns the place of a text of one line; -1 for none.
func (k *packer) text(text string) int {
	if text == "" {
		return -1
	}
	return k.place(problem.OneLine(text))
}

// place returns the place of a text that is harmless already.
func (k *packer) place(text string) int {
	at, known := k.texts[text]
	if !known {
		at = len(k.data.Texts)
		k.texts[text] = at
		k.data.Texts = append(k.data.Texts, text)
	}
	return at
}

// value returns the place of a value, as JSON.
func (k *packer) value(value any) int {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return k.text(fmt.Sprint(value))
	}
	text := harmless(strings.TrimSuffix(out.String(), "\n"))
	if left := len(text) - mostOfValue; left > 0 {
		text = strings.ToValidUTF8(text[:mostOfValue], "") + fmt.Sprintf("… and %d bytes more", left)
	}
	return k.place(text)
}

// harmless returns a text without credentials in addresses, and without characters that control or turn around what is
// shown beside it.
func harmless(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= ' ' && r <= '~' || problem.OneLine(string(r)) == string(r) {
			return r
		}
		return '\uFFFD'
	}, address.Redact(text))
}

func (k *packer) origin(source, file string, line int) int {
	of := [3]int{k.text(source), k.text(file), line}
	at, known := k.origins[of]
	if !known {
		at = len(k.data.Origins)
		k.origins[of] = at
		k.data.Origins = append(k.data.Origins, of)
	}
	return at
}

func (k *packer) addCluster(p *page.Page, i int) {
	c := p.Matrix.Clusters[i]
	k.cluster[c.Name] = i
	of := dataCluster{Name: problem.OneLine(c.Name), Hub: problem.OneLine(c.Hub), Tenant: problem.OneLine(c.Tenant),
		Environment: problem.OneLine(c.Environment), Server: problem.OneLine(c.Identity.Server),
		File: problem.OneLine(c.Identity.File), Releases: [][2]int{}, Levels: []dataLevel{}, Metadata: []dataKey{}}
	for _, group := range sorted(c.Releases) {
		of.Releases = append(of.Releases, [2]int{k.text(group), k.text(c.Releases[group])})
	}
	for _, level := range p.Levels[i] {
		one := dataLevel{Name: k.text(level.Name), Directories: []int{}, Skipped: k.text(level.Skipped)}
		for _, directory := range level.Directories {
			one.Directories = append(one.Directories, k.text(directory))
		}
		of.Levels = append(of.Levels, one)
	}
	for _, key := range p.Metadata[i] {
		of.Metadata = append(of.Metadata, k.key(key))
	}
	k.data.Clusters = append(k.data.Clusters, of)
}

func (k *packer) addRow(row matrix.Row) {
	of := dataRow{Group: problem.OneLine(row.Group), Component: problem.OneLine(row.Component), Cells: []int{}}
	for _, d := range row.Differs {
		of.Differs = append(of.Differs, string(d))
	}
	for _, cell := range row.Cells {
		origin := -1
		if o := cell.Origin; o != nil {
			origin = k.origin(o.Source, o.File, o.Line)
		}
		one := [6]int{k.text(string(cell.State)), k.text(cell.Version), k.text(cell.Release), k.text(cell.ArgoCD),
			k.text(cell.Reason), origin}
		at, known := k.cells[one]
		if !known {
			at = len(k.data.Cells)
			k.cells[one] = at
			k.data.Cells = append(k.data.Cells, one)
		}
		of.Cells = append(of.Cells, at)
	}
	k.rows[[2]string{row.Group, row.Component}] = len(k.data.Rows)
	k.data.Rows = append(k.data.Rows, of)
}

// key packs a key of values.
func (k *packer) key(key hierarchy.Explanation) dataKey {
	path, overrode := []int{}, [][2]int{}
	for _, part := range key.Path {
		path = append(path, k.place(problem.OneLine(part)))
	}
	for _, o := range key.Overrode {
		overrode = append(overrode, [2]int{k.value(o.Value), k.origin(o.Source, o.File, o.Line)})
	}
	removed := 0
	if key.Removed {
		removed = 1
	}
	return dataKey{path, k.value(key.Value), k.origin(key.Source, key.File, key.Line), removed, overrode}
}

func (k *packer) addValues(values []hierarchy.Explanation) {
	keys, places := []dataKey{}, map[string]int{}
	for i, key := range values {
		keys = append(keys, k.key(key))
		places[hierarchy.Key(key.Path)] = i
	}
	k.data.Values, k.keys = append(k.data.Values, keys), append(k.keys, places)
}

func (k *packer) addApplication(app page.Application) {
	row, known := k.rows[[2]string{app.Group, app.Component}]
	cluster, there := k.cluster[app.Cluster]
	if !known || !there {
		return
	}
	name := strings.ReplaceAll(problem.OneLine(app.Application), problem.OneLine(app.Cluster), "\x01")
	of := dataApplication{row, cluster, k.text(app.ArgoCD), k.text(app.ApplicationSet), k.place(name),
		k.text(app.Version), k.text(app.Release), app.Values, k.text(app.Unknown)}
	for _, e := range app.Evaluated {
		if at, known := k.keys[app.Values][hierarchy.Key(e.Path)]; known {
			of = append(of, at, k.value(e.Value))
		}
	}
	k.data.Applications = append(k.data.Applications, of)
}
