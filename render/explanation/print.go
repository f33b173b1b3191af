package explanation

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// The formats of [Explanation.Print].
const (
	Text    = "text"    // a line for each key, to search with grep and to compare with diff
	Columns = "columns" // KEY, VALUE and ORIGIN
	Tree    = "tree"    // of keys, with what each overrode below it
)

// Formats are the formats of [Explanation.Print].
var Formats = []string{Text, Columns, Tree}

// Print prints the levels, the value files that are not read, and each key with where it comes from.
func (e *Explanation) Print(w io.Writer, format string) error {
	var out bytes.Buffer
	e.head(&out)
	var err error
	switch format {
	case Columns:
		err = e.columns(&out)
	case Tree:
		err = e.tree(&out)
	default:
		for _, k := range e.Keys {
			fmt.Fprintf(&out, "%s: %s  # %s\n", key(k.Path), valueOf(k, long), history(k))
		}
	}
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, problem.PlainLines(out.String()))
	return err
}

func (e *Explanation) head(w io.Writer) {
	for _, level := range e.Levels {
		state := strings.Join(level.Directories, ", ")
		switch {
		case level.Skipped != "":
			state = "skipped: " + level.Skipped
		case state == "":
			state = "no directory"
		}
		fmt.Fprintf(w, "# level %s: %s\n", level.Name, state)
	}
	for _, file := range e.Unread {
		fmt.Fprintf(w, "# not read: %s\n", file)
	}
}

func (e *Explanation) columns(w io.Writer) error {
	table := newTable(w)
	fmt.Fprintln(table, "KEY\tVALUE\tORIGIN")
	for _, k := range e.Keys {
		fmt.Fprintf(table, "%s\t%s\t%s\n", key(k.Path), valueOf(k, short), history(k))
	}
	return table.Flush()
}

// tree prints the keys of maps below these.
func (e *Explanation) tree(w io.Writer) error {
	var lines bytes.Buffer
	table := newTable(&lines)
	var above []string // the maps around the key before
	for i, k := range e.Keys {
		inside := k.Path[:len(k.Path)-1]
		common := 0
		for common < min(len(above), len(inside)) && above[common] == inside[common] {
			common++
		}
		for depth := common; depth < len(inside); depth++ {
			fmt.Fprintf(table, "%s%s\t\n", e.branch(i, depth), key(inside[depth:depth+1]))
		}
		above = inside
		fmt.Fprintf(table, "%s%s: %s\t%s %s\n", e.branch(i, len(inside)), key(k.Path[len(inside):]), valueOf(k, short),
			k.Source, place(k.Origin))
		for _, o := range k.Overrode {
			fmt.Fprintf(table, "%s  over %s\t%s %s\n", e.stems(i, len(k.Path)), show(o.Value, short), o.Source,
				place(o))
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for line := range strings.Lines(lines.String()) { // maps have no second column
		fmt.Fprintln(w, strings.TrimRight(line, " \n"))
	}
	return nil
}

// branch returns what stands before a key of the i-th path, at a depth.
func (e *Explanation) branch(i, depth int) string {
	if depth == 0 {
		return ""
	}
	if e.last(i, depth) {
		return e.stems(i, depth) + "└─ "
	}
	return e.stems(i, depth) + "├─ "
}

// stems returns the lines of the maps around a key of the i-th path, at a depth.
func (e *Explanation) stems(i, depth int) string {
	var out strings.Builder
	for d := 1; d < depth; d++ {
		if e.last(i, d) {
			out.WriteString("   ")
		} else {
			out.WriteString("│  ")
		}
	}
	return out.String()
}

// last tells whether the map around a key of the i-th path, at a depth, has no other key after it.
func (e *Explanation) last(i, depth int) bool {
	path := e.Keys[i].Path
	for _, k := range e.Keys[i+1:] {
		if len(k.Path) < depth || !slices.Equal(k.Path[:depth], path[:depth]) {
			return true
		}
		if len(k.Path) > depth && k.Path[depth] != path[depth] {
			return false
		}
	}
	return true
}

func newTable(w io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(w, 0, 0, 3, ' ', 0) }

func key(path []string) string { return address.Redact(hierarchy.Key(path)) }

// history says where a value comes from, and what it overrode.
func history(k hierarchy.Explanation) string {
	text := k.Source + " " + place(k.Origin)
	for i, o := range k.Overrode {
		separator := ","
		if i == 0 {
			separator = "; overrode"
		}
		text += fmt.Sprintf("%s %s (%s %s)", separator, show(o.Value, long), o.Source, place(o))
	}
	return text
}

func place(o hierarchy.Origin) string {
	if o.Line == 0 {
		return o.File
	}
	return problem.Place(o.File, o.Line)
}

func valueOf(k hierarchy.Explanation, limit int) string {
	if k.Removed {
		return "(removed)"
	}
	return show(k.Value, limit)
}

// How much of a value is shown, on a line of its own and in a column.
const (
	long  = 100
	short = 60
)

// show prints a value on one line, without the credentials in addresses.
func show(value any, limit int) string {
	var line strings.Builder
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false) // a placeholder such as <arn> is for a person to read
	if err := encoder.Encode(value); err != nil {
		return fmt.Sprint(value)
	}
	text := []rune(address.Redact(problem.PlainJSON(strings.TrimSuffix(line.String(), "\n"))))
	if len(text) > limit {
		return string(text[:limit]) + "…"
	}
	return string(text)
}
