package secretsmanager

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// A cause is why a secret could not be read, in words of this package only. The SDK's errors are neither quoted nor
// wrapped: one about an answer that cannot be decoded carries the answer.
type cause struct {
	message string // follows the secret's name
	hint    string
	call    bool  // it is the call that failed, with all secrets in it
	err     error // context.Canceled, context.DeadlineExceeded or nil
}

var (
	unanswered = &cause{message: "is not in the service's answer", hint: "try again"}

	denied = cause{
		message: "cannot be read: access denied",
		hint: "allow the role secretsmanager:BatchGetSecretValue, and secretsmanager:GetSecretValue on the secret " +
			"(for another " +
			"account, in the secret's resource policy too; for a customer managed key, kms:Decrypt)",
	}
	missing = cause{message: "does not exist", hint: "check name, account, region and spec.secretsManager.prefix"}
	deleted = cause{message: "is scheduled for deletion",
		hint: "restore it with `aws secretsmanager restore-secret`, or name another one"}
)

// byCode returns the cause that an error code of AWS stands for. The message is looked at, never quoted.
func byCode(code, message string) *cause {
	if _, throttled := retry.DefaultThrottleErrorCodes[code]; throttled {
		return &cause{message: "cannot be read: throttled by AWS",
			hint: "try again later, or keep a cache (spec.secretsManager.cache)"}
	}
	switch code {
	case "AccessDeniedException", "AccessDenied", "UnauthorizedOperation":
		return &denied
	case "ResourceNotFoundException":
		return &missing
	case "InvalidRequestException":
		if strings.Contains(message, "deletion") || strings.Contains(message, "deleted") {
			return &deleted
		}
		return &cause{message: "cannot be read in its present state",
			hint: "look at it with `aws secretsmanager describe-secret`"}
	case "DecryptionFailure":
		return &cause{message: "cannot be decrypted",
			hint: "allow the role kms:Decrypt for the secret's key, and check that the key is enabled"}
	case "UnrecognizedClientException", "InvalidClientTokenId", "InvalidSignatureException", "SignatureDoesNotMatch",
		"ExpiredTokenException", "ExpiredToken", "IncompleteSignature", "InvalidAccessKeyId":
		return &cause{message: "cannot be read: AWS does not accept the credentials",
			hint: "renew them; check them with `aws sts get-caller-identity`"}
	case "InternalServiceError", "InternalFailure", "InternalServerError", "ServiceUnavailable",
		"ServiceUnavailableException":
		return &cause{message: "cannot be read: error inside AWS", hint: "try again"}
	}
	return &cause{message: "cannot be read: " + safeCode(code),
		hint: "look the error up in the Secrets Manager API reference, BatchGetSecretValue"}
}

// safeCode returns an unknown error code, if it is one word: codes come from the answer, which is not to be quoted.
func safeCode(code string) string {
	const longest = 64
	other := func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') }
	if code == "" || len(code) > longest || strings.ContainsFunc(code, other) {
		return "unknown error"
	}
	return "AWS reports " + code
}

// authenticate gets the credentials before the first call, so that what is wrong with them is not taken for something
// wrong with a secret. The SDK keeps them.
func (c *Client) authenticate(ctx context.Context, r *region) *cause {
	if _, err := r.own.Retrieve(ctx); err != nil {
		if ended := c.ended(ctx); ended != nil {
			return ended
		}
		return &cause{call: true, message: "cannot be read: there are no AWS credentials",
			hint: "set AWS_PROFILE or AWS_ACCESS_KEY_ID, or give the pod a role (IRSA or EKS Pod Identity)"}
	}
	if r.role == nil {
		return nil
	}
	if _, err := r.role.Retrieve(ctx); err != nil {
		reason := *c.callFailed(ctx, err)
		if reason.err != nil {
			return &reason
		}
		reason.message = fmt.Sprintf("cannot be read as role %q: %s", c.config.RoleARN,
			strings.TrimPrefix(reason.message, "cannot be read: "))
		reason.hint = "allow sts:AssumeRole on the role, also in the role's own trust policy"
		return &reason
	}
	return nil
}

// callFailed returns the cause of a failed call.
func (c *Client) callFailed(ctx context.Context, err error) *cause {
	if ended := c.ended(ctx); ended != nil {
		return ended
	}
	result := cause{message: "cannot be read: the answer of AWS cannot be understood",
		hint: "check AWS_ENDPOINT_URL and proxies"}
	var api smithy.APIError
	var send *smithyhttp.RequestSendError
	var response *smithyhttp.ResponseError
	switch {
	case errors.As(err, &api) && api.ErrorCode() != "UnknownError": // of a proxy or load balancer
		result = *byCode(api.ErrorCode(), api.ErrorMessage())
	case errors.As(err, &send):
		result.message = "cannot be read: AWS cannot be reached" + connection(err)
		result.hint = "check network, proxies, AWS_ENDPOINT_URL and the region"
	case errors.As(err, &response) && response.HTTPStatusCode() != http.StatusOK:
		result.message = fmt.Sprintf("cannot be read: HTTP status %d", response.HTTPStatusCode())
	}
	result.call = true
	return &result
}

// ended returns the cause of a call that the context ended, nil if it goes on.
func (c *Client) ended(ctx context.Context) *cause {
	switch err := ctx.Err(); {
	case errors.Is(err, context.DeadlineExceeded):
		return &cause{call: true, err: err, message: "cannot be read: no answer in time, retries included",
			hint: fmt.Sprintf("raise spec.secretsManager.timeout (now %s), or check the network", c.config.Timeout)}
	case err != nil:
		return &cause{call: true, err: err, message: "cannot be read: interrupted", hint: "run the command again"}
	}
	return nil
}

// connection says what is wrong with the network, which is known before any secret is sent.
func connection(err error) string {
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.As(err, &dns):
		return fmt.Sprintf(": no address for %q", dns.Name)
	case errors.As(err, &op) && op.Op == "dial":
		return ": " + op.Error()
	}
	return ""
}
