package secretsmanager

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"golang.org/x/sync/errgroup"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

const (
	batchSize = 20 // the most that BatchGetSecretValue takes
	parallel  = 4  // calls at a time
)

// An outcome is what came of reading one secret.
type outcome struct {
	target
	identity Identity
	cause    *cause // nil if it was read
}

// Read returns the identities in the secrets, by the ID of the reference. A secret is read once, however many
// references name it, with one call of the service per 20 secrets.
//
// If any secret but that of a hub cannot be read, it fails with all the problems joined, one line each, sorted: the
// identities that could be read come with the error. It also fails if not everything has been read within
// Config.Timeout, or when the context ends (errors.Is tells context.Canceled and context.DeadlineExceeded).
func (c *Client) Read(ctx context.Context, refs []Reference) (map[string]Identity, error) {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()

	identities := map[string]Identity{}
	var problems []*problem.Problem
	var missing []target
	for _, ref := range unique(refs) {
		t, p := c.locate(ref)
		if p != nil {
			problems = append(problems, p)
		} else if identity, ok := c.cache.get(t); ok {
			identities[ref.ID] = identity
		} else {
			missing = append(missing, t)
		}
	}

	outcomes := c.fetch(ctx, missing)
	for i, o := range outcomes {
		switch {
		case o.cause == nil:
			identities[o.ID] = o.identity
			c.cache.put(o.target, o.identity)
		case o.Hub && !o.cause.call:
			unread := o.cause.problem(o).WithRule(problem.RuleIncompleteMember)
			identities[o.ID], outcomes[i].cause = Identity{Unread: unread}, nil
		}
	}
	problems = append(problems, describe(outcomes)...)
	return identities, join(problems)
}

// unique returns the first reference to each ID, sorted by ID.
func unique(refs []Reference) []Reference {
	sorted := slices.Clone(refs)
	slices.SortStableFunc(sorted, func(a, b Reference) int { return strings.Compare(a.ID, b.ID) })
	return slices.CompactFunc(sorted, func(a, b Reference) bool { return a.ID == b.ID })
}

// join returns the problems as one error, or nil if there are none.
func join(problems []*problem.Problem) error {
	slices.SortFunc(problems, func(a, b *problem.Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line),
			strings.Compare(a.Error(), b.Error()))
	})
	all := make([]error, len(problems))
	for i, p := range problems {
		all[i] = p
	}
	return errors.Join(all...)
}

// fetch reads secrets from the service, in batches per region.
func (c *Client) fetch(ctx context.Context, targets []target) []outcome {
	byRegion := map[string][]target{}
	for _, t := range targets {
		byRegion[t.region] = append(byRegion[t.region], t)
	}
	var batches [][]target
	for _, name := range slices.Sorted(maps.Keys(byRegion)) {
		batches = slices.AppendSeq(batches, slices.Chunk(byRegion[name], batchSize))
	}
	results := make([][]outcome, len(batches))
	var group errgroup.Group
	group.SetLimit(parallel)
	for i, batch := range batches {
		group.Go(func() error {
			results[i] = c.fetchBatch(ctx, batch)
			return nil // a failed batch does not end the others: all problems are said at once
		})
	}
	_ = group.Wait()
	return slices.Concat(results...)
}

// fetchBatch reads at most 20 secrets of one region.
func (c *Client) fetchBatch(ctx context.Context, batch []target) []outcome {
	outcomes := make([]outcome, len(batch))
	ids := make([]string, len(batch))
	for i, t := range batch {
		outcomes[i] = outcome{target: t, cause: unanswered}
		ids[i] = t.name
	}
	region := c.in(batch[0].region)
	failure := c.authenticate(ctx, region)
	// A large answer comes in pages.
	pages := sdk.NewBatchGetSecretValuePaginator(region.service, &sdk.BatchGetSecretValueInput{SecretIdList: ids},
		func(o *sdk.BatchGetSecretValuePaginatorOptions) { o.StopOnDuplicateToken = true })
	for failure == nil && pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			failure = c.callFailed(ctx, err)
			break
		}
		readPage(page, outcomes)
	}
	if failure != nil {
		for i := range outcomes {
			if outcomes[i].cause == unanswered {
				outcomes[i].cause = failure
			}
		}
	}
	return outcomes
}

// readPage fills in the outcomes of the secrets that an answer is about, and lets go of the secrets' text: a Go string
// cannot be cleared, but nothing refers to it any more.
func readPage(page *sdk.BatchGetSecretValueOutput, outcomes []outcome) {
	for i := range page.SecretValues {
		entry := &page.SecretValues[i]
		identity, failure := readEntry(entry)
		for j := range outcomes {
			if outcomes[j].is(aws.ToString(entry.Name), aws.ToString(entry.ARN)) {
				outcomes[j].identity, outcomes[j].cause = identity, failure
			}
		}
		*entry = types.SecretValueEntry{}
	}
	for _, e := range page.Errors {
		for j := range outcomes {
			if outcomes[j].is(aws.ToString(e.SecretId), aws.ToString(e.SecretId)) {
				outcomes[j].cause = byCode(aws.ToString(e.ErrorCode), aws.ToString(e.Message))
			}
		}
	}
}

func readEntry(entry *types.SecretValueEntry) (Identity, *cause) {
	switch {
	case entry.SecretString == nil && len(entry.SecretBinary) > 0:
		clear(entry.SecretBinary)
		return Identity{}, &cause{message: "is binary", hint: "store a JSON object as the secret's string"}
	case entry.SecretString == nil:
		return Identity{}, &cause{message: "has no string", hint: "store a JSON object as the secret's string"}
	}
	raw := []byte(*entry.SecretString)
	defer clear(raw)
	return parse(raw)
}

// describe returns the problems of the outcomes: one for each secret, but a single one for all the secrets of a region
// whose calls failed for one and the same reason.
func describe(outcomes []outcome) []*problem.Problem {
	type call struct {
		region string
		cause  cause
	}
	calls := map[call][]outcome{}
	var problems []*problem.Problem
	for _, o := range outcomes {
		switch {
		case o.cause == nil:
		case o.cause.call:
			key := call{o.region, *o.cause}
			calls[key] = append(calls[key], o)
		default:
			problems = append(problems, o.cause.problem(o))
		}
	}
	for key, together := range calls {
		problems = append(problems, key.cause.problem(together...))
	}
	return problems
}

// problem words a cause for the secrets that it concerns, which are of one region.
func (c cause) problem(of ...outcome) *problem.Problem {
	const shown = 3
	names := make([]string, 0, shown)
	for _, o := range of[:min(len(of), shown)] {
		names = append(names, fmt.Sprintf("%q", o.name))
	}
	subject := "secret " + names[0]
	var file string
	var line int
	switch more := len(of) - len(names); {
	case len(of) == 1:
		file, line = of[0].File, of[0].Line
	case more > 0:
		subject = fmt.Sprintf("secrets %s and %d more", strings.Join(names, ", "), more)
	default:
		subject = "secrets " + strings.Join(names, ", ")
	}
	p := problem.New(file, line, "%s %s", subject, c.message).WithHint("%s", c.hint)
	p.Scope = "AWS Secrets Manager, " + of[0].region
	p.Err = c.err
	return p
}
