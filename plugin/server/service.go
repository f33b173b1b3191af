// Package server is a plugin server of Argo CD: it speaks the protocol of argocd-cmp-server with argocd-repo-server,
// and has workers render what is asked for. It takes the repository from memory, and starts no process for a request.
package server

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/eks-fleet-management/fleet-cmp/internal/fair"
	"github.com/eks-fleet-management/fleet-cmp/plugin/server/api"
)

// A Job is what argocd-repo-server asks for an Application.
type Job struct {
	Archive  *Archive // of the repository
	App      string
	Path     string   // directory of the Application in the repository, as it was sent
	Environ  []string // in the form of os.Environ: what Argo CD sends
	Checksum string   // of the archive, as it was sent
}

// Variable returns a variable of the environment of the Application; "" if it has none of the name.
func (j Job) Variable(name string) string {
	for _, entry := range slices.Backward(j.Environ) {
		if key, value, _ := strings.Cut(entry, "="); key == name {
			return value
		}
	}
	return ""
}

// Tenant returns whom the job is for: the repository and the group, as Argo CD says them.
func (j Job) Tenant() fair.Tenant {
	return fair.Tenant{Repository: j.Variable("ARGOCD_APP_SOURCE_REPO_URL"),
		Group: cmp.Or(j.Variable("PARAM_GROUP"), j.Variable("ARGOCD_ENV_GROUP"))}
}

// Workers do jobs. What they return is whole, or an error of one line.
type Workers interface {
	// Generate renders an Application: each object as JSON.
	Generate(ctx context.Context, j Job) ([]string, error)
	// Parameters returns the parameters that an Application can have, as JSON (a list of announcements).
	Parameters(ctx context.Context, j Job) ([]byte, error)
	// Discover tells whether the plugin is for an Application.
	Discover(ctx context.Context, j Job) (bool, error)
}

// A Config says what a server tells of itself.
type Config struct {
	Discovers      bool // it can tell which Applications it is for
	GitCredentials bool // it wants Git credentials
	MaxArchive     int64
	// AtOnce is how many requests are received and worked on at the same time. Of others, only what they are for is
	// taken, so that what else they send waits at its sender. Tenants take turns. 0: as many as usual.
	AtOnce int
}

// usualAtOnce is how many requests repo-server has at once where many Applications are refreshed, and more than all
// workers have to do meanwhile.
const usualAtOnce = 64

// service implements the protocol.
type service struct {
	api.UnimplementedConfigManagementPluginServiceServer
	config  Config
	workers Workers
	store   *Store
	turns   *turns
}

// Register adds the service to a server of gRPC.
func Register(on grpc.ServiceRegistrar, config Config, workers Workers, store *Store) {
	if config.AtOnce <= 0 {
		config.AtOnce = usualAtOnce
	}
	api.RegisterConfigManagementPluginServiceServer(on, &service{config: config, workers: workers, store: store,
		turns: &turns{free: config.AtOnce}})
}

// CheckPluginConfiguration implements the protocol.
func (s *service) CheckPluginConfiguration(context.Context, *emptypb.Empty) (*api.CheckPluginConfigurationResponse,
	error) {
	return &api.CheckPluginConfigurationResponse{IsDiscoveryConfigured: s.config.Discovers,
		ProvideGitCreds: s.config.GitCredentials}, nil
}

// GenerateManifest implements the protocol.
func (s *service) GenerateManifest(
	stream grpc.ClientStreamingServer[api.AppStreamRequest, api.ManifestResponse]) error {
	return answer(s, stream, func(ctx context.Context, j Job) (*api.ManifestResponse, error) {
		manifests, err := s.workers.Generate(ctx, j)
		return &api.ManifestResponse{Manifests: manifests}, err
	})
}

// MatchRepository implements the protocol.
func (s *service) MatchRepository(
	stream grpc.ClientStreamingServer[api.AppStreamRequest, api.RepositoryResponse]) error {
	return answer(s, stream, func(ctx context.Context, j Job) (*api.RepositoryResponse, error) {
		if !s.config.Discovers {
			return &api.RepositoryResponse{}, nil
		}
		is, err := s.workers.Discover(ctx, j)
		return &api.RepositoryResponse{IsSupported: is, IsDiscoveryEnabled: true}, err
	})
}

// GetParametersAnnouncement implements the protocol.
func (s *service) GetParametersAnnouncement(
	stream grpc.ClientStreamingServer[api.AppStreamRequest, api.ParametersAnnouncementResponse]) error {
	return answer(s, stream, func(ctx context.Context, j Job) (*api.ParametersAnnouncementResponse, error) {
		text, err := s.workers.Parameters(ctx, j)
		if err != nil {
			return nil, err
		}
		announcements, err := readAnnouncements(text)
		return &api.ParametersAnnouncementResponse{ParameterAnnouncements: announcements}, err
	})
}

// answer receives a request to its end, whatever it is: Argo CD's sender takes an early answer for a failure of its
// own. It then has the job done, and sends the result.
func answer[R any](s *service, stream grpc.ClientStreamingServer[api.AppStreamRequest, R],
	do func(ctx context.Context, j Job) (*R, error)) error {
	ctx, cancel := withEarlierDeadline(stream.Context())
	defer cancel()
	job, err := receiveMetadata(stream)
	if err == nil {
		if err := s.turns.take(ctx, job.Tenant()); err != nil {
			return asStatus(ctx, err)
		}
		defer s.turns.release()
		job.Archive, err = s.receive(ctx, stream, job.Checksum)
	}
	switch {
	case err != nil && isGone(ctx, err):
		return asStatus(ctx, err)
	case err != nil:
		return drained(stream, err)
	}
	defer job.Archive.Release()
	result, err := do(ctx, job)
	if err != nil {
		return asStatus(ctx, err)
	}
	return stream.SendAndClose(result)
}

// A receiver has the parts of a request.
type receiver interface {
	Recv() (*api.AppStreamRequest, error)
}

// drained takes what is left of a request, and returns the error that it failed with.
func drained(from receiver, failed error) error {
	for {
		if _, err := from.Recv(); err != nil {
			code := codes.InvalidArgument
			if errors.Is(failed, ErrNoRoom) {
				code = codes.ResourceExhausted
			}
			return status.Error(code, failed.Error())
		}
	}
}

// receiveMetadata reads what a request is for.
func receiveMetadata(from receiver) (Job, error) {
	first, err := from.Recv()
	if errors.Is(err, io.EOF) {
		return Job{}, errors.New("the request is empty")
	}
	if err != nil {
		return Job{}, err
	}
	metadata := first.GetMetadata()
	if metadata == nil {
		return Job{}, errors.New("the request does not begin with its metadata")
	}
	job := Job{App: string(metadata.GetAppName()), Path: string(metadata.GetAppRelPath()),
		Checksum: string(metadata.GetChecksum())}
	for _, e := range metadata.GetEnv() {
		if len(e.GetName()) > 0 {
			job.Environ = append(job.Environ, string(e.GetName())+"="+string(e.GetValue()))
		}
	}
	return job, nil
}

// receive reads the rest of a request: the archive with the checksum.
func (s *service) receive(ctx context.Context, from receiver, checksum string) (*Archive, error) {
	writer := s.store.Writer(checksum, s.config.MaxArchive)
	defer writer.Discard()
	for {
		part, err := from.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		file := part.GetFile()
		if file == nil {
			return nil, errors.New("the request has something else than parts of an archive after its metadata")
		}
		if _, err := writer.Write(file.GetChunk()); err != nil {
			return nil, err
		}
	}
	if writer.Size() == 0 {
		return nil, errors.New("the request has no archive of a repository")
	}
	return writer.Finish(ctx)
}
