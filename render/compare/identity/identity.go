// Package identity knows what is a cluster's own, so that the same change in several clusters is one, and how to call
// several clusters.
package identity

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
)

// Identities know what of each cluster is its own: name, server, labels and annotations that not all clusters have the
// same. With these replaced by the templates that give them, the same change in several clusters is the same text.
type Identities struct {
	Names  []string                     // of all clusters, sorted
	Labels map[string]map[string]string // by cluster

	own map[string][]substitution
}

// nameTemplate gives the name of a cluster.
const nameTemplate = "{{.name}}"

// A substitution replaces what is a cluster's own.
type substitution struct{ value, template string }

// Of returns the identities of clusters. Of several with one name, the first counts.
func Of(all []cluster.Cluster) Identities {
	ids := Identities{own: map[string][]substitution{}, Labels: map[string]map[string]string{}}
	distinct := map[string]map[string]bool{} // values of each template
	byName := map[string][]substitution{}
	for _, c := range all {
		if _, known := byName[c.Name]; known {
			continue // the side after comes first
		}
		ids.Names = append(ids.Names, c.Name)
		ids.Labels[c.Name] = c.Labels
		own := []substitution{{c.Name, nameTemplate}, {c.Server, "{{.server}}"}}
		for _, key := range slices.Sorted(maps.Keys(c.Labels)) {
			own = append(own, substitution{c.Labels[key], "{{.metadata.labels." + key + "}}"})
		}
		for _, key := range slices.Sorted(maps.Keys(c.Annotations)) {
			own = append(own, substitution{c.Annotations[key], "{{.metadata.annotations." + key + "}}"})
		}
		for _, s := range own {
			if distinct[s.template] == nil {
				distinct[s.template] = map[string]bool{}
			}
			distinct[s.template][s.value] = true
		}
		byName[c.Name] = own
	}
	slices.Sort(ids.Names)
	const least = 3 // shorter texts are found everywhere by chance
	for name, own := range byName {
		own = slices.DeleteFunc(own, func(s substitution) bool {
			return len(s.value) < least || s.value == "true" || s.value == "false" || len(distinct[s.template]) < 2
		})
		slices.SortStableFunc(own, func(a, b substitution) int { return len(b.value) - len(a.value) })
		ids.own[name] = own
	}
	return ids
}

// Common returns a text with what is a cluster's own replaced by templates. What was put in is not looked at again.
func (ids Identities) Common(text, cluster string) string {
	pieces := []piece{{text: text}}
	for _, s := range ids.own[cluster] {
		if strings.Contains(text, s.value) {
			pieces = replaceWord(pieces, s)
		}
	}
	if len(pieces) == 1 {
		return pieces[0].text
	}
	var out strings.Builder
	for _, p := range pieces {
		out.WriteString(p.text)
	}
	return out.String()
}

// A piece is a part of a text, which is a template where that was put in.
type piece struct {
	text     string
	template bool
}

// replaceWord replaces a value where it does not stand inside of a word, and is no key of a map.
func replaceWord(pieces []piece, s substitution) []piece {
	var found []piece
	for _, p := range pieces {
		rest := 0
		for at := 0; !p.template; {
			next := strings.Index(p.text[at:], s.value)
			if next < 0 {
				break
			}
			start, end := at+next, at+next+len(s.value)
			at = end
			before, _ := utf8.DecodeLastRuneInString(p.text[:start])
			after, _ := utf8.DecodeRuneInString(p.text[end:])
			if isWord(before) || isWord(after) || s.template != nameTemplate && isKey(p.text, start, end) {
				continue
			}
			found = append(found, piece{text: p.text[rest:start]}, piece{s.template, true})
			rest = end
		}
		found = append(found, piece{p.text[rest:], p.template})
	}
	return found
}

// isKey tells whether a part of YAML, or of a diff of it, is a whole key of a map: one is not a cluster's own because
// its tenant is called data.
func isKey(text string, start, end int) bool {
	line := text[strings.LastIndex(text[:start], "\n")+1 : start]
	after := text[end:]
	return strings.Trim(line, " +-") == "" &&
		(after == ":" || strings.HasPrefix(after, ": ") || strings.HasPrefix(after, ":\n"))
}

func isWord(r rune) bool { return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

// Selector returns the shortest label selector that selects just some of the clusters: KEY=VALUE, or KEY in (A,B); ""
// if there is none, or they are few or all.
func (ids Identities) Selector(names []string) string {
	const few, values = 3, 3
	if len(names) <= few || len(names) == len(ids.Names) {
		return ""
	}
	keys := map[string]map[string]int{} // how many of the named clusters have a value
	for _, name := range names {
		for key, value := range ids.Labels[name] {
			if keys[key] == nil {
				keys[key] = map[string]int{}
			}
			keys[key][value]++
		}
	}
	best := ""
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		counts, total := keys[key], 0
		for _, count := range counts {
			total += count
		}
		if len(counts) > values || total != len(names) {
			continue
		}
		others := 0
		for _, labels := range ids.Labels {
			if _, is := counts[labels[key]]; is && labels[key] != "" {
				others++
			}
		}
		if others != len(names) {
			continue
		}
		text := key + "=" + slices.Sorted(maps.Keys(counts))[0]
		if len(counts) > 1 {
			text = key + " in (" + strings.Join(slices.Sorted(maps.Keys(counts)), ",") + ")"
		}
		if best == "" || len(text) < len(best) {
			best = text
		}
	}
	return best
}
