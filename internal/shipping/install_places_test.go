package shipping_test

import (
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestShells: the script runs in each shell that may be sh.
func TestShells(t *testing.T) {
	releases := serve(t, release(t))
	ran := 0
	for _, name := range []string{"sh", "bash", "dash", "ksh", "zsh"} {
		shell, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		ran++
		directory := t.TempDir()
		out, status := installBy(t, shell, []string{"PATH=" + tools(t), "FLEET_CMP_RELEASES=" + releases},
			"--dir", directory)
		require.Zero(t, status, "%s: %s", name, out)
		installed(t, directory, version)
	}
	require.NotZero(t, ran)
}

// release returns the files of one release.
func release(t *testing.T) map[string]string {
	t.Helper()
	data := archive(t, contents(version))
	return map[string]string{
		"latest/download/checksums.txt":            sums(archiveName, data),
		"download/v" + version + "/" + archiveName: string(data),
	}
}

// without returns which of curl and wget a machine must not have for the script to use the other, if that is there.
func without(t *testing.T) (all []string) {
	t.Helper()
	for _, name := range []string{"wget", "curl"} {
		if has(clients, name) {
			all = append(all, name)
		}
	}
	require.NotEmpty(t, all, "curl or wget is needed: install one")
	return all
}

// TestRedirects: what is asked for by https comes by https, whatever downloads it; each redirect by https is followed.
func TestRedirects(t *testing.T) {
	files := release(t)
	handler := http.NewServeMux()
	plain := httptest.NewServer(handler)
	defer plain.Close()
	secure := httptest.NewTLSServer(handler)
	defer secure.Close()
	for path, text := range files {
		handler.HandleFunc("/releases/"+path, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(text))
		})
	}
	for path, target := range map[string]string{"/plain/": plain.URL + "/releases/", "/secure/": secure.URL +
		"/elsewhere/",
		"/elsewhere/": "/releases/", "/round/": "/round/"} {
		handler.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", target+strings.TrimPrefix(r.URL.Path, path)) // as it is, not made absolute
			w.WriteHeader(http.StatusFound)
		})
	}
	certificate := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(certificate, pem.EncodeToMemory(
		&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw}), 0o600))
	wgetrc := filepath.Join(t.TempDir(), "wgetrc")
	require.NoError(t, os.WriteFile(wgetrc, []byte("ca_certificate = "+certificate+"\n"), 0o600))
	for _, without := range without(t) {
		for address, works := range map[string]bool{
			plain.URL + "/releases": true, plain.URL + "/plain": true, plain.URL + "/secure": true,
			secure.URL + "/releases": true, secure.URL + "/secure": true, secure.URL + "/elsewhere": true,
			secure.URL + "/plain": false, secure.URL + "/round": false,
		} {
			directory := t.TempDir()
			out, status := installBy(t, "/bin/sh", []string{"PATH=" + tools(t, without), "CURL_CA_BUNDLE=" +
				certificate,
				"WGETRC=" + wgetrc, "FLEET_CMP_RELEASES=" + address}, "--dir", directory)
			if works {
				require.Zero(t, status, "without %s, %s: %s", without, address, out)
				installed(t, directory, version)
				continue
			}
			require.Equal(t, 1, status, "without %s, %s: %s", without, address, out)
			require.Contains(t, out, "checksums.txt cannot be downloaded")
			require.NoDirExists(t, filepath.Join(directory, "share"))
		}
	}
}

// TestCertificates: a server that nobody vouches for is not asked.
func TestCertificates(t *testing.T) {
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	for _, without := range without(t) {
		out, status := install(t, secure.URL, tools(t, without), "--dir", t.TempDir())
		require.Equal(t, 1, status, out)
		require.Regexp(t, "(?i)certificate", out)
	}
	// A wget that is not GNU's may not look at certificates at all.
	path := tools(t, "curl", "wget")
	require.NoError(t, os.WriteFile(filepath.Join(path, "wget"), []byte("#!/bin/sh\nexit 0\n"), 0o700))
	out, status := install(t, secure.URL, path, "--dir", t.TempDir())
	require.Equal(t, 1, status, out)
	require.Contains(t, out, "install.sh: this wget may not verify who answers: install curl, or GNU wget\n")
}

// TestCutOff: half a download is none.
func TestCutOff(t *testing.T) {
	files := release(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text := files[strings.TrimPrefix(r.URL.Path, "/releases/")]
		w.Header().Set("Content-Length", "100000")
		_, _ = w.Write([]byte(text))
	}))
	defer server.Close()
	directory := t.TempDir()
	out, status := install(t, server.URL+"/releases", tools(t, without(t)[0]), "--dir", directory)
	require.Equal(t, 1, status, out)
	require.Contains(t, out, "checksums.txt cannot be downloaded")
	require.NoDirExists(t, filepath.Join(directory, "lib", "fleet-cmp"))
}

// TestPlaces: where to install, and where nobody can.
func TestPlaces(t *testing.T) {
	releases := serve(t, release(t))
	environ := []string{"PATH=" + tools(t), "FLEET_CMP_RELEASES=" + releases, "CDPATH=/"}
	out, status := installBy(t, "/bin/sh", environ, "--dir", "-odd place")
	require.Zero(t, status, out)
	require.Contains(t, out, "/-odd place/bin/fleet-cmp\n")

	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	out, status = installBy(t, "/bin/sh", environ, "--dir", file+"/below")
	require.Equal(t, 1, status, out)
	require.Contains(t, out, "install.sh: "+file+"/below cannot be written: give another --dir\n")

	cmd := exec.Command("/bin/sh", "../../install.sh")
	cmd.Env = []string{"PATH=" + tools(t), "FLEET_CMP_RELEASES=" + releases}
	data, err := cmd.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(data), "is not set: give --dir")
}

// TestPlatforms: each platform that has an archive gets its own; of another one it says so.
func TestPlatforms(t *testing.T) {
	for names, want := range map[string]string{"Linux x86_64": "linux_amd64", "Linux aarch64": "linux_arm64",
		"Darwin arm64": "darwin_arm64", "Darwin x86_64": "darwin_amd64", "FreeBSD amd64": "", "Linux riscv64": ""} {
		path := tools(t, "uname")
		system, machine, _ := strings.Cut(names, " ")
		script := "#!/bin/sh\ncase $1 in -s) echo " + system + " ;; -m) echo " + machine + " ;; esac\n"
		require.NoError(t, os.WriteFile(filepath.Join(path, "uname"), []byte(script), 0o700))
		name := "fleet-cmp_" + version + "_" + want + ".tar.gz"
		data := archive(t, contents(version))
		releases := serve(t, map[string]string{"latest/download/checksums.txt": sums(name, data),
			"download/v" + version + "/" + name: string(data)})
		directory := filepath.Join(t.TempDir(), "to")
		out, status := install(t, releases, path, "--dir", directory)
		if want == "" {
			require.Equal(t, 1, status, out)
			require.Regexp(t, `^install\.sh: there is no release for (FreeBSD|riscv64): build it, see README\.md\n$`, out)
			require.NoDirExists(t, directory)
			continue
		}
		require.Zero(t, status, out)
		installed(t, directory, version)
	}
}

// TestHelpOfInstall: it changes nothing.
func TestHelpOfInstall(t *testing.T) {
	directory := t.TempDir()
	for _, flag := range []string{"--help", "-h"} {
		out, status := install(t, "http://127.0.0.1:1", tools(t), "--dir", directory, flag)
		require.Zero(t, status)
		require.Contains(t, out, "install.sh [--version VERSION] [--dir DIRECTORY]")
		entries, err := os.ReadDir(directory)
		require.NoError(t, err)
		require.Empty(t, entries)
	}
}
