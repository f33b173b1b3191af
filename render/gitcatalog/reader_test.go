package gitcatalog_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/render/gitcatalog"
)

// fake is a machine whose server has one commit.
type fake struct {
	commit  string
	fail    error
	asked   []string // what was asked of the checkout and of servers
	fetched int
}

func (f *fake) Checkout(_, revision, directory string) (fs.FS, error) {
	f.asked = append(f.asked, "checkout "+directory+"@"+revision)
	if f.fail != nil {
		return nil, f.fail
	}
	return fstest.MapFS{"values.yaml": {Data: []byte("of: checkout")}}, nil
}

func (f *fake) Files(git fs.FS, revision, directory string) (fs.FS, error) {
	f.asked = append(f.asked, "files "+directory+"@"+revision)
	return git, f.fail
}

func (f *fake) Fetch(_ context.Context, r gitcatalog.Request) (string, []gitcatalog.File, error) {
	f.asked = append(f.asked, r.URL.String()+"//"+r.Directory+"@"+r.Revision)
	if f.fail != nil || r.Known(f.commit) {
		return f.commit, nil, f.fail
	}
	f.fetched++
	return f.commit, []gitcatalog.File{{Name: "values.yaml", Data: []byte("of: " + f.commit)},
		{Name: "values/addons.yaml", Data: []byte("a: {}")}}, nil
}

const url = "https://git.acme.test/charts.git"

var charts = fleet.Chart{RepoURL: url, Path: "sets", Revision: "next"}

// content returns the file values.yaml of a catalog that is read.
func content(t *testing.T, o gitcatalog.Options, c fleet.Chart, own bool, allowed ...string) (string, error) {
	t.Helper()
	files, err := gitcatalog.New(o).Read(t.Context(), c, own, allowed)
	if err != nil {
		require.NotContains(t, err.Error(), "\n")
		return "", err
	}
	data, err := fs.ReadFile(files, "values.yaml")
	require.NoError(t, err)
	return string(data), nil
}

// TestServers: a branch is asked for in each run, a commit is fetched once, and what was fetched is there offline.
func TestServers(t *testing.T) {
	m := &fake{commit: strings.Repeat("a", 40)}
	o := gitcatalog.Options{CacheDir: t.TempDir(), Machine: m}
	for range 2 {
		got, err := content(t, o, charts, false)
		require.NoError(t, err)
		require.Equal(t, "of: "+m.commit, got)
	}
	require.Len(t, m.asked, 2)
	require.Equal(t, url+"//sets@next", m.asked[0])
	require.Equal(t, 1, m.fetched)

	offline := gitcatalog.Options{CacheDir: o.CacheDir, Offline: true}
	got, err := content(t, offline, charts, false)
	require.NoError(t, err, "without a machine")
	require.Equal(t, "of: "+m.commit, got)
	other := charts
	other.Revision = "other"
	_, err = content(t, offline, other, false)
	require.ErrorContains(t, err, "it is not in the cache, and nothing is fetched while offline")

	other.Revision = m.commit
	got, err = content(t, o, other, false)
	require.NoError(t, err)
	require.Equal(t, "of: "+m.commit, got)
	require.Len(t, m.asked, 2, "the name of a commit never is another one")

	first := m.commit
	m.commit = strings.Repeat("b", 40)
	got, err = content(t, o, charts, false)
	require.NoError(t, err)
	require.NotEqual(t, "of: "+first, got)
	require.Equal(t, 2, m.fetched)

	entries, err := os.ReadDir(filepath.Join(o.CacheDir, "git", "catalogs"))
	require.NoError(t, err)
	require.Len(t, entries, 2)
	for _, e := range entries {
		file := filepath.Join(o.CacheDir, "git", "catalogs", e.Name())
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		data[len(data)-1]++
		require.NoError(t, os.WriteFile(file, data, 0o600))
	}
	_, err = content(t, offline, charts, false)
	require.Error(t, err, "what is damaged is not there")
}

// TestOneRun: what is found out in one run does not change in it.
func TestOneRun(t *testing.T) {
	m := &fake{commit: strings.Repeat("a", 40)}
	r := gitcatalog.New(gitcatalog.Options{Machine: m})
	for range 3 {
		_, err := r.Read(t.Context(), charts, false, nil)
		require.NoError(t, err)
		m.commit = strings.Repeat("b", 40)
	}
	require.Equal(t, 1, m.fetched)
}

// TestFailures: a repository that cannot be had is not asked again for a while, by any program.
func TestFailures(t *testing.T) {
	m := &fake{fail: errors.New("there is no branch next")}
	o := gitcatalog.Options{CacheDir: t.TempDir(), Machine: m}
	for range 2 {
		_, err := content(t, o, charts, false)
		require.ErrorContains(t, err, "no branch next", "which may be there now")
	}
	m.asked, m.fail = nil, fmt.Errorf("no network: %w", gitcatalog.ErrUnreachable)
	_, err := content(t, o, charts, false)
	require.ErrorContains(t, err, "no network")
	for _, machine := range []gitcatalog.Machine{m, nil} {
		o.Machine = machine
		_, err = content(t, o, charts, false)
		require.ErrorContains(t, err, "the server does not answer, which was found out at ")
	}
	require.Len(t, m.asked, 1)
}

// sent is the Git repository of a checkout that was sent, or has been to be sent.
type sent struct{ git fs.FS }

func (s sent) MayHave(revision string) bool { return revision == "next" }

func (s sent) Repository() (fs.FS, string, error) {
	if s.git == nil {
		return nil, "", fleet.ErrNoSubstitute
	}
	return s.git, "team", nil
}

// TestSent: in place of the checkout, the repository counts that was sent with the files, and before the server.
func TestSent(t *testing.T) {
	m := &fake{commit: strings.Repeat("a", 40)}
	o := gitcatalog.Options{CacheDir: t.TempDir(), Machine: m,
		Sent: sent{fstest.MapFS{"values.yaml": {Data: []byte("sent")}}}}
	got, err := content(t, o, charts, true)
	require.NoError(t, err)
	require.Equal(t, "sent", got)
	require.Equal(t, []string{"files team/sets@next"}, m.asked)

	o.Sent = sent{}
	_, err = content(t, o, charts, true)
	require.ErrorIs(t, err, fleet.ErrNoSubstitute, "it is not replaced by what the server has")

	elsewhere := charts
	elsewhere.Revision, elsewhere.RepoURL = "other", ""
	_, err = content(t, o, elsewhere, true)
	require.EqualError(t, err, "the checkout has no revision other")

	o.Machine = nil
	_, err = content(t, o, charts, true)
	require.ErrorIs(t, err, fleet.ErrNoChartReader, "another program is asked")
}

// TestWhatIsNotAsked: addresses and names that are refused, and servers that nobody may or can ask.
func TestWhatIsNotAsked(t *testing.T) {
	missing := func() error { return errors.New("cmp-stages is missing") }
	for _, test := range []struct {
		name    string
		options gitcatalog.Options
		change  func(c *fleet.Chart)
		allowed []string
		want    string
	}{
		{"a file", gitcatalog.Options{}, of("file:///srv/git"), nil, "address cannot be understood"},
		{"a path", gitcatalog.Options{}, of("/srv/git"), nil, "address cannot be understood"},
		{"the protocol git", gitcatalog.Options{}, of("git://acme.test/a"), nil, "Git is not spoken with git://"},
		{"HTTP", gitcatalog.Options{}, of("http://acme.test/a"), nil, "Git is not spoken with http://"},
		{"a transport that runs", gitcatalog.Options{}, of("ext::sh -c x"), nil, "address cannot be understood"},
		{"an option for the host", gitcatalog.Options{}, of("ssh://-oProxyCommand=x/a"), nil, "cannot be understood"},
		{"an option for the user", gitcatalog.Options{}, of("ssh://-x@acme.test/a"), nil, "Git is not spoken"},
		{"a password", gitcatalog.Options{}, of("https://me:canary@acme.test/a"), nil, "holds a credential"},
		{"a query", gitcatalog.Options{}, of("https://acme.test/a?b=c"), nil, "address cannot be understood"},
		{"an expression", gitcatalog.Options{}, func(c *fleet.Chart) { c.Revision = "next~1" }, nil,
			`"next~1" is no branch, tag or commit`},
		{"a range", gitcatalog.Options{}, func(c *fleet.Chart) { c.Revision = ">=1.2" }, nil,
			`">=1.2" is a range of versions`},
		{"a range of patches", gitcatalog.Options{}, func(c *fleet.Chart) { c.Revision = "v1.2.*" }, nil,
			`"v1.2.*" is a range of versions`},
		{"an option", gitcatalog.Options{}, func(c *fleet.Chart) { c.Revision = "--all" }, nil, "is no branch"},
		{"a name for examples", gitcatalog.Options{}, of("https://git.example.com/a"), nil,
			"git.example.com is a name for examples, which no server has"},
		{"what is not allowed", gitcatalog.Options{}, nil, []string{"https://git.acme.test/chart", "oci://r"},
			"nothing may be fetched from there"},
		{"the sidecar", gitcatalog.Options{Forbidden: "its operator does not want it"}, nil, nil,
			"its operator does not want it"},
		{"without cmp-stages", gitcatalog.Options{Missing: missing}, nil, nil, "cmp-stages is missing"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := charts
			if test.change != nil {
				test.change(&c)
			}
			m := &fake{}
			if test.options.Missing == nil {
				test.options.Machine = m
			}
			_, err := content(t, test.options, c, false, test.allowed...)
			require.ErrorContains(t, err, test.want)
			require.NotContains(t, err.Error(), "canary")
			require.Empty(t, m.asked)
		})
	}
	_, err := content(t, gitcatalog.Options{}, charts, false)
	require.ErrorIs(t, err, fleet.ErrNoChartReader, "another program is asked")
}

func of(url string) func(c *fleet.Chart) { return func(c *fleet.Chart) { c.RepoURL = url } }

// TestAddresses: those that are spoken with, as they are asked.
func TestAddresses(t *testing.T) {
	for raw, want := range map[string]string{
		"https://ME@Git.Acme.test/a/../b.git/": "https://git.acme.test/b.git",
		"git@acme.test:group/charts.git":       "ssh://git@acme.test/group/charts.git",
		"ssh://git@acme.test:2222/charts":      "ssh://git@acme.test:2222/charts",
		"http://127.0.0.1:8080/charts.git":     "http://127.0.0.1:8080/charts.git",
	} {
		m := &fake{commit: "a"}
		c := charts
		c.RepoURL = raw
		_, err := content(t, gitcatalog.Options{Machine: m}, c, false)
		require.NoError(t, err, raw)
		require.Equal(t, want+"//sets@next", m.asked[0])
	}
	m := &fake{commit: "a"}
	for _, allowed := range []string{"https://git.acme.test", url, "https://git.acme.test/charts"} {
		_, err := content(t, gitcatalog.Options{Machine: m}, charts, false, "oci://other", allowed)
		require.NoError(t, err, allowed)
	}
}

// TestCheckout: the objects of the checkout come first, and its server only where they lack the revision.
func TestCheckout(t *testing.T) {
	root := t.TempDir()
	inside := filepath.Join(root, "fleet")
	require.NoError(t, os.MkdirAll(filepath.Join(root, ".git", "refs", "heads"), 0o755))
	require.NoError(t, os.Mkdir(inside, 0o755))
	m := &fake{commit: strings.Repeat("a", 40)}
	o := gitcatalog.Options{Root: inside, Machine: m}
	got, err := content(t, o, charts, true)
	require.NoError(t, err)
	require.Equal(t, "of: "+m.commit, got)

	require.NoError(t, os.WriteFile(filepath.Join(root, ".git", "refs", "heads", "next"), []byte("x"), 0o644))
	got, err = content(t, o, charts, true)
	require.NoError(t, err)
	require.Equal(t, "of: checkout", got)
	require.Equal(t, "checkout fleet/sets@next", m.asked[1])
	o.Machine = nil
	_, err = content(t, o, charts, true)
	require.ErrorIs(t, err, fleet.ErrNoChartReader)

	unnamed := charts
	unnamed.RepoURL, unnamed.Revision = "", "other"
	_, err = content(t, o, unnamed, true)
	require.EqualError(t, err, "the checkout has no revision other")
	o.Root = t.TempDir()
	_, err = content(t, o, unnamed, true)
	require.EqualError(t, err, "there is no .git here")
	o.Forbidden = "nothing is fetched"
	_, err = content(t, o, charts, true)
	require.EqualError(t, err, "there is no .git here; nothing is fetched")
	_, err = content(t, gitcatalog.Options{}, unnamed, true)
	require.EqualError(t, err, "there is no checkout")
}

// TestBounds: the cache keeps the newest, and no catalog that is too large.
func TestBounds(t *testing.T) {
	m := &fake{commit: strings.Repeat("a", 40)}
	o := gitcatalog.Options{CacheDir: t.TempDir(), Machine: m}
	for i := range 110 {
		c := charts
		c.Path = "sets" + strings.Repeat("x", i)
		_, err := content(t, o, c, false)
		require.NoError(t, err)
	}
	for _, kind := range []string{"catalogs", "revisions"} {
		entries, err := os.ReadDir(filepath.Join(o.CacheDir, "git", kind))
		require.NoError(t, err)
		require.LessOrEqual(t, len(entries), 100)
	}
	require.NoError(t, os.WriteFile(filepath.Join(o.CacheDir, "file"), nil, 0o600))
	o.CacheDir = filepath.Join(o.CacheDir, "file")
	_, err := content(t, o, charts, false)
	require.ErrorContains(t, err, "the cache directory cannot be used: ")
}

// FuzzAddress: whatever is written as the address of a repository, no server is asked but by a protocol that is safe.
func FuzzAddress(f *testing.F) {
	for _, seed := range []string{url, "git@a:b", "ssh://a/b", "file:///a", "ext::x", "http://127.0.0.1/a", "-a:b",
		"a::b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		m := &fake{commit: "a"}
		c := charts
		c.RepoURL = raw
		if _, err := gitcatalog.New(gitcatalog.Options{Machine: m}).Read(t.Context(), c, false, nil); err == nil {
			require.Regexp(t, `^(https|ssh)://|^http://(127\.|localhost|\[::1)`, m.asked[0])
		}
	})
}
