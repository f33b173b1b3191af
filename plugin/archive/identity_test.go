package archive

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/argoproj/argo-cd/v3/util/io/files"
	"github.com/stretchr/testify/require"
)

func directory(name string) tar.Header {
	return tar.Header{Typeflag: tar.TypeDir, Name: name, Mode: 0o755}
}

// TestIdentify: archives have one identity if what is read of them is the same, and are told apart otherwise.
func TestIdentify(t *testing.T) {
	long := strings.Repeat("directory/", 20) + "name"
	with := func(h tar.Header, change func(h *tar.Header)) tar.Header {
		change(&h)
		return h
	}
	text := file("a", "text")
	seen := map[Identity]string{}
	for name, archives := range map[string][][]tar.Header{
		"nothing": {{}, {directory(".")}, {file(".git", "")}},
		"a file": {{text}, {with(text, func(h *tar.Header) { h.ModTime = time.Unix(1, 0) })},
			{directory("./"), text},
			{with(text, func(h *tar.Header) { h.Gname = "somebody" })}},
		"another text":  {{file("a", "texT")}},
		"a longer text": {{file("a", "text ")}},
		"an empty file": {{file("a", "")}},
		"another name":  {{file("b", "text")}},
		"another mode":  {{with(text, func(h *tar.Header) { h.Mode = 0o755 })}},
		"a link":        {{link("a", "b")}},
		"another link":  {{link("a", "c")}},
		"a directory":   {{directory("a")}},
		"two":           {{text, file("b", "text")}},
		"two, turned":   {{file("b", "text"), text}},
		"twice":         {{text, text}},
		"Git": {{file(".git/HEAD", "1"), text}, {file(".git/HEAD", "1"),
			file(".git/index", strings.Repeat("x", 9000)), text}},
		"a branch": {{file(".git/refs/heads/a", "1"), text}, {file(".git/logs/a", "2"), file(".git/refs/heads/a",
			"1"), text}},
		"its next commit": {{file(".git/refs/heads/a", "2"), text}},
		"another HEAD":    {{file(".git/HEAD", "2"), text}},
		"another branch":  {{file(".git/refs/heads/b", "1"), text}},
		"a packed branch": {{file(".git/packed-refs", "1 refs/heads/c\n"), text}},
		"a long name":     {{file(long, "text")}},
		"a longer name": {{file(long+strings.Repeat("e", 100), "text"), file(".git/x", "")},
			{file(long+strings.Repeat("e", 100), "text"), file(".git/"+strings.Repeat("e", 200), "x")}},
		"another of them": {{file(long+strings.Repeat("e", 99)+"f", "text")}},
		"a long link":     {{link("a", long)}},
		"owners":          {{with(text, func(h *tar.Header) { h.Uid = 1_000_680_000 })}},
		"a name in UTF-8": {{file("ä", "text")}},
	} {
		t.Run(name, func(t *testing.T) {
			var first Identity
			var read *Tree
			for i, headers := range archives {
				data := packed(t, headers...)
				id, known := Identify(bytes.NewReader(data), enough)
				require.True(t, known, i)
				tree, err := Read(bytes.NewReader(data), enough)
				require.NoError(t, err)
				if i == 0 {
					first, read = id, tree
				}
				require.Equal(t, first, id, i)
				require.Equal(t, read.Digest(), tree.Digest(), i)
			}
			require.Empty(t, seen[first])
			seen[first] = name
		})
	}
}

// TestNotIdentified: what is hostile, cut off or uncommon has no identity, and is for [Read] to judge.
func TestNotIdentified(t *testing.T) {
	whole := packed(t, file("a", "text"), file("b", "text"))
	var unended bytes.Buffer
	zipped := gzip.NewWriter(&unended)
	require.NoError(t, tar.NewWriter(zipped).WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "a"}))
	require.NoError(t, zipped.Close())
	gnu := file(strings.Repeat("a/", 100)+"b", "x")
	gnu.Format = tar.FormatGNU
	times := file("a", "x")
	times.Format, times.AccessTime = tar.FormatPAX, time.Unix(1, 0)
	var bomb bytes.Buffer
	zipped = gzip.NewWriter(&bomb)
	require.NoError(t, tar.NewWriter(zipped).WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "a", Size: 1 << 30}))
	_, err := io.Copy(zipped, io.LimitReader(zero{}, 80<<20))
	require.NoError(t, err)
	require.NoError(t, zipped.Close())
	for name, data := range map[string][]byte{
		"no archive":            []byte("text"),
		"empty":                 nil,
		"cut off":               whole[:len(whole)-20],
		"without an end":        unended.Bytes(),
		"the format of GNU":     packed(t, gnu),
		"other times":           packed(t, times),
		"a hard link":           packed(t, tar.Header{Typeflag: tar.TypeLink, Name: "a", Linkname: "b"}),
		"a name that leads out": packed(t, file("../.git/a", "")),
		"a long name of Git's":  packed(t, file(".git/"+strings.Repeat("a/", 300)+"b", "")),
		"large":                 packed(t, file(".git/a", strings.Repeat("a", 6<<20))),
		"a bomb":                bomb.Bytes(),
	} {
		_, known := Identify(bytes.NewReader(data), enough)
		require.False(t, known, name)
	}
	_, known := Identify(bytes.NewReader(bomb.Bytes()), Limits{Bytes: 1 << 30, Files: 10})
	require.False(t, known)
}

// TestIdentifyAsSent: the archives of a directory that argocd-repo-server makes at different times have one identity.
func TestIdentifyAsSent(t *testing.T) {
	root := t.TempDir()
	for i := range 300 {
		name := filepath.Join(root, fmt.Sprint("d", i%7), fmt.Sprint(i))
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		require.NoError(t, os.WriteFile(name, bytes.Repeat([]byte{byte(i)}, i*i), 0o600))
	}
	var ids []Identity
	var sent [][]byte
	for i := range 2 {
		require.NoError(t, os.Chtimes(filepath.Join(root, "d1", "1"), time.Unix(int64(i), 0), time.Unix(int64(i), 0)))
		var data bytes.Buffer
		_, err := files.Tgz(root, nil, nil, &data)
		require.NoError(t, err)
		id, known := Identify(bytes.NewReader(data.Bytes()), Limits{Bytes: 1 << 30, Files: 1000})
		require.True(t, known)
		ids, sent = append(ids, id), append(sent, data.Bytes())
	}
	require.Equal(t, ids[0], ids[1])
	require.NotEqual(t, sent[0], sent[1])
}

// FuzzIdentify: a change of an archive has another identity, or makes no difference to what is read of it.
func FuzzIdentify(f *testing.F) {
	for _, headers := range [][]tar.Header{
		{file("a/b", "text"), link("l", "a"), file(".git/HEAD", "x"), file(".git/packed-refs", "1 refs/heads/a\n")},
		{directory("d/"), file(strings.Repeat("long/", 60)+"a", "text"), file(".git/"+strings.Repeat("long/", 60)+"b",
			"text")},
	} {
		unzipped, err := gzip.NewReader(bytes.NewReader(packed(f, headers...)))
		require.NoError(f, err)
		plain, err := io.ReadAll(unzipped)
		require.NoError(f, err)
		random := rand.New(rand.NewPCG(1, 2))
		for range 400 {
			f.Add(plain, random.IntN(len(plain)), byte(random.IntN(256)), random.IntN(2) == 0)
		}
		for _, at := range []int{136, 146, 148, 155, 156, 512 + 140, 512 + 150} {
			f.Add(plain, at, byte('1'), true)
			f.Add(plain, at, byte('x'), true)
			f.Add(plain, at, byte(0x80), false)
		}
	}
	limits := Limits{Bytes: 1 << 16, Files: 100}
	f.Fuzz(func(t *testing.T, plain []byte, at int, to byte, repair bool) {
		if at < 0 || at >= len(plain) {
			return
		}
		changed := slices.Clone(plain)
		changed[at] = to
		if start := at / block * block; repair && start+block <= len(changed) {
			header := changed[start : start+block]
			copy(header[148:156], fmt.Sprintf("%06o\x00 ", sumOf(header)))
		}
		before, is := Identify(bytes.NewReader(zip(t, plain)), limits)
		after, known := Identify(bytes.NewReader(zip(t, changed)), limits)
		if !is || !known || before != after {
			return
		}
		one, err := Read(bytes.NewReader(zip(t, plain)), limits)
		other, otherErr := Read(bytes.NewReader(zip(t, changed)), limits)
		if err != nil {
			require.EqualError(t, otherErr, err.Error())
			return
		}
		require.NoError(t, otherErr)
		require.Equal(t, one.Digest(), other.Digest())
	})
}

func zip(t testing.TB, data []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(data)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

// TestSums: eight bytes at a time are as one after the other.
func TestSums(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	data := make([]byte, block)
	for range 100 {
		for i := 0; i+8 <= len(data); i += 8 {
			binary.LittleEndian.PutUint64(data[i:], random.Uint64())
		}
		part := data[:random.IntN(block+1)]
		var sum int64
		for _, b := range part {
			sum += int64(b)
		}
		require.Equal(t, sum, bytesOf(part))
		require.Equal(t, bytes.Count(part, []byte{0}) == len(part), empty(part))
	}
	require.Equal(t, int64(block*255), bytesOf(bytes.Repeat([]byte{255}, block)))
}
