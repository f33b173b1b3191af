// Command cmp renders the ApplicationSets of an Argo CD fleet from its hierarchy of values files: as a Config
// Management Plugin, on a laptop, and in CI.
package main

import (
	"os"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/cli"
)

// What is linked here, and what is not.
//
// A run of cmp takes a few milliseconds of work, so that what its packages do when the program starts would be most of
// its time: Argo CD calls `cmp generate` for each refresh of each Application. CPU time (user and system) and peak
// memory of a program that imports these packages and exits, on two cores with Go 1.26, medians of 20 runs:
//
//	sigs.k8s.io/yaml, cobra, apimachinery's labels and validation (all that cmp links)      3 ms    < 12 MB
//	engines, chartutil and loaders of helm 3 and 4                                         15 ms      21 MB
//	argo-cd pkg/apis/application/v1alpha1                                                  46 ms      55 MB
//	the two above, argo-cd's generators, kustomize, the AWS SDK                            63 ms      66 MB
//	(to compare: `helm template` of a small chart                                          57 ms      47 MB)
//
// Go runs the init functions of every package that is linked, used or not, so one executable cannot be both. Therefore:
//
//   - cmp links none of argo-cd, helm, kustomize, client-go and the AWS SDK. TestLinkedPackages sees to it. Argo CD's
//     types check the output all the same, through render/applicationset/schema.json, which is made of them by a test.
//   - The stages after applicationsets, which need that code, are in a second executable of the same image, cmp-stages,
//     beside this one. It has the same commands. For these stages, for AWS Secrets Manager and for catalogs in chart
//     repositories cmp has cmp-stages run its command line as a worker, under limits of memory and time (package
//     supervise), and pays only its own 3 ms more. Signals, exit status and output are those of one process. The two
//     tricks of keeping the collector off while packages initialize and of keeping kubectl from unzipping its
//     translations are in that executable: they save it 40 %, and would save nothing here.
//   - One executable that does the light work in an init function, before the heavy packages are initialized, was
//     measured too: 19 ms and 39 MB, since Go initializes packages without dependencies first, and some of those are
//     heavy.
//
// The garbage collector stays as it is: starting it later saves 1 ms of 13 for a small fleet, and doubles the memory
// for 1,000 components.

// version is set by the linker (make build).
var version string

func main() {
	os.Exit(cli.Program{Version: version}.Run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
