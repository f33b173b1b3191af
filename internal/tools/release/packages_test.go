package release

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"runtime"
	"strings"
	"testing"

	"github.com/blakesmith/ar"
	"github.com/stretchr/testify/require"
)

// packaged are files of both kinds of packages; what is "-> NAME" is a link.
var packaged = map[string]string{
	"/usr/lib/fleet-cmp/fleet-cmp": "", "/usr/lib/fleet-cmp/cmp-stages": "", "/usr/lib/fleet-cmp/cmp-server": "",
	"/usr/lib/fleet-cmp/cmp":                              "-> fleet-cmp",
	"/usr/bin/fleet-cmp":                                  "-> ../lib/fleet-cmp/fleet-cmp",
	"/usr/share/doc/fleet-cmp/NOTICE":                     "",
	"/usr/share/man/man1/fleet-cmp.1.gz":                  "",
	"/usr/share/bash-completion/completions/fleet-cmp":    "",
	"/usr/share/fish/vendor_completions.d/fleet-cmp.fish": "",
}

// TestDebian: the package has the executables in a directory of their own, and no /usr/bin/cmp, which is diffutils'.
func TestDebian(t *testing.T) {
	file, err := os.Open(find(t, "fleet-cmp_*_"+runtime.GOARCH+".deb"))
	require.NoError(t, err)
	defer file.Close()
	files, control := map[string]string{}, ""
	for reader := ar.NewReader(file); ; {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		require.Equal(t, commitTime(t).Unix(), header.ModTime.Unix(), header.Name)
		name := strings.TrimSuffix(header.Name, "/")
		if name != "control.tar.gz" && name != "data.tar.gz" {
			continue
		}
		compressed, err := gzip.NewReader(reader)
		require.NoError(t, err)
		for members := tar.NewReader(compressed); ; {
			member, err := members.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
			require.Equal(t, commitTime(t), member.ModTime.UTC(), member.Name)
			switch {
			case name == "control.tar.gz" && strings.HasSuffix(member.Name, "control"):
				data, err := io.ReadAll(members)
				require.NoError(t, err)
				control = string(data)
			case name == "data.tar.gz" && member.Typeflag == tar.TypeSymlink:
				files[strings.TrimPrefix(member.Name, ".")] = "-> " + member.Linkname
			case name == "data.tar.gz" && member.Typeflag == tar.TypeReg:
				files[strings.TrimPrefix(member.Name, ".")] = ""
				require.Equal(t, modeOf(member.Name), member.Mode&0o7777, member.Name)
			}
			if name == "data.tar.gz" {
				require.Equal(t, "root root 0 0", fmt.Sprint(member.Uname, " ", member.Gname, " ", member.Uid,
					member.Gid),
					member.Name)
			}
		}
	}
	_, version := built(t)
	require.Contains(t, control, "Package: fleet-cmp\n")
	require.Contains(t, control, "Version: "+strings.Replace(version, "-", "~", 1)+"\n")
	require.Contains(t, control, "Architecture: "+runtime.GOARCH+"\n")
	require.NotContains(t, control, "Depends:", "the executables are static")
	hasPackaged(t, files, "/usr/share/doc/fleet-cmp/copyright", "/usr/share/zsh/vendor-completions/_fleet-cmp")
}

// modeOf returns the rights of a packaged file: only executables can be run, and only root changes any.
func modeOf(name string) int64 {
	if path.Dir(strings.TrimPrefix(name, ".")) == "/usr/lib/fleet-cmp" {
		return 0o755
	}
	return 0o644
}

func hasPackaged(t *testing.T, files map[string]string, others ...string) {
	t.Helper()
	for name, target := range packaged {
		require.Contains(t, files, name)
		require.Equal(t, target, files[name], name)
	}
	for _, name := range others {
		require.Contains(t, files, name)
	}
	for name := range files {
		if path.Dir(name) != "/usr/lib/fleet-cmp" {
			require.NotRegexp(t, `^_?cmp(\.1\.gz|\.fish)?$`, path.Base(name), "%s: that is of diffutils", name)
		}
		if path.Base(name) != "fleet-cmp" && strings.HasPrefix(name, "/usr/bin/") {
			t.Errorf("%s: PATH has nothing but fleet-cmp", name)
		}
	}
}

// Tags of the header of an RPM package.
const (
	tagName, tagBuildTime, tagBuildHost, tagLicense = 1000, 1006, 1007, 1014
	tagModes, tagUsers, tagGroups                   = 1030, 1039, 1040
	tagTargets, tagIndexes, tagNames, tagDirs       = 1036, 1116, 1117, 1118
)

// Kinds of files in the modes of an RPM package.
const directory, regular = 0o040000, 0o100000

// TestRPM does the same for the other kind of package.
func TestRPM(t *testing.T) {
	machine := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[runtime.GOARCH]
	data, err := os.ReadFile(find(t, "fleet-cmp-*."+machine+".rpm"))
	require.NoError(t, err)
	rest := data[96:] // after what is there for old readers
	_, rest = rpmHeader(t, rest)
	header, _ := rpmHeader(t, rest[-(len(data)-len(rest))&7:]) // which is aligned
	require.Equal(t, []string{"fleet-cmp"}, header.strings(tagName))
	require.Equal(t, []string{"fleet-cmp"}, header.strings(tagBuildHost))
	require.Equal(t, []string{"Apache-2.0"}, header.strings(tagLicense))
	require.Equal(t, commitTime(t).Unix(), int64(header.numbers(tagBuildTime)[0]))
	directories, targets := header.strings(tagDirs), header.strings(tagTargets)
	files, owned := map[string]string{}, []string{}
	modes, users, groups := header.shorts(tagModes), header.strings(tagUsers), header.strings(tagGroups)
	for i, name := range header.strings(tagNames) {
		full, target := directories[header.numbers(tagIndexes)[i]]+name, targets[i]
		require.Equal(t, "root root", users[i]+" "+groups[i], full)
		switch modes[i] &^ 0o7777 {
		case directory:
			owned = append(owned, full)
			continue
		case regular:
			require.Equal(t, modeOf(full), int64(modes[i]&0o7777), full)
		}
		if target != "" {
			target = "-> " + target
		}
		files[full] = target
	}
	require.ElementsMatch(t, []string{"/usr/lib/fleet-cmp", "/usr/share/doc/fleet-cmp",
		"/usr/share/licenses/fleet-cmp"},
		owned, "directories that go with the package")
	hasPackaged(t, files, "/usr/share/licenses/fleet-cmp/LICENSE", "/usr/share/zsh/site-functions/_fleet-cmp")
}

// A header of an RPM package is a table of values by their tags.
type header struct {
	entries map[uint32]struct{ Tag, Type, Offset, Count uint32 }
	store   []byte
}

// rpmHeader reads a header, and returns it with what follows.
func rpmHeader(t *testing.T, data []byte) (header, []byte) {
	t.Helper()
	var intro struct {
		Magic          [8]byte
		Entries, Bytes uint32
	}
	reader := bytes.NewReader(data)
	require.NoError(t, binary.Read(reader, binary.BigEndian, &intro))
	require.Equal(t, "8eade80100000000", fmt.Sprintf("%x", intro.Magic))
	h := header{entries: map[uint32]struct{ Tag, Type, Offset, Count uint32 }{}}
	for range intro.Entries {
		var entry struct{ Tag, Type, Offset, Count uint32 }
		require.NoError(t, binary.Read(reader, binary.BigEndian, &entry))
		h.entries[entry.Tag] = entry
	}
	rest := data[len(data)-reader.Len():]
	h.store = rest[:intro.Bytes]
	return h, rest[intro.Bytes:]
}

func (h header) strings(tag uint32) []string {
	entry := h.entries[tag]
	parts := strings.SplitN(string(h.store[entry.Offset:]), "\x00", int(entry.Count)+1)
	return parts[:entry.Count]
}

func (h header) numbers(tag uint32) []uint32 {
	entry := h.entries[tag]
	numbers := make([]uint32, entry.Count)
	for i := range numbers {
		numbers[i] = binary.BigEndian.Uint32(h.store[int(entry.Offset)+4*i:])
	}
	return numbers
}

func (h header) shorts(tag uint32) []uint16 {
	entry := h.entries[tag]
	numbers := make([]uint16, entry.Count)
	for i := range numbers {
		numbers[i] = binary.BigEndian.Uint16(h.store[int(entry.Offset)+2*i:])
	}
	return numbers
}
