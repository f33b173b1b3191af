// Package workshop is what cmp-stages has and cmp has not, as the command line sees it: the later stages, AWS, charts,
// Git, and what judges and compares.
package workshop

import (
	"context"
	"io"
	"io/fs"

	"github.com/spf13/pflag"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/gitcatalog"
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
	// Trees returns the two trees that BASE and HEAD name, for the fleet in a directory. Where the sides differ in more
	// than their files, BASE is by default HEAD. It fails with a usage error for what names no tree.
	Trees(root string, args []string, whole bool) (Trees, error)
	// Compare compares two renders, and prints what differs.
	Compare(ctx context.Context, c Compare) (Compared, error)
	// ArgoCDs returns which clusters have an Argo CD that deploys to what the filter leaves, by group. It fails with a
	// usage error for what the fleet does not have.
	ArgoCDs(session Later, f Filter) (map[string][]string, error)
	// Components returns which component each ApplicationSet of a group on an Argo CD is of, by its name.
	Components(session Later, group, argoCD string) (map[string]string, error)
	// CompareRendered compares what two programs rendered, and prints what differs.
	CompareRendered(ctx context.Context, c CompareRendered) (Compared, error)
	// Why answers why a cluster has a component, or has not, and prints that. It fails with a usage error for what the
	// fleet does not have.
	Why(ctx context.Context, session Later, w Why) error
	// Matrix prints which cluster has which component. It fails with render.Failures for what cannot be rendered, when
	// all is printed, and with a usage error for what the fleet does not have.
	Matrix(ctx context.Context, session Later, m Matrix) error
	// Outdated prints which newer versions there are, and tells whether there are any. It fails as Matrix does, and for
	// repositories that cannot be asked, when all is printed.
	Outdated(ctx context.Context, session Later, o Outdated) (found bool, err error)
	// Page writes the pages of a fleet. It fails as Matrix does.
	Page(ctx context.Context, session Later, p Page) error
	// Serve serves pages on loopback, and has them made anew when a file changes, until a signal ends it. It returns
	// the exit status of what makes them if there are none in the beginning.
	Serve(ctx context.Context, s Serve) (status int, err error)
	// Images prints which images the clusters would run, or what differs from those of a base. It fails as Matrix does.
	Images(ctx context.Context, i Images) error
	// Git returns what reads Git repositories. Alone, it starts no programs, as the program git or its helpers.
	Git(alone bool) gitcatalog.Machine
	// Migrate says what the switch from the wrapper chart changes, and prints that. It fails with a usage error for a
	// hub that does not exist.
	Migrate(ctx context.Context, m Migrate) (Migrated, error)
	// Progress returns a display of long work on standard error, which is a terminal or not.
	Progress(stderr io.Writer) render.Progress
}

// Later are the later stages of a session.
type Later interface {
	// RenderTo renders the stages after applicationsets. It hands each object to the output, in a fixed order and never
	// two at once. Problems with single clusters or Applications do not keep it from rendering the others: they are
	// returned as render.Failures.
	RenderTo(ctx context.Context, r render.Request, out render.Output) ([]*problem.Problem, error)
	// Values merges the Helm values that the Application of the request's component reads, the chart's defaults
	// included. It keeps to the limits, and tells working what it works on.
	Values(ctx context.Context, r render.Request, o render.ValuesOptions, l limits.Limits,
		working func(on string) (done func())) (*render.Merged, error)
}

// Charts says where Helm charts come from.
type Charts struct {
	CacheDir string // directory of fetched charts
	Offline  bool   // only charts that are there already
}

// AddFlags adds the flags that say where fetched charts and catalogs are.
func (c *Charts) AddFlags(flags *pflag.FlagSet) {
	flags.StringVar(&c.CacheDir, "cache-dir", "",
		"directory for fetched charts; by default cmp in the user's cache directory")
	flags.BoolVar(&c.Offline, "offline", false, "fetch nothing: only charts that are in the cache already")
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
	Color     bool // of text, for a terminal that has colors
	Version   string
	Directory string // of the fleet, from the current one
	Stdout    io.Writer
	Stderr    io.Writer
}

// LintFormats are the formats of a report.
var LintFormats = []string{"text", "json", "sarif", "github"}

// A Why is a question why a cluster has a component, or has not, and how the answer is printed.
type Why struct {
	Component, Cluster, Group string

	AppPath string // where it is asked
	Tree    fs.FS
	Options render.Options
	Charts  Charts
	Output  render.Output
	Done    func() // is called when all is found, and nothing is printed yet

	Format string
	Stdout io.Writer
}

// A Matrix is a question which clusters have which component, and how the answer is printed.
type Matrix struct {
	Request render.Request // the group, the clusters and the components; what is not said means all
	Hub     string         // only its clusters; "" for all
	Release string         // only clusters on it; "" for all
	Output  render.Output
	Done    func() // is called when all is found, and nothing is printed yet
	// Found prints what was found; it fails with that if that is asked for.
	Found func(*fleet.Fleet, []*problem.Problem) error

	Format string
	Width  int    // of text; 0 for that of the terminal
	Color  bool   // of text, for a terminal that has colors
	Title  string // of a page
	Tree   fs.FS  // for the findings on a page
	Stdout io.Writer
}

// MatrixFormats are the formats of a matrix.
var MatrixFormats = []string{"text", "wide", "csv", "json", "html"}

// A Page is a question what the pages of a fleet show, and what becomes of them.
type Page struct {
	Matrix
	Live    bool // it is served
	Changes any  // what [Compare.Keep] got; nil: nothing was compared
	// Write gets each file.
	Write func(name string, data []byte) error
}

// An Outdated is a question which newer versions there are of what a matrix has, and how the answer is printed.
type Outdated struct {
	Matrix
	Diff bool              // also what the updates do
	Note func(text string) // prints what may surprise
}

// OutdatedFormats are the formats of the answer.
var OutdatedFormats = []string{"text", "wide", "json", "name"}

// Trouble is the file that says why there are no pages, where they are made to be served.
const Trouble = "trouble.txt"

// A Serve says how pages are served.
type Serve struct {
	Listen      string                          // HOST:PORT, of loopback
	Directories []string                        // whose files make the pages
	Arguments   func(directory string) []string // of the command line that writes them to a directory
	Print       func(message string)            // prints the line that says so if a signal ends that
	Stderr      io.Writer
}

// An Images is a question which images clusters would run, and how the answer is printed.
type Images struct {
	Sides  []CompareSide // the fleet, or before it the base
	Filter Filter
	Hub    string // only its clusters; "" for all
	Output render.Output
	Done   func() // is called when all is found, and nothing is printed yet
	Strict bool   // findings are errors
	// Found prints what was found in the fleet, of two sides in the one after, and Note what is odd about images.
	Found func(*fleet.Fleet, []*problem.Problem) error
	Note  func(text string)

	Format string
	Stdout io.Writer
}

// ImagesFormats are the formats of images. What differs has all but the last.
var ImagesFormats = []string{"text", "wide", "json", "name", "cyclonedx"}

// A Migrate is a question what the switch from the wrapper chart changes, and how the answer is printed.
type Migrate struct {
	Hub                 string
	Labels, Annotations map[string]string // of the hub
	Stage               string
	Bootstrap           []string // files or directories with the ApplicationSets of today; none: they are found
	Chart               fs.FS    // the wrapper chart, in place of the one that Applications name; nil: that one
	ChartName           string
	Versions            render.Versions

	Tree    fs.FS
	Options render.Options
	Charts  Charts
	Output  render.Output
	Done    func() // is called when all is found, and nothing is printed yet

	Format string
	Stdout io.Writer
	Stderr io.Writer
}

// A Migrated is what the switch from the wrapper chart does.
type Migrated struct {
	Same   bool   // nothing changes
	Groups bool   // nothing of the groups changes
	Fleet  []byte // the fleet.yaml that is proposed
}

// A Tree is a fleet's files in a revision, or in a directory.
type Tree struct {
	Name string // what it is called
	FS   fs.FS
}

// Trees are the two sides of a comparison as the command line names them.
type Trees struct {
	Before, After Tree
	Note          string // what may surprise; "" for nothing
	Close         func()
}

// A CompareSide is one of the two renders that are compared.
type CompareSide struct {
	Tree    Tree
	Session Later
	Request render.Request
	Err     error // why there is no session
}

// A Compare is what is compared, and how that is printed.
type Compare struct {
	Sides [2]CompareSide
	Stage string
	Whole bool // the sides differ in more than their files
	// Promotion says that clusters are on another release after than before.
	Promotion bool
	Apart     bool // the sides are of different checkouts
	Only      bool // only which Applications are concerned is asked for
	Filter    Filter
	Output    render.Output
	Done      func() // is called when all is found, and nothing is printed yet
	// Keep gets what was found, for a page, and nothing is printed; nil: all is printed.
	Keep func(result any)

	Format   string
	MaxBytes int  // of Markdown; 0 for no limit
	Color    bool // of text, for a terminal that has colors
	Stdout   io.Writer
}

// A CompareRendered is a comparison of what two programs rendered, and how it is printed.
type CompareRendered struct {
	Compare
	Names [2]string // of the sides, of which the one after is the session's
	// Each calls use with what differs of each Application, or of each object that is of none.
	Each     func(ctx context.Context, use func(Rendered) error) error
	Failures func() []RenderFailure // of Each
}

// A Rendered is what an Application, or something else that is applied as a whole, consists of on both sides.
type Rendered struct {
	Group, Component, Application, Cluster string
	Before, After                          []render.Object
}

// A RenderFailure is what could not be rendered on a side, or in the same way on both.
type RenderFailure struct {
	Side    int
	Message string
	Known   bool // on both
}

// A Filter leaves out a part of a comparison.
type Filter struct {
	Group      string
	Cluster    string
	Selector   string
	Components []string
}

// A Compared is what a comparison found.
type Compared struct {
	Changed, Dangerous bool
	Failures           []error // what could not be rendered on a side
}

// DiffFormats are the formats of a comparison, and AffectedFormats those of what it can concern.
var (
	DiffFormats     = []string{"text", "summary", "markdown", "html", "json"}
	AffectedFormats = []string{"name", "json"}
)
