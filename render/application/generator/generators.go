package generator

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/argoproj/argo-cd/v3/applicationset/generators"
	"github.com/argoproj/argo-cd/v3/common"
	appv1 "github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
	"github.com/eks-fleet-management/fleet-cmp/render/chart"
)

// maxParams is how many sets of parameters the generators of an ApplicationSet may give: more than any fleet has, and
// few enough that a matrix of long lists does not exhaust the memory.
const maxParams = 100_000

var (
	// ErrRefused is the cause of errors about generators that cannot work here, whatever the clusters are.
	ErrRefused = errors.New("needs a network or a cluster, so that only Argo CD itself can expand it")
	// ErrTooMany is the cause of errors about generators that give more parameters than any fleet needs.
	ErrTooMany = fmt.Errorf("the generators give more than %d sets of parameters", maxParams)
)

// Options say which Argo CD's generators to have, and where they find what no cluster tells.
type Options struct {
	Version    argocd.Version // of Argo CD
	Repository Repository
	// Artifact returns the files of an artifact in a registry, for the oci generator; nil refuses that.
	Artifact func(chart.Reference) (fs.FS, error)
}

// A Repository is where the git generator finds its files.
type Repository struct {
	FS       fs.FS
	FileSize int64 // in bytes, that a file may have
	// At returns where in FS the root of a Git repository is, which has an address, and how its paths are found there;
	// nil: each has its root at that of FS.
	At   func(url string) func(name string) string
	URLs []string // its addresses: a generator of another one fails; none: every generator is of this repository
}

// Generators are those of one version of Argo CD. They may be used by several goroutines at once.
type Generators struct {
	version   argocd.Version
	repos     *checkout
	artifacts *artifacts
}

// New returns the generators of a version of Argo CD.
func New(o Options) *Generators {
	emptyFiles := o.Version.EmptyFiles
	return &Generators{
		version: o.Version, repos: newCheckout(o.Repository, emptyFiles),
		artifacts: &artifacts{fetch: o.Artifact, fileSize: o.Repository.FileSize, emptyFiles: emptyFiles},
	}
}

// For returns the generators, over the clusters whose Secrets the client lists, by the names of their fields, composed
// as Argo CD's controller does (generators.GetGenerators). There matrix and merge may contain each other, but only two
// levels deep. local tells that Argo CD's own cluster is there without a Secret. elements evaluates what Argo CD's code
// may not; nil: there is no such text.
func (g *Generators) For(clusters client.Client, local bool, elements Elements) map[string]generators.Generator {
	left := maxParams
	ofClusters := generators.NewClusterGenerator(clusters, "argocd")
	git := sourced{generators.NewGitGenerator(g.repos, "argocd"), generators.NewGitGenerator(g.artifacts, "argocd")}
	terminal := map[string]generators.Generator{
		"List":                    counted{checked{generators.NewListGenerator()}, &left},
		"Clusters":                counted{older{eased{ofClusters, local}, g.version}, &left},
		"Git":                     counted{older{git, g.version}, &left},
		"SCMProvider":             refused("scmProvider"),
		"ClusterDecisionResource": refused("clusterDecisionResource"),
		"PullRequest":             refused("pullRequest"),
		"Plugin":                  refused("plugin"),
	}
	return combined(terminal, combined(terminal, terminal, elements), elements)
}

// combined returns the terminal generators with a matrix and a merge of inner ones.
func combined(terminal, inner map[string]generators.Generator, elements Elements) map[string]generators.Generator {
	all := map[string]generators.Generator{
		"Matrix": elementary{generators.NewMatrixGenerator(inner), terminal["List"], elements},
		"Merge":  generators.NewMergeGenerator(inner),
	}
	for name, generator := range terminal {
		all[name] = generator
	}
	return all
}

// A counted generator fails when all of its kind together have given more than maxParams.
type counted struct {
	generators.Generator
	left *int
}

// GenerateParams returns the parameters of the generator, and fails as it does.
func (c counted) GenerateParams(g *appv1.ApplicationSetGenerator, set *appv1.ApplicationSet,
	reader client.Client) ([]map[string]any, error) {
	params, err := c.Generator.GenerateParams(g, set, reader)
	if *c.left -= len(params); *c.left < 0 {
		return nil, ErrTooMany
	}
	return params, err
}

// A checked generator is Argo CD's list generator, which parses elementsYaml.
type checked struct{ generators.Generator }

// GenerateParams returns the parameters of the generator, and fails as it does, and as [safeyaml.Check] does.
func (c checked) GenerateParams(g *appv1.ApplicationSetGenerator, set *appv1.ApplicationSet,
	reader client.Client) ([]map[string]any, error) {
	if g != nil && g.List != nil {
		if err := safeyaml.Check([]byte(g.List.ElementsYaml), "elementsYaml"); err != nil {
			return nil, err
		}
	}
	return c.Generator.GenerateParams(g, set, reader)
}

// An eased generator is Argo CD's cluster generator without those values that are no templates. It adds them itself,
// since Argo CD parses each of them again for each cluster. It also knows whether Argo CD's own cluster is there
// without a Secret.
type eased struct {
	generators.Generator
	local bool
}

// GenerateParams returns the parameters of the generator, and fails as it does.
func (e eased) GenerateParams(g *appv1.ApplicationSetGenerator, set *appv1.ApplicationSet,
	reader client.Client) ([]map[string]any, error) {
	if g == nil || g.Clusters == nil {
		return e.Generator.GenerateParams(g, set, reader)
	}
	clusters, constant := *g.Clusters, map[string]string{}
	if !e.local {
		// Argo CD adds its own cluster unless there is a selector: here is one that every Secret of a cluster matches.
		clusters.Selector = *clusters.Selector.DeepCopy()
		metav1.AddLabelToSelector(&clusters.Selector, common.LabelKeySecretType, common.LabelValueSecretTypeCluster)
	}
	if clusters.FlatList {
		params, err := e.Generator.GenerateParams(&appv1.ApplicationSetGenerator{Clusters: &clusters}, set, reader)
		for _, one := range params {
			sortClusters(one["clusters"])
		}
		return params, err
	}
	clusters.Values = map[string]string{}
	for key, value := range g.Clusters.Values {
		if strings.Contains(value, "{{") {
			clusters.Values[key] = value
		} else {
			constant[key] = value
		}
	}
	params, err := e.Generator.GenerateParams(&appv1.ApplicationSetGenerator{Clusters: &clusters}, set, reader)
	if len(constant) > 0 {
		for _, one := range params {
			addValues(one, constant, set.Spec.GoTemplate)
		}
	}
	return params, err
}

// sortClusters sorts the clusters of a flat list by name: Argo CD hands them over in random order.
func sortClusters(list any) {
	clusters, _ := list.([]map[string]any)
	slices.SortStableFunc(clusters, func(a, b map[string]any) int {
		return strings.Compare(fmt.Sprint(a["name"]), fmt.Sprint(b["name"]))
	})
}

// addValues adds values to the parameters as Argo CD does (generators.appendTemplatedValues).
func addValues(params map[string]any, values map[string]string, goTemplate bool) {
	if !goTemplate {
		for key, value := range values {
			params["values."+key] = value
		}
		return
	}
	all, ok := params["values"].(map[string]string)
	if !ok {
		all = make(map[string]string, len(values))
		params["values"] = all
	}
	maps.Copy(all, values)
}

// A refused generator is one of a type that cannot work here.
type refused string

// GenerateParams fails.
func (r refused) GenerateParams(*appv1.ApplicationSetGenerator, *appv1.ApplicationSet, client.Client) ([]map[string]any,
	error) {
	return nil, fmt.Errorf("the generator %s %w", string(r), ErrRefused)
}

// GetRequeueAfter returns that there is nothing to wait for.
func (r refused) GetRequeueAfter(*appv1.ApplicationSetGenerator) time.Duration { return 0 }

// GetTemplate returns an empty template.
func (r refused) GetTemplate(*appv1.ApplicationSetGenerator) *appv1.ApplicationSetTemplate {
	return &appv1.ApplicationSetTemplate{}
}
