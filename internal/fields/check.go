package fields

import (
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

func AsMap(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func CheckSwitch(s string) error {
	if s != "true" && s != "false" {
		return problem.New("", 0, `must be "true" or "false", not %q`, s)
	}
	return nil
}

func CheckText(s string) error {
	if strings.ContainsAny(s, " \t\r\n") {
		return problem.New("", 0, "must not have spaces in it, as %q has", s)
	}
	return nil
}

func CheckURL(s string) error {
	if err := address.CheckURL(s); err != nil {
		return err
	}
	return CheckText(s)
}
