package compare

import (
	"fmt"
	"strings"
)

// A failure is what failures of several Applications have in common.
type failure struct{ side, text string }

var sideNames = [2]string{"before", "after"}

// fail adds a failure of a side.
func (c *comparison) fail(side int, err error) {
	if err == nil {
		return
	}
	key := failure{text: err.Error()}
	if i, is := c.failed[key]; is {
		c.result.Failures[i].Known = c.result.Failures[i].Known || c.result.Failures[i].Side != sideNames[side]
		return
	}
	c.failed[key] = len(c.result.Failures)
	c.result.Failures = append(c.result.Failures, Failure{Side: sideNames[side], Message: key.text})
}

// failApplication adds why an Application cannot be rendered on a side, or on both. Others that fail in the same way,
// but for the names of the Application and of its cluster, are in the same failure.
func (c *comparison) failApplication(app Application, failed [2]error) {
	names := strings.NewReplacer(app.Name, "\x00application", app.Cluster, "\x00cluster")
	var texts [2]string
	for side, err := range failed {
		if err != nil {
			texts[side] = names.Replace(err.Error())
		}
	}
	known := texts[0] == texts[1]
	for side, err := range failed {
		if err == nil || known && side == 1 {
			continue
		}
		key := failure{sideNames[side], texts[side]}
		if known {
			key.side = "both"
		}
		i, is := c.failed[key]
		if !is {
			i = len(c.result.Failures)
			c.failed[key] = i
			c.result.Failures = append(c.result.Failures, Failure{Side: sideNames[side], Known: known,
				Message: fmt.Sprintf("Application %q: %v", app.Name, err)})
		}
		c.result.Failures[i].Applications = append(c.result.Failures[i].Applications, app.Name)
	}
}
