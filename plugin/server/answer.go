package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/eks-fleet-management/fleet-cmp/plugin"
	"github.com/eks-fleet-management/fleet-cmp/plugin/server/api"
)

// margin is how long before the deadline of a request work on it ends, so that its answer still arrives. It is that of
// argocd-cmp-server (cmpTimeoutBuffer in cmpserver/plugin/plugin.go of Argo CD).
const margin = 100 * time.Millisecond

// withEarlierDeadline returns a context that ends a little before another.
func withEarlierDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if deadline, has := ctx.Deadline(); has {
		return context.WithDeadline(ctx, deadline.Add(-margin))
	}
	return context.WithCancel(ctx)
}

// isGone tells whether whoever sent a request is gone. The stream may say so a moment before its context does.
func isGone(ctx context.Context, err error) bool {
	code := status.Code(err)
	return ctx.Err() != nil || code == codes.Canceled || code == codes.DeadlineExceeded
}

// asStatus returns an error as the protocol has it.
func asStatus(ctx context.Context, err error) error {
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded), status.Code(err) == codes.DeadlineExceeded:
		return status.Errorf(codes.DeadlineExceeded,
			"%v: raise the timeout of repo-server and controller if it needs that", err)
	case isGone(ctx, err):
		return status.Error(codes.Canceled, err.Error())
	case errors.Is(err, ErrBusy):
		return status.Error(codes.ResourceExhausted, err.Error())
	}
	return status.Error(codes.Unknown, err.Error())
}

// ErrBusy is the cause when too many requests wait for a worker.
var ErrBusy = errors.New("too many requests wait")

// readAnnouncements reads what workers announce.
func readAnnouncements(text []byte) ([]*api.ParameterAnnouncement, error) {
	var list []plugin.Announcement
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("the parameters cannot be announced: %w", err)
	}
	announcements := make([]*api.ParameterAnnouncement, 0, len(list))
	for _, a := range list {
		announcements = append(announcements, &api.ParameterAnnouncement{Name: a.Name, Title: a.Title,
			Tooltip: a.Tooltip, Required: a.Required, CollectionType: a.CollectionType, String_: a.String,
			Array: a.Array, Map: a.Map})
	}
	return announcements, nil
}
