package cli

import (
	"bytes"
	"io"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/called"
)

// A checkedWriter keeps the first error of a writer, for what is printed by somebody who does not look.
type checkedWriter struct {
	io.Writer
	err error
}

func (w *checkedWriter) Write(data []byte) (int, error) {
	n, err := w.Writer.Write(data)
	if w.err == nil {
		w.err = err
	}
	return n, err
}

// printHelpAtOnce has the help of all commands printed in one piece: cobra would print errors of writing it itself.
// Examples begin with the name by which this program was called.
func printHelpAtOnce(root *cobra.Command) {
	help := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		var text bytes.Buffer
		out := cmd.OutOrStdout()
		cmd.SetOut(&text)
		help(cmd, args)
		cmd.SetOut(out)
		_, _ = io.WriteString(out, called.Text(text.String())) // whose error the checkedWriter keeps
	})
}
