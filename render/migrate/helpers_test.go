package migrate_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/internal/testfleet"
	"github.com/eks-fleet-management/fleet-cmp/render/migrate"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// files are changes of a fleet: the texts of files; "" removes one.
type files map[string]string

// wrapped returns the fleet of testdata/wrapper with changes.
func wrapped(t testing.TB, changes files) fstest.MapFS {
	t.Helper()
	tree := testfleet.Load(t, "../../testdata/wrapper")
	for name, text := range changes {
		if text == "" {
			delete(tree, name)
			continue
		}
		tree[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return tree
}

// edited returns a file of the fleet with texts replaced.
func edited(t testing.TB, name string, pairs ...string) string {
	t.Helper()
	text := string(wrapped(t, nil)[name].Data)
	for i := 0; i < len(pairs); i += 2 {
		require.Contains(t, text, pairs[i], name)
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	return text
}

// fleet returns what is looked at.
func fleet(t testing.TB, tree fs.FS) migrate.Fleet {
	t.Helper()
	hub, err := os.ReadFile(filepath.Join("..", "..", "testdata", "wrapper", "hub.yaml"))
	require.NoError(t, err)
	cache := t.TempDir()
	return migrate.Fleet{Tree: tree, Options: render.Options{ClusterSecrets: []render.File{{Name: "hub.yaml",
		Data: hub}}},
		Open: func(tree fs.FS, o render.Options) (*stages.Session, error) {
			return stages.Config{}.Open(t.Context(), tree, o, stages.Charts{CacheDir: cache, Offline: true})
		}}
}

func question() migrate.Question {
	return migrate.Question{Hub: "hub-1", Stage: render.StageApplications, ChartName: "application-sets"}
}

// run compares a fleet with changes.
func run(t testing.TB, changes files) *migrate.Plan {
	t.Helper()
	plan, err := migrate.Run(t.Context(), fleet(t, wrapped(t, changes)), question())
	require.NoError(t, err)
	return plan
}

// items returns the items that are not the same, in one line each, without what starts the groups.
func items(p *migrate.Plan, part string) []string {
	var all []string
	for _, item := range p.Items {
		if item.Class == migrate.Same || part != "" && item.Part != part ||
			part == "" && slices.Contains([]string{migrate.PartBootstrap, migrate.PartRegistration}, item.Part) {
			continue
		}
		line := string(item.Class) + " " + item.Kind + " " + item.Where + "/" + item.Namespace + "/" + item.Name
		if item.Was != "" {
			line += " was " + item.Was
		}
		if item.SameApplications {
			line += " (same Applications)"
		}
		all = append(all, line)
	}
	return all
}

// traps returns the kinds of traps, each with how often it is there.
func traps(p *migrate.Plan) map[string]int {
	found := map[string]int{}
	for _, trap := range p.Traps {
		found[trap.Kind]++
	}
	return found
}

// with returns counts with others added.
func with(counts, more map[string]int) map[string]int {
	counts = maps.Clone(counts)
	for kind, n := range more {
		counts[kind] += n
	}
	return counts
}
