package lint

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// subject is what a message begins with if it is about one of many things that can have the same cause.
var subject = regexp.MustCompile(`^((component|ApplicationSet|Application|cluster) "[^"]*"|member): `)

// follows is what a message has that tells only what follows from something else, wherever that is; what comes after
// the colon is of one ApplicationSet.
var follows = regexp.MustCompile(`(Argo CD makes and updates none of its Applications): left out are also .*|` +
	`(two Argo CDs deploy components of group .* and another$)`)

// causeOf returns a message without what differs between findings of one cause, and whether their places do not matter.
func causeOf(message string) (cause string, anywhere bool) {
	cause = subject.ReplaceAllString(message, "")
	return follows.ReplaceAllString(cause, "$1$2"), follows.MatchString(cause)
}

// merge makes one finding of those that have one cause: the same rule and message, but for the component, cluster or
// ApplicationSet that they are about. One with a line is the one that stays; the others are its effects.
func merge(all []Finding) []Finding {
	type cause struct{ rule, message string }
	by := map[cause][]int{}
	for i, f := range all {
		message, _ := causeOf(f.Message)
		by[cause{f.Rule, message}] = append(by[cause{f.Rule, message}], i)
	}
	var kept []Finding
	done := map[int]bool{}
	for i, f := range all {
		message, _ := causeOf(f.Message)
		same := by[cause{f.Rule, message}]
		switch {
		case done[i]:
		case len(same) < 2:
			kept = append(kept, f)
		default:
			kept = append(kept, mergeSame(all, same, done)...)
		}
	}
	return kept
}

// mergeSame merges findings of one cause, place by place. Those without a place of their own are of the first, and so
// are those of later stages, since an earlier one has found the same nearer to its cause.
func mergeSame(all []Finding, same []int, done map[int]bool) []Finding {
	type place struct {
		file string
		line int
	}
	var kept []Finding
	at := map[place]int{}
	add := func(i int, p place) {
		done[i] = true
		f := all[i]
		about := subject.FindString(f.Message)
		if first, known := at[p]; known {
			k := &kept[first]
			own := subject.FindString(k.Message)
			if about != own {
				if own != "" && len(k.Effects) == 0 {
					k.Effects = []string{trimColon(own)}
				}
				if about != "" {
					k.Effects = append(k.Effects, trimColon(about))
				}
				merged := *k.Problem
				merged.Message, _ = causeOf(merged.Message)
				k.Problem = &merged
			}
			k.Effects = append(k.Effects, f.Effects...)
			slices.Sort(k.Effects)
			k.Effects = slices.Compact(k.Effects)
			return
		}
		at[p] = len(kept)
		kept = append(kept, f)
	}
	for _, i := range same {
		_, anywhere := causeOf(all[i].Message)
		if all[i].File != "" && all[i].Line > 0 && anywhere && len(kept) > 0 {
			add(i, place{kept[0].File, kept[0].Line})
		} else if all[i].File != "" && all[i].Line > 0 && !strings.HasPrefix(all[i].Message, "Application") {
			add(i, place{all[i].File, all[i].Line})
		}
	}
	for _, i := range same {
		if done[i] {
			continue
		}
		p := place{all[i].File, all[i].Line}
		_, anywhere := causeOf(all[i].Message)
		if len(kept) > 0 && (p.file == "" || anywhere || strings.HasPrefix(all[i].Message, "Application")) {
			p = place{kept[0].File, kept[0].Line}
		}
		add(i, p)
	}
	return kept
}

func trimColon(text string) string { return text[:len(text)-len(": ")] }

// many is how many findings at one place are one, if they differ only in names and counts.
const many = 4

var (
	named = regexp.MustCompile(`(Application|ApplicationSet|cluster|component) "[^"]*"`)
	count = regexp.MustCompile(`\b[0-9]+ `)
)

// mergeMany makes one finding of those of a rule at one place that differ only in which Applications, ApplicationSets,
// clusters or components they are about, or in counts. It tells how many there are.
func mergeMany(all []Finding) []Finding {
	type likeness struct {
		rule, file, message string
		line                int
	}
	like := func(f Finding) likeness {
		return likeness{f.Rule, f.File, count.ReplaceAllString(named.ReplaceAllString(f.Message, "$1"), "N "), f.Line}
	}
	by := map[likeness][]Finding{}
	for _, f := range all {
		by[like(f)] = append(by[like(f)], f)
	}
	var kept []Finding
	done := map[likeness]bool{}
	for _, f := range all {
		key := like(f)
		same := by[key]
		if len(same) < many {
			kept = append(kept, f)
			continue
		}
		if done[key] {
			continue
		}
		done[key] = true
		merged := *f.Problem
		merged.Message = fmt.Sprintf("%s; %d others are like it", f.Message, len(same)-1)
		f.Problem, f.Effects = &merged, slices.Clone(f.Effects)
		for _, other := range same {
			f.Effects = append(f.Effects, other.Effects...)
			if name := named.FindString(other.Message); name != "" {
				f.Effects = append(f.Effects, name)
			}
		}
		slices.Sort(f.Effects)
		f.Effects = slices.Compact(f.Effects)
		kept = append(kept, f)
	}
	return kept
}

// lacking finds the labels and annotations that an ApplicationSet needs and a cluster lacks, as package application
// says it.
var lacking = regexp.MustCompile(`(?:label|annotation) ([^ ,]+)`)

// withoutEffects leaves out ApplicationSets that fail for labels which are findings of their components already.
func withoutEffects(all []Finding) []Finding {
	var causes []string
	for _, f := range all {
		if f.Rule == problem.RuleMissingLabel && !strings.HasPrefix(f.Message, "ApplicationSet") {
			causes = append(causes, f.Message)
		}
	}
	return slices.DeleteFunc(all, func(f Finding) bool {
		if f.Rule != problem.RuleMissingLabel || !strings.HasPrefix(f.Message, "ApplicationSet") {
			return false
		}
		_, rest, _ := strings.Cut(f.Message, " lacks ")
		what, _, _ := strings.Cut(rest, ", which its templates need")
		for _, match := range lacking.FindAllStringSubmatch(what, -1) {
			if !slices.ContainsFunc(causes, func(m string) bool { return strings.Contains(m, "."+match[1]) }) {
				return false
			}
		}
		return len(what) > 0
	})
}
