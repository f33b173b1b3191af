//go:build !unix

package supervise

import "os"

var deadly = []os.Signal{os.Interrupt}

func isDeadly(os.Signal) bool { return false }

func dieOf(os.Signal) { os.Exit(1) }

func signalOf(*os.ProcessState) os.Signal { return nil }

// CheckFiles never fails here.
func CheckFiles() error { return nil }

func keepPipeErrors() {}

func keepFromChildren(*os.File) {}

// No process is a worker here: it could not be given files.
func isRecord(int) bool { return false }

func isOpen(int) bool { return false }
