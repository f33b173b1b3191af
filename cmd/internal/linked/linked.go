// Package linked is what cmp-stages has and cmp has not: the stages after applicationsets, set up for this machine.
package linked

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	helm "helm.sh/helm/v3/pkg/cli"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/progress"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/secretsmanager"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/lint"
	"github.com/eks-fleet-management/fleet-cmp/render/lint/report"
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
func (s Stages) Open(ctx context.Context, tree fs.FS, o render.Options, charts workshop.Charts) (*render.Session,
	workshop.Later, error) {
	session, err := s.config.Open(ctx, tree, o, stages.Charts(charts))
	if err != nil {
		return nil, nil, err
	}
	return session.Session, session, nil
}

// sessionOf returns the session that [Stages.Open] opened. It fails for one of somebody else.
func sessionOf(session workshop.Later) (*stages.Session, error) {
	own, is := session.(*stages.Session)
	if !is {
		return nil, fmt.Errorf("a session of another kind cannot be asked: %T", session)
	}
	return own, nil
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

// Lint is [lint.Run], with the report printed.
func (Stages) Lint(ctx context.Context, session workshop.Later, l workshop.Lint) (failing bool, err error) {
	o := report.Options{Format: l.Format, Color: l.Color, Version: l.Version, Directory: l.Directory}
	var broken *problem.Problem
	if errors.As(l.Err, &broken) {
		l.Done()
		of := *broken
		of.Rule = problem.RuleRender
		return true, report.Print(l.Stdout, &lint.Report{Findings: []lint.Finding{{Problem: &of,
			Severity: problem.Error}}}, o)
	}
	own, err := sessionOf(session)
	if err != nil {
		return false, err
	}
	found, err := lint.Run(ctx, own, lint.Options{Stage: l.Stage, Request: l.Request, Rules: l.Rules, Output: l.Output,
		Tree: l.Tree})
	l.Done()
	if err != nil {
		return false, err
	}
	for _, note := range found.Unchecked {
		fmt.Fprintf(l.Stderr, "Note: %s\n", problem.OneLine(note))
	}
	return found.Failing(l.Least), report.Print(l.Stdout, found, o)
}

// Progress is [progress.On].
func (Stages) Progress(stderr io.Writer) render.Progress { return progress.On(stderr) }
