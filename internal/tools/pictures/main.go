// Command pictures helps to make the pictures of the documents.
//
//	pictures comment < COMMENT.md > COMMENT.html   a comment as a pull request shows it
//	pictures small FILE.png                        cuts off what is empty at the end, and makes the file small
package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
)

func main() {
	var err error
	switch {
	case len(os.Args) == 2 && os.Args[1] == "comment":
		err = comment(os.Stdin, os.Stdout)
	case len(os.Args) == 3 && os.Args[1] == "small":
		err = small(os.Args[2])
	default:
		err = errors.New("usage: pictures comment | pictures small FILE.png")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		os.Exit(1)
	}
}

// style is that of a comment.
const style = `<!doctype html><meta charset="utf-8"><style>
body { font: 14px/1.5 system-ui, "DejaVu Sans", sans-serif; color: #1f2328; background: #fff; margin: 16px; }
article { border: 1px solid #d1d9e0; border-radius: 6px; padding: 4px 16px 12px; }
h3 { margin: 12px 0 8px; font-size: 17px; }
code, pre { font: 12px/1.45 "DejaVu Sans Mono", monospace; background: #f0f1f3; border-radius: 4px; }
code { padding: 2px 4px; } pre { padding: 12px; } pre code { padding: 0; background: none; }
details { margin: 8px 0; } summary { margin: 6px 0; }
del { background: #ffebe9; text-decoration: none; display: block; } ins { background: #dafbe1; text-decoration: none; display: block; }
</style><article>
`

// comment writes a comment as a page, in which the first part is open and lines of differences have their colors.
func comment(r io.Reader, w io.Writer) error {
	source, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	var page bytes.Buffer
	markdown := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithUnsafe()))
	if err := markdown.Convert(source, &page); err != nil { // of our own program
		return err
	}
	text := strings.Replace(page.String(), "<details>", "<details open>", 1)
	block := regexp.MustCompile(`(?s)<code class="language-diff">.*?</code>`)
	text = block.ReplaceAllStringFunc(text, func(block string) string {
		block = regexp.MustCompile(`(?m)^(\+.*)\n`).ReplaceAllString(block, "<ins>$1</ins>")
		return regexp.MustCompile(`(?m)^(-.*)\n`).ReplaceAllString(block, "<del>$1</del>")
	})
	_, err = io.WriteString(w, style+text+"</article>\n")
	return err
}

// margin is how much of what is empty stays below.
const margin = 16

// small writes a picture again with 256 colors at most, and without the empty lines at its end.
func small(name string) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	from, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return err
	}
	bounds := from.Bounds()
	empty := func(y int) bool {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			if from.At(x, y) != from.At(bounds.Min.X, bounds.Max.Y-1) {
				return false
			}
		}
		return true
	}
	end := bounds.Max.Y
	for end > bounds.Min.Y && empty(end-1) {
		end--
	}
	bounds.Max.Y = min(bounds.Max.Y, end+margin)
	to := image.NewPaletted(bounds, palette(from, bounds))
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			to.Set(x, y, from.At(x, y))
		}
	}
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&out, to); err != nil {
		return err
	}
	return os.WriteFile(name, out.Bytes(), 0o644)
}

// palette returns the colors that a picture has most often.
func palette(p image.Image, bounds image.Rectangle) color.Palette {
	counts := map[color.RGBA]int{}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			counts[color.RGBAModel.Convert(p.At(x, y)).(color.RGBA)]++
		}
	}
	colors := slices.SortedFunc(maps.Keys(counts), func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), slices.Compare([]uint8{a.R, a.G, a.B}, []uint8{b.R, b.G, b.B}))
	})
	var chosen color.Palette
	for _, c := range colors[:min(len(colors), 256)] {
		chosen = append(chosen, c)
	}
	return chosen
}
