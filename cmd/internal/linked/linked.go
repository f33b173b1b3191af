// Package linked is what cmp-stages has and cmp has not: the stages after applicationsets, set up for this machine.
package linked

import (
	"context"
	"io"
	"io/fs"
	"path/filepath"

	helm "helm.sh/helm/v3/pkg/cli"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/cli"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/progress"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/secretsmanager"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// Stages are the stages for the command line.
type Stages struct{ config stages.Config }

// New returns the stages. Credentials come from Helm's files, where Helm's own variables say that they are.
func New() Stages {
	files := helm.New()
	return Stages{stages.Config{RepositoryConfig: files.RepositoryConfig, RegistryConfig: files.RegistryConfig}}
}

// Open is [stages.Config.Open].
func (s Stages) Open(ctx context.Context, tree fs.FS, o render.Options, charts cli.Charts) (*render.Session, cli.Later,
	error) {
	session, err := s.config.Open(ctx, tree, o, stages.Charts(charts))
	if err != nil {
		return nil, nil, err
	}
	return session.Session, session, nil
}

// Secrets returns a reader that has the standard configuration of AWS.
func (Stages) Secrets(ctx context.Context, config fleet.SecretsManager, cacheDir string) (cluster.SecretReader, error) {
	client, err := secretsmanager.New(ctx, secretsmanager.Config{
		Region: config.Region, RoleARN: config.RoleARN, Prefix: config.Prefix, Timeout: config.Timeout,
		Cache: config.Cache, CacheDir: filepath.Join(cacheDir, "secrets"),
	})
	if err != nil {
		return nil, err
	}
	read := client.Reader(ctx)
	return func(references []cluster.SecretReference) (map[string]cluster.Cluster, []*problem.Problem, error) {
		clusters, warnings, err := read(references)
		// The joined error itself: a line for each of its parts.
		if all, ok := err.(interface{ Unwrap() []error }); ok {
			err = render.Failures(all.Unwrap())
		}
		return clusters, warnings, err
	}, nil
}

// Progress is [progress.On].
func (Stages) Progress(stderr io.Writer) render.Progress { return progress.On(stderr) }
