package safeyaml

import (
	"bytes"
	"fmt"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// A counter counts the values of YAML text as the parsers divide it (scannerc.go of go.yaml.in/yaml, which has the same
// rules in both versions), but makes none. It counts too many rather than too few, and after a mistake, at which a
// parser stops, whatever there is.
type counter struct {
	data   []byte // with a line feed for each line break
	limits limits
	single bool // only the first document counts

	pos       int
	lineStart int // where the line of pos starts
	content   bool

	flow    int   // how many brackets are open
	indents []int // columns of the open blocks
	allowed bool  // a key can start here
	key     int   // where the last possible key started; -1 if there is none
	keyLine int   // where its line starts

	values     int // of this document
	directives int // before this document
	total      int
	documents  int
	refusal    string
}

// reset starts a document.
func (c *counter) reset() {
	c.flow, c.indents, c.allowed, c.key, c.content = 0, c.indents[:0], true, -1, false
	c.total += c.values
	c.values, c.directives = 0, 0
	c.documents++
}

func (c *counter) problem(name string) error {
	if c.refusal == "" {
		return nil
	}
	line := bytes.Count(c.data[:min(c.pos, len(c.data))], []byte("\n")) + 1
	return problem.New(name, line, "%s", c.refusal).WithHint("is this the right text? The limit cannot be raised")
}

// run counts until the end, or until something is too much.
func (c *counter) run() {
	for c.refusal == "" && c.next() {
		c.judge()
	}
}

func (c *counter) judge() {
	switch {
	case c.flow+len(c.indents) > maxDepth:
		c.refusal = fmt.Sprintf("is nested more than %d levels deep", maxDepth)
	case c.values > c.limits.Values:
		c.refusal = fmt.Sprintf("has more than %d values in one document", c.limits.Values)
	case c.total+c.values > c.limits.Total:
		c.refusal = fmt.Sprintf("has more than %d values", c.limits.Total)
	case c.directives > maxDirectives:
		c.refusal = fmt.Sprintf("has more than %d directives before one document", maxDirectives)
	case c.documents > c.limits.Documents:
		c.refusal = fmt.Sprintf("has more than %d documents", c.limits.Documents)
	}
}

// at returns the character at a position; 0 after the end.
func (c *counter) at(i int) byte {
	if i < len(c.data) {
		return c.data[i]
	}
	return 0
}

// blankAt tells whether there is a blank or a line break at a position, or the end.
func (c *counter) blankAt(i int) bool {
	switch c.at(i) {
	case ' ', '\t', '\n', 0:
		return true
	}
	return false
}

func (c *counter) column() int { return c.pos - c.lineStart }

func (c *counter) indent() int {
	if len(c.indents) == 0 {
		return -1
	}
	return c.indents[len(c.indents)-1]
}

// marker tells whether a document starts or ends at the position.
func (c *counter) marker() bool {
	if c.column() != 0 || c.pos+3 > len(c.data) || !c.blankAt(c.pos+3) {
		return false
	}
	text := string(c.data[c.pos : c.pos+3])
	return text == "---" || text == "..."
}

// next counts what the next token makes; false at the end.
func (c *counter) next() bool {
	if !c.skipBlanks() {
		return false
	}
	if c.flow == 0 {
		for c.column() < c.indent() {
			c.indents = c.indents[:len(c.indents)-1]
		}
	}
	if c.marker() {
		if c.single && c.content {
			return false
		}
		if c.content || c.at(c.pos) == '-' {
			c.reset()
		}
		c.pos += 3
		return true
	}
	if c.column() == 0 && c.at(c.pos) == '%' {
		c.directives++
		c.skipLine()
		return true
	}
	c.content = true
	return c.token()
}

// skipBlanks goes to the next token; false if there is none.
func (c *counter) skipBlanks() bool {
	for ; c.pos < len(c.data); c.pos++ {
		switch c.data[c.pos] {
		case ' ', '\t':
		case '\n':
			c.lineStart = c.pos + 1
			c.allowed = c.allowed || c.flow == 0
		case '#':
			c.skipLine()
			c.pos--
		default:
			return true
		}
	}
	return false
}

// skipLine goes to the end of the line.
func (c *counter) skipLine() {
	if i := bytes.IndexByte(c.data[c.pos:], '\n'); i >= 0 {
		c.pos += i
	} else {
		c.pos = len(c.data)
	}
}

// token counts what the token at the position makes.
func (c *counter) token() bool {
	char := c.data[c.pos]
	switch char {
	case '[', '{':
		c.saveKey()
		c.flow++
		c.indicate(true)
	case ']', '}':
		c.flow = max(c.flow-1, 0)
		c.indicate(false)
	case ',':
		c.indicate(true)
	case '-', '?', ':':
		if !c.blankAt(c.pos+1) && (char == '-' || c.flow == 0) {
			c.plain()
			break
		}
		c.block(char)
	case '&', '*', '!':
		return c.property()
	case '"', '\'':
		c.saveKey()
		c.allowed = false
		return c.quoted(char)
	case '|', '>':
		if c.flow > 0 {
			return c.giveUp()
		}
		return c.text()
	case '%', '@', '`', 0, 0xef: // the last can be a byte order mark
		if char == 0xef && !bytes.HasPrefix(c.data[c.pos:], []byte("\ufeff")) {
			c.plain()
			break
		}
		return c.giveUp()
	default:
		c.plain()
	}
	return true
}

// indicate counts an indicator.
func (c *counter) indicate(allowed bool) {
	c.values += int(weights[c.data[c.pos]])
	c.allowed = allowed
	c.pos++
}

// block counts an item, a key or a value.
func (c *counter) block(char byte) {
	column := c.column()
	if char == ':' && c.key >= 0 && c.keyLine == c.lineStart {
		column = c.key - c.keyLine
		c.allowed = false
	} else {
		c.allowed = c.flow == 0 || char == '-'
	}
	if c.flow == 0 {
		if column > c.indent() {
			c.indents = append(c.indents, column)
		}
		c.key = -1
	}
	c.indicate(c.allowed)
}

// saveKey notes that a key may start here.
func (c *counter) saveKey() {
	if c.flow == 0 && c.allowed {
		c.key, c.keyLine = c.pos, c.lineStart
	}
}

// deepestStart returns how deep the lines of text nest values at most, by what stands before their first word.
func deepestStart(text []byte) int {
	deepest := 0
	for line := range bytes.Lines(text) {
		start := 0
		for start < len(line) && startsBlock(line[start]) {
			start++
		}
		deepest = max(deepest, start+1)
	}
	return deepest
}

// giveUp counts what the rest makes at most: at a mistake, and where parsers need not agree.
func (c *counter) giveUp() bool {
	rest := c.data[c.pos:]
	c.values += weigh(rest)
	c.flow += bytes.Count(rest, []byte("[")) + bytes.Count(rest, []byte("{")) + deepestStart(rest)
	c.documents += bytes.Count(rest, []byte("\n---"))
	c.judge()
	return false
}
