package cli

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/supervise"
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
	l.watch.Limit(allowed.Within(limits.Limits{Memory: limits.OfContainer()}))
}
