package written

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	yamlnode "go.yaml.in/yaml/v3"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// annotations are those of clusters that templates read.
type annotations struct {
	read map[string][]reading // by name, in files
	used map[string]bool      // also by what is made of the files
}

// A reading is a place in a file where a template reads an annotation.
type reading struct {
	file     string
	line     int
	optional bool // the template does without

	component string // "" in settings, and elsewhere
}

func newAnnotations() annotations {
	return annotations{read: map[string][]reading{}, used: map[string]bool{}}
}

// annotationsRead finds the annotations that a template names.
var annotationsRead = regexp.MustCompile(`\.metadata\.annotations(?:\.([A-Za-z0-9_]+)|\s+"([^"]+)")`)

// noteAnnotations remembers which annotations a value reads.
func (j *Judge) noteAnnotations(s Value) {
	text := s.Node.Value
	for _, match := range annotationsRead.FindAllStringSubmatchIndex(text, -1) {
		r := reading{file: s.File, line: s.Node.Line, optional: match[4] >= 0}
		if f, is := j.policyField(s); is {
			r.component = f.component
		}
		if s.Node.Style&(yamlnode.LiteralStyle|yamlnode.FoldedStyle) != 0 {
			r.line += 1 + strings.Count(text[:match[0]], "\n")
		}
		name := ""
		if r.optional {
			name = text[match[4]:match[5]]
		} else {
			name = text[match[2]:match[3]]
		}
		j.annotations.read[name] = append(j.annotations.read[name], r)
		j.annotations.used[name] = true
	}
}

// annotationsIn notes the annotations that text in a value names.
func annotationsIn(value any, used map[string]bool) {
	switch value := value.(type) {
	case string:
		for _, match := range annotationsRead.FindAllStringSubmatch(value, -1) {
			used[match[1]+match[2]] = true
		}
	case map[string]any:
		for _, child := range value {
			annotationsIn(child, used)
		}
	case []any:
		for _, child := range value {
			annotationsIn(child, used)
		}
	}
}

// addKnown adds the annotations that the program itself reads.
func (a annotations) addKnown(groups []string) {
	for _, name := range append(groups, wellknown.GroupAddons, wellknown.GroupResources, wellknown.GroupFleet) {
		for _, part := range []string{"url", "revision", "basepath", "path"} {
			a.used[wellknown.RepositoryAnnotation(name, part)] = true
		}
	}
	a.used[wellknown.AnnotationSecretName], a.used[wellknown.AnnotationRegion] = true, true
}

// An oddAnnotation is one that no template reads, where nearly that one is read.
type oddAnnotation struct {
	name, near string
	places     []annotationPlace
}

type annotationPlace struct {
	file    string
	line    int
	cluster string
	of      string // the file of the cluster
}

// checkAnnotations finds annotations that no template reads and that are nearly one that is read, and the other way
// round: where only one cluster or only one template has a name, that one is wrong.
func (j *Judge) checkAnnotations(identities []member.Identity, whole bool) {
	a := j.annotations
	a.addKnown(slices.Collect(maps.Keys(j.fleet.Groups)))
	known := slices.Sorted(maps.Keys(a.used))
	set := map[string]bool{}
	odd := map[string]*oddAnnotation{}
	for _, i := range identities {
		for name := range i.Annotations {
			set[name] = true
		}
	}
	for _, i := range identities {
		for name := range i.Annotations {
			if a.used[name] {
				continue
			}
			near := problem.Likely(name, slices.DeleteFunc(slices.Clone(known), func(other string) bool {
				_, has := i.Annotations[other]
				return has && !problem.IsSlip(name, other) || isVariant(name, other)
			}))
			if near == "" {
				continue
			}
			if odd[name] == nil {
				odd[name] = &oddAnnotation{name: name, near: near}
			}
			file, line := i.Metadata().Locate("annotations", name)
			odd[name].places = append(odd[name].places, annotationPlace{file, line, i.Name, i.File})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(odd)) {
		j.addOddAnnotation(odd[name], set)
	}
	if whole {
		j.checkReadings(set, odd)
		j.checkReadingNames(set)
	}
	j.checkOwnNames(identities)
}

// checkOwnNames finds annotations that have the name of another cluster, where all others have that of their own: a
// file was copied.
func (j *Judge) checkOwnNames(identities []member.Identity) {
	names := map[string]bool{}
	for _, i := range identities {
		names[i.Name] = true
	}
	own, of := map[string]int{}, map[string][]member.Identity{} // by annotation
	for _, i := range identities {
		for name, value := range i.Annotations {
			switch {
			case value == i.Name:
				own[name]++
			case names[value]:
				of[name] = append(of[name], i)
			case clusterName.MatchString(name) && isMistyped(value, i.Name):
				j.addOwnName(i, name, "which is nearly the name of the cluster")
			}
		}
	}
	const several = 3
	for _, name := range slices.Sorted(maps.Keys(of)) {
		i := of[name][0]
		value := i.Annotations[name]
		if own[name] < several || len(of[name]) > 1 || value == i.Hub {
			continue
		}
		j.addOwnName(i, name, "which is another cluster")
	}
}

// clusterName finds annotations that are to have the name of their cluster.
var clusterName = regexp.MustCompile(`(?i)cluster_?-?name$`)

func (j *Judge) addOwnName(i member.Identity, name, what string) {
	file, line := i.Metadata().Locate("annotations", name)
	p := problem.New(file, line, "the annotation %s is %q, %s", name, i.Annotations[name], what).
		WithHint("write %s", i.Name).WithRule(problem.RuleConflicts, i.File)
	p.Scope = "cluster " + i.Name
	j.add(p)
}

// isVariant tells whether two names are likely to be both meant: word by word, one is the plural of the other, or they
// have other numbers.
func isVariant(a, b string) bool {
	wordsOfA, wordsOfB := wordsOf(a), wordsOf(b)
	if slices.Equal(wordsOfA, wordsOfB) {
		return false // other separators are a mistake
	}
	if len(wordsOfA) != len(wordsOfB) {
		return lettersOf(a) == lettersOf(b) && digitsOf(a) != digitsOf(b)
	}
	for i, word := range wordsOfA {
		if other := wordsOfB[i]; word != other && !isPlural(word, other) && !isPlural(other, word) &&
			(lettersOf(word) != lettersOf(other) || digitsOf(word) == digitsOf(other)) {
			return false
		}
	}
	return true
}

// isPlural tells whether a word is another one in the plural. Of an abbreviation, it is a slip: aws is not aw.
func isPlural(word, other string) bool {
	const long = 3
	return word == other+"s" && len(other) >= long
}

// wordsOf returns the words of a name, between its separators.
func wordsOf(name string) []string {
	return strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune("-_./", r) })
}

func (j *Judge) addOddAnnotation(odd *oddAnnotation, set map[string]bool) {
	readings := j.annotations.read[odd.near]
	several := slices.ContainsFunc(odd.places, func(p annotationPlace) bool {
		return p.file != odd.places[0].file || p.line != odd.places[0].line
	})
	if !set[odd.near] && len(readings) == 1 { // either of the two is wrong
		r := readings[0]
		if r.optional {
			j.add(problem.New(r.file, r.line, "no cluster has the annotation %s", odd.near).
				WithHint("did you mean %s?", odd.name).WithRule(problem.RuleUnknownLabel))
		}
		if several {
			return
		}
	}
	for _, at := range odd.places {
		hint, places := "did you mean "+odd.near+"?", []string{at.of}
		if len(readings) > 0 {
			hint = fmt.Sprintf("did you mean %s, which %s reads?", odd.near,
				problem.Place(readings[0].file, readings[0].line))
			places = append(places, readings[0].file)
		}
		p := problem.New(at.file, at.line, "no template reads the annotation %s", odd.name).WithHint("%s", hint).
			WithRule(problem.RuleUnknownLabel, places...)
		p.Scope = "cluster " + at.cluster
		j.add(p)
	}
}

// checkReadings finds annotations that templates can do without, that no cluster has, and that are a slip of the hand
// away from one that clusters have.
func (j *Judge) checkReadings(set map[string]bool, odd map[string]*oddAnnotation) {
	have := slices.Sorted(maps.Keys(set))
	for _, name := range slices.Sorted(maps.Keys(j.annotations.read)) {
		near := problem.LikelySlip(name, have)
		if set[name] || near == "" || odd[near] != nil || isVariant(name, near) {
			continue
		}
		for _, r := range j.annotations.read[name] {
			if r.optional {
				j.add(problem.New(r.file, r.line, "no cluster has the annotation %s", name).
					WithHint("did you mean %s?", near).WithRule(problem.RuleUnknownLabel))
			}
		}
	}
}
