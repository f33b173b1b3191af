// Package remote fetches single commits of Git repositories from their servers, with HTTPS or SSH. What it fetches is
// bounded, and nothing that a repository or its configuration names is run.
package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"regexp"
	"time"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/capability"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/sideband"
	"github.com/go-git/go-git/v5/plumbing/transport"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/revision"
)

const (
	// MaxPack is how many bytes a server may send for one commit.
	MaxPack = 50 << 20

	timeout = time.Minute // of all that one fetch asks of a server
)

// A Source is a repository on a server.
type Source struct {
	URL *url.URL // https, ssh, or http to this machine; without a password
	// Credential returns the user and password for the server, where it asks for them; false for none.
	Credential func(ctx context.Context, u *url.URL) (user, password string, found bool)
	// Received is told how much of a commit is there, in MiB; nil: nobody wants to know.
	Received func(mebibytes int64)
}

// ErrTooLarge is the cause where a server sends more than [MaxPack].
var ErrTooLarge = problem.Hinted("take the catalog from a chart repository",
	"the server sends more than %d MiB", MaxPack>>20)

// ErrUnreachable is the cause where a server does not answer.
var ErrUnreachable = errors.New("the server cannot be reached")

// Fetch fetches the commit that a revision is: a branch, a tag, HEAD, or the full name of a commit. It does so without
// its history, into a directory below scratch that is gone when it returns. use is called with the commit, and with its
// files unless known says that they are not needed. It fails, with one line without credentials, where the server
// cannot be reached, has no such revision or sends too much, and as use does.
func Fetch(ctx context.Context, s Source, name, scratch string, known func(commit string) bool,
	use func(commit string, files func(directory string) (fs.FS, error)) error) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	session, advertised, err := s.connect(ctx)
	if err != nil {
		return s.failure(ctx, err)
	}
	defer session.Close()
	commit, err := resolve(advertised, name)
	if err != nil {
		return err
	}
	if known(commit.String()) {
		return use(commit.String(), nil)
	}
	if scratch != "" {
		if err := os.MkdirAll(scratch, 0o700); err != nil {
			return err
		}
	}
	directory, err := os.MkdirTemp(scratch, "fetch-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(directory)
	if err := s.receive(ctx, session, advertised, commit, directory); err != nil {
		return s.failure(ctx, err)
	}
	repository, err := revision.Open(directory, nil)
	if err != nil {
		return err
	}
	defer repository.Close()
	peeled, err := repository.Commit(commit.String()) // of an annotated tag
	if err != nil {
		return err
	}
	return use(commit.String(), func(directory string) (fs.FS, error) { return repository.Tree(peeled, directory) })
}

// failure says what went wrong with a server, without what only a program understands.
func (s Source) failure(ctx context.Context, err error) error {
	var network net.Error
	var own *problem.Cause
	switch {
	case ctx.Err() != nil:
		err = fmt.Errorf("%w in time", ErrUnreachable)
	case errors.As(err, &network) && errors.As(err, &own): // it was not to be reached
		err = own
	case errors.As(err, &network):
		err = fmt.Errorf("%w: %w", ErrUnreachable, innermost(network))
	case errors.Is(err, transport.ErrAuthenticationRequired), errors.Is(err, transport.ErrAuthorizationFailed):
		err = problem.Hinted("a credential helper of Git, or .netrc, can give them for this server",
			"the server asks for other credentials, or for some")
	case errors.Is(err, transport.ErrRepositoryNotFound):
		err = errors.New("the server has no such repository, or does not show it")
	case s.URL.Scheme == "ssh":
		err = sshFailure(err)
	}
	return problem.Hinted(problem.HintOf(err), "%s cannot be fetched: %w", plain(s.URL), err)
}

// innermost returns the last cause of an error, which says what happened without where.
func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

// plain is an address as messages show it.
func plain(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

var fullName = regexp.MustCompile(`^[0-9a-f]{40}$`)

// resolve returns the object that a name is on the server. A branch comes before a tag, as for Argo CD.
func resolve(advertised *packp.AdvRefs, name string) (plumbing.Hash, error) {
	if name == "HEAD" && advertised.Head != nil {
		return *advertised.Head, nil
	}
	for _, ref := range []string{name, "refs/heads/" + name, "refs/tags/" + name} {
		if hash, is := advertised.References[ref]; is {
			return hash, nil
		}
	}
	if !fullName.MatchString(name) {
		return plumbing.ZeroHash, fmt.Errorf("the server has no branch or tag %s", name)
	}
	for _, c := range []capability.Capability{capability.AllowTipSHA1InWant, capability.AllowReachableSHA1InWant} {
		if advertised.Capabilities.Supports(c) {
			return plumbing.NewHash(name), nil
		}
	}
	for _, hash := range advertised.References {
		if hash.String() == name {
			return hash, nil
		}
	}
	return plumbing.ZeroHash, errors.New("the server gives commits only by the names of branches and tags")
}

// receive fetches one commit without its history into a new repository in a directory.
func (s Source) receive(ctx context.Context, session transport.UploadPackSession, advertised *packp.AdvRefs,
	commit plumbing.Hash, directory string) error {
	repository, err := git.PlainInit(directory, true)
	if err != nil {
		return err
	}
	request := packp.NewUploadPackRequestFromCapabilities(advertised.Capabilities)
	request.Wants = []plumbing.Hash{commit}
	if advertised.Capabilities.Supports(capability.Shallow) {
		request.Depth = packp.DepthCommits(1)
		if err := request.Capabilities.Set(capability.Shallow); err != nil {
			return err
		}
	}
	response, err := session.UploadPack(ctx, request)
	if err != nil {
		return err
	}
	defer response.Close()
	var pack io.Reader = response
	switch {
	case request.Capabilities.Supports(capability.Sideband64k):
		pack = sideband.NewDemuxer(sideband.Sideband64k, response)
	case request.Capabilities.Supports(capability.Sideband):
		pack = sideband.NewDemuxer(sideband.Sideband, response)
	}
	return packfile.UpdateObjectStorage(repository.Storer, &bounded{reader: pack, left: MaxPack, told: s.Received})
}

// bounded is a reader that fails beyond so many bytes.
type bounded struct {
	reader io.Reader
	left   int64
	told   func(mebibytes int64) // how much was read; nil: nobody wants to know
}

// Read implements [io.Reader].
func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, ErrTooLarge
	}
	n, err := b.reader.Read(p[:min(int64(len(p)), b.left)])
	const mebibyte = 1 << 20
	before := (MaxPack - b.left) / mebibyte
	b.left -= int64(n)
	if now := (MaxPack - b.left) / mebibyte; b.told != nil && now != before {
		b.told(now)
	}
	return n, err
}
