package migrate

import (
	"fmt"

	"github.com/eks-fleet-management/fleet-cmp/render/migrate/argo"
	"github.com/eks-fleet-management/fleet-cmp/render/migrate/starting"
)

// fates know what becomes of what the switch takes away. It depends on what makes it: whether that is still there
// afterwards, and whether it deletes.
type fates struct {
	apps map[*app]*app // those of today, with what comes in their place
	sets map[*set]*set
}

func newFates(matches []match) fates {
	f := fates{apps: map[*app]*app{}, sets: map[*set]*set{}}
	for _, m := range matches {
		switch {
		case m[0] == nil || m[1] == nil || m.renamed():
		case m[0].set != nil && m[1].set != nil:
			f.sets[m[0].set] = m[1].set
		case m[0].kind == argo.KindApplication && m[1].kind == argo.KindApplication:
			f.apps[m[0].app] = m[1].app
		}
	}
	return f
}

// A fate is what becomes of something.
type fate struct {
	deleted bool
	text    string
}

// of returns what becomes of a thing that is gone, or gets another name or place.
func (f fates) of(m match) fate {
	t := m[0]
	deletes := "Argo CD deletes it"
	if m[1] != nil {
		deletes += fmt.Sprintf(", and creates %s", m[1].path())
	}
	switch {
	case t.set != nil:
		return f.ofSet(t.set, deletes)
	case t.kind == argo.KindApplication && starting.IsArgo(t.object):
		return f.ofApp(t.app, deletes)
	case f.deletes(t.app):
		return fate{true, deletes}
	}
	return fate{false, "it stays, but nothing keeps it up to date any more"}
}

// ofSet returns what becomes of an ApplicationSet.
func (f fates) ofSet(of *set, deletes string) fate {
	switch {
	case of.by == nil:
		return fate{false, "it stays until somebody deletes it, and goes on making its Applications"}
	case !f.deletes(of.by):
		return fate{false, "it stays, since its Application does not prune, and goes on making its Applications " +
			"until somebody deletes it"}
	case argo.Preserves(of.object):
		return fate{true, deletes + "; its Applications go with it, but leave their objects where they are"}
	}
	return fate{true, deletes + ", with its Applications and all of their objects"}
}

// ofApp returns what becomes of an Application.
func (f fates) ofApp(a *app, deletes string) fate {
	goes := false
	switch {
	case a.of != nil && f.sets[a.of] != nil:
		goes = true // by the controller, which knows that it made it
	case a.of != nil:
		goes = f.ofSet(a.of, deletes).deleted
	case a.by != nil:
		goes = f.deletes(a.by)
	}
	switch {
	case !goes:
		return fate{false, "it stays, until somebody deletes what makes it"}
	case argo.Cascades(a.object):
		return fate{true, deletes + ", with all of its objects (resources finalizer)"}
	}
	return fate{true, deletes + "; its objects stay where they are"}
}

// deletes tells whether an Application deletes what is gone: as it is afterwards, or with itself, if it goes.
func (f fates) deletes(a *app) bool {
	if after := f.apps[a]; after != nil {
		return argo.Prunes(after.object)
	}
	return argo.Cascades(a.object)
}
