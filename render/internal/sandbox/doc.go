// Package sandbox bounds what Go templates of charts and ApplicationSets can take: their steps, the work and the memory
// of the functions that they call, and how deep they nest.
//
// A [Budget] counts. The functions of a template pass through [Budget.Guard]; a parsed template through [Prepare],
// which puts calls of functions where a template does something without calling one. Package text/template offers no
// other way to look at what is running, or to end it. What is counted does not depend on the machine: the same template
// exceeds the same budget everywhere. Besides, every step looks at the context.
package sandbox
