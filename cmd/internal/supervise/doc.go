// Package supervise keeps a run of cmp within its limits, and turns whatever ends it into one line.
//
// A [Watch] is inside the process that renders. It ends the process when this has too much memory or takes too long,
// and knows what it is working on. [Run] is outside: it runs that process as a worker, so that a crash (a stack
// overflow, no memory left, the kernel's OOM killer), of which no process can tell itself, is told by the one that
// started it.
//
// The two share a file without a name, the record. The worker writes into it and never waits for its reader, which
// looks only at what is left of a crash. What the worker says on standard error it says on a file descriptor of its
// own: the usual one gets only what the Go runtime prints of a crash.
package supervise
