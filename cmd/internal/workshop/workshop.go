// Package workshop is what cmp-stages has and cmp has not, as the command line sees it: the later stages, AWS, charts,
// Git, and what judges and compares.
package workshop

import (
	"context"
	"io"
	"io/fs"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// Stages are what only cmp-stages links.
type Stages interface {
	// Open opens a session as render.Open does, with its later stages, and with a reader of catalogs that are charts.
	Open(ctx context.Context, tree fs.FS, o render.Options, charts Charts) (*render.Session, Later, error)
	// Secrets returns a reader of the members' secrets in AWS Secrets Manager. What it keeps of them is in a directory
	// of the directory for caches.
	Secrets(ctx context.Context, config fleet.SecretsManager, cacheDir string) (cluster.SecretReader, error)
	// Lint judges the fleet of a session, prints the report, and tells whether there are findings of the severity that
	// is asked for, or of a worse one.
	Lint(ctx context.Context, session Later, l Lint) (failing bool, err error)
	// Progress returns a display of long work on standard error, which is a terminal or not.
	Progress(stderr io.Writer) render.Progress
}

// Later are the later stages of a session.
type Later interface {
	// RenderTo renders the stages after applicationsets. It hands each object to the output, in a fixed order and never
	// two at once. Problems with single clusters or Applications do not keep it from rendering the others: they are
	// returned as render.Failures.
	RenderTo(ctx context.Context, r render.Request, out render.Output) ([]*problem.Problem, error)
	// Values merges the Helm values of the request's component, the chart's defaults included. It keeps to the limits,
	// and tells working what it works on.
	Values(ctx context.Context, r render.Request, l limits.Limits,
		working func(on string) (done func())) (*render.Merged, error)
}

// Charts says where Helm charts come from.
type Charts struct {
	CacheDir string // directory of fetched charts
	Offline  bool   // only charts that are there already
}

// A Lint is what a fleet is judged by, and how that is printed.
type Lint struct {
	Request render.Request // with all targets and no group, the whole fleet
	Stage   string         // how deep to look
	Rules   []string       // only findings of these; all if empty
	Least   problem.Severity
	Tree    fs.FS
	Output  render.Output
	Done    func() // is called when all is found, and nothing is printed yet

	Err error // a problem that keeps the fleet from being read, in the place of its session

	Format    string
	Version   string
	Directory string // of the fleet, from the current one
	Stdout    io.Writer
	Stderr    io.Writer
}

// LintFormats are the formats of a report.
var LintFormats = []string{"text", "json", "sarif", "github"}
