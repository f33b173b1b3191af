package output

import (
	"io"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/supervise"
)

// Printing returns standard output, from whose first byte on the watch does not end the run.
func Printing(stdout io.Writer, watch *supervise.Watch) io.Writer { return printing{stdout, watch} }

// printing is standard output. From its first byte on nothing but whoever reads it ends the run: it has the whole
// result, or nothing.
type printing struct {
	stdout io.Writer
	watch  *supervise.Watch
}

func (p printing) Write(data []byte) (int, error) {
	p.watch.Stop()
	return p.stdout.Write(data)
}

// ReadFrom implements [io.ReaderFrom], so that files are copied as quickly as without it.
func (p printing) ReadFrom(r io.Reader) (int64, error) {
	p.watch.Stop()
	return io.Copy(p.stdout, r)
}
