package network

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/errdef"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/errcode"

	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// retry is how the network is used: in tries of limited time, with growing pauses between them.
type retry struct {
	timeout time.Duration
	backoff wait.Backoff
	sleep   func(context.Context, time.Duration) error
	lost    *lost
	from    string // the host of the repository that is asked, and may lead elsewhere
}

// of returns how a repository at a host is asked.
func (r retry) of(host string) retry {
	r.from = host
	return r
}

// longestPause is the longest one that a server gets between two tries. One that asks for more is not asked again.
const longestPause = 30 * time.Second

// do tries something with a host until it succeeds, fails for good, or the tries are used up. A server that is busy
// gets the pause that it asks for. An error says what was tried, in words that are safe to show. A host that answers
// nothing, or asks for too long a pause, is lost: it fails in the same way from then on.
func (r retry) do(ctx context.Context, host, what string, try func(context.Context) error) error {
	if err := r.lost.why(host); err != nil {
		return err
	}
	heard := &hearing{from: r.from}
	var last error
	tries := 0
	for pauses := r.backoff; ; {
		tries++
		if last = r.once(ctx, heard, try); last == nil {
			return nil
		}
		if ctx.Err() != nil || !temporary(last) || tries == r.backoff.Steps || heard.wish > longestPause {
			break
		}
		if r.sleep(ctx, max(pauses.Step(), heard.wish)) != nil {
			break
		}
	}
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", what, context.Cause(ctx))
	}
	if tries > 1 {
		what = fmt.Sprintf("%s (tried %d times)", what, tries)
	}
	err := r.explain(what, last, heard.wish)
	if temporary(last) && (!heard.any || heard.wish > longestPause) {
		r.lost.add(host, err)
	}
	return err
}

// once is one try.
func (r retry) once(ctx context.Context, heard *hearing, try func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(heard.in(ctx), r.timeout)
	defer cancel()
	return try(ctx)
}

// sleep waits, or fails when the context ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// statusError is an answer of a server that is no success.
type statusError int

func (s statusError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("the server answered %d %s", int(s), http.StatusText(int(s))))
}

// status returns the HTTP status that an error is about; 0 if none.
func status(err error) int {
	var code statusError
	if errors.As(err, &code) {
		return int(code)
	}
	var response *errcode.ErrorResponse
	if errors.As(err, &response) {
		return response.StatusCode
	}
	if errors.Is(err, errdef.ErrNotFound) {
		return http.StatusNotFound
	}
	return 0
}

// temporary tells whether another try may help: after connections that fail, time-outs, and the statuses with which a
// server says that the fault is its own (5xx) or that it is busy (429).
func temporary(err error) bool {
	if code := status(err); code != 0 {
		return code >= http.StatusInternalServerError || code == http.StatusTooManyRequests
	}
	var own *problem.Cause
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var alert tls.AlertError
	if errors.As(err, &own) || errors.As(err, &certificate) || errors.As(err, &alert) || isPlainHTTP(err) ||
		(errors.As(err, &name) && name.IsNotFound) {
		return false
	}
	var request *url.Error
	var network net.Error
	return errors.As(err, &request) || errors.As(err, &network) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, io.EOF)
}

// isPlainHTTP tells whether TLS was spoken to a server that does not know it.
func isPlainHTTP(err error) bool {
	var record tls.RecordHeaderError
	return errors.Is(err, http.ErrSchemeMismatch) || errors.As(err, &record)
}

// explain turns an error of the network into a cause. What a server says in its own words is left out, since it may
// repeat what it was sent, and so are the query and user information of URLs.
func (r retry) explain(what string, err error, wish time.Duration) error {
	var own *problem.Cause
	var certificate *tls.CertificateVerificationError
	var request *url.Error
	var long *http.MaxBytesError
	reason, advice := "", ""
	switch code := status(err); {
	case errors.As(err, &own):
		return own // without the URL around it, which the server may have chosen
	case errors.As(err, &long):
		reason = fmt.Sprintf("the server sends more than %d MiB at once, which is the most that is accepted",
			long.Limit>>20)
	case code != 0:
		reason, advice = statusError(code).Error(), statusHint(code)
		if wish > 0 {
			reason += ", and asks to wait " + wish.String()
		}
	case errors.Is(err, auth.ErrBasicCredentialNotFound):
		reason, advice = statusError(http.StatusUnauthorized).Error(), statusHint(http.StatusUnauthorized)
	case errors.Is(err, context.DeadlineExceeded):
		reason = fmt.Sprintf("there was no complete answer within %s", r.timeout)
	case errors.As(err, &certificate):
		reason = "the certificate of the server is not trusted: " + certificate.Err.Error()
		advice = "give its authority: caFile in Helm's repositories.yaml, or SSL_CERT_FILE"
	case isPlainHTTP(err):
		reason = "the server does not speak TLS"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		reason = "the connection broke off"
	case errors.Is(err, content.ErrMismatchedDigest):
		reason = "what the registry sent does not have the digest that it promised"
	case errors.Is(err, content.ErrTrailingData), errors.Is(err, content.ErrInvalidDescriptorSize):
		reason = "what the registry sent does not have the size that it promised"
	case errors.As(err, &request):
		reason = address.Strip(request.Err.Error())
	default:
		reason = address.Strip(err.Error())
	}
	return &problem.Cause{Message: what + ": " + reason, Hint: advice, Err: err}
}

func statusHint(code int) string {
	switch code {
	case http.StatusUnauthorized, http.StatusForbidden:
		return "credentials come from Helm's repositories.yaml (helm repo add) or registry/config.json (helm " +
			"registry login)"
	case http.StatusNotFound:
		return "check repository, name and version"
	}
	if temporary(statusError(code)) {
		return "try again later; with --offline, what was fetched before is used"
	}
	return ""
}
