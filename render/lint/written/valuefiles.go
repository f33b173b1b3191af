package written

import (
	"io/fs"
	"path"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// valueFiles are the entries of the settings valueFiles.
type valueFiles struct {
	entries  []policyField
	prefixed bool // something may be laid before them
}

// checkValueFiles finds entries of valueFiles whose directory is in no app path, while nearly that one is.
func (j *Judge) checkValueFiles() {
	for _, f := range j.valueFiles.entries {
		literal, _, isTemplate := strings.Cut(f.Node.Value, "{{")
		if isTemplate {
			literal = literal[:max(strings.LastIndexByte(literal, '/'), 0)]
		}
		near := j.nearInAppPaths(literal)
		if literal == "" || near == "" || j.valueFiles.prefixed {
			continue
		}
		j.addAt(f.Value, problem.New(f.File, f.Node.Line, "%s: there is no directory %s in the app paths", f.title(),
			literal).WithHint("did you mean %s?", near).WithRule(problem.RuleNoEffect))
	}
}

// nearInAppPaths returns the directory that one in the app paths was probably meant to be; "" if it is there.
func (j *Judge) nearInAppPaths(name string) string {
	near := ""
	for _, at := range j.fleet.AppPaths() {
		directory := path.Join(at, name)
		if !fs.ValidPath(directory) || j.isDirectory(directory) {
			return ""
		}
		if meant := j.nearDirectory(directory); meant != "" {
			near = strings.TrimPrefix(meant, at+"/")
		}
	}
	return near
}
