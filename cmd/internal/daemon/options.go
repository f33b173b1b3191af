package daemon

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/limiting"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
)

// variableOperations is the variable with the address of metrics and health.
const variableOperations = "CMP_OPERATIONS_ADDRESS"

// defaultOperations is that address where nobody says another.
const defaultOperations = "127.0.0.1:9094"

// options are what flags and variables say.
type options struct {
	configDirectory string
	logLevel        string
	logFormat       string
	operations      string // address for metrics and health; "" for none
	workers         int
	atOnce          int
	waiting         int
	workerMemory    string // "" for an equal part of what the container has
	maxRepository   string
	maxFiles        int
	archiveMemory   string
	maxArchive      string
	diskLimit       string
	requestTimeout  time.Duration
	stopTimeout     time.Duration
	traces          string // the address that argocd-cmp-server would send them to
}

func (o *options) addFlags(f *pflag.FlagSet) {
	addConfig(f, &o.configDirectory)
	f.StringVar(&o.logLevel, "loglevel", variable("ARGOCD_CMP_SERVER_LOGLEVEL", "info"),
		"debug, info, warn or error")
	f.StringVar(&o.logFormat, "logformat", variable("ARGOCD_CMP_SERVER_LOGFORMAT", "json"), "json or text")
	f.StringVar(&o.operations, "operations-address", operationsAddress(),
		"address of /metrics, and for this pod /healthz and /readyz; empty for none ("+variableOperations+")")
	f.IntVar(&o.workers, "workers", runtime.GOMAXPROCS(0),
		"how many processes render; by default as many as there are CPUs")
	f.IntVar(&o.waiting, "max-waiting", 1000, "how many requests may wait for a worker; others are refused")
	f.IntVar(&o.atOnce, "max-concurrent", 64,
		"how many requests are received and worked on at once; what others send waits at argocd-repo-server")
	f.StringVar(&o.workerMemory, "worker-memory", "",
		"memory of a worker, beyond which it ends with its request; by default an equal part of what the container "+
			"has ("+limiting.VariableMemory+")")
	f.StringVar(&o.maxRepository, "max-repository", "2Gi", "size of an unpacked repository beyond which it is refused")
	f.IntVar(&o.maxFiles, "max-files", 200_000, "number of files of a repository beyond which it is refused")
	f.StringVar(&o.archiveMemory, "archive-memory", "128Mi",
		"memory for repositories as they arrive; what is more waits in files of the temporary directory")
	f.StringVar(&o.maxArchive, "max-archive", "1Gi", "size of a compressed repository beyond which it is refused")
	f.StringVar(&o.diskLimit, "disk-limit", "4Gi",
		"disk for what the server and its workers do not hold in memory, in files of the temporary directory: a "+
			"quarter for repositories as they arrive, the rest for unpacked ones, an equal part for each worker")
	f.DurationVar(&o.requestTimeout, "request-timeout", limits.Default.Timeout,
		"time for a request that has no deadline of its own")
	f.DurationVar(&o.stopTimeout, "stop-timeout", 25*time.Second,
		"how long requests may take when the server is told to stop; less than the pod's terminationGracePeriodSeconds")
	const accepted = "accepted for argocd-cmp-server's sake; there are no traces"
	f.StringVar(&o.traces, "otlp-address", os.Getenv("ARGOCD_CMP_SERVER_OTLP_ADDRESS"), accepted)
	f.StringArray("otlp-headers", nil, accepted)
	f.StringArray("otlp-attrs", nil, accepted)
	f.Bool("otlp-insecure", true, accepted)
}

func addConfig(f *pflag.FlagSet, directory *string) {
	f.StringVar(directory, "config-dir-path", "/home/argocd/cmp-server/config", "directory of plugin.yaml")
}

func operationsAddress() string {
	if address, is := os.LookupEnv(variableOperations); is {
		return address
	}
	return defaultOperations
}

// bounds are the options that are sizes, in bytes.
type bounds struct{ archives, archive, repository, disk int64 }

// archivesOnDisk is the part of the disk for repositories as they arrive. The rest is for the workers.
func (b bounds) archivesOnDisk() int64 { return b.disk / 4 }

// ownMemory is what the server takes itself, besides the archives that it holds.
const ownMemory = 64 << 20

// read checks the options. It fails for what makes no sense.
func (o *options) read() (b bounds, err error) {
	if o.workers < 1 || o.atOnce < 1 || o.maxFiles < 1 || o.waiting < 0 || o.requestTimeout <= 0 || o.stopTimeout < 0 {
		return b, usage.Error(errors.New("--workers, --max-concurrent and --max-files are at least 1, --max-waiting " +
			"and --stop-timeout at least 0, and --request-timeout is more"))
	}
	var none int64
	for _, one := range []struct {
		flag, text string
		size       *int64
	}{
		{"--archive-memory", o.archiveMemory, &b.archives}, {"--max-archive", o.maxArchive, &b.archive},
		{"--disk-limit", o.diskLimit, &b.disk}, {"--worker-memory", o.workerMemory, &none},
		{"--max-repository", o.maxRepository, &b.repository},
	} {
		if one.text == "" && one.flag == "--worker-memory" {
			continue
		}
		if *one.size, err = limits.ParseMemory(one.text); err != nil {
			return b, usage.Error(fmt.Errorf("%s %w", one.flag, err))
		}
	}
	return b, nil
}

// arguments are the command line of a worker.
func (o *options) arguments(b bounds) []string {
	share := (b.disk - b.archivesOnDisk()) / int64(o.workers)
	all := []string{"cmp-stages", "work", "--max-repository", o.maxRepository, "--max-files", strconv.Itoa(o.maxFiles),
		"--disk-limit", strconv.FormatInt(share, 10)}
	if o.workerMemory != "" {
		all = append(all, "--memory-limit", o.workerMemory)
	}
	return all
}

func variable(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}
