// Command argocdschema makes internal/argocd/fields.json: which fields and generators each version of Argo CD knows. It
// reads the Go sources of the releases in the table of package argocd, and compares them with their CustomResource
// Definitions, by which API servers prune objects. It fails where the two differ or the file is not what comes out.
// With -update it writes the file. It runs in the root of the repository; the go command fetches the sources.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"

	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
)

// file is what is made.
const file = "internal/argocd/fields.json"

func main() {
	update := flag.Bool("update", false, "write "+file)
	flag.Parse()
	if err := run(*update); err != nil {
		fmt.Fprintln(os.Stderr, "argocdschema:", err)
		os.Exit(1)
	}
}

func run(update bool) error {
	versions := make([]string, len(argocd.Versions))
	releases := make([]string, len(argocd.Versions))
	views := make([]view, len(argocd.Versions))
	meta, err := metaPackage()
	if err != nil {
		return err
	}
	for i, v := range argocd.Versions {
		versions[i], releases[i] = v.Name, v.Release
		source, err := open(v.Release)
		if err == nil {
			views[i], err = read(source, meta)
		}
		if err != nil {
			return fmt.Errorf("release %s of Argo CD: %w", v.Release, err)
		}
	}
	made, err := merge(versions, views)
	if err != nil {
		return err
	}
	data, err := made.encode(releases)
	if err != nil {
		return err
	}
	if update {
		return os.WriteFile(file, data, 0o644)
	}
	old, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if !bytes.Equal(old, data) {
		return fmt.Errorf("%s is not what the releases %v know; run: make schema", file, releases)
	}
	return nil
}

// read returns what a release knows. It fails where its types and its CustomResourceDefinitions differ.
func read(source fs.FS, meta *pkg) (view, error) {
	types, err := parse(source, "pkg/apis/application/v1alpha1")
	if err != nil {
		return nil, err
	}
	v := view{}
	r := reader{own: types, meta: meta, view: v, open: map[string]bool{}}
	for _, kind := range []string{"Application", "ApplicationSet"} {
		if _, err := r.named(types, kind); err != nil {
			return nil, err
		}
	}
	for kind, name := range map[string]string{"Application": "application", "ApplicationSet": "applicationset"} {
		if err := v.compare(source, "manifests/crds/"+name+"-crd.yaml", kind); err != nil {
			return nil, err
		}
	}
	return v, nil
}
