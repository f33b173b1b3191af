package scripttest

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/repo"
)

// serveCharts serves the charts in the directories of a directory as a chart repository, and sets $CHARTS to its
// address.
func serveCharts(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: charts DIRECTORY")
	}
	archives := ts.MkAbs("charts-served")
	ts.Check(os.MkdirAll(archives, 0o755))
	server := httptest.NewServer(http.FileServer(http.Dir(archives)))
	ts.Defer(server.Close)
	directories, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	for _, directory := range directories {
		chart, err := loader.LoadDir(filepath.Join(ts.MkAbs(args[0]), directory.Name()))
		ts.Check(err)
		_, err = chartutil.Save(chart, archives)
		ts.Check(err)
	}
	index, err := repo.IndexDirectory(archives, server.URL)
	ts.Check(err)
	ts.Check(index.WriteFile(filepath.Join(archives, "index.yaml"), 0o644))
	ts.Setenv("CHARTS", server.URL)
}
