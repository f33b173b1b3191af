// Package progress shows people how far long work is.
package progress

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/eks-fleet-management/fleet-cmp/render"
)

// On returns a display that draws a bar on a terminal, from half a second on, and removes it when the work is done. It
// returns nil if w is no terminal.
func On(w io.Writer) render.Progress {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return nil
	}
	return display(w, time.Now)
}

// patience is how long work takes before it is worth a bar.
const patience = 500 * time.Millisecond

func display(w io.Writer, now func() time.Time) render.Progress {
	start := now()
	var bar *progressbar.ProgressBar
	return func(done, total int) {
		if bar == nil && now().Sub(start) < patience {
			return
		}
		if bar == nil {
			bar = progressbar.NewOptions(total,
				progressbar.OptionSetWriter(w),
				progressbar.OptionSetDescription("rendering"),
				progressbar.OptionShowCount(),
				progressbar.OptionThrottle(100*time.Millisecond),
				progressbar.OptionClearOnFinish(),
			)
		}
		// The display is no part of the result: what keeps it from being drawn does not matter.
		bar.ChangeMax(total)
		_ = bar.Set(done)
	}
}
