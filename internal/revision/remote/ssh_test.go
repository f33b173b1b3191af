package remote_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/revision/remote"
)

// newKey returns a new pair of keys.
func newKey(t *testing.T) (ed25519.PrivateKey, ssh.Signer) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	signer, err := ssh.NewSignerFromKey(private)
	require.NoError(t, err)
	return private, signer
}

// listen hands each connection to an address to a function, until the test ends.
func listen(t *testing.T, network, at string, serve func(net.Conn)) net.Addr {
	t.Helper()
	listener, err := net.Listen(network, at)
	require.NoError(t, err)
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go serve(connection)
		}
	}()
	return listener.Addr()
}

// serveSSH serves the repositories of a directory on this machine to the user git with a key.
func serveSSH(t *testing.T, directory string, host ssh.Signer, user ssh.PublicKey) *url.URL {
	t.Helper()
	config := &ssh.ServerConfig{PublicKeyCallback: func(c ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions,
		error) {
		if c.User() != "git" || !bytes.Equal(key.Marshal(), user.Marshal()) {
			return nil, errors.New("denied")
		}
		return &ssh.Permissions{}, nil
	}}
	config.AddHostKey(host)
	at := listen(t, "tcp", "127.0.0.1:0", func(connection net.Conn) {
		defer connection.Close()
		_, channels, requests, err := ssh.NewServerConn(connection, config)
		if err != nil {
			return
		}
		go ssh.DiscardRequests(requests)
		for offered := range channels {
			if channel, requests, err := offered.Accept(); err == nil {
				go uploadPack(directory, channel, requests)
			}
		}
	})
	return &url.URL{Scheme: "ssh", User: url.User("git"), Host: at.String(), Path: "/fleet.git"}
}

var uploadCommand = regexp.MustCompile(`^git-upload-pack '/(\w+\.git)'$`)

// uploadPack runs the one command that a client may want.
func uploadPack(directory string, channel ssh.Channel, requests <-chan *ssh.Request) {
	defer channel.Close()
	for request := range requests {
		var asked struct{ Command string }
		if request.Type != "exec" || ssh.Unmarshal(request.Payload, &asked) != nil {
			_ = request.Reply(false, nil)
			continue
		}
		match := uploadCommand.FindStringSubmatch(asked.Command)
		_ = request.Reply(match != nil, nil)
		if match == nil {
			return
		}
		c := exec.Command("git", "upload-pack", filepath.Join(directory, match[1]))
		c.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=/nonexistent", "GIT_CONFIG_NOSYSTEM=1"}
		c.Stdout, c.Stderr = channel, channel.Stderr()
		input, err := c.StdinPipe() // which the end of the command does not wait for
		if err != nil {
			return
		}
		go func() { _, _ = io.Copy(input, channel) }()
		status := uint32(0)
		if c.Run() != nil {
			status = 128
		}
		_, _ = channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{status}))
		return
	}
}

// TestSSH: with the key in the agent, of a server whose key is known. Nobody else is trusted, or asked on a terminal.
func TestSSH(t *testing.T) {
	directory := t.TempDir()
	_, next := repository(t, directory)
	private, user := newKey(t)
	_, host := newKey(t)
	u := serveSSH(t, directory, host, user.PublicKey())
	keys := agent.NewKeyring()
	socket := filepath.Join(t.TempDir(), "agent")
	listen(t, "unix", socket, func(connection net.Conn) { _ = agent.ServeAgent(keys, connection) })
	known := filepath.Join(t.TempDir(), "known_hosts")
	trust := func(key ssh.PublicKey) {
		require.NoError(t, os.WriteFile(known, fmt.Appendln(nil, knownhosts.Line([]string{u.Host}, key)), 0o600))
	}
	t.Setenv("SSH_AUTH_SOCK", socket)
	t.Setenv("SSH_KNOWN_HOSTS", known)
	t.Setenv("HOME", t.TempDir())
	s := remote.Source{URL: u, Credential: func(context.Context, *url.URL) (string, string, bool) {
		t.Error("SSH has no passwords")
		return "", "", false
	}}
	address := "ssh://" + u.Host + "/fleet.git cannot be fetched: "
	fails := func(name, want string) {
		t.Helper()
		_, _, err := read(t, s, name)
		text := err.Error()
		if hint := problem.HintOf(err); hint != "" {
			text += "; " + hint
		}
		require.Equal(t, want, text)
	}

	fails("next", address+
		"no file says which servers are known; connect once with ssh, and check the key that it shows")
	trust(user.PublicKey())
	fails("next", address+
		"its key is not the one in known_hosts; connect once with ssh, and check the key that it shows")
	trust(host.PublicKey())
	fails("next", address+"the server accepts no key of the SSH agent; add one that it knows with ssh-add")
	require.NoError(t, keys.Add(agent.AddedKey{PrivateKey: private}))
	commit, content, err := read(t, s, "next")
	require.NoError(t, err)
	require.Equal(t, []string{next, "of: next"}, []string{commit, content})
	fails("other", "the server has no branch or tag other")
	s.URL = &url.URL{Scheme: "ssh", User: u.User, Host: u.Host, Path: "/other.git"}
	fails("next", "ssh://"+u.Host+
		"/other.git cannot be fetched: the server has no such repository, or does not show it")
	s.URL = u
	t.Setenv("SSH_AUTH_SOCK", "")
	fails("next", address+"there is no SSH agent; start one, and add a key with ssh-add, or give an https address")
}
