package called

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNameOf(t *testing.T) {
	for argument, name := range map[string]string{
		"cmp":                                "cmp",
		"/usr/local/bin/cmp":                 "cmp",
		"fleet-cmp":                          "fleet-cmp",
		"../lib/fleet-cmp/fleet-cmp":         "fleet-cmp",
		"fleet-cmp.exe":                      "fleet-cmp",
		"cmp-stages":                         "cmp",
		"fleet-cmp-stages":                   "fleet-cmp",
		"/tmp/go-build1/b001/exe/cmp-stages": "cmp",
		"cli.test":                           "cmp",
		"commands":                           "cmp",
		"lzcmp":                              "cmp",
		"":                                   "cmp",
		"a\nError: b cmp":                    "cmp",
		"x y-cmp":                            "cmp",
		"-cmp":                               "cmp",
	} {
		require.Equal(t, name, nameOf(argument), argument)
	}
	require.Equal(t, "cmp", Name())
	require.Equal(t, "cmp-stages", Stages())
}

func TestTextAs(t *testing.T) {
	require.Equal(t, "see cmp lint", textAs("fleet-cmp", "see cmp lint"), "commands are not known yet")
	Commands([]string{"releases", "lint", "why"})
	for text, want := range map[string]string{
		"see cmp releases":                         "see fleet-cmp releases",
		"  cmp lint\n  cat x | cmp why -":          "  fleet-cmp lint\n  cat x | fleet-cmp why -",
		"cmp --help":                               "fleet-cmp --help",
		"'cmp why' lists, and `cmp lint -o json`":  "'fleet-cmp why' lists, and `fleet-cmp lint -o json`",
		"(cmp lint)":                               "(fleet-cmp lint)",
		"namespace cmp has no quota":               "namespace cmp has no quota",
		"fleet.cmp/v1alpha1":                       "fleet.cmp/v1alpha1",
		"charts/cmp lint":                          "charts/cmp lint",
		"fleet-cmp lint":                           "fleet-cmp lint",
		"cmp renders a fleet":                      "cmp renders a fleet",
		"a defect of cmp keeps it from being made": "a defect of cmp keeps it from being made",
	} {
		require.Equal(t, want, textAs("fleet-cmp", text))
		require.Equal(t, text, textAs("cmp", text))
	}
}
