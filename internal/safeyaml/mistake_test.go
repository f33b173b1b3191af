package safeyaml

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMistakesOfEncoding: the line with the first character that YAML does not allow, which no parser tells.
func TestMistakesOfEncoding(t *testing.T) {
	const notUTF8 = "is not YAML: the text is not UTF-8; save it as UTF-8"
	const control = "is not YAML: control characters are not allowed; is this the right text? If so, remove them, " +
		`or write them as "\u0001"`
	for name, test := range map[string]struct{ text, want string }{
		"Latin-1":                        {"a: 1\n\n# caf\xe9\nb: 1\n", "a.yaml:3: " + notUTF8},
		"cut UTF-8":                      {"a: 1\nb: \xc3", "a.yaml:2: " + notUTF8},
		"a control character":            {"# \t\r\nä: 1\na: \x01\n", "a.yaml:3: " + control},
		"a control character of Unicode": {"# \u0085\n# \u0080\n", "a.yaml:2: " + control},
		"a control character in UTF-16":  {"\xff\xfea\x00\x01\x00", "a.yaml: " + control},
	} {
		t.Run(name, func(t *testing.T) {
			var into any
			err := Unmarshal([]byte(test.text), "a.yaml", &into)
			require.Error(t, err)
			if !Refused(err) {
				err = Mistake([]byte(test.text), "a.yaml", err)
			}
			require.EqualError(t, err, test.want)
		})
	}
}
