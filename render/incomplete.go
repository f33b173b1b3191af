package render

import (
	"errors"
	"fmt"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// ErrIncomplete is the cause when a request lacks a part, so that it is the caller's fault and not the repository's.
var ErrIncomplete = errors.New("incomplete request")

// Incomplete returns an error whose cause is [ErrIncomplete], with this text alone, which says what to give. It takes
// what fmt.Errorf takes.
func Incomplete(format string, args ...any) error { return incomplete{fmt.Errorf(format, args...)} }

type incomplete struct{ error }

// Error returns the text on one line: it may hold names of the repository.
func (i incomplete) Error() string { return problem.OneLine(i.error.Error()) }

// Is tells that the cause is [ErrIncomplete].
func (i incomplete) Is(target error) bool { return target == ErrIncomplete }

// Unwrap returns the error without that cause, which may have others.
func (i incomplete) Unwrap() error { return i.error }

// noCluster returns the error for a request whose cluster is none of these.
func (r Request) noCluster(clusters []cluster.Cluster) error {
	names := make([]string, len(clusters))
	for i, c := range clusters {
		names[i] = c.Name
	}
	hint := "give its labels (--labels, parameter labels), or one of " + fewOf(clusters)
	switch {
	case len(clusters) == 0 && r.Described:
		hint = "no cluster is known: describe it in " + hierarchy.FleetFile + ", or with --cluster-file"
	case len(clusters) == 0:
		hint = "no cluster is known: give its labels (--labels, parameter labels), or describe it in " +
			hierarchy.FleetFile
	case r.Described:
		hint = "the clusters are " + fewOf(clusters)
	}
	return fmt.Errorf("%w %q in the fleet; %s", ErrNoCluster, r.Cluster, problem.Suggest(r.Cluster, names, hint))
}
