package cli

import (
	"errors"
	"fmt"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/called"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/programs"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/supervise"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
)

// stagesProgram is the executable that has the stages after applicationsets.
const stagesProgram = "cmp-stages"

// handOver has the command line run by cmp-stages, as a worker. It returns [exitStatus], unless that is not possible,
// or the worker exceeds a limit or crashes.
func (p Program) handOver() error {
	if p.work != nil { // a worker of a server starts no others
		return fmt.Errorf("this needs %s: the server was to start that", stagesProgram)
	}
	program, err := findStages()
	if err != nil {
		return err
	}
	return p.handOverTo(program)
}

func (p Program) handOverTo(program string) error {
	watch := p.limit.Watch
	watch.Stop() // the worker is to be watched, by itself
	status, err := supervise.Worker{Program: program, Args: append([]string{called.Stages()}, p.args...),
		Stdin:   p.stdin.again(),
		Timeout: watch.Limits().Timeout, Raise: watch.Raise(), Undo: p.limit.Undo, Print: p.fail}.Run()
	if err != nil {
		return err
	}
	return exitStatus(status)
}

// handOverFor runs the command line in cmp-stages if an error says that a catalog is to be fetched; else it returns the
// error.
func (p Program) handOverFor(err error) error {
	if p.Stages == nil && errors.Is(err, fleet.ErrNoChartReader) {
		return p.handOver()
	}
	return err
}

// findStages returns cmp-stages: beside this executable, or else in PATH. It fails, with how to get it, if it is in
// neither place, or was found to be another cmp: this one.
func findStages() (string, error) {
	if supervise.IsWorker() {
		return "", fmt.Errorf("what was started as %[1]s is %[2]s: put the file %[1]s itself beside %[2]s "+
			"(make build makes both in bin/)", stagesProgram, called.Name())
	}
	if program, found := programs.Find(stagesProgram); found {
		return program, nil
	}
	return "", fmt.Errorf(
		"this needs %[1]s, which belongs beside %[2]s: install both files (make build makes them in bin/); "+
			"in a checkout, go run ./cmd/%[1]s does all that %[2]s does", stagesProgram, called.Name())
}
