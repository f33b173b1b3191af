package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// Probes answer what the probes of Kubernetes ask, on the socket of the plugin, which only the user of the sidecar may
// use: in gRPC's protocol for health, where healthz and readyz are services. So they do not depend on whether and where
// metrics are served.
type probes struct {
	*health.Server
	all map[string]answerer
}

// Check implements the protocol.
func (p probes) Check(ctx context.Context, asked *grpc_health_v1.HealthCheckRequest) (
	*grpc_health_v1.HealthCheckResponse, error) {
	probe := p.all[asked.GetService()]
	if probe == nil {
		return p.Server.Check(ctx, asked)
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	if err := probe(ctx); err != nil {
		return nil, status.Error(codes.Unavailable, problem.OneLine(err.Error()))
	}
	return &grpc_health_v1.HealthCheckResponse{Status: grpc_health_v1.HealthCheckResponse_SERVING}, nil
}

// ask asks a server for its health on its socket, and fails with what it says is wrong.
func ask(ctx context.Context, socket, what string) error {
	dial := func(ctx context.Context, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", socket)
	}
	connection, err := grpc.NewClient("passthrough:///plugin", grpc.WithContextDialer(dial),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer connection.Close()
	const more = time.Second // so that it is the server who says what took too long
	ctx, cancel := context.WithTimeout(ctx, probeTimeout+more)
	defer cancel()
	_, err = grpc_health_v1.NewHealthClient(connection).Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: what})
	if err != nil {
		return fmt.Errorf("%s: %s", what, status.Convert(err).Message())
	}
	return nil
}

// newCheckCommand returns the command that asks a server that runs.
func newCheckCommand() *cobra.Command {
	var directory string
	cmd := &cobra.Command{
		Use:   "check [healthz|readyz]",
		Short: "Ask a server of this container whether it works, for the probes of Kubernetes",
		Long: `Ask a server of this container whether it works: healthz (it listens, and a worker answers), or readyz
(it has begun to serve, and does not stop). It asks on the socket of the plugin, wherever metrics are served.`,
		ValidArgs: []string{"healthz", "readyz"},
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 || len(args) == 1 && args[0] != "healthz" && args[0] != "readyz" {
				return usage.Error(errors.New("ask for healthz or readyz"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			config, err := readConfig(directory)
			if err != nil {
				return err
			}
			return ask(cmd.Context(), config.socket(), append(args, "healthz")[0])
		},
	}
	addConfig(cmd.Flags(), &directory)
	return cmd
}
