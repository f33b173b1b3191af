package e2e

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
)

// What internal/tools/e2e.sh has built.
var (
	argocdDirectories = filepath.SplitList(os.Getenv("CMP_E2E_ARGOCD")) // one for each version of Argo CD
	cmpProgram        = os.Getenv("CMP_E2E_CMP")
	registryProgram   = os.Getenv("CMP_E2E_REGISTRY")

	// Likewise one for each version of Argo CD.
	helmDirectories      = filepath.SplitList(os.Getenv("CMP_E2E_HELM"))
	kustomizeDirectories = filepath.SplitList(os.Getenv("CMP_E2E_KUSTOMIZE"))
)

// executables are ours, all in one directory.
var executables = []string{"cmp", "cmp-stages", "cmp-server"}

// trusted is the certificate of the servers that the tests start.
var trusted certificate

// installations are the running versions of Argo CD.
var installations []*argoCD

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	versions := len(argocdDirectories)
	if versions == 0 || len(helmDirectories) != versions || len(kustomizeDirectories) != versions || cmpProgram == "" ||
		registryProgram == "" {
		fmt.Fprintln(os.Stderr, "run internal/tools/e2e.sh: it builds what these tests need")
		return 1
	}
	directory, err := os.MkdirTemp("", "cmp-e2e-") // short, since the names of sockets cannot be long
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	stop := sync.OnceFunc(func() {
		for _, argo := range installations {
			argo.stop()
		}
		_ = os.RemoveAll(directory)
	})
	defer stop()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		stop()
		os.Exit(1)
	}()

	// All use copies, so that nobody gets another cmp in the middle of the tests.
	programs := filepath.Join(directory, "programs")
	for _, name := range executables {
		if err := copyFile(filepath.Join(filepath.Dir(cmpProgram), name), filepath.Join(programs, name)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	cmpProgram = filepath.Join(programs, "cmp")
	if trusted, err = newCertificate(directory); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	for i := range argocdDirectories {
		argo, err := startArgoCD(host, filepath.Join(directory, filepath.Base(argocdDirectories[i])), i, execServer,
			nativeServer)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		installations = append(installations, argo)
	}
	return m.Run()
}

// each runs a test with every version of Argo CD.
func each(t *testing.T, test func(t *testing.T, argo *argoCD)) {
	t.Helper()
	for _, argo := range installations {
		t.Run(argo.version, func(t *testing.T) {
			t.Cleanup(func() {
				if t.Failed() {
					argo.logEnds(t, argo.version, 5)
				}
			})
			test(t, argo)
		})
	}
}

// copyFile copies a file with its mode.
func copyFile(from, to string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return errors.Join(os.MkdirAll(filepath.Dir(to), 0o755), os.WriteFile(to, content, info.Mode().Perm()))
}
