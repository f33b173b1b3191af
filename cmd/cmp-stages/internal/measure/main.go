//go:build unix

// Command measure runs a program, ends with its exit status, and writes into a file what it took: CPU time in
// nanoseconds and the largest memory in bytes, of the program and of those that it waited for.
//
// Tests measure through it, since the kernel counts the memory of a process from before it became the program. There
// it shares that of whoever started it, and a test has much.
//
//	measure FILE PROGRAM [ARGUMENT…]
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

func main() {
	command := exec.Command(os.Args[2], os.Args[3:]...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		panic(err)
	}
	state := command.ProcessState
	used, _ := state.SysUsage().(*syscall.Rusage)
	took := fmt.Sprintln((state.UserTime() + state.SystemTime()).Nanoseconds(), used.Maxrss<<10)
	if err := os.WriteFile(os.Args[1], []byte(took), 0o600); err != nil {
		panic(err)
	}
	os.Exit(state.ExitCode())
}
