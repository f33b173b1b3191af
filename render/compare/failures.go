package compare

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// A failure is what failures of several Applications have in common.
type failure struct{ side, text string }

var sideNames = [2]string{"before", "after"}

// A joint is a mistake in a file, with the groups and clusters that it concerns.
type joint struct {
	first  error
	scopes map[string]bool
}

// fail adds a failure of a side. A mistake in a file that concerns several groups or clusters is one.
func (c *comparison) fail(side int, err error) {
	if err == nil {
		return
	}
	text := err.Error()
	key := failure{text: cmp.Or(problem.Mistake(err), text)}
	i, is := c.failed[key]
	if !is {
		i = len(c.result.Failures)
		c.failed[key] = i
		c.joints[i] = joint{err, map[string]bool{}}
		c.result.Failures = append(c.result.Failures, Failure{Side: sideNames[side]})
	}
	of, found := c.joints[i], &c.result.Failures[i]
	of.scopes[text] = true
	found.Known = found.Known || found.Side != sideNames[side]
	found.Message = problem.AndMore(of.first, len(of.scopes)-1).Error()
}

// failApplication adds why an Application cannot be rendered on a side, or on both. Others that fail in the same way,
// but for the names of the Application and of its cluster, are in the same failure.
func (c *comparison) failApplication(app Application, failed [2]error) {
	names := [2]string{cmp.Or(app.Was, app.Name), app.Name}
	var texts [2]string
	for side, err := range failed {
		if err != nil {
			hidden := strings.NewReplacer(names[side], "\x00application", app.Cluster, "\x00cluster")
			texts[side] = hidden.Replace(err.Error())
		}
	}
	known := texts[0] == texts[1]
	for side, err := range failed {
		if err == nil || known && side == 0 {
			continue
		}
		key, of := failure{sideNames[side], texts[side]}, sideNames[side]
		if known {
			key.side, of = "both", sideNames[0]
		}
		i, is := c.failed[key]
		if !is {
			i = len(c.result.Failures)
			c.failed[key] = i
			c.result.Failures = append(c.result.Failures, Failure{Side: of, Known: known,
				Message: fmt.Sprintf("Application %q: %v", names[side], err)})
		}
		c.result.Failures[i].Applications = append(c.result.Failures[i].Applications, app.Name)
	}
}
