package against

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sync"
	"time"
)

// A size is how much there is of something.
type size struct {
	bytes int64
	files int
}

// mostWritten is what the other program may write in all of its runs together: it must not fill the disk of whoever
// tries it. A fleet of 1,000 clusters with 25 Applications each writes less.
var mostWritten = size{bytes: 4 << 30, files: 1_000_000}

// errTooMuch is the cause for a program that writes more than it may.
var errTooMuch = errors.New("ask for a part of the fleet, with --group, --cluster, --component or --stage")

// A bound holds what a program writes in all of its runs together to a size.
type bound struct {
	most size

	mutex   sync.Mutex
	written map[string]size // by directory, which may be removed by now
	objects int
}

// newBound returns a bound on which nothing has been written.
func newBound(most size) *bound { return &bound{most: most, written: map[string]size{}} }

// watch looks at a directory until stop is called, and ends a program that has written too much.
func (b *bound) watch(ctx context.Context, directory string, end context.CancelCauseFunc) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var looking sync.WaitGroup
	looking.Go(func() {
		pause := time.Second
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(pause):
			}
			begin := time.Now()
			if err := b.look(directory); err != nil {
				end(err)
				return
			}
			pause = max(pause, 10*time.Since(begin)) // so that this is a small part of the work
		}
	})
	return func() { cancel(); looking.Wait() }
}

// look measures a directory. It fails if there is too much in all directories together.
func (b *bound) look(directory string) error {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	delete(b.written, directory)
	var all size
	for _, of := range b.written {
		all.bytes, all.files = all.bytes+of.bytes, all.files+of.files
	}
	var here size
	err := filepath.WalkDir(directory, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil {
			var info fs.FileInfo
			info, err = entry.Info()
			if err == nil && info.Mode().IsRegular() {
				here.bytes += info.Size()
			}
			here.files++
		}
		if errors.Is(err, fs.ErrNotExist) { // it comes, or is gone again
			return nil
		}
		if err != nil {
			return err
		}
		return b.check(size{all.bytes + here.bytes, all.files + here.files})
	})
	b.written[directory] = here
	return err
}

// check fails for more than there may be.
func (b *bound) check(all size) error {
	switch {
	case all.bytes > b.most.bytes:
		return fmt.Errorf("writes more than %d MiB in all its renders, the most that is compared: %w", b.most.bytes>>20,
			errTooMuch)
	case all.files > b.most.files:
		return fmt.Errorf("writes more than %d files in all its renders, the most that are compared: %w", b.most.files,
			errTooMuch)
	}
	return nil
}

// read counts objects in what a program has written. It fails for more than there may be of files: one can hold many.
func (b *bound) read(objects int) error {
	if b.objects += objects; b.objects > b.most.files {
		return fmt.Errorf("writes more than %d objects in all its renders, the most that are compared: %w",
			b.most.files, errTooMuch)
	}
	return nil
}
