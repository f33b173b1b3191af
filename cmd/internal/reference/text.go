package reference

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/eks-fleet-management/fleet-cmp/internal/reference"
)

// columns is how long a line of text may be.
const columns = 78

// printKinds prints which kinds of keys there are.
func printKinds(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(t, "KIND\tWRITTEN IN")
	for _, kind := range reference.Kinds() {
		fmt.Fprintf(t, "%s\t%s\n", kind.Name, kind.Files)
	}
	return t.Flush()
}

// printKind prints the keys of a kind.
func printKind(w io.Writer, kind *reference.Kind) error {
	var b strings.Builder
	fmt.Fprintf(&b, "KIND:     %s\nPAGE:     %s\nSCHEMA:   %s\nWRITTEN:\n%s", kind.Name, kind.PageURL(),
		kind.SchemaURL(), indent(reference.Wrap(kind.Files+". "+kind.About, columns)))
	b.WriteString("KEYS:\n")
	writeTable(&b, kind.Keys)
	_, err := io.WriteString(w, b.String())
	return err
}

// printKeys prints all that is known of keys, with an empty line between two of them.
func printKeys(w io.Writer, keys []reference.Key) error {
	var b strings.Builder
	for i, key := range keys {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "KEY:      %s\nTYPE:     %s\n", key.Full(), key.Describe())
		if key.Default != "" {
			fmt.Fprintf(&b, "DEFAULT:  %s\n", key.Default)
		} else {
			fmt.Fprintf(&b, "WITHOUT:  %s\n", key.Without)
		}
		fmt.Fprintf(&b, "WRITTEN:  %s\nPAGE:     %s\n", key.Kind().Files, key.PageURL())
		fmt.Fprintf(&b, "EFFECT:\n%sEXAMPLE:\n%s", indent(reference.Wrap(key.Effect, columns)), indent(key.Snippet()))
		if below := key.Below(); len(below) > 0 {
			b.WriteString("KEYS:\n")
			writeTable(&b, below)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// writeTable writes keys with their types and what they do.
func writeTable(b *strings.Builder, keys []reference.Key) {
	t := tabwriter.NewWriter(b, 0, 0, 3, ' ', 0)
	for _, key := range keys {
		fmt.Fprintf(t, "  %s\t%s\t%s\n", key.Full(), key.Describe(), key.Summary())
	}
	_ = t.Flush() // to a builder, which takes all
}

func indent(text string) string {
	return "  " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n  ") + "\n"
}
