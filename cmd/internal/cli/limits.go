package cli

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/supervise"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
)

// Variables that say how much a run may take, where no flag does.
const (
	variableMemory  = "CMP_MEMORY_LIMIT"
	variableTimeout = "CMP_TIMEOUT"
)

// A limiter holds a run to what flags, variables and fleet.yaml say.
type limiter struct {
	watch   *supervise.Watch
	said    limits.Limits // by flags and variables
	sidecar bool          // fleet.yaml can only lower what its operator allows

	container int64        // memory that the container leaves the run; 0: any
	undo      func() error // see supervise.Worker

	memory, timeout string // flags
}

// addFlags adds the flags for all commands.
func (l *limiter) addFlags(root *cobra.Command) {
	flags := root.PersistentFlags()
	flags.StringVar(&l.memory, "memory-limit", "",
		"memory that a run may take, such as 400Mi; by default 1Gi, or what the container has")
	flags.StringVar(&l.timeout, "timeout", "", "time that a run may take, such as 2m; by default 10m")
	root.PersistentPreRunE = func(*cobra.Command, []string) error { return l.read() }
}

// read reads the flags, and the variables in the place of those that are not given. Then it begins to watch.
func (l *limiter) read() error {
	memory, name := l.memory, "--memory-limit"
	if memory == "" {
		memory, name = os.Getenv(variableMemory), variableMemory
	}
	var err error
	if memory != "" {
		if l.said.Memory, err = limits.ParseMemory(memory); err != nil {
			return &usageError{fmt.Errorf("%s %w", name, err)}
		}
	}
	timeout, name := l.timeout, "--timeout"
	if timeout == "" {
		timeout, name = os.Getenv(variableTimeout), variableTimeout
	}
	if timeout != "" {
		if l.said.Timeout, err = limits.ParseTimeout(timeout); err != nil {
			return &usageError{fmt.Errorf("%s %w", name, err)}
		}
	}
	l.apply(limits.Limits{})
	return nil
}

// apply holds the run to what fleet.yaml says besides flags and variables.
func (l *limiter) apply(fleet limits.Limits) {
	allowed := l.said.Or(fleet).Or(limits.Default)
	if l.sidecar {
		allowed = l.said.Or(limits.Default).Within(fleet)
	}
	raise := supervise.Raise{
		Memory: l.raise(l.memory, l.said.Memory != 0, allowed.Memory == fleet.Memory,
			"--memory-limit", variableMemory, "spec.limits.memory"),
		Timeout: l.raise(l.timeout, l.said.Timeout != 0, allowed.Timeout == fleet.Timeout,
			"--timeout", variableTimeout, "spec.limits.timeout"),
	}
	if l.container != 0 && l.container < allowed.Memory {
		raise.Memory = "give the container more"
	}
	l.watch.Limit(allowed.Within(limits.Limits{Memory: l.container}), raise)
}

// raise says how a limit is raised: where it was said, or else wherever that can be. given is its flag, said is whether
// that or the variable counts, and ofFleet whether the limit is the one in fleet.yaml.
func (l *limiter) raise(given string, said, ofFleet bool, flag, variable, field string) string {
	switch {
	case ofFleet && (l.sidecar || !said):
		return "raise " + field
	case given != "":
		return "raise " + flag
	case said || l.sidecar:
		return "raise " + variable
	}
	return fmt.Sprintf("raise %s (%s, %s)", flag, variable, field)
}

// load reads the fleet of a repository, and holds the run to its limits. It fails as [fleet.Load] does.
func (l *limiter) load(repository *hierarchy.Repository) (*fleet.Fleet, error) {
	loaded, err := fleet.Load(repository)
	if err == nil {
		l.apply(loaded.Limits)
	}
	return loaded, err
}
