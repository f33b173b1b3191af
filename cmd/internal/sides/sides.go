// Package sides is what a command line says of the two sides of a comparison.
package sides

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/command"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/internal/checkout"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// AtMostTwo accepts BASE and HEAD, as two arguments. It fails with a usage error for more, and for BASE..HEAD as one.
func AtMostTwo(cmd *cobra.Command, args []string) error {
	if len(args) > 2 {
		return usage.Error(fmt.Errorf("BASE and HEAD are possible, not %d arguments; %s", len(args),
			command.SeeHelp(cmd)))
	}
	for _, arg := range args {
		base, head, is := strings.Cut(arg, "..")
		if is && base != "" && !strings.Contains("/"+arg+"/", "/../") && !command.IsDirectory(arg) {
			return usage.Error(fmt.Errorf("%q: give BASE and HEAD as two arguments: %s %s", arg, base,
				cmp.Or(strings.TrimPrefix(head, "."), "HEAD")))
		}
	}
	return nil
}

// A Side is what flags say of one side.
type Side struct {
	ArgoCD, Kubernetes string
	Promotion          render.Promotion
}

// Of returns what the flags --argocd-version, --kube-version and --release say of each side: of A..B, each side has its
// own.
func Of(argoCD, kubernetes, release string) [2]Side {
	var both [2]Side
	for i := range both {
		part := func(text string) string {
			before, after, two := strings.Cut(text, "..")
			if i == 1 && two {
				return after
			}
			return before
		}
		both[i] = Side{ArgoCD: part(argoCD), Kubernetes: part(kubernetes)}
	}
	both[1].Promotion.From, both[1].Promotion.To, _ = strings.Cut(release, "..")
	return both
}

// Unlike says what one side has otherwise than the other, behind the name of its tree.
func (s Side) Unlike(other Side) string {
	text := ""
	if s.ArgoCD != other.ArgoCD {
		text += ", Argo CD " + s.ArgoCD
	}
	if s.Kubernetes != other.Kubernetes {
		text += ", Kubernetes " + s.Kubernetes
	}
	if s.Promotion.To != "" {
		text += ", release " + s.Promotion.To
	} else if other.Promotion.From != "" {
		text += ", release " + other.Promotion.From
	}
	return text
}

// BranchOf returns the branch that both sides are of, as BASE names it. Of a commit before HEAD it is the one that is
// checked out, else that of the remote. What names no branch is returned as it is: no branch has that name. Without
// BASE it is "", for the branch of the values.
func BranchOf(root string, args []string) string {
	if len(args) == 0 {
		return ""
	}
	if strings.HasPrefix(args[0], "HEAD") {
		if found, is := checkout.Find(root); is {
			return found.Branch()
		}
	}
	return strings.TrimPrefix(strings.TrimPrefix(args[0], "refs/heads/"), "origin/")
}
