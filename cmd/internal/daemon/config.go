package daemon

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

// command is one that argocd-cmp-server would start.
type command struct {
	Command []string `json:"command"`
	Args    []string `json:"args"`
}

func (c command) is(name string) bool {
	return slices.Equal(slices.Concat(c.Command, c.Args), []string{"cmp", name})
}

// A config is plugin.yaml, a ConfigManagementPlugin (cmpserver/plugin/config.go of Argo CD).
type config struct {
	Kind     string `json:"kind"`
	Metadata struct {
		Name string `json:"name"`
	} `json:"metadata"`
	Spec struct {
		Version  string  `json:"version"`
		Init     command `json:"init"`
		Generate command `json:"generate"`
		Discover struct {
			FileName string `json:"fileName"`
			Find     struct {
				command
				Glob string `json:"glob"`
			} `json:"find"`
		} `json:"discover"`
		Parameters struct {
			Static  []any   `json:"static"`
			Dynamic command `json:"dynamic"`
		} `json:"parameters"`
		PreserveFileMode bool `json:"preserveFileMode"`
		ProvideGitCreds  bool `json:"provideGitCreds"`
	} `json:"spec"`
}

// maxConfig is the size of plugin.yaml, in bytes.
const maxConfig = 1 << 20

// readConfig reads plugin.yaml. It fails for what only argocd-cmp-server can do: start other commands than those of
// cmp.
func readConfig(directory string) (*config, error) {
	file := filepath.Join(directory, "plugin.yaml")
	data, err := worktree.ReadPath(file, maxConfig)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s does not exist: mount it there, or name its directory with --config-dir-path", file)
	} else if err != nil {
		return nil, err
	}
	var c config
	if err := safeyaml.Unmarshal(data, file, &c); safeyaml.Refused(err) {
		return nil, err // which names the file
	} else if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	find := c.Spec.Discover.Find
	switch {
	case c.Kind != "ConfigManagementPlugin":
		err = fmt.Errorf("kind is ConfigManagementPlugin, not %q", c.Kind)
	case c.Metadata.Name == "" || c.name() != filepath.Base(c.name()):
		err = errors.New("metadata.name is missing, or cannot be that of a socket (with spec.version)")
	case !c.Spec.Generate.is("generate"):
		err = errors.New("spec.generate is not [cmp, generate], which is all that this server does; " +
			"run argocd-cmp-server for others")
	case len(c.Spec.Init.Command) > 0 || len(c.Spec.Parameters.Static) > 0 || c.Spec.Discover.FileName != "" ||
		find.Glob != "":
		err = errors.New("spec.init, spec.parameters.static, spec.discover.fileName and find.glob are of " +
			"argocd-cmp-server only: take them out, or run that")
	case len(find.Command) > 0 && !find.is("discover"), len(c.Spec.Parameters.Dynamic.Command) > 0 &&
		!c.Spec.Parameters.Dynamic.is("parameters"):
		err = errors.New("spec.discover.find.command is [cmp, discover], and spec.parameters.dynamic.command " +
			"[cmp, parameters]; run argocd-cmp-server for others")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return &c, nil
}

func (c *config) discovers() bool { return len(c.Spec.Discover.Find.Command) > 0 }

// name returns what Applications call the plugin.
func (c *config) name() string {
	if c.Spec.Version != "" {
		return c.Metadata.Name + "-" + c.Spec.Version
	}
	return c.Metadata.Name
}

// socket returns where argocd-repo-server looks for the plugin.
func (c *config) socket() string {
	return filepath.Join(variable("ARGOCD_PLUGINSOCKFILEPATH", "/home/argocd/cmp-server/plugins"), c.name()+".sock")
}
