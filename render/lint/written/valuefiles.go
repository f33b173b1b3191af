package written

import (
	"io/fs"
	"maps"
	"path"
	"slices"
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

// checkSegments finds directories in the entries of one file that only one has, nearly those of several others.
func (j *Judge) checkSegments() {
	count := map[string]int{}
	segments := func(f policyField) []string {
		return strings.FieldsFunc(f.Node.Value, func(r rune) bool { return r == '/' })
	}
	for _, f := range j.valueFiles.entries {
		for _, segment := range segments(f) {
			count[f.File+"\x00"+segment]++
		}
	}
	for _, f := range j.valueFiles.entries {
		for _, segment := range segments(f) {
			for _, other := range slices.Sorted(maps.Keys(count)) {
				near, here := strings.CutPrefix(other, f.File+"\x00")
				if !here || count[f.File+"\x00"+segment] > 1 || count[other] < 2 || !isMistyped(segment, near) ||
					j.hasFoundAt(f.Value) {
					continue
				}
				j.addAt(f.Value, problem.New(f.File, f.Node.Line, "%s: the directory %s is nearly that of others",
					f.title(), segment).WithHint("did you mean %s?", near).WithRule(problem.RuleNoEffect))
			}
		}
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
