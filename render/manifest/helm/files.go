package helm

import (
	"encoding/base64"
	"path"
	"strings"

	"github.com/gobwas/glob"
	"helm.sh/helm/v3/pkg/chart"
)

// files are the chart's files that are no templates, by name: what templates see as .Files, with the methods of Helm's.
type files map[string][]byte

func newFiles(from []*chart.File) files {
	out := make(files, len(from))
	for _, file := range from {
		out[file.Name] = file.Data
	}
	return out
}

// GetBytes returns a file, empty if there is none of that name.
func (f files) GetBytes(name string) []byte {
	if data, ok := f[name]; ok {
		return data
	}
	return []byte{}
}

// Get returns a file as text, "" if there is none of that name.
func (f files) Get(name string) string { return string(f.GetBytes(name)) }

// Glob returns the files whose names match a pattern; as in Helm, a pattern that is none matches all.
func (f files) Glob(pattern string) files {
	matcher, err := glob.Compile(pattern, '/')
	if err != nil {
		matcher = glob.MustCompile("**")
	}
	out := files{}
	for name, data := range f {
		if matcher.Match(name) {
			out[name] = data
		}
	}
	return out
}

// AsConfig returns the files as the YAML of a ConfigMap's data, by their names without directories.
func (f files) AsConfig() string {
	return f.data(func(data []byte) string { return string(data) })
}

// AsSecrets returns the files as the YAML of a Secret's data, by their names without directories.
func (f files) AsSecrets() string { return f.data(base64.StdEncoding.EncodeToString) }

func (f files) data(encode func([]byte) string) string {
	if f == nil {
		return ""
	}
	out := make(map[string]string, len(f))
	for name, data := range f {
		out[path.Base(name)] = encode(data)
	}
	return toYAML(out)
}

// Lines returns the lines of a file.
func (f files) Lines(name string) []string {
	if len(f[name]) == 0 {
		return []string{}
	}
	return strings.Split(strings.TrimSuffix(string(f[name]), "\n"), "\n")
}
