//go:build linux || darwin

// Command compare runs two commands alternately and compares what they cost as
// whole processes: CPU time (user and system), wall time and peak resident
// memory, start-up and exit included.
//
//	compare -n 20 -a 'bin/cmp render …' -b 'bin/helm template …' -max-ratio 0.5
//
// The commands are split at blanks and run without a shell. Their standard
// output is discarded; one that exits with a status other than 0 is an error.
// Which of the two goes first changes from round to round, so that neither
// always finds the warmer caches, and a round that is not counted comes first.
// Processes that a command starts and waits for count as part of it.
//
// Linux hands the peak memory of the process that starts a command on to the
// command. So no peak below that of compare itself, a few MB, is ever seen.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			os.Exit(2)
		}
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

// series is what the counted runs of a command took.
type series struct {
	cpu, wall []time.Duration
	peak      int64 // bytes, of the run that took most
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("compare", flag.ContinueOnError)
	n := flags.Int("n", 20, "counted runs of each command")
	a := flags.String("a", "", "first `command`")
	b := flags.String("b", "", "second `command`, the yardstick")
	maxRatio := flags.Float64("max-ratio", 0,
		"fail when A takes more than this many times the CPU time of B (0: never)")
	maxPeakRatio := flags.Float64("max-peak-ratio", 0,
		"fail when A takes more than this many times the peak memory of B (0: never)")
	maxPeak := flags.Float64("max-peak", 0, "fail when A takes more than this peak memory in `MB` (0: never)")
	maxWall := flags.Duration("max-wall", 0, "fail when A takes longer than this (0: never)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	commands := [2][]string{strings.Fields(*a), strings.Fields(*b)}
	if len(commands[0]) == 0 || len(commands[1]) == 0 || *n < 1 || flags.NArg() > 0 {
		return errors.New("usage: compare [-n RUNS] -a COMMAND -b COMMAND; see -help")
	}

	runs, err := measureAll(commands, *n)
	if err != nil {
		return err
	}
	cpu := [2]float64{milliseconds(median(runs[0].cpu)), milliseconds(median(runs[1].cpu))}
	wall := [2]float64{milliseconds(median(runs[0].wall)), milliseconds(median(runs[1].wall))}
	peak := [2]float64{megabytes(runs[0].peak), megabytes(runs[1].peak)}
	ratio, peakRatio := cpu[0]/cpu[1], peak[0]/peak[1]

	for i, name := range []string{"A", "B"} {
		fmt.Fprintf(out, "%s: %s\n", name, strings.Join(commands[i], " "))
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(table, "%d runs each\tCPU ms (median)\twall ms (median)\tpeak MB (max)\t\n", *n)
	for i, name := range []string{"A", "B"} {
		fmt.Fprintf(table, "%s\t%.1f\t%.1f\t%.1f\t\n", name, cpu[i], wall[i], peak[i])
	}
	fmt.Fprintf(table, "A/B\t%.2f\t%.2f\t%.2f\t\n", ratio, wall[0]/wall[1], peakRatio)
	if err := table.Flush(); err != nil {
		return err
	}

	var failures []error
	fail := func(format string, values ...any) { failures = append(failures, fmt.Errorf(format, values...)) }
	if *maxRatio > 0 && ratio > *maxRatio {
		fail("first command takes %.2f times the CPU time of the second, more than %.2f", ratio, *maxRatio)
	}
	if *maxPeakRatio > 0 && peakRatio > *maxPeakRatio {
		fail("first command takes %.2f times the peak memory of the second, more than %.2f", peakRatio, *maxPeakRatio)
	}
	if *maxPeak > 0 && peak[0] > *maxPeak {
		fail("first command takes %.0f MB of memory, more than %.0f", peak[0], *maxPeak)
	}
	if slow := time.Duration(wall[0] * float64(time.Millisecond)); *maxWall > 0 && slow > *maxWall {
		fail("first command takes %s, longer than %s", slow.Round(time.Millisecond), *maxWall)
	}
	return errors.Join(failures...)
}

// measureAll runs both commands n times, and once before that does not count.
func measureAll(commands [2][]string, n int) (runs [2]series, err error) {
	for round := range n + 1 {
		for i := range commands {
			which := (i + round) % len(commands)
			cpu, wall, peak, err := measure(commands[which])
			if err != nil {
				return runs, err
			}
			if round == 0 {
				continue
			}
			r := &runs[which]
			r.cpu = append(r.cpu, cpu)
			r.wall = append(r.wall, wall)
			r.peak = max(r.peak, peak)
		}
	}
	return runs, nil
}

// measure runs the command once and tells the CPU time, the wall time and the
// peak memory in bytes.
func measure(command []string) (cpu, wall time.Duration, peak int64, err error) {
	var stderr bytes.Buffer
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stderr = &stderr
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return 0, 0, 0, fmt.Errorf("%s: %w\n%s", strings.Join(command, " "), err, bytes.TrimSpace(stderr.Bytes()))
	}
	wall = time.Since(start)
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0, 0, 0, errors.New("this system does not tell what a process used")
	}
	peak = int64(usage.Maxrss) //nolint:unconvert // 32 bits wide on some machines
	if runtime.GOOS != "darwin" {
		peak *= 1024 // all but macOS count in KiB
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), wall, peak, nil
}

// median returns the middle value, or the mean of the two in the middle.
func median(values []time.Duration) time.Duration {
	slices.Sort(values)
	middle := len(values) / 2
	if len(values)%2 == 1 {
		return values[middle]
	}
	return (values[middle-1] + values[middle]) / 2
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func megabytes(n int64) float64 { return float64(n) / (1 << 20) }
