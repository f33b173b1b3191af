// Package color paints text for terminals. Who has a terminal says so; nothing here looks for one.
package color

// A Color is the control sequence that begins it ("Select Graphic Rendition", ECMA-48).
type Color string

// The colors. They say the same as the words that have them, since not everybody sees colors.
const (
	Bold   Color = "\x1b[1m"
	Red    Color = "\x1b[31m"
	Green  Color = "\x1b[32m"
	Yellow Color = "\x1b[33m"
	Cyan   Color = "\x1b[36m"
)

const end = "\x1b[0m"

// A Painter tells whether text is painted.
type Painter bool

// Paint returns a text in a color, or as it is.
func (p Painter) Paint(c Color, text string) string {
	if !p || text == "" {
		return text
	}
	return string(c) + text + end
}
