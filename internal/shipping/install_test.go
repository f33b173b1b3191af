package shipping_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	version = "1.2.3"
	said    = "#!/bin/sh\necho fleet-cmp " // and a version
)

var archiveName = "fleet-cmp_" + version + "_" + runtime.GOOS + "_" + runtime.GOARCH + ".tar.gz"

// contents are the files of an archive; what is "-> NAME" is a link.
func contents(version string) map[string]string {
	return map[string]string{
		"fleet-cmp": said + version + "\n", "cmp": "-> fleet-cmp", "cmp-stages": "stages", "cmp-server": "server",
		"LICENSE": "licence", "man/fleet-cmp.1": "man", "man/fleet-cmp-lint.1": "man",
		"completions/fleet-cmp.bash": "bash", "completions/_fleet-cmp": "zsh", "completions/fleet-cmp.fish": "fish",
	}
}

func archive(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	compressed := gzip.NewWriter(&b)
	w := tar.NewWriter(compressed)
	for name, text := range files {
		header := &tar.Header{Name: name, Mode: 0o755, Size: int64(len(text)), Typeflag: tar.TypeReg}
		if target, link := strings.CutPrefix(text, "-> "); link {
			header.Typeflag, header.Linkname, header.Size = tar.TypeSymlink, target, 0
		}
		require.NoError(t, w.WriteHeader(header))
		if header.Size > 0 {
			_, err := w.Write([]byte(text))
			require.NoError(t, err)
		}
	}
	require.NoError(t, w.Close())
	require.NoError(t, compressed.Close())
	return b.Bytes()
}

// sums returns checksums.txt with the archive, and what else a release has.
func sums(name string, data []byte) string {
	other := strings.Repeat("0", 64)
	return other + "  cmp-stages_1.2.3.cdx.json\n" + other + "  fleet-cmp_1.2.3~amd64.deb\n" +
		other + "  fleet-cmp_1.2.3_plan9_amd64.tar.gz\n" + fmt.Sprintf("%x  %s\n", sha256.Sum256(data), name)
}

// serve serves files by their paths below the address of the releases, which it returns.
func serve(t *testing.T, files map[string]string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, found := files[strings.TrimPrefix(r.URL.Path, "/releases/")]
		if !found {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(text)) // fails if the client is gone
	}))
	t.Cleanup(server.Close)
	return server.URL + "/releases"
}

// tools returns a directory with links to the tools of this machine, but for some.
func tools(t *testing.T, without ...string) string {
	t.Helper()
	directory := t.TempDir()
	for _, name := range []string{"sh", "cat", "curl", "gzip", "ln", "mkdir", "mktemp", "mv", "rm", "sed", "sha256sum",
		"shasum", "openssl", "tar", "uname", "wget"} {
		program, err := exec.LookPath(name)
		if err == nil && !slices.Contains(without, name) {
			require.NoError(t, os.Symlink(program, filepath.Join(directory, name)))
		}
	}
	return directory
}

// has tells whether this machine has one of some tools, but for others. A test of what is the same with several of them
// does without those that are missing.
func has(names []string, without ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		_, err := exec.LookPath(name)
		return err == nil && !slices.Contains(without, name)
	})
}

// What the script uses one of.
var (
	clients   = []string{"curl", "wget"}
	verifiers = []string{"sha256sum", "shasum", "openssl"}
)

// install runs the script, and returns what it prints and its exit status.
func install(t *testing.T, releases, path string, args ...string) (out string, status int) {
	t.Helper()
	return installBy(t, "/bin/sh", []string{"PATH=" + path, "FLEET_CMP_RELEASES=" + releases}, args...)
}

// installBy does so with a shell and an environment.
func installBy(t *testing.T, shell string, environ []string, args ...string) (out string, status int) {
	t.Helper()
	script, err := filepath.Abs("../../install.sh")
	require.NoError(t, err)
	cmd := exec.Command(shell, append([]string{script}, args...)...)
	cmd.Env = append([]string{"HOME=" + t.TempDir()}, environ...)
	cmd.Dir = t.TempDir()
	data, err := cmd.CombinedOutput()
	if err != nil {
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit, string(data))
		status = exit.ExitCode()
	}
	return string(data), status
}

func TestInstall(t *testing.T) {
	data := archive(t, contents(version))
	files := map[string]string{
		"latest/download/checksums.txt":            sums(archiveName, data),
		"download/v1.2.3/checksums.txt":            sums(archiveName, data),
		"download/v" + version + "/" + archiveName: string(data),
	}
	releases := serve(t, files)
	for name, tt := range map[string]struct {
		without []string
		args    []string
	}{
		"latest":             {},
		"a version":          {args: []string{"--version", "v1.2.3"}},
		"a version, plainly": {args: []string{"--version", "1.2.3"}},
		"with wget":          {without: []string{"curl"}},
		"with shasum":        {without: []string{"sha256sum"}},
		"with openssl":       {without: []string{"sha256sum", "shasum"}},
	} {
		if tt.without != nil && (!has(clients, tt.without...) || !has(verifiers, tt.without...)) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			directory := filepath.Join(t.TempDir(), "a place", "of its own")
			out, status := install(t, releases, tools(t, tt.without...), append(tt.args, "--dir", directory)...)
			require.Zero(t, status, out)
			require.Equal(t, "fleet-cmp v1.2.3 is installed: "+directory+"/bin/fleet-cmp\n"+
				directory+"/bin is not in PATH: add it\n", out)
			installed(t, directory, version)
		})
	}
}

// installed checks what there is after an installation.
func installed(t *testing.T, directory, version string) {
	t.Helper()
	for _, link := range []string{"bin/fleet-cmp", "lib/fleet-cmp/cmp"} {
		out, err := exec.Command(filepath.Join(directory, link)).Output()
		require.NoError(t, err)
		require.Equal(t, "fleet-cmp "+version+"\n", string(out))
	}
	for name, text := range map[string]string{
		"lib/fleet-cmp/cmp-stages": "stages", "lib/fleet-cmp/LICENSE": "licence",
		"share/man/man1/fleet-cmp-lint.1":             "man",
		"share/bash-completion/completions/fleet-cmp": "bash", "share/zsh/site-functions/_fleet-cmp": "zsh",
		"share/fish/vendor_completions.d/fleet-cmp.fish": "fish",
	} {
		data, err := os.ReadFile(filepath.Join(directory, name))
		require.NoError(t, err)
		require.Equal(t, text, string(data), name)
	}
	require.NoFileExists(t, filepath.Join(directory, "bin", "cmp"), "that is another program")
	left, err := filepath.Glob(filepath.Join(directory, "lib", ".*"))
	require.NoError(t, err)
	require.Empty(t, left)
}

// TestUpdate: a release takes the place of another; one that fails leaves it as it is.
func TestUpdate(t *testing.T) {
	files := map[string]string{}
	for _, version := range []string{"1.2.3", "2.0.0-rc.1"} {
		data := archive(t, contents(version))
		name := strings.Replace(archiveName, "1.2.3", version, 1)
		files["download/v"+version+"/checksums.txt"] = sums(name, data)
		files["download/v"+version+"/"+name] = string(data)
	}
	releases, directory, path := serve(t, files), t.TempDir(), tools(t)
	for _, version := range []string{"1.2.3", "2.0.0-rc.1", "1.2.3"} {
		out, status := install(t, releases, path+":"+directory+"/bin", "--version", version, "--dir", directory)
		require.Zero(t, status, out)
		require.Equal(t, "fleet-cmp v"+version+" is installed: "+directory+"/bin/fleet-cmp\n", out)
		installed(t, directory, version)
		old := filepath.Join(directory, "share", "man", "man1", "fleet-cmp-old.1")
		require.NoFileExists(t, old, "the page of a command that is no more")
		require.NoError(t, os.WriteFile(old, nil, 0o600))
	}
	out, status := install(t, releases, path, "--version", "3.0.0", "--dir", directory)
	require.Equal(t, 1, status)
	require.Contains(t, out, "/download/v3.0.0/checksums.txt cannot be downloaded: is there such a release?")
	installed(t, directory, "1.2.3")
}

// TestNothingIsInstalled: what cannot be verified, or is not complete, is not installed.
func TestNothingIsInstalled(t *testing.T) {
	whole := archive(t, contents(version))
	lacking := contents(version)
	delete(lacking, "cmp-stages")
	partial := archive(t, lacking)
	wrong := sums(archiveName, partial)
	for name, tt := range map[string]struct {
		checksums, archive string
		without, args      []string
		status             int
		says               string
	}{
		"wrong checksum": {wrong, string(whole), nil, nil, 1, "and should be "},
		"truncated archive": {sums(archiveName, whole), string(whole[:len(whole)/2]), nil, nil, 1,
			"nothing was installed"},
		"no archive":         {sums(archiveName, whole), "", nil, nil, 1, archiveName + " cannot be downloaded"},
		"not an archive":     {sums(archiveName, []byte("x")), "x", nil, nil, 1, "cannot be unpacked"},
		"an executable less": {wrong, string(partial), nil, nil, 1, archiveName + " has no cmp-stages"},
		"no checksums":       {"", string(whole), nil, nil, 1, "checksums.txt cannot be downloaded"},
		"another platform": {sums("fleet-cmp_1.2.3_aix_ppc64.tar.gz", whole), "", nil, nil, 1,
			"has no archive for "},
		"two archives": {wrong + sums(archiveName, whole), "", nil, nil, 1, "has several archives for "},
		"a path as its name": {sums("fleet-cmp_../../x"+archiveName[15:], whole), "", nil, nil, 1,
			"has no archive for "},
		"a page":              {"<html></html>\n", "", nil, nil, 1, "has no archive for "},
		"a short checksum":    {"abc  " + archiveName + "\n", string(whole), nil, nil, 1, "has no archive for "},
		"no client":           {wrong, "", []string{"curl", "wget"}, nil, 1, "curl or wget is needed"},
		"nothing to verify":   {wrong, string(whole), []string{"sha256sum", "shasum", "openssl"}, nil, 1, "to verify"},
		"no tar":              {wrong, string(whole), []string{"tar"}, nil, 1, "tar is needed: install it"},
		"another version":     {sums(archiveName, whole), "", nil, []string{"--version", "v9.9.9"}, 1, "is of v1.2.3"},
		"unknown argument":    {"", "", nil, []string{"--nope"}, 2, "there is no argument --nope"},
		"argument without it": {"", "", nil, []string{"--version"}, 2, "--version needs a value"},
	} {
		t.Run(name, func(t *testing.T) {
			directory := filepath.Join(t.TempDir(), "to")
			files := map[string]string{"latest/download/checksums.txt": tt.checksums,
				"download/v9.9.9/checksums.txt": tt.checksums, "download/v1.2.3/" + archiveName: tt.archive}
			for path, text := range files {
				if text == "" {
					delete(files, path)
				}
			}
			args := append([]string{"--dir", directory}, tt.args...)
			out, status := install(t, serve(t, files), tools(t, tt.without...), args...)
			require.Equal(t, tt.status, status, out)
			require.Contains(t, out, tt.says)
			last := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
			require.True(t, strings.HasPrefix(last[len(last)-1], "install.sh: "), out)
			left, err := filepath.Glob(filepath.Join(directory, "*", "*"))
			require.NoError(t, err)
			hidden, err := filepath.Glob(filepath.Join(directory, "*", ".*"))
			require.NoError(t, err)
			require.Empty(t, append(left, hidden...))
		})
	}
}

// TestHalfAScript: what is cut off does nothing.
func TestHalfAScript(t *testing.T) {
	script, err := os.ReadFile("../../install.sh")
	require.NoError(t, err)
	directory := t.TempDir()
	for _, part := range []int{3, 2} {
		cmd := exec.Command("/bin/sh", "-s", "--", "--dir", directory)
		cmd.Stdin = bytes.NewReader(script[:len(script)-len(script)/part])
		cmd.Env = []string{"PATH=" + tools(t), "FLEET_CMP_RELEASES=http://127.0.0.1:1/"}
		_ = cmd.Run() // some parts are no script
		entries, err := os.ReadDir(directory)
		require.NoError(t, err)
		require.Empty(t, entries)
	}
}
