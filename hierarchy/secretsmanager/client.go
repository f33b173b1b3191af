package secretsmanager

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	sdk "github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

const (
	defaultTimeout = 30 * time.Second
	// attempts is how often a call is made if AWS_MAX_ATTEMPTS and the shared configuration say nothing: more than the
	// SDK's three, since a large fleet reads many batches at once and is throttled sooner.
	attempts = 5
	// session is the role session's name, which CloudTrail shows for every secret read.
	session = "fleet-cmp"
)

// Config is spec.secretsManager of fleet.yaml. All of it is optional.
type Config struct {
	Region  string        // of secrets given by name; otherwise that of the AWS configuration
	RoleARN string        // an IAM role to assume, for secrets in another account
	Prefix  string        // goes before names, not before ARNs
	Timeout time.Duration // for one Read, with all retries; 0 means 30 seconds

	// Cache is for how long an Identity in CacheDir counts; 0, or no CacheDir, means no cache.
	Cache    time.Duration
	CacheDir string
}

// A Client reads secrets. It may be used from several goroutines at once.
type Client struct {
	config Config
	aws    aws.Config
	cache  *cache

	mu      sync.Mutex
	regions map[string]*region
}

// A region is the service in one AWS region, with the credentials to ask it.
type region struct {
	service *sdk.Client
	own     aws.CredentialsProvider // of the AWS configuration
	role    aws.CredentialsProvider // of Config.RoleARN; nil without one
}

// New returns a client. It reads the AWS configuration but calls no service. It fails if a key of the configuration is
// malformed, if the AWS configuration cannot be loaded, and if the cache's directory cannot be made.
func New(ctx context.Context, c Config) (*Client, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	loaded, err := config.LoadDefaultConfig(ctx,
		// Requests and answers are never logged: answers hold the secrets.
		config.WithLogger(logging.Nop{}), config.WithClientLogMode(0),
		config.WithRegion(c.Region), // "" leaves it to the configuration
	)
	if err != nil {
		return nil, problem.New("", 0, "AWS configuration cannot be loaded").
			WithHint("check AWS_PROFILE, the AWS_* variables and the shared configuration files, for example with " +
				"`aws configure list`")
	}
	if loaded.RetryMaxAttempts == 0 {
		loaded.RetryMaxAttempts = attempts
	}
	client := &Client{config: c, aws: loaded, regions: map[string]*region{}}
	if c.Cache > 0 && c.CacheDir != "" {
		if err := os.MkdirAll(c.CacheDir, 0o700); err != nil {
			return nil, problem.New("", 0, "cache of AWS Secrets Manager: %w", err)
		}
		// The same name is another secret under another profile or role.
		client.cache = &cache{dir: c.CacheDir, valid: c.Cache, scope: []string{profile(loaded), c.RoleARN}}
	}
	return client, nil
}

// check says what is wrong with the keys of the configuration.
func (c Config) check() error {
	wrong := func(key, format string, args ...any) error {
		return problem.New("", 0, "secretsManager: %s %s", key, fmt.Sprintf(format, args...))
	}
	switch {
	case c.Region != "" && !cluster.IsRegion(c.Region):
		return wrong("region", "%q is no AWS region", c.Region)
	case c.Prefix != "" && !isSecretName(c.Prefix):
		return wrong("prefix", "%q cannot start the name of a secret", c.Prefix)
	case c.Timeout < 0:
		return wrong("timeout", "must not be negative")
	case c.Cache < 0:
		return wrong("cache", "must not be negative")
	}
	if c.RoleARN != "" {
		role, err := arn.Parse(c.RoleARN)
		if err != nil || role.Service != "iam" || !strings.HasPrefix(role.Resource, "role/") {
			return wrong("roleARN", "%q is no ARN of an IAM role", c.RoleARN)
		}
	}
	return nil
}

// profile returns the name of the profile in the shared configuration that is in use, or "".
func profile(c aws.Config) string {
	for _, source := range c.ConfigSources {
		if shared, ok := source.(config.SharedConfig); ok {
			return shared.Profile
		}
	}
	return ""
}

// in returns the service in a region. The role is assumed at that region's STS endpoint: tokens of the global one do
// not count in opt-in regions (IAM User Guide, "Manage AWS STS in an AWS Region").
func (c *Client) in(name string) *region {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r, ok := c.regions[name]; ok {
		return r
	}
	local := c.aws.Copy()
	local.Region = name
	r := &region{own: local.Credentials}
	if c.config.RoleARN != "" {
		r.role = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(local), c.config.RoleARN,
			func(o *stscreds.AssumeRoleOptions) { o.RoleSessionName = session }))
		local.Credentials = r.role
	}
	r.service = sdk.NewFromConfig(local)
	c.regions[name] = r
	return r
}
