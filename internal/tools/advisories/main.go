// Command advisories judges what govulncheck found: standard input has its output as JSON, of one run or of several.
// It prints a line for each vulnerability. It fails if there is one in a dependency that the file of the argument does
// not accept. That is one that code calls or, where a run did not look for calls, one in a package that is linked.
//
//	govulncheck -format json ./cmd/... | advisories internal/tools/advisories/accepted
//
// What is in Go itself depends on the Go that a program is built with, and is only told; so is what is not used. An
// accepted vulnerability that is not found any more is a failure, so that the file has none for nothing.
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: govulncheck -format json PACKAGES | advisories ACCEPTED")
		os.Exit(2)
	}
	accepted, err := os.ReadFile(os.Args[1])
	if err == nil {
		err = judge(os.Stdin, bytes.NewReader(accepted), os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "advisories:", err)
		os.Exit(1)
	}
}

// A message is one of govulncheck's.
type message struct {
	Config *struct {
		ScanLevel string `json:"scan_level"`
	} `json:"config"`
	OSV *struct {
		ID      string `json:"id"`
		Summary string `json:"summary"`
	} `json:"osv"`
	Finding *struct {
		OSV   string `json:"osv"`
		Fixed string `json:"fixed_version"`
		Trace []struct {
			Module   string `json:"module"`
			Version  string `json:"version"`
			Package  string `json:"package"`
			Function string `json:"function"`
		} `json:"trace"`
	} `json:"finding"`
}

// A vulnerability is what is known of one.
type vulnerability struct {
	module, version, fixed string
	used                   bool
}

// judge prints the vulnerabilities that are found, and fails as the command does.
func judge(found, accepted io.Reader, w io.Writer) error {
	reasons, err := readAccepted(accepted)
	if err != nil {
		return err
	}
	all, summaries, err := read(found)
	if err != nil {
		return err
	}
	failures := 0
	for _, id := range slices.Sorted(maps.Keys(all)) {
		v := all[id]
		verdict := "error: it is used"
		switch {
		case v.module == "stdlib":
			verdict = "note: build with a newer Go"
		case reasons[id] != "":
			verdict = "accepted: " + reasons[id]
		case !v.used:
			verdict = "note: it is not used"
		default:
			failures++
		}
		delete(reasons, id)
		fmt.Fprintf(w, "%s: %s %s (mended in %s): %s; %s\n", id, v.module, v.version, cmp.Or(v.fixed, "no version"),
			summaries[id], verdict)
	}
	for _, id := range slices.Sorted(maps.Keys(reasons)) {
		failures++
		fmt.Fprintf(w, "%s: error: it is accepted, and not found any more; remove the line\n", id)
	}
	if failures > 0 {
		return fmt.Errorf("%d to mend, of which https://pkg.go.dev/vuln/ID says more", failures)
	}
	return nil
}

// readAccepted reads lines with the name of a vulnerability and why it is accepted.
func readAccepted(r io.Reader) (map[string]string, error) {
	reasons := map[string]string{}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		id, reason, _ := strings.Cut(line, " ")
		if reasons[id] = strings.TrimSpace(reason); reasons[id] == "" || !strings.HasPrefix(id, "GO-") {
			return nil, fmt.Errorf("%q: a line is the name of a vulnerability, and a reason", line)
		}
	}
	return reasons, lines.Err()
}

// read reads the output of govulncheck. It fails unless packages or calls were looked for.
func read(r io.Reader) (all map[string]vulnerability, summaries map[string]string, err error) {
	all, summaries = map[string]vulnerability{}, map[string]string{}
	level := ""
	for messages := json.NewDecoder(r); ; {
		var m message
		if err := messages.Decode(&m); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, nil, err
		}
		switch {
		case m.Config != nil:
			level = m.Config.ScanLevel
		case m.OSV != nil:
			summaries[m.OSV.ID] = m.OSV.Summary
		case m.Finding != nil && len(m.Finding.Trace) > 0:
			at := m.Finding.Trace[0]
			used := all[m.Finding.OSV].used || at.Function != "" || level == "package" && at.Package != ""
			all[m.Finding.OSV] = vulnerability{at.Module, at.Version, m.Finding.Fixed, used}
		}
	}
	if level != "symbol" && level != "package" {
		return nil, nil, errors.New("standard input is not what govulncheck -format json prints of packages or calls")
	}
	return all, summaries, nil
}
