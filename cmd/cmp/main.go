// Command cmp renders the ApplicationSets of an Argo CD fleet from its hierarchy of values files: as a Config Management
// Plugin, on a laptop, and in CI.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/eks-fleet-management/fleet-cmp/render"
)

// What is linked here, and what is not.
//
// A run of cmp takes a few milliseconds of work, so that what its packages do when the program starts would be most of its
// time: Argo CD calls `cmp generate` for each refresh of each Application. CPU time (user and system) and peak memory
// of a program that imports these packages and exits, on two cores with Go 1.26, medians of 20 runs:
//
//	sigs.k8s.io/yaml, cobra, apimachinery's labels and validation (all that cmp links)      3 ms    < 12 MB
//	helm engine, chartutil and loader                                                      17 ms      23 MB
//	argo-cd pkg/apis/application/v1alpha1                                                  49 ms      56 MB
//	the two above, argo-cd's generators, kustomize, the AWS SDK                            64 ms      85 MB
//	(to compare: `helm template` of a small chart                                          57 ms      47 MB)
//
// Go runs the init functions of every package that is linked, used or not, so one executable cannot be both. Therefore:
//
//   - cmp links none of argo-cd, helm, kustomize, client-go and the AWS SDK. TestLinkedPackages sees to it. Argo CD's types
//     check the output all the same, through render/applicationset/schema.json, which is made of them by a test.
//   - The stages after applicationsets, which need that code, belong into a second executable of the same image, cmp-stages,
//     beside this one. For these stages cmp passes the request on to it (syscall.Exec, so that signals, exit status and
//     output are those of one process), and pays only its own 3 ms more. The two tricks of keeping the collector off while
//     packages initialize and of keeping kubectl from unzipping its translations then go into that executable: they save it
//     40 %, and would save nothing here.
//
// The garbage collector stays as it is: starting it later saves 1 ms of 13 for a small fleet, and doubles the memory for
// 1,000 components.

// Exit statuses.
const (
	exitFailure = 1
	exitUsage   = 2
)

// Signals end the program at once, as they do without any handling: nothing has been printed yet that could be a part of a
// result.
func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run runs one command line and returns the exit status. Standard output gets the whole result or nothing.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRootCommand()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.Execute()
	if err == nil {
		return 0
	}
	var findings render.Findings
	if errors.As(err, &findings) {
		for _, finding := range findings {
			fmt.Fprintln(stderr, "Error:", finding)
		}
		return exitFailure
	}
	fmt.Fprintln(stderr, "Error:", err)
	var usage *usageError
	if errors.As(err, &usage) || errors.Is(err, render.ErrIncomplete) {
		return exitUsage
	}
	return exitFailure
}

// usageError is an error in the command line.
type usageError struct{ error }

func (e *usageError) Unwrap() error { return e.error }
