package report

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/eks-fleet-management/fleet-cmp/internal/color"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/matrix"
)

const (
	usualWidth = 120 // where nobody says how wide it may be
	gap        = "  "
	leastName  = 10 // characters of a line of a cluster's name, if it is longer
)

// marks are what stands for a difference in a table, and what that means.
var marks = []struct {
	of            matrix.Difference
	mark, meaning string
}{
	{matrix.BetweenReleases, "R", "differs between releases"},
	{matrix.BetweenEnvironments, "E", "differs between environments on one release"},
	{matrix.BetweenClusters, "C", "differs between clusters of one environment on one release"},
}

// A column is clusters that have the same of all components of a group.
type column struct {
	clusters []matrix.Cluster
	cells    []string // as they are shown: the release, the environments, and those of the rows
	name     []string // in lines
	width    int
}

// A table is a matrix as text, as it is made.
type table struct {
	out     strings.Builder
	painter color.Painter
	width   int             // of lines
	used    map[string]bool // marks
}

// print prints a table for each group, or several if it is wider than the terminal.
func (t *table) print(m *matrix.Matrix) {
	if t.width <= 0 {
		t.width = usualWidth
	}
	for start := 0; start < len(m.Rows); {
		end := start
		for end < len(m.Rows) && m.Rows[end].Group == m.Rows[start].Group {
			end++
		}
		if start > 0 {
			t.out.WriteString("\n")
		}
		t.printGroup(m, m.Rows[start:end])
		start = end
	}
	for _, mark := range marks {
		if t.used[mark.mark] {
			fmt.Fprintf(&t.out, "\n%s: %s", t.painter.Paint(color.Yellow, mark.mark), mark.meaning)
		}
	}
	if len(t.used) > 0 {
		t.out.WriteString("\n")
	}
}

// A head is the first cell of a row.
type head struct{ name, marks string }

func (t *table) printGroup(m *matrix.Matrix, rows []matrix.Row) {
	group := problem.OneLine(rows[0].Group)
	heads := []head{{name: "release"}, {name: "environment"}}
	for _, row := range rows {
		h := head{name: problem.OneLine(row.Component)}
		for _, mark := range marks {
			if slices.Contains(row.Differs, mark.of) {
				h.marks += " " + mark.mark
				t.used[mark.mark] = true
			}
		}
		heads = append(heads, h)
	}
	first := utf8.RuneCountInString(group)
	for _, h := range heads {
		first = max(first, utf8.RuneCountInString(h.name+h.marks))
	}
	columns := columnsOf(m, rows)
	for begin := 0; begin < len(columns); {
		end, total := begin, first
		for end < len(columns) && (end == begin || total+len(gap)+columns[end].width <= t.width) {
			total += len(gap) + columns[end].width
			end++
		}
		if begin > 0 {
			t.out.WriteString("\n")
		}
		t.printBlock(group, heads, first, columns[begin:end])
		begin = end
	}
	for _, c := range columns {
		if len(c.clusters) > 1 {
			fmt.Fprintf(&t.out, "%s: %s\n", c.title(), problem.Few(c.names()))
		}
	}
}

// printBlock prints some of the columns.
func (t *table) printBlock(group string, heads []head, first int, columns []column) {
	lines := 0
	for _, c := range columns {
		lines = max(lines, len(c.name))
	}
	for i := range lines {
		head := ""
		if i == 0 {
			head = group
		}
		texts := []string{padded(head, first)}
		for _, c := range columns {
			text := ""
			if i < len(c.name) {
				text = c.name[i]
			}
			texts = append(texts, padded(text, c.width))
		}
		fmt.Fprintln(&t.out, strings.TrimRight(strings.Join(texts, gap), " "))
	}
	for i, h := range heads {
		texts := []string{h.name + t.painter.Paint(color.Yellow, h.marks) + space(h.name+h.marks, first)}
		some := false
		for _, c := range columns {
			shown := c.cells[i]
			if strings.HasPrefix(shown, words[matrix.Failing]) {
				shown = t.painter.Paint(color.Red, shown)
			}
			texts = append(texts, shown+space(c.cells[i], c.width))
			some = some || c.cells[i] != ""
		}
		if some {
			fmt.Fprintln(&t.out, strings.TrimRight(strings.Join(texts, gap), " "))
		}
	}
}

// columnsOf puts clusters together that have the same of all components: hubs first, then by name.
func columnsOf(m *matrix.Matrix, rows []matrix.Row) []column {
	var columns []column
	known := map[string]int{}
	for _, i := range hubsFirst(m.Clusters) {
		c := m.Clusters[i]
		cells := []string{problem.OneLine(c.Releases[rows[0].Group])}
		for _, row := range rows {
			text := cellText(row.Cells[i])
			if on := row.Cells[i].Release; row.Cells[i].State == matrix.Deployed && on != c.Releases[row.Group] {
				text += " (" + problem.OneLine(on) + ")"
			}
			cells = append(cells, text)
		}
		key := strings.Join(cells, "\x00")
		if at, is := known[key]; is {
			columns[at].clusters = append(columns[at].clusters, c)
			continue
		}
		known[key] = len(columns)
		columns = append(columns, column{clusters: []matrix.Cluster{c}, cells: cells})
	}
	for i := range columns {
		columns[i].finish()
	}
	return columns
}

// hubsFirst returns the places of clusters: first of those that are the hub of another one, then of all others.
func hubsFirst(clusters []matrix.Cluster) []int {
	isHub := map[string]bool{}
	for _, c := range clusters {
		isHub[c.Hub] = true
	}
	var hubs, others []int
	for i, c := range clusters {
		if isHub[c.Name] {
			hubs = append(hubs, i)
		} else {
			others = append(others, i)
		}
	}
	return append(hubs, others...)
}

// finish adds the environments, and how wide the column is.
func (c *column) finish() {
	var environments []string
	for _, of := range c.clusters {
		if name := problem.OneLine(of.Environment); name != "" && !slices.Contains(environments, name) {
			environments = append(environments, name)
		}
	}
	slices.Sort(environments)
	const few = 2
	shown := strings.Join(environments, ",")
	if len(environments) > few {
		shown = fmt.Sprintf("%d of them", len(environments))
	}
	c.cells = slices.Insert(c.cells, 1, shown)
	for _, text := range c.cells {
		c.width = max(c.width, utf8.RuneCountInString(text))
	}
	c.name = inLines(c.title(), max(c.width, leastName))
	for _, text := range c.name {
		c.width = max(c.width, utf8.RuneCountInString(text))
	}
}

// title names the first cluster, and says how many more there are.
func (c *column) title() string {
	name := problem.OneLine(c.clusters[0].Name)
	if len(c.clusters) > 1 {
		name += fmt.Sprintf(" +%d", len(c.clusters)-1)
	}
	return name
}

func (c *column) names() []string {
	names := make([]string, len(c.clusters))
	for i, of := range c.clusters {
		names[i] = problem.OneLine(of.Name)
	}
	return names
}

// inLines breaks a name into lines, if possible behind a dash, a dot or a space.
func inLines(name string, width int) []string {
	var lines []string
	rest := []rune(name)
	for len(rest) > width {
		at := width
		for i := width - 1; i > 0; i-- {
			if strings.ContainsRune("-. ", rest[i]) {
				at = i + 1
				break
			}
		}
		lines = append(lines, strings.TrimRight(string(rest[:at]), " "))
		rest = rest[at:]
	}
	return append(lines, string(rest))
}

func padded(text string, width int) string { return text + space(text, width) }

// space is what follows a text up to a width.
func space(text string, width int) string {
	return strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
}
