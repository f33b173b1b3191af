package fleet

import (
	"errors"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet/levelpath"
	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// SecretsManager says how the secrets of the spokes are read from AWS Secrets Manager.
type SecretsManager struct {
	Region  string        // "" for that of the AWS configuration
	RoleARN string        // role to assume, of another account; may be empty
	Prefix  string        // of the names of secrets that are no ARN
	Timeout time.Duration // of reading all of them; 0 for the default
	Cache   time.Duration // how long what was read is kept; 0: not at all
}

// readSources reads what fleet.yaml says of other places: chart repositories, this repository, AWS Secrets Manager.
func (f *Fleet) readSources(d *hierarchy.Document, spec *fields.Reader) error {
	f.ChartRepositories, f.RepositoryURLs = spec.Texts("chartRepositories"), spec.Texts("repositoryURLs")
	for _, repository := range f.ChartRepositories {
		if err := address.CheckURL(repository); err != nil {
			spec.Fail("chartRepositories", "chartRepositories %w", err)
		}
		if u, err := url.Parse(repository); err != nil || repository == "" || u.User != nil ||
			strings.ContainsAny(repository, " ?#") {
			spec.Fail("chartRepositories", "%q is no address of a chart repository", repository)
		}
	}
	for _, repository := range f.RepositoryURLs {
		if err := address.CheckURL(repository); err != nil {
			spec.Fail("repositoryURLs", "repositoryURLs %w", err)
		}
	}
	if !spec.Has("secretsManager") {
		return spec.Err()
	}
	r := d.Reader(spec.Map("secretsManager"), "secretsManager", "spec", "secretsManager")
	f.readPrefixes(d, r)
	s := &SecretsManager{Region: r.Text("region"), RoleARN: r.Text("roleARN"), Prefix: r.Text("prefix")}
	s.Timeout, s.Cache = readDuration(r, "timeout"), readDuration(r, "cache")
	switch {
	case s.Region != "" && !cluster.IsRegion(s.Region):
		r.Fail("region", "%q is no AWS region", s.Region)
	case s.RoleARN != "" && !isRoleARN(s.RoleARN):
		r.Fail("roleARN", "%q is no ARN of an IAM role", s.RoleARN)
	case s.Prefix != "" && !cluster.IsSecretName(s.Prefix):
		r.Fail("prefix", "%q cannot start the name of a secret", s.Prefix)
	}
	// Prefixes alone say nothing of reading.
	if keys := spec.Map("secretsManager"); len(keys) != 1 || keys["prefixes"] == nil {
		f.SecretsManager = s
	}
	if err := spec.Err(); err != nil {
		return err
	}
	return r.Finish()
}

// readPrefixes reads how the names of the members' secrets start. What is empty by mistake would restrict nobody.
func (f *Fleet) readPrefixes(d *hierarchy.Document, r *fields.Reader) {
	f.SecretPrefixes = r.TextMap("prefixes")
	prefixes, isMap := r.Any("prefixes").(map[string]any)
	if r.Has("prefixes") && !isMap {
		r.Fail("prefixes", "prefixes must be a map, not %s", fields.TypeName(r.Any("prefixes")))
	}
	for _, tenant := range slices.Sorted(maps.Keys(prefixes)) {
		_, err := f.templates.Parse(f.SecretPrefixes[tenant])
		if prefixes[tenant] == nil {
			err = errors.New("must be a string, not null")
		}
		if err != nil {
			r.FailWith(problem.New(d.Name, d.Line("spec", "secretsManager", "prefixes", tenant),
				"secretsManager: prefixes.%s: %w", tenant, err))
		}
	}
}

// ExpandPrefix evaluates a template of spec.secretsManager.prefixes over what is known of a member. reason says why it
// gives nothing.
func (f *Fleet) ExpandPrefix(text string, data map[string]any) (prefix, reason string) {
	parsed, err := f.templates.Parse(text)
	if err != nil { // which reading fleet.yaml has refused
		return "", err.Error()
	}
	for _, field := range parsed.Fields {
		if _, ok := levelpath.Lookup(data, field); !ok {
			return "", "the member has no " + strings.Join(field, ".")
		}
	}
	var out strings.Builder
	err = parsed.Template.Execute(&out, data)
	if err != nil || out.Len() == 0 || strings.Contains(out.String(), "<no value>") {
		return "", "the member has no value for " + strconv.Quote(text)
	}
	return out.String(), ""
}

// isRoleARN tells whether a string has the parts of a role's ARN (IAM User Guide, IAM ARNs). The client of AWS looks
// closer.
func isRoleARN(text string) bool {
	parts := strings.SplitN(text, ":", 6)
	return len(parts) == 6 && parts[0] == "arn" && parts[2] == "iam" && strings.HasPrefix(parts[5], "role/")
}

// readDuration returns a duration as Go writes it, or 0 for one that is missing.
func readDuration(r *fields.Reader, key string) time.Duration {
	text := r.Text(key)
	if text == "" {
		return 0
	}
	duration, err := time.ParseDuration(text)
	if err != nil || duration < 0 {
		r.Fail(key, "%s must be a duration such as 30s, not %q", key, text)
	}
	return duration
}
