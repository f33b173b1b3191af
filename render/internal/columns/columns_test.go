package columns_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render/internal/columns"
)

func TestAlign(t *testing.T) {
	for name, test := range map[string]struct {
		lines [][]string
		want  string
	}{
		"nothing":        {want: ""},
		"columns":        {lines: [][]string{{"NAME", "OF"}, {"a", "b"}}, want: "NAME  OF\na     b\n"},
		"characters":     {lines: [][]string{{"größe", "1"}, {"sizes", "2"}}, want: "größe  1\nsizes  2\n"},
		"spaces at ends": {lines: [][]string{{"a", "bcd "}, {"e", ""}}, want: "a  bcd\ne\n"},
		"several cells":  {lines: [][]string{{"A\tB", "C"}, {"long\tb", "c"}}, want: "A     B  C\nlong  b  c\n"},
		"an empty line":  {lines: [][]string{{"a", "b"}, {}, {"cde", "f"}}, want: "a  b\n\ncde  f\n"},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.want, columns.Align(test.lines)) })
	}
}
