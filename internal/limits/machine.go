package limits

import (
	"os"
	"strconv"
	"strings"
)

// files say how much memory the container of this process may take, with the second and the first version of cgroups.
var files = []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}

// OfContainer returns the memory that a process may take in the container that it runs in: four fifths of the
// container's, since the container has other processes too. It is 0 where there is no container, or none with a limit.
func OfContainer() int64 { return ofContainer(files) }

// OfContainerAmong returns what each of so many processes may take of what [OfContainer] returns.
func OfContainerAmong(processes int) int64 { return among(OfContainer(), processes) }

func among(all int64, processes int) int64 {
	if all == 0 || processes <= 1 {
		return all
	}
	return max(all/int64(processes)&^(1<<20-1), leastMemory)
}

func ofContainer(files []string) int64 {
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		// Without a limit, version 2 says "max", and version 1 a number near the largest integer.
		limit, err := strconv.ParseInt(strings.TrimSpace(string(data)), 10, 64)
		if err != nil || limit <= 0 || limit >= largestSize {
			return 0
		}
		return max(limit/5*4&^(1<<20-1), leastMemory) // whole MiB, as messages say it
	}
	return 0
}
