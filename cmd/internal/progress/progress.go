// Package progress shows people how far long work is.
package progress

import (
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/eks-fleet-management/fleet-cmp/render"
)

// On returns a display that draws a bar on a terminal, from half a second on, and removes it when the work is done.
// Where more work follows, that has a bar of its own. It returns nil if w is no terminal.
func On(w io.Writer) render.Progress {
	file, ok := w.(interface{ Fd() uintptr })
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return nil
	}
	return display(w, time.Now)
}

// patience is how long work takes before it is worth a bar.
const patience = 500 * time.Millisecond

// steps are those of the bar. What there is to do becomes known on the way, and the bar could not follow a total that
// changes.
const steps = 1000

func display(w io.Writer, now func() time.Time) render.Progress {
	start := now()
	var bar *progressbar.ProgressBar
	return func(done, total int) {
		if total <= 0 || bar == nil && now().Sub(start) < patience {
			return
		}
		if done >= total { // what comes next is other work, with a bar of its own
			defer func() { bar, start = nil, now() }()
			if bar == nil {
				return
			}
		}
		if bar == nil {
			bar = progressbar.NewOptions(steps,
				progressbar.OptionSetWriter(w),
				progressbar.OptionSetDescription("rendering"),
				progressbar.OptionThrottle(100*time.Millisecond),
				progressbar.OptionClearOnFinish(),
			)
		}
		// The display is no part of the result: what keeps it from being drawn does not matter.
		_ = bar.Set(done * steps / total)
	}
}
