package command_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/command"
)

// TestProposals proves that no shell can take a name that is proposed for more than a word.
func TestProposals(t *testing.T) {
	safe := []string{"retail-np-1", "cert_manager\taddons, 'and' $more", "stable..next", "useSelectors=",
		"v1.2.3+build", "größe", "3.5", "a/b:c@d"}
	hostile := []string{"", "-o", "--repo-root=/", "$(touch a)", "`touch a`",
		"a;b", "a|b", "a&b", "a b", "a\nb", "~root",
		"a'b", `a"b`, `a\b`, "a*", "a?", "[a]", "{a,b}", "#a", "!a", "^a", "=a", "<a", ">a", "a\x1b", "$a\taddons",
		"a\u202eb"}
	require.Equal(t, safe, command.Proposals(append(append([]string{}, hostile...), safe...)))
	require.Empty(t, command.Proposals(nil))
}
