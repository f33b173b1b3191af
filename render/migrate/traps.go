package migrate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/migrate/argo"
)

// The kinds of traps.
const (
	TrapCascade    = "cascade"     // deleting what starts the fleet today deletes more
	TrapSameName   = "same-name"   // the old and the new ApplicationSet or Application have one name
	TrapTwoWriters = "two-writers" // two Applications have one object
	TrapHandover   = "handover"    // another Argo CD deploys from now on
	TrapSelectors  = "selectors"   // clusters need labels that they need not have today
	TrapPrune      = "prune"       // what is gone is deleted, or not any more
	TrapSelfHeal   = "self-heal"   // what was changed by hand is changed back, or not any more
	TrapDeleted    = "deleted"     // something is deleted
	TrapReplaced   = "replaced"    // an Application stays, but makes other objects in the place of its own
	TrapLeft       = "left-behind" // something stays that nothing makes any more
)

// TrapKinds are all kinds of traps.
var TrapKinds = []string{TrapDeleted, TrapReplaced, TrapCascade, TrapSameName, TrapTwoWriters, TrapHandover,
	TrapSelectors, TrapPrune, TrapSelfHeal, TrapLeft}

// A Trap is what can go wrong on the way, with what to do.
type Trap struct {
	Kind    string   `json:"kind"` // one of TrapKinds
	Message string   `json:"message"`
	Remedy  string   `json:"remedy"`
	Objects []string `json:"objects,omitempty"` // KIND CLUSTER/NAMESPACE/NAME that it is about
}

// traps returns the traps of a comparison, the worst first.
func (m *migration) traps(matches []match, f fates, after *side) []Trap {
	all := slices.Concat(deletions(matches, f), replacements(matches), m.cascades(), sameNames(matches),
		twoWriters(m.today, after), handovers(matches), selectors(matches), policies(matches))
	slices.SortStableFunc(all, func(a, b Trap) int {
		return cmp.Compare(slices.Index(TrapKinds, a.Kind), slices.Index(TrapKinds, b.Kind))
	})
	return all
}

// about names a thing.
func about(t *thing) string { return t.kind + " " + t.path() }

// deletions are about what groups and registration lose, or leave behind.
func deletions(matches []match, f fates) []Trap {
	byFate := map[string][]string{}
	deleted := map[string]bool{}
	for _, one := range matches {
		if one[0] == nil || one[0].starts || one[1] != nil && !one.renamed() {
			continue
		}
		ends := f.of(match{one[0], nil})
		if one[1] != nil {
			ends.text += "; it is made under another name or in another place too"
		}
		key := one[0].kind + "\x00" + ends.text
		byFate[key], deleted[key] = append(byFate[key], about(one[0])), ends.deleted
	}
	var all []Trap
	for _, key := range slices.Sorted(maps.Keys(byFate)) {
		kind, ends, _ := strings.Cut(key, "\x00")
		trap := Trap{Kind: TrapLeft, Objects: byFate[key],
			Message: fmt.Sprintf("%d of kind %s: %s: %s", len(byFate[key]), kind, ends, problem.Few(byFate[key])),
			Remedy: "delete them by hand when the switch is done and nothing needs them, or bring back what makes " +
				"them"}
		if deleted[key] {
			trap.Kind, trap.Remedy = TrapDeleted, "find out with cmp why and cmp diff where each comes from, and "+
				"bring it back; where it is meant to go, take it out before the switch, in a step of its own"
		}
		all = append(all, trap)
	}
	return all
}

// cascades are about the Applications that go with the ApplicationSets of today, and take their objects with them.
func (m *migration) cascades() []Trap {
	var all []Trap
	for _, of := range m.today.sets {
		if of.group != "" {
			continue
		}
		var names, objects []string
		makes := 0
		for _, a := range m.today.apps {
			if a.of == of && argo.Cascades(a.object) {
				names = append(names, hierarchy.NameOf(a.object))
				objects = append(objects, argo.KindApplication+" "+a.argoCD+"/"+placeOf(a.object))
				makes += a.makes
			}
		}
		if len(names) == 0 {
			continue
		}
		name, namespace, _ := nameAndNamespace(of.object)
		place := of.file
		if of.by != nil {
			place = sourceOf(of.by)
		}
		all = append(all, Trap{Kind: TrapCascade, Objects: objects,
			Message: fmt.Sprintf("deleting ApplicationSet %s of %s (%s) deletes its Applications %s with the "+
				"%s that they have, since these carry the resources "+
				"finalizer", name, of.argoCD, place, problem.Few(names), problem.Count(makes, "object")),
			Remedy: fmt.Sprintf("before anything is deleted: set spec.syncPolicy.preserveResourcesOnDeletion: true "+
				"in %s and sync it, take the finalizer off the Applications (kubectl patch application NAME -n %s "+
				"--type json -p '[{\"op\":\"remove\",\"path\":\"/metadata/finalizers\"}]'), and delete the "+
				"ApplicationSet with kubectl delete applicationset %s -n %s "+
				"--cascade=orphan", place, namespace, name, namespace)})
	}
	return all
}

// sourceOf says where the ApplicationSets of an Application are written.
func sourceOf(a *app) string {
	for _, source := range argo.Sources(a.object) {
		if directory := argo.Text(source, "path"); directory != "" {
			return directory + ", by Application " + hierarchy.NameOf(a.object)
		}
	}
	return argo.KindApplication + " " + hierarchy.NameOf(a.object)
}

func nameAndNamespace(o object) (name, namespace string, found bool) {
	namespace, name, found = strings.Cut(placeOf(o), "/")
	return name, namespace, found
}

// sameNames are about Applications of one name that something else makes from now on.
func sameNames(matches []match) []Trap {
	type makers struct{ was, is string }
	names := map[makers][]string{}
	for _, one := range matches {
		if one[0] == nil || one[1] == nil || one.renamed() || one[0].kind != argo.KindApplication || !one[0].starts {
			continue
		}
		was, is := makerOf(one[0]), cmp.Or(makerOf(one[1]), "nothing but your kubectl apply")
		if was != is {
			names[makers{was, is}] = append(names[makers{was, is}], about(one[0]))
		}
	}
	var all []Trap
	for of, things := range names {
		all = append(all, Trap{Kind: TrapSameName, Objects: things,
			Message: fmt.Sprintf("the Applications of cmp have the names of those that %s owns, which writes its own "+
				"back over them as long as it is there: %s", cmp.Or(of.was, "somebody"), problem.Few(things)),
			Remedy: "orphan them first (kubectl delete applicationset NAME --cascade=orphan, which takes the " +
				"ownerReferences off), without their finalizers, and apply the bootstrap of cmp then: it takes them " +
				"over, UIDs and all"})
	}
	slices.SortFunc(all, func(a, b Trap) int { return strings.Compare(a.Message, b.Message) })
	return all
}

// twoWriters are about objects that an old Application and a new one of another name have.
func twoWriters(before, after *side) []Trap {
	owners := map[string]*app{}
	for _, m := range before.objects {
		owners[about(thingOf(m))] = m.of
	}
	type pair struct{ was, is *app }
	shared := map[pair][]string{}
	var order []pair
	for _, m := range after.objects {
		key := about(thingOf(m))
		was := owners[key]
		if was == nil || was.argoCD == m.of.argoCD && placeOf(was.object) == placeOf(m.of.object) {
			continue
		}
		p := pair{was, m.of}
		if shared[p] == nil {
			order = append(order, p)
		}
		shared[p] = append(shared[p], key)
	}
	var all []Trap
	for _, p := range order {
		was, is := hierarchy.NameOf(p.was.object), hierarchy.NameOf(p.is.object)
		ends := "leaves them where they are when it is deleted"
		if argo.Cascades(p.was.object) {
			ends = "deletes them when it is deleted (resources finalizer), and with an ExternalSecret its cluster " +
				"Secret, and with that all Applications of the cluster"
		}
		all = append(all, Trap{Kind: TrapTwoWriters, Objects: shared[p],
			Message: fmt.Sprintf("Application %s and Application %s of cmp both have %s: each writes over the other, "+
				"and %s %s", was, is, problem.Few(shared[p]), was, ends),
			Remedy: fmt.Sprintf("orphan and delete Application %s first, without its finalizer (kubectl delete "+
				"application %s -n %s --cascade=orphan), and sync %s "+
				"then", was, was, firstOf(placeOf(p.was.object)), is)})
	}
	return all
}

func firstOf(place string) string {
	namespace, _, _ := strings.Cut(place, "/")
	return namespace
}

// handovers are about Applications that another Argo CD has from now on.
func handovers(matches []match) []Trap {
	type move struct{ part, was, is string }
	moves := map[move][]string{}
	for _, one := range matches {
		if one[0] == nil || one[1] == nil || one[0].kind != argo.KindApplication || one[0].where == one[1].where {
			continue
		}
		key := move{one[0].part, one[0].where, one[1].where}
		moves[key] = append(moves[key], about(one[0]))
	}
	var all []Trap
	for key, things := range moves {
		all = append(all, Trap{Kind: TrapHandover, Objects: things,
			Message: fmt.Sprintf("group %s: %s that the Argo CD of %s has today, that of %s has from "+
				"now on: %s",
				key.part, problem.Count(len(things), "Application"), key.was, key.is, problem.Few(things)),
			Remedy: "the labels use_remote_argo, enable_remote_addons and enable_remote_resources of the member say " +
				"who deploys (rule one-owner): set them as it is meant, let the new owner sync first, and see that " +
				"the old Applications have no resources finalizer"})
	}
	slices.SortFunc(all, func(a, b Trap) int { return strings.Compare(a.Message, b.Message) })
	return all
}

// policies are about Applications whose sync does something else from now on.
func policies(matches []match) []Trap {
	type change struct {
		kind, part string
		now        bool
	}
	changes := map[change][]string{}
	for _, one := range matches {
		if one[0] == nil || one[1] == nil || one[0].kind != argo.KindApplication {
			continue
		}
		for kind, field := range map[string]string{TrapPrune: "prune", TrapSelfHeal: "selfHeal"} {
			was, _ := argo.Truth(one[0].object, "spec", "syncPolicy", "automated", field)
			is, _ := argo.Truth(one[1].object, "spec", "syncPolicy", "automated", field)
			if was != is {
				key := change{kind, one[0].part, is}
				changes[key] = append(changes[key], about(one[0]))
			}
		}
	}
	what := map[string]map[bool]string{
		TrapPrune: {true: "delete from now on what is gone from their sources", false: "no longer delete what is " +
			"gone from their sources"},
		TrapSelfHeal: {true: "undo from now on what is changed by hand", false: "no longer undo what is changed by " +
			"hand"},
	}
	var all []Trap
	for key, things := range changes {
		where := "syncPolicy of the group"
		if key.part == PartBootstrap {
			where = "spec.bootstrap.syncPolicy of fleet.yaml"
		}
		all = append(all, Trap{Kind: key.kind, Objects: things,
			Message: fmt.Sprintf("%s: %d Applications %s: %s", key.part, len(things), what[key.kind][key.now],
				problem.Few(things)),
			Remedy: fmt.Sprintf("set automated in the %s as it is today for the switch, and change it "+
				"afterwards", where)})
	}
	slices.SortFunc(all, func(a, b Trap) int { return strings.Compare(a.Message, b.Message) })
	return all
}
