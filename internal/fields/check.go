package fields

import (
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// AsMap returns a value as a map; nil if it is none.
func AsMap(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

// CheckSwitch fails for a string that is neither "true" nor "false".
func CheckSwitch(s string) error {
	if s != "true" && s != "false" {
		return problem.New("", 0, `must be "true" or "false", not %q`, s)
	}
	return nil
}

// CheckText fails for a string with spaces in it.
func CheckText(s string) error {
	if strings.ContainsAny(s, " \t\r\n") {
		return problem.New("", 0, "must not have spaces in it, as %q has", s)
	}
	return nil
}

// CheckURL fails for a string with spaces in it, and for the address of a credential.
func CheckURL(s string) error {
	if err := address.CheckURL(s); err != nil {
		return err
	}
	return CheckText(s)
}
