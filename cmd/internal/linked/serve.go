package linked

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/pagereload"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/supervise"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/internal/address"
)

// Serve is [pagereload.Server.Serve]. Each time, the pages are made by a process of its own, in the limits of one run.
func (Stages) Serve(ctx context.Context, s workshop.Serve) (status int, err error) {
	if err := pagereload.CheckListen(s.Listen); err != nil {
		return 0, usage.Error(fmt.Errorf("--listen: %w", err))
	}
	ctx, end := context.WithCancel(ctx)
	defer end()
	signals := make(chan os.Signal, 1)
	defer signal.Stop(signals)
	go func() {
		select {
		case <-signals:
			end()
		case <-ctx.Done():
		}
	}()
	server := pagereload.Server{Listen: s.Listen, State: func() string { return pagereload.StateOf(s.Directories...) },
		Started: func(address string) {
			fmt.Fprintf(s.Stderr, "Note: the pages are at %s until this ends (Ctrl-C)\n", address)
		},
		Make: func() (pages pagereload.Pages, err error) {
			pages, status, err = makePages(s)
			signal.Notify(signals, os.Interrupt, syscall.SIGTERM) // which those of the worker replaced
			return pages, err
		}}
	err = server.Serve(ctx)
	if none := (*pagereload.NoPagesError)(nil); errors.As(err, &none) && status != 0 {
		return status, nil // it has said why
	}
	return 0, err
}

// makePages makes the pages in a directory that is gone then, and returns the exit status of that.
func makePages(s workshop.Serve) (pagereload.Pages, int, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, 0, err
	}
	directory, err := os.MkdirTemp("", "cmp-page-")
	if err != nil {
		return nil, 0, err
	}
	defer os.RemoveAll(directory)
	args := slices.Concat(os.Args[:1], s.Arguments(directory))
	status, err := supervise.Worker{Program: program, Args: args,
		Undo:  func() error { return os.RemoveAll(directory) },
		Print: func(string) {}, // that a signal ended it says who started this process, which it ends too
	}.Run()
	if err != nil {
		s.Print(err.Error())
		return nil, 1, &pagereload.NoPagesError{Why: address.Redact(err.Error())}
	}
	pages, err := pagereload.Read(directory, workshop.Trouble)
	return pages, status, err
}
