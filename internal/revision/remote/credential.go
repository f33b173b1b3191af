package remote

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

// maxNetrc is how large a .netrc may be, in bytes.
const maxNetrc = 1 << 20

// Credentials are those of a user of this machine.
type Credentials struct {
	// Environment is that of the user, as of [os.Environ].
	Environment []string
	// Hosts are the servers for which the user's credential helpers of Git are asked; none for not asking them. They
	// are programs, and can have one answer for all servers. So only those of the user's own remotes are asked for.
	Hosts []string
}

// For returns the user and password for a server: those of .netrc, else those of the helpers that the user's own
// configuration of Git names. That of a repository does not count, and nobody is asked on a terminal.
func (c Credentials) For(ctx context.Context, u *url.URL) (user, password string, found bool) {
	if user, password, found = c.fromNetrc(u.Hostname()); found {
		return user, password, true
	}
	if !slices.Contains(c.Hosts, u.Hostname()) {
		return "", "", false
	}
	return c.fromHelpers(ctx, u)
}

func (c Credentials) variable(name string) string {
	for _, entry := range slices.Backward(c.Environment) {
		if value, is := strings.CutPrefix(entry, name+"="); is {
			return value
		}
	}
	return ""
}

// fromNetrc looks for a host in the file that NETRC names, or .netrc. An entry for all hosts does not count.
func (c Credentials) fromNetrc(host string) (user, password string, found bool) {
	file := c.variable("NETRC")
	if home := c.variable("HOME"); file == "" && home != "" {
		file = filepath.Join(home, ".netrc")
	}
	if file == "" {
		return "", "", false
	}
	data, err := worktree.ReadPath(file, maxNetrc)
	if err != nil {
		return "", "", false
	}
	words := strings.Fields(string(data))
	matches := false
	for i := 0; i < len(words); i++ {
		next := ""
		if i+1 < len(words) {
			next = words[i+1]
		}
		switch words[i] {
		case "machine":
			if matches && password != "" {
				return user, password, true
			}
			matches, user, password = strings.EqualFold(next, host), "", ""
			i++
		case "default":
			return user, password, matches && password != ""
		case "login":
			user = next
			i++
		case "password":
			password = next
			i++
		}
	}
	return user, password, matches && password != ""
}

// fromHelpers asks Git, outside of any repository, for the credentials of a server (git-credential).
func (c Credentials) fromHelpers(ctx context.Context, u *url.URL) (user, password string, found bool) {
	program, err := exec.LookPath("git")
	if err != nil {
		return "", "", false
	}
	outside, err := os.MkdirTemp("", "cmp-credential-")
	if err != nil {
		return "", "", false
	}
	defer os.RemoveAll(outside)
	ask := exec.CommandContext(ctx, program, "-c", "core.askPass=", "credential", "fill")
	ask.Dir = outside
	ask.Env = slices.DeleteFunc(slices.Clone(c.Environment), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return name == "GIT_DIR" || name == "GIT_WORK_TREE" || name == "GIT_ASKPASS" || name == "SSH_ASKPASS"
	})
	ask.Env = append(ask.Env, "GIT_CEILING_DIRECTORIES="+filepath.Dir(outside), "GIT_TERMINAL_PROMPT=0",
		"GCM_INTERACTIVE=never")
	ask.Stdin = strings.NewReader(fmt.Sprintf("protocol=%s\nhost=%s\npath=%s\n\n", u.Scheme, u.Host,
		strings.TrimPrefix(u.Path, "/")))
	out, err := ask.Output()
	if err != nil {
		return "", "", false
	}
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		if value, is := strings.CutPrefix(lines.Text(), "username="); is {
			user = value
		}
		if value, is := strings.CutPrefix(lines.Text(), "password="); is {
			password = value
		}
	}
	return user, password, password != ""
}
