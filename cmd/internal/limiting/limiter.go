// Package limiting holds a run to the limits that flags, variables and fleet.yaml say.
package limiting

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/supervise"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
)

// Variables that say how much a run may take, where no flag does.
const (
	VariableMemory  = "CMP_MEMORY_LIMIT"
	VariableTimeout = "CMP_TIMEOUT"
)

// A Limiter holds a run to what flags, variables and fleet.yaml say.
type Limiter struct {
	Watch   *supervise.Watch
	Version string // of this cmp
	Sidecar bool   // fleet.yaml can only lower what its operator allows

	Container int64        // memory that the container leaves the run; 0: any
	Undo      func() error // see supervise.Worker

	said limits.Limits // by flags and variables

	memory, timeout string // flags
}

// AddFlags adds the flags for all commands.
func (l *Limiter) AddFlags(root *cobra.Command) {
	flags := root.PersistentFlags()
	flags.StringVar(&l.memory, "memory-limit", "",
		"memory that a run may take, such as 400Mi; by default 1Gi, or what the container has")
	flags.StringVar(&l.timeout, "timeout", "", "time that a run may take, such as 2m; by default 10m")
	root.PersistentPreRunE = func(*cobra.Command, []string) error { return l.read() }
}

// Arguments returns the flags as they were given, for another command line of the same process.
func (l *Limiter) Arguments() (arguments []string) {
	if l.memory != "" {
		arguments = append(arguments, "--memory-limit", l.memory)
	}
	if l.timeout != "" {
		arguments = append(arguments, "--timeout", l.timeout)
	}
	return arguments
}

// read reads the flags, and the variables in the place of those that are not given. Then it begins to watch.
func (l *Limiter) read() error {
	memory, name := l.memory, "--memory-limit"
	if memory == "" {
		memory, name = os.Getenv(VariableMemory), VariableMemory
	}
	var err error
	if memory != "" {
		if l.said.Memory, err = limits.ParseMemory(memory); err != nil {
			return usage.Error(fmt.Errorf("%s %w", name, err))
		}
	}
	timeout, name := l.timeout, "--timeout"
	if timeout == "" {
		timeout, name = os.Getenv(VariableTimeout), VariableTimeout
	}
	if timeout != "" {
		if l.said.Timeout, err = limits.ParseTimeout(timeout); err != nil {
			return usage.Error(fmt.Errorf("%s %w", name, err))
		}
	}
	l.Apply(limits.Limits{})
	return nil
}

// Apply holds the run to what fleet.yaml says besides flags and variables.
func (l *Limiter) Apply(fleet limits.Limits) {
	allowed := l.said.Or(fleet).Or(limits.Default)
	if l.Sidecar {
		allowed = l.said.Or(limits.Default).Within(fleet)
	}
	raise := supervise.Raise{
		Memory: l.raise(l.memory, l.said.Memory != 0, allowed.Memory == fleet.Memory,
			"--memory-limit", VariableMemory, "spec.limits.memory"),
		Timeout: l.raise(l.timeout, l.said.Timeout != 0, allowed.Timeout == fleet.Timeout,
			"--timeout", VariableTimeout, "spec.limits.timeout"),
	}
	if l.Container != 0 && l.Container < allowed.Memory {
		raise.Memory = "give the container more"
	}
	l.Watch.Limit(allowed.Within(limits.Limits{Memory: l.Container}), raise)
}

// raise says how a limit is raised: where it was said, or else wherever that can be. given is its flag, said is whether
// that or the variable counts, and ofFleet whether the limit is the one in fleet.yaml.
func (l *Limiter) raise(given string, said, ofFleet bool, flag, variable, field string) string {
	switch {
	case ofFleet && (l.Sidecar || !said):
		return "raise " + field
	case given != "":
		return "raise " + flag
	case said || l.Sidecar:
		return "raise " + variable
	}
	return fmt.Sprintf("raise %s (%s, %s)", flag, variable, field)
}

// Load reads the fleet of a repository, and holds the run to its limits. It fails as [fleet.LoadFor] does.
func (l *Limiter) Load(repository *hierarchy.Repository) (*fleet.Fleet, error) {
	loaded, err := fleet.LoadFor(repository, l.Version)
	if err == nil {
		l.Apply(loaded.Limits)
	}
	return loaded, err
}
