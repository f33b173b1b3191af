package linked

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/migrate"
	"github.com/eks-fleet-management/fleet-cmp/render/migrate/report"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// Migrate is [migrate.Run], with the plan printed.
func (s Stages) Migrate(ctx context.Context, m workshop.Migrate) (workshop.Migrated, error) {
	open := func(tree fs.FS, o render.Options) (*stages.Session, error) {
		return s.config.Open(ctx, tree, o, stages.Charts(m.Charts))
	}
	plan, err := migrate.Run(ctx, migrate.Fleet{Tree: m.Tree, Options: m.Options, Open: open, Output: m.Output},
		migrate.Question{Hub: m.Hub, Labels: m.Labels, Annotations: m.Annotations, Stage: m.Stage,
			Bootstrap: m.Bootstrap, Chart: m.Chart, ChartName: m.ChartName, Versions: m.Versions})
	m.Done()
	if errors.Is(err, migrate.ErrQuestion) || errors.Is(err, render.ErrNoCluster) {
		return workshop.Migrated{}, usage.Error(err)
	}
	if err != nil {
		return workshop.Migrated{}, err
	}
	for _, note := range plan.Notes {
		fmt.Fprintf(m.Stderr, "Note: %s\n", problem.PlainLine(note))
	}
	found := workshop.Migrated{Same: plan.NoOp(), Groups: plan.GroupsSame()}
	if !plan.Exists {
		found.Fleet = []byte(plan.Fleet)
	}
	return found, report.Print(m.Stdout, plan, m.Format)
}
