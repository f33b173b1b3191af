package chart_test

import (
	"context"
	"fmt"
	"testing/fstest"

	"github.com/eks-fleet-management/fleet-cmp/render/chart"
)

// A Cache gives charts of directories, chart repositories and registries. The last two need a cache directory.
func Example() {
	repository := fstest.MapFS{
		"charts/web/Chart.yaml":  {Data: []byte("apiVersion: v2\nname: web\nversion: 1.2.3\n")},
		"charts/web/values.yaml": {Data: []byte("replicas: 2\n")},
	}
	charts := chart.New(chart.Options{Offline: true})
	web, err := charts.Directory(context.Background(), repository, "charts/web")
	if err != nil {
		panic(err)
	}
	fmt.Println(web.Name(), web.Metadata.Version, web.Values["replicas"])

	_, err = charts.Fetch(context.Background(), chart.Reference{RepoURL: "https://charts.example.com", Name: "db",
		Version: "1.x"})
	fmt.Println(err)
	// Output:
	// web 1.2.3 2
	// chart db 1.x from https://charts.example.com: no cache directory is given; name one with --cache-dir
}
