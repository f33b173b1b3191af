package output

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// A Sink takes rendered objects one by one, and shows them all once they are complete.
type Sink interface {
	// Add takes an object. It fails for a name that another object has, or that cannot be one of a file.
	Add(render.Rendered) error
	// Finish shows the objects, all or none.
	Finish() error
	// Discard removes what is left after a failure; of no effect after Finish.
	Discard()
}

// New returns a Sink that writes to w in one of the formats, or a file for each object to a directory if one is given.
func New(w io.Writer, format string, to Destination) Sink {
	var sink Sink = &stream{w: w, format: format}
	if to.Dir != "" {
		sink = newDirectory(format, to)
	}
	return Limit(sink, to)
}

// Limit returns a Sink that fails for more than the run may have memory.
func Limit(sink Sink, to Destination) Sink {
	if to.Watch == nil {
		return sink
	}
	most := to.Watch.Limits().Memory
	return &limited{Sink: sink, most: most, left: most, raise: to.Watch.Raise().Memory}
}

// limited is a Sink that takes only as much as the run may have memory. Whoever reads the output needs that too, and
// nobody waits for the disk to be full.
type limited struct {
	Sink
	most, left int64 // bytes
	raise      string
}

func (l *limited) Add(r render.Rendered) error {
	if l.left -= int64(len(r.Data)); l.left >= 0 {
		return l.Sink.Add(r)
	}
	from := r.Name // which says the kind too
	if r.Application != "" {
		from = fmt.Sprintf("Application %q", r.Application)
	}
	if r.Cluster != "" {
		from += ", cluster " + r.Cluster
	}
	hint := "render fewer clusters or components at a time"
	if l.raise != "" {
		hint += ", or " + l.raise
	}
	return fmt.Errorf("with %s the output is larger than the run's limit of memory, %s; %s", from,
		limits.SizeText(l.most), hint)
}

// maxInMemory is the size in bytes above which output waits in a temporary file: that of a fleet may be larger than
// memory.
const maxInMemory = 16 << 20

// stream writes a YAML stream, a JSON List or names, once they are complete.
type stream struct {
	w           io.Writer
	format      string
	memory      bytes.Buffer
	file        *os.File // nil: all is in memory
	count       int
	application string // the last one that was named, with its cluster
}

func (s *stream) Add(r render.Rendered) error {
	data := r.Data
	if s.format == "json" {
		separator := ",\n    "
		if s.count == 0 {
			separator = "{\n  \"apiVersion\": \"v1\",\n  \"items\": [\n    "
		}
		var out bytes.Buffer
		out.WriteString(separator)
		if err := json.Indent(&out, bytes.TrimSpace(data), "    ", "  "); err != nil {
			return err
		}
		data = out.Bytes()
	} else if s.format != FormatName {
		if s.count > 0 {
			s.memory.WriteString("---\n")
		}
		s.comment(r)
	}
	s.count++
	s.memory.Write(data)
	if s.memory.Len() <= maxInMemory {
		return nil
	}
	if s.file == nil {
		var err error
		if s.file, err = os.CreateTemp("", "cmp-output-*"); err != nil {
			return fmt.Errorf("large output needs a temporary file: %w", err)
		}
		// Without its name, however the run ends nothing is left. Where open files must keep theirs, discard removes
		// it.
		_ = os.Remove(s.file.Name())
	}
	_, err := s.memory.WriteTo(s.file)
	return err
}

// comment says what a document is of. The objects of an Application follow each other: the first has it.
func (s *stream) comment(r render.Rendered) {
	if r.Application != "" {
		application := fmt.Sprintf("Application %s, cluster %s", r.Application, r.Cluster)
		if application == s.application {
			return
		}
		fmt.Fprintf(&s.memory, "# %s\n", application)
		s.application = application
	}
	if r.Source != "" {
		fmt.Fprintf(&s.memory, "# Source: %s\n", problem.OneLine(r.Source)) // whose text is the repository's
	}
}

func (s *stream) Finish() error {
	defer s.Discard()
	if s.format == "json" {
		if s.count == 0 {
			s.memory.WriteString("{\n  \"apiVersion\": \"v1\",\n  \"items\": [")
		} else {
			s.memory.WriteString("\n  ")
		}
		s.memory.WriteString("],\n  \"kind\": \"List\"\n}\n")
	}
	if s.file != nil {
		if _, err := s.file.Seek(0, io.SeekStart); err != nil {
			return err
		}
		if _, err := io.Copy(s.w, s.file); err != nil {
			return err
		}
	}
	_, err := s.memory.WriteTo(s.w)
	return err
}

func (s *stream) Discard() {
	if s.file != nil {
		// What is left of a temporary file harms nobody.
		_ = s.file.Close()
		_ = os.Remove(s.file.Name())
		s.file = nil
	}
}

// AddAll adds the objects of a stage that is rendered at once. It fails as encode and the Sink do.
func AddAll(out Sink, result *render.Result, encode func(render.Object) ([]byte, error)) error {
	for i, object := range result.Objects {
		data, err := encode(object)
		if err != nil {
			return err
		}
		rendered := render.Rendered{Data: data, Name: render.FileName(object)}
		if i < len(result.Components) {
			rendered.Source = result.Components[i].Described()
		}
		if i < len(result.Sources) {
			rendered.Source = result.Sources[i]
		}
		if err := out.Add(rendered); err != nil {
			return err
		}
	}
	return nil
}
