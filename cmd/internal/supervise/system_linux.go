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

// limitData has the kernel refuse memory beyond the limit, counted from what Go has now: one large string is there
// before any watch looks. What of the program itself is in memory counts for the limit, up to a quarter of it. What
// cannot be limited is left to the watch.
func limitData(memory int64) {
	data, err := os.ReadFile("/proc/self/statm")
	fields := strings.Fields(string(data))
	if err != nil || len(fields) < 6 {
		return
	}
	shared, err := strconv.ParseUint(fields[2], 10, 64)
	pages, err2 := strconv.ParseUint(fields[5], 10, 64)
	if err != nil || err2 != nil {
		return
	}
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
	metrics.Read(sample)
	size := uint64(max(os.Getpagesize(), 0))
	has, ofGo, wanted := pages*size, sample[0].Value.Uint64(), uint64(max(memory, 0))
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_DATA, &limit) != nil {
		return
	}
	limit.Cur = min(has-min(ofGo, has)+wanted-min(shared*size, wanted/4), limit.Max)
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
