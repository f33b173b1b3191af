package supervise

import (
	"os"
	"os/exec"
	"runtime/metrics"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// attach lets the worker end with this process, however that ends.
func attach(worker *exec.Cmd) {
	worker.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}

// spare is what the kernel grants beyond the limit, in bytes: space that Go has given back counts for it, and a watch
// that is in time says more than a crash.
const spare = 8 << 20

// limitData has the kernel refuse memory beyond the limit, counted from what Go has now: one large string is there
// before any watch looks. What cannot be limited is left to the watch.
func limitData(memory int64) {
	data, err := os.ReadFile("/proc/self/statm")
	fields := strings.Fields(string(data))
	if err != nil || len(fields) < 6 {
		return
	}
	pages, err := strconv.ParseUint(fields[5], 10, 64)
	if err != nil {
		return
	}
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
	metrics.Read(sample)
	has, ofGo := pages*uint64(max(os.Getpagesize(), 0)), sample[0].Value.Uint64()
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_DATA, &limit) != nil {
		return
	}
	limit.Cur = min(has-min(ofGo, has)+uint64(max(memory, 0))+spare, limit.Max)
	_ = syscall.Setrlimit(syscall.RLIMIT_DATA, &limit)
}

// newMemoryFile returns a file that is only in memory; nil if the system has none.
func newMemoryFile() *os.File {
	descriptor, err := unix.MemfdCreate("cmp-record", unix.MFD_CLOEXEC)
	if err != nil {
		return nil
	}
	return os.NewFile(uintptr(descriptor), "cmp-record")
}
