package plugin

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// The sizes, in bytes, above which parameters are refused. Linux itself lets no environment variable have more than 128
// KiB.
const (
	maxParameters = 128 << 10
	maxName       = 253 // of anything that is a name
)

// An Invocation is what Argo CD told the plugin: the Application, and its parameters.
type Invocation struct {
	App         App    `json:"app"`
	KubeVersion string `json:"kubeVersion,omitempty"` // of the destination cluster
	// all that the destination cluster serves; nil if unknown
	APIVersions   []string               `json:"apiVersions,omitempty"`
	ArgoCDVersion string                 `json:"argocdVersion,omitempty"` // that the sidecar's variable says
	GitFetch      bool                   `json:"gitFetch,omitempty"`      // by the variable of the sidecar's operator
	Parameters    map[string]*Assignment `json:"parameters"`
}

// App is the Application, as the ARGOCD_APP_ variables describe it.
type App struct {
	Name           string `json:"name,omitempty"`
	Namespace      string `json:"namespace,omitempty"`
	Project        string `json:"project,omitempty"`
	RepoURL        string `json:"repoURL,omitempty"`
	TargetRevision string `json:"targetRevision,omitempty"`
	Revision       string `json:"revision,omitempty"`
	SourcePath     string `json:"sourcePath,omitempty"`
}

// An Assignment is a parameter with its value, in one of the three forms.
type Assignment struct {
	Name   string            `json:"-"`
	String *string           `json:"string,omitempty"`
	Array  []string          `json:"array,omitempty"`
	Map    map[string]string `json:"map,omitempty"`
}

// documents are the parameters that are YAML.
var documents = []string{"values", "fleet", "releases"}

// variableArgoCD is the variable by which the sidecar says in which Argo CD it runs.
const variableArgoCD = "CMP_ARGOCD_VERSION"

// variableGit is the variable by which the operator of the sidecar lets it fetch catalogs from Git.
const variableGit = "CMP_GIT_FETCH"

// NoGit says why nothing is fetched from Git; "" if that may be.
func (i *Invocation) NoGit() string {
	if i.GitFetch {
		return ""
	}
	return "the plugin fetches nothing from Git unless its operator sets " + variableGit + "=true"
}

// Read reads an invocation from environment variables in the form of os.Environ: ARGOCD_APP_PARAMETERS, ARGOCD_ENV_NAME
// for string parameters that are not among these, ARGOCD_APP_, KUBE_VERSION, KUBE_API_VERSIONS, CMP_GIT_FETCH and
// CMP_ARGOCD_VERSION, to which a parameter argocd-version is preferred. No other variable is looked at. It fails on
// parameters that are unknown, given twice, of the wrong type, too large, or not UTF-8.
func Read(environ []string) (*Invocation, error) {
	env := map[string]string{}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		env[name] = value
	}
	i := &Invocation{
		App: App{
			Name: env["ARGOCD_APP_NAME"], Namespace: env["ARGOCD_APP_NAMESPACE"],
			Project: env["ARGOCD_APP_PROJECT_NAME"],
			RepoURL: env["ARGOCD_APP_SOURCE_REPO_URL"], TargetRevision: env["ARGOCD_APP_SOURCE_TARGET_REVISION"],
			Revision: env["ARGOCD_APP_REVISION"], SourcePath: env["ARGOCD_APP_SOURCE_PATH"],
		},
		KubeVersion:   env["KUBE_VERSION"],
		ArgoCDVersion: env[variableArgoCD],
		Parameters:    map[string]*Assignment{},
	}
	switch fetch := env[variableGit]; fetch {
	case "", "false":
	case "true":
		i.GitFetch = true
	default:
		return nil, fmt.Errorf("%s must be true or false, not %q", variableGit, shorten(fetch))
	}
	if versions := env["KUBE_API_VERSIONS"]; versions != "" {
		i.APIVersions = strings.Split(versions, ",")
	}
	if err := i.readParameters(env["ARGOCD_APP_PARAMETERS"]); err != nil {
		return nil, err
	}
	for _, a := range announcements() {
		value, given := env[variable(a.Name)]
		if given && value != "" && a.CollectionType == typeArray {
			return nil, fmt.Errorf("%s: the parameter %s is a list, which no variable can be: give it in "+
				"spec.source.plugin.parameters", variable(a.Name), a.Name)
		}
		if _, known := i.Parameters[a.Name]; given && !known && a.CollectionType != typeArray {
			i.Parameters[a.Name] = &Assignment{Name: a.Name, String: &value}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(i.Parameters)) {
		if err := i.Parameters[name].check(); err != nil {
			return nil, err
		}
	}
	if a := i.Parameters["annotations"]; a != nil {
		a.Map = cluster.WithoutLastApplied(a.Map)
	}
	return i, nil
}

func (i *Invocation) readParameters(text string) error {
	if text == "" {
		return nil
	}
	if len(text) > maxParameters {
		return fmt.Errorf("the parameters are larger than %d KiB: use value-files for large values", maxParameters>>10)
	}
	if !utf8.ValidString(text) {
		return errors.New("the parameters are not UTF-8")
	}
	var list []struct {
		Name string `json:"name"`
		Assignment
	}
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) {
			err = errors.New("each is a map with its name, and a string, an array of strings or a map of strings")
		}
		return fmt.Errorf("the parameters cannot be read (ARGOCD_APP_PARAMETERS): %w", err)
	}
	known := names()
	for _, p := range list {
		if !slices.Contains(known, p.Name) {
			return fmt.Errorf("there is no parameter %q; %s", shorten(p.Name),
				problem.Suggest(p.Name, known, "the parameters are "+strings.Join(known, ", ")))
		}
		if _, twice := i.Parameters[p.Name]; twice {
			return fmt.Errorf("parameter %s is given twice: remove one", p.Name)
		}
		assignment := p.Assignment
		assignment.Name = p.Name
		i.Parameters[p.Name] = &assignment
	}
	return nil
}

// check checks that the value has the form of the parameter. A map may also be a string with JSON, as an
// ApplicationSet's template makes it.
func (a *Assignment) check() error {
	announced := announcements()
	want := announced[slices.IndexFunc(announced, func(p Announcement) bool { return p.Name == a.Name })].CollectionType
	forms := 0
	for _, given := range []bool{a.String != nil, a.Array != nil, a.Map != nil} {
		if given {
			forms++
		}
	}
	switch {
	case forms == 0: // given without a value
	case forms > 1, a.Array != nil && want != typeArray, a.Map != nil && want != typeMap, a.String != nil &&
		want == typeArray:
		return fmt.Errorf("parameter %s must be of type %s", a.Name, want)
	case a.String != nil && want == typeMap:
		if strings.TrimSpace(*a.String) != "" {
			if err := json.Unmarshal([]byte(*a.String), &a.Map); err != nil {
				return fmt.Errorf(
					"parameter %s must be a map, or a string with a JSON object of strings, as {{ toJson "+
						".metadata.%s }} gives it", a.Name, a.Name)
			}
		}
		a.String = nil
	}
	if a.String != nil && !slices.Contains(documents, a.Name) && len(*a.String) > maxName {
		return fmt.Errorf("parameter %s is longer than %d characters", a.Name, maxName)
	}
	return a.checkText()
}

// checkText refuses what is not UTF-8, which variables other than the parameters may hold.
func (a *Assignment) checkText() error {
	texts := slices.Concat(a.Array, slices.Collect(maps.Keys(a.Map)), slices.Collect(maps.Values(a.Map)))
	if a.String != nil {
		texts = append(texts, *a.String)
	}
	size := 0
	for _, text := range texts {
		if size += len(text); !utf8.ValidString(text) {
			return fmt.Errorf("parameter %s is not UTF-8", a.Name)
		}
	}
	if size > maxParameters {
		return fmt.Errorf("parameter %s is larger than %d KiB", a.Name, maxParameters>>10)
	}
	return nil
}

// Text returns a string parameter; "" if it is not given.
func (i *Invocation) Text(name string) string {
	if a := i.Parameters[name]; a != nil && a.String != nil {
		return *a.String
	}
	return ""
}

func (i *Invocation) array(name string) []string {
	if a := i.Parameters[name]; a != nil {
		return a.Array
	}
	return nil
}

func (i *Invocation) mapping(name string) map[string]string {
	if a := i.Parameters[name]; a != nil {
		return a.Map
	}
	return nil
}

// flag returns a string parameter that is "true" or "false".
func (i *Invocation) flag(name string) (bool, error) {
	switch value := i.Text(name); value {
	case "true":
		return true, nil
	case "", "false":
		return false, nil
	default:
		return false, fmt.Errorf("parameter %s must be \"true\" or \"false\", not %q", name, shorten(value))
	}
}

func shorten(s string) string {
	const limit = 80
	s = address.Redact(s) // half a credential is one as well
	if len(s) > limit {
		return strings.ToValidUTF8(s[:limit], "") + "…"
	}
	return s
}
