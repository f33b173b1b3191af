package safeyaml

import "bytes"

// plain skips a scalar without quotes. It ends before a key's colon, a comment, or a line that is less indented; among
// brackets, at an indicator.
func (c *counter) plain() {
	c.saveKey()
	c.allowed = false
	least, broken := c.indent()+1, false
	for {
		for !c.blankAt(c.pos) {
			char := c.data[c.pos]
			if char == ':' && c.blankAt(c.pos+1) || c.flow > 0 && bytes.IndexByte([]byte(",?[]{}"), char) >= 0 {
				c.allowed = broken
				return
			}
			c.pos++
			broken = false
		}
		for c.at(c.pos) == ' ' || c.at(c.pos) == '\t' || c.at(c.pos) == '\n' {
			if c.data[c.pos] == '\n' {
				broken = true
				c.lineStart = c.pos + 1
			}
			c.pos++
		}
		if c.at(c.pos) == 0 || c.flow == 0 && c.column() < least || c.marker() || c.data[c.pos] == '#' {
			c.allowed = broken
			return
		}
	}
}

// quoted skips a scalar in quotes.
func (c *counter) quoted(quote byte) bool {
	start := c.pos
	for c.pos++; c.pos < len(c.data); c.pos++ {
		switch char := c.data[c.pos]; {
		case char == '\\' && quote == '"':
			if c.at(c.pos+1) != '\n' {
				c.pos++
			}
		case char == '\n':
			c.lineStart = c.pos + 1
			c.pos++
			if c.marker() { // no parser takes it as text
				c.reset()
				return true
			}
			c.pos--
		case char != quote:
		case quote == '\'' && c.at(c.pos+1) == quote:
			c.pos++
		default:
			c.pos++
			return true
		}
	}
	c.pos = start
	return c.giveUp()
}

// property skips an anchor, an alias or a tag.
func (c *counter) property() bool {
	c.saveKey()
	c.allowed = false
	tag := c.data[c.pos] == '!'
	for c.pos++; !c.blankAt(c.pos); c.pos++ {
		char := c.data[c.pos]
		switch {
		case tag && bytes.IndexByte([]byte(",[]{}\"'"), char) >= 0:
			return c.giveUp()
		case !tag && bytes.IndexByte([]byte(":?,]}"), char) >= 0:
			return true
		case !tag && !isName(char):
			return c.giveUp()
		}
	}
	return true
}

// isName tells whether a character can be in the name of an anchor.
func isName(c byte) bool {
	return c == '_' || c == '-' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// text skips a literal or folded scalar: the lines that are indented more than what it belongs to.
func (c *counter) text() bool {
	increment := 0
	for c.pos++; !c.blankAt(c.pos); c.pos++ {
		switch char := c.data[c.pos]; {
		case '1' <= char && char <= '9' && increment == 0:
			increment = int(char - '0')
		case char != '+' && char != '-':
			return c.giveUp()
		}
	}
	for c.at(c.pos) == ' ' || c.at(c.pos) == '\t' {
		c.pos++
	}
	if char := c.at(c.pos); char != '\n' && char != '#' {
		return c.giveUp()
	}
	c.allowed, c.key = true, -1
	c.skipLine()
	if c.pos == len(c.data) {
		return true
	}
	c.pos++
	indent := max(c.indent(), 0) + increment
	if increment == 0 {
		indent = max(c.firstIndent(), c.indent()+1, 1)
	}
	for c.pos < len(c.data) {
		c.lineStart = c.pos
		spaces := c.spaces(c.pos)
		if spaces < indent && c.at(c.pos+spaces) != '\n' {
			return true
		}
		c.skipLine()
		if c.pos < len(c.data) {
			c.pos++
		}
	}
	return true
}

// spaces returns how many spaces there are from a position.
func (c *counter) spaces(pos int) int {
	n := 0
	for c.at(pos+n) == ' ' {
		n++
	}
	return n
}

// firstIndent returns the indentation of the first line with text, or of a line of spaces before it that is longer.
func (c *counter) firstIndent() int {
	most := 0
	for pos := c.pos; ; {
		spaces := c.spaces(pos)
		most = max(most, spaces)
		if pos += spaces; c.at(pos) != '\n' {
			return most
		}
		pos++
	}
}
