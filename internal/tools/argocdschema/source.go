package main

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
)

const (
	module2 = "github.com/argoproj/argo-cd/v2"
	module3 = "github.com/argoproj/argo-cd/v3"
	// nested is the module of the real server of 2.14 in the end-to-end tests, whose types are those to know.
	nested = "e2e/argocd-v2/go.mod"
)

// open returns the sources of a release of Argo CD. It fails if they cannot be fetched, and if a release of 2.14 is
// another than that of the nested module.
func open(release string) (fs.FS, error) {
	module := module3
	if strings.HasPrefix(release, "2.") {
		module = module2
		version, err := required(nested, module2)
		if err != nil {
			return nil, err
		}
		if version != "v"+release {
			return nil, fmt.Errorf("%s requires %s, the table of versions says v%s", nested, version, release)
		}
	}
	// The module may need a newer Go than this one to be compiled. The archive is there all the same, with an error.
	var download struct{ Zip, Error string }
	failed := command(&download, "mod", "download", "-json", module+"@v"+release)
	if download.Zip == "" {
		if download.Error != "" {
			return nil, fmt.Errorf("go mod download: %s", download.Error)
		}
		return nil, failed
	}
	archive, err := zip.OpenReader(download.Zip) // open until the end
	if err != nil {
		return nil, err
	}
	return fs.Sub(archive, module+"@v"+release)
}

// required returns the version of a module that a go.mod requires.
func required(file, module string) (string, error) {
	var content struct {
		Require []struct{ Path, Version string }
	}
	if err := command(&content, "mod", "edit", "-json", file); err != nil {
		return "", err
	}
	for _, r := range content.Require {
		if r.Path == module {
			return r.Version, nil
		}
	}
	return "", fmt.Errorf("%s does not require %s", file, module)
}

// metaPackage returns the types of Kubernetes that Argo CD's have parts of: those that this module is built with, since
// the API server that checks them is none of Argo CD's.
func metaPackage() (*pkg, error) {
	var list struct{ Dir string }
	if err := command(&list, "list", "-json=Dir", metaPath); err != nil {
		return nil, err
	}
	return parse(os.DirFS(list.Dir), ".")
}

// command runs the go command and reads the JSON that it prints, also when it fails.
func command(into any, args ...string) error {
	cmd := exec.Command("go", args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if wrong := json.Unmarshal(out, into); err == nil {
		err = wrong
	}
	if err != nil {
		return fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
	}
	return nil
}
