package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/render"
)

// A sink takes rendered objects one by one, and shows them all once they are complete.
type sink interface {
	add(render.Rendered) error
	// finish shows the objects.
	finish() error
	// discard removes what is left after a failure; of no effect after finish.
	discard()
}

// newSink returns a sink that writes to w in one of the formats, or a file for each object to a folder if one is given.
func newSink(w io.Writer, format, dir string) sink {
	if dir != "" {
		return &folder{dir: dir, format: format, written: map[string]bool{}}
	}
	return &stream{w: w, format: format}
}

// maxInMemory is the size in bytes above which output waits in a temporary file: that of a fleet may be larger than
// memory.
const maxInMemory = 16 << 20

// stream writes a YAML stream, or a JSON List, once it is complete.
type stream struct {
	w           io.Writer
	format      string
	memory      bytes.Buffer
	file        *os.File // nil: all is in memory
	count       int
	application string // the last one that was named, with its cluster
}

func (s *stream) add(r render.Rendered) error {
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
	} else if s.count > 0 {
		s.memory.WriteString("---\n")
	}
	if application := fmt.Sprintf("Application %s, cluster %s", r.Application, r.Cluster); s.format != "json" && r.Application != "" && application != s.application {
		fmt.Fprintf(&s.memory, "# %s\n", application)
		s.application = application
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
	}
	_, err := s.memory.WriteTo(s.file)
	return err
}

func (s *stream) finish() error {
	defer s.discard()
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

func (s *stream) discard() {
	if s.file != nil {
		// What is left of a temporary file harms nobody.
		_ = s.file.Close()
		_ = os.Remove(s.file.Name())
		s.file = nil
	}
}

// folder writes a file for each object: those of an Application into CLUSTER/APPLICATION. They appear under their names
// once all are complete.
type folder struct {
	dir, format string
	temporary   string // where they are until then
	files       []string
	written     map[string]bool
}

func (f *folder) add(r render.Rendered) error {
	name, err := f.nameOf(r)
	if err != nil {
		return err
	}
	if f.written[name] {
		return fmt.Errorf("two objects would be written to %s", name)
	}
	if f.temporary == "" {
		if err := os.MkdirAll(f.dir, 0o755); err != nil {
			return err
		}
		if f.temporary, err = os.MkdirTemp(f.dir, ".cmp-*"); err != nil {
			return err
		}
	}
	f.written[name] = true
	f.files = append(f.files, name)
	path := filepath.Join(f.temporary, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, r.Data, 0o644)
}

// nameOf returns where the file of an object is. The names are those of untrusted input, and a cluster's may be an ARN
// with slashes: none may lead into the folder of something else.
func (f *folder) nameOf(r render.Rendered) (string, error) {
	name := r.Name + "." + f.format
	if strings.Contains(name, "/") || !filepath.IsLocal(name) {
		return "", fmt.Errorf("%q cannot be the name of a file", name)
	}
	if r.Application == "" {
		return name, nil
	}
	for _, dir := range []string{r.Cluster, r.Application} {
		if dir != "" && (dir == "." || !fs.ValidPath(dir) || !filepath.IsLocal(dir)) {
			return "", fmt.Errorf("%q cannot be the name of a folder", dir)
		}
	}
	return filepath.Join(r.Cluster, r.Application, name), nil
}

func (f *folder) finish() error {
	defer f.discard()
	for _, name := range f.files {
		path := filepath.Join(f.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.Rename(filepath.Join(f.temporary, name), path); err != nil {
			return err
		}
	}
	return nil
}

func (f *folder) discard() {
	if f.temporary != "" {
		_ = os.RemoveAll(f.temporary)
	}
}

// printResult prints the objects of the stage applicationsets.
func printResult(out sink, result *render.Result, format string) error {
	defer out.discard()
	for _, object := range result.Objects {
		data, err := render.EncodeValue(object, format)
		if err != nil {
			return err
		}
		if err := out.add(render.Rendered{Data: data, Name: render.FileName(object)}); err != nil {
			return err
		}
	}
	return out.finish()
}

// failuresIn returns the failures that an error consists of, which leave the rest of the output valid; none for any
// other error.
func failuresIn(err error) render.Failures {
	var failures render.Failures
	errors.As(err, &failures)
	return failures
}
