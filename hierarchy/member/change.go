package member

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// A Change is a key of a member's file, and the value that it is to have.
type Change struct{ Key, Value string }

// CheckChanged returns the text of a member's file with changes: the values in their places, new keys on lines of their
// own, and all else as it was. It fails for keys that a member does not have, for what [CheckNew] fails for, and for a
// file that is not written key by key. Findings that the file had before are warnings, all others are errors.
func CheckChanged(f *fleet.Fleet, repo *hierarchy.Repository, m Member, changes []Change) ([]byte, []*problem.Problem,
	error) {
	before, err := repo.Document(m.File)
	if err != nil {
		return nil, nil, err
	}
	wanted, old, errs := parse(before, m.Hub)
	if len(errs) > 0 && before.Single() != nil {
		return nil, nil, errs[0]
	}
	directory, err := repo.Sub(path.Dir(m.File))
	if err != nil {
		return nil, nil, err
	}
	text, err := hierarchy.ReadFile(directory, path.Base(m.File), m.File, repo.FileSize())
	if err != nil {
		return nil, nil, err
	}
	for _, change := range changes {
		if err := wanted.Set(change.Key, change.Value); err != nil {
			return nil, nil, err
		}
		if text, err = replace(m.File, text, change); err != nil {
			return nil, nil, err
		}
	}
	after, err := hierarchy.ParseDocument(m.File, text)
	if err != nil {
		return nil, nil, err
	}
	changed, found, errs := parse(after, m.Hub)
	if len(errs) > 0 {
		return nil, nil, errs[0]
	}
	if changed != wanted {
		return nil, nil, cannotReplace(m.File, 0, changes[len(changes)-1].Key)
	}
	for _, p := range found {
		if !slices.ContainsFunc(old, func(known *problem.Problem) bool { return known.Message == p.Message }) {
			return nil, nil, p
		}
	}
	warnings, err := checkWritten(f, repo, changed, after, m.File)
	if err != nil {
		return nil, nil, err
	}
	return text, append(f.Wanted(found), warnings...), nil
}

func cannotReplace(file string, line int, key string) *problem.Problem {
	return problem.New(file, line, "%s cannot be changed in its place", key).
		WithHint("the file is not written as KEY: \"VALUE\", a line for each: edit it")
}

// A line of a member's file with a key: what is before the value, the value and what is after it. A value without
// quotes is a word, since others have letters with a meaning of their own in them.
var keyLine = regexp.MustCompile(`^(["']?)([A-Za-z_]+)(["']?)([ \t]*:)([ \t]+(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|` +
	`[A-Za-z0-9_./~<][^ \t#]*(?:#[^ \t#]+)*)|)([ \t]*(?:[ \t]#.*)?\r?)$`)

// replace returns the text of a file with another value of a key.
func replace(file string, text []byte, change Change) ([]byte, error) {
	lines := bytes.SplitAfter(text, []byte("\n"))
	order := Keys()
	end := "\n"
	if bytes.Contains(text, []byte("\r\n")) {
		end = "\r\n"
	}
	after := -1 // the last line with a key that comes before it in new files, or the one before all keys
	first := true
	for i, line := range lines {
		parts := keyLine.FindSubmatch(bytes.TrimSuffix(line, []byte("\n")))
		if len(parts) == 0 || !bytes.Equal(parts[1], parts[3]) {
			continue
		}
		key := string(parts[2])
		if key != change.Key {
			if first {
				after, first = i-1, false
			}
			if at := slices.Index(order, key); at >= 0 && at < slices.Index(order, change.Key) {
				after = i
			}
			continue
		}
		lines[i] = slices.Concat(parts[1], parts[2], parts[3], parts[4], []byte(" "+quote(change.Value)), parts[6])
		if bytes.HasSuffix(line, []byte("\n")) {
			lines[i] = append(lines[i], '\n')
		}
		return bytes.Join(lines, nil), nil
	}
	if first {
		return nil, cannotReplace(file, 0, change.Key)
	}
	if after >= 0 && !bytes.HasSuffix(lines[after], []byte("\n")) {
		lines[after] = append(slices.Clone(lines[after]), end...)
	}
	added := []byte(change.Key + ": " + quote(change.Value) + end)
	return bytes.Join(slices.Insert(lines, after+1, added), nil), nil
}

// quote returns a value as the text of a YAML string. What it cannot say so, the check of the new text finds.
func quote(value string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(value) + `"`
}
