package safeyaml

import (
	"bytes"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// maxTOML is how many characters TOML may have. It is a format for configuration that people write.
const maxTOML = 10 << 20

// CheckTOML fails, with the line, if TOML is too large, nested more than [maxDepth] levels deep, or of too many values;
// name is what messages call it. A key with dots counts once for each table on its way: the parser keeps them all.
func CheckTOML(data []byte, name string) error {
	if len(data) > maxTOML {
		return refuse(name, 0, "is larger than %d MiB", maxTOML>>20)
	}
	line, depth, path, values := 1, 0, 0, 0 // path is how many dots stand before what follows
	table := 0                              // how deep the table of the last header is
	header := false
	for i := 0; i < len(data); i++ {
		switch char := data[i]; char {
		case '\n':
			line++
			if path = 0; header {
				header = false
			}
		case '#':
			i += lineLength(data[i:]) - 1
		case '"', '\'':
			length := tomlString(data[i:])
			line += bytes.Count(data[i:i+length], []byte("\n"))
			i += length - 1
		case '[', '{':
			if depth == 0 && char == '[' && startsLine(data, i) {
				header, table = true, 0
			}
			depth++
			values += 1 + table
		case ']', '}':
			depth = max(depth-1, 0)
		case '.':
			path++
			if header {
				table++
			}
			values += 1 + table + path
		case ',', '=':
			values += 1 + table
			path = 0
		}
		switch {
		case depth > maxDepth, path > maxDepth, table+depth > maxDepth:
			return refuse(name, line, "is nested more than %d levels deep", maxDepth)
		case values > files.Values:
			return refuse(name, line, "has more than %d values in one document", files.Values)
		}
	}
	return nil
}

func refuse(name string, line int, format string, limit int) error {
	return problem.New(name, line, format, limit).WithHint("is this the right text? The limit cannot be raised")
}

// startsLine tells whether only blanks, or the bracket of a list of tables, stand before i in its line.
func startsLine(data []byte, i int) bool {
	start := bytes.LastIndexByte(data[:i], '\n') + 1
	return i-start < 1000 && len(bytes.Trim(data[start:i], " \t[")) == 0
}

func lineLength(data []byte) int {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i
	}
	return len(data)
}

// tomlString returns the length of the string that data starts with; of one without an end, that of the quotes.
func tomlString(data []byte) int {
	quote, end := data[:1], 1
	several := len(data) >= 3 && data[1] == quote[0] && data[2] == quote[0]
	if several {
		quote, end = data[:3], 3
	}
	for first := end; end < len(data); end++ {
		switch {
		case data[end] == '\n' && !several:
			return first
		case data[end] == '\\' && quote[0] == '"':
			end++
		case bytes.HasPrefix(data[end:], quote):
			return end + len(quote)
		}
	}
	return len(quote)
}
