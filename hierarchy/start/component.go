package start

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// What the parts of addresses are made of. None has what templates and shells give a meaning to.
var (
	isAddress = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9@:/._~%+-]*$`)
	isChart   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
	isVersion = regexp.MustCompile(`^v?[0-9]+(\.[0-9]+){0,2}([-+][0-9A-Za-z.+-]+)?$`)
	// isRegistry is a host, maybe with a port, and the path of charts there.
	isRegistry = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*(:[0-9]+)?(/[a-z0-9][a-z0-9._-]*)*$`)
)

const componentForm = "write NAME=REPOSITORY/CHART:VERSION, with a repository https://HOST/PATH or oci://HOST/PATH"

// ParseComponent reads NAME=REPOSITORY/CHART:VERSION, of a repository over HTTP or, also without its scheme, an OCI
// registry. It fails for another form, and for addresses with credentials in them.
func ParseComponent(text string) (Component, error) {
	var c Component
	name, address, ok := strings.Cut(text, "=")
	slash := strings.LastIndex(address, "/")
	colon := strings.LastIndex(address, ":")
	if !ok || slash < 0 || colon < slash {
		if err := fields.CheckURL(address); err != nil { // which must not be shown
			return c, fmt.Errorf("component: %w", err)
		}
		return c, problem.New("", 0, "%q is no component", text).WithHint(componentForm)
	}
	c = Component{Name: name, Repository: strings.TrimPrefix(address[:slash], "oci://"),
		Chart: address[slash+1 : colon], Version: address[colon+1:]}
	return c, c.check()
}

func (c Component) check() error {
	switch {
	case len(validation.IsDNS1123Label(c.Name)) > 0:
		return problem.New("", 0, "%q cannot be the name of a component", c.Name).
			WithHint("use lower case letters, digits and - only; %s", componentForm)
	case !isChart.MatchString(c.Chart):
		return problem.New("", 0, "component %s: %q is no name of a chart", c.Name, c.Chart).WithHint(componentForm)
	case !isVersion.MatchString(c.Version):
		return problem.New("", 0, "component %s: %q is no version of a chart", c.Name, c.Version).
			WithHint("write one, as 1.17.2")
	}
	if err := fields.CheckURL(c.Repository); err != nil {
		return fmt.Errorf("component %s: repository: %w", c.Name, err)
	}
	if !isRepository(c.Repository) {
		return problem.New("", 0, "component %s: %q is no repository of charts", c.Name, c.Repository).
			WithHint(componentForm)
	}
	return nil
}

// isRepository tells whether Argo CD can take an address for that of a chart repository.
func isRepository(address string) bool {
	if !strings.Contains(address, "://") {
		host, _, _ := strings.Cut(address, "/") // not the name that somebody's Helm has for a repository
		return isRegistry.MatchString(address) && (strings.ContainsAny(host, ".:") || host == "localhost")
	}
	parsed, err := url.Parse(address)
	return err == nil && (parsed.Scheme == "https" || parsed.Scheme == "http") && parsed.Host != "" &&
		isAddress.MatchString(address)
}
