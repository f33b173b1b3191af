package cli

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
)

// stagesProgram is the executable that has the stages after applicationsets.
const stagesProgram = "cmp-stages"

// handOver runs the command line in cmp-stages, in the place of this process. It returns only if that is not possible.
func (p Program) handOver() error {
	program, err := findStages()
	if err != nil {
		return err
	}
	err = syscall.Exec(program, append([]string{stagesProgram}, p.args...), os.Environ())
	return fmt.Errorf("%s cannot be started: %w", program, err)
}

// handOverFor runs the command line in cmp-stages if an error says that a catalog is to be fetched; else it returns the error.
func (p Program) handOverFor(err error) error {
	if p.Stages == nil && errors.Is(err, hierarchy.ErrNoChartReader) {
		return p.handOver()
	}
	return err
}

// findStages returns cmp-stages: beside this executable, in PATH, or, for a cmp that was made in a checkout (go run
// ./cmd/cmp), built from there.
func findStages() (string, error) {
	if self, err := os.Executable(); err == nil {
		if self, err = filepath.EvalSymlinks(self); err == nil {
			beside := filepath.Join(filepath.Dir(self), stagesProgram)
			if info, err := os.Stat(beside); err == nil && info.Mode().IsRegular() {
				return beside, nil
			}
		}
	}
	if program, err := exec.LookPath(stagesProgram); err == nil {
		return program, nil
	}
	if program, err := buildStages(); err == nil {
		return program, nil
	}
	return "", fmt.Errorf("this needs %s, which belongs beside cmp: install both files (make build makes them in bin/)", stagesProgram)
}

// buildStages builds cmp-stages in the checkout that this executable was made in, if that is still there. Executables of
// a release do not know one (-trimpath).
func buildStages() (string, error) {
	_, file, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(file) {
		return "", errors.New("not made in a checkout")
	}
	source := filepath.Join(filepath.Dir(file), "..", "..", stagesProgram)
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	program := filepath.Join(cache, "cmp", "checkout", stagesProgram)
	build := exec.Command("go", "build", "-C", source, "-o", program, ".")
	build.Stderr = os.Stderr
	return program, build.Run()
}
