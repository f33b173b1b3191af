package archive

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"io"
	"math"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// An Identity is the same for archives of which [Read] makes the same tree, or which it refuses for the same reason.
// The zero Identity is that of none.
type Identity [sha256.Size]byte

// Identify returns the identity of an archive, which costs a small part of [Read]. It tells archives apart by what they
// hold, whenever that was written: argocd-repo-server's of one commit differ in times, and in what Git notes.
//
// It does not know all that [Read] does: known is false for an archive that is not as the tar package of Go writes it,
// and for one that is cut off, damaged, or larger than the limits say.
func Identify(r io.Reader, limits Limits) (id Identity, known bool) {
	i, _ := identifiers.Get().(*identifier)
	id, known = i.identify(r, limits)
	identifiers.Put(i) // not after a panic
	return id, known
}

func (i *identifier) identify(r io.Reader, limits Limits) (id Identity, known bool) {
	compressed := &counted{Reader: r}
	i.compressed.Reset(compressed)
	defer i.compressed.Reset(nil)
	if i.unzipped.Reset(i.compressed) != nil {
		return Identity{}, false
	}
	i.blocks.Reset(&guarded{unzipped: &i.unzipped, left: limits.mostBytes() - 1, compressed: compressed})
	defer i.blocks.Reset(nil)
	i.sum.Reset()
	i.git, i.extended = nil, nil
	if i.all() != nil {
		return Identity{}, false
	}
	i.sum.Sum(id[:0])
	return id, true
}

// mostBytes is how many bytes an archive within the limits has at most, with headers, so that one of nothing but
// headers ends.
func (l Limits) mostBytes() int64 {
	const perFile = 4096
	return l.Bytes + int64(l.Files)*perFile
}

const (
	block     = 512      // of tar, in bytes
	inBuffer  = 16 << 10 // for what is compressed
	outBuffer = 64 << 10 // for what is not
)

// identifiers are kept, since each has tables and buffers of 150 KiB.
var identifiers = sync.Pool{New: func() any {
	return &identifier{sum: sha256.New(), blocks: bufio.NewReaderSize(nil, outBuffer),
		compressed: bufio.NewReaderSize(nil, inBuffer)}
}}

// An identifier makes one identity after the other.
type identifier struct {
	sum        hash.Hash
	compressed *bufio.Reader
	unzipped   gzip.Reader
	blocks     *bufio.Reader
	record     []byte // of a header, as it counts
	git        *revisions
	extended   []byte // records that hold for the next header; nil: there are none
}

// counted counts the bytes that are taken from a reader.
type counted struct {
	io.Reader
	taken int64
}

// Read implements [io.Reader].
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.taken += int64(n)
	return n, err
}

// errOther is the cause when an archive has something that is for [Read] to judge.
var errOther = errors.New("the archive has something uncommon")

// guarded ends where an archive is too large, or a bomb: the same server receives those of others meanwhile.
type guarded struct {
	unzipped   io.Reader
	compressed *counted
	given      int64
	left       int64
}

// Read implements [io.Reader].
func (g *guarded) Read(p []byte) (int, error) {
	const free, ratio = 64 << 20, 100 // the most that deflate can is 1032
	if g.left <= 0 || g.given > free && g.given/ratio > g.compressed.taken {
		return 0, errOther
	}
	n, err := g.unzipped.Read(p[:min(int64(len(p)), g.left)])
	g.given += int64(n)
	g.left -= int64(n)
	return n, err
}

// all takes the whole archive. It fails for what it does not know.
func (i *identifier) all() error {
	for {
		header, err := i.blocks.Peek(block)
		if err != nil {
			return err
		}
		if empty(header) {
			return i.end()
		}
		if err := i.entry(header); err != nil {
			return err
		}
	}
}

// end takes the two empty blocks at the end. What follows is read by nobody.
func (i *identifier) end() error {
	both, err := i.blocks.Peek(2 * block)
	if err == nil && !empty(both) || i.extended != nil {
		err = errOther
	}
	return err
}

// entry takes a header, and what belongs to it.
func (i *identifier) entry(raw []byte) error {
	h, err := parse(raw)
	if err != nil {
		return err
	}
	if h.kind == 'x' {
		return i.extend(h)
	}
	name := h.name
	if i.extended != nil {
		if other := value(i.extended, "path"); other != "" {
			name = other
		}
	}
	clean, ok := nameOf(name)
	switch {
	case !ok:
		return errOther
	case clean == "" || inGit(clean): // see reader.add
		i.discard(block)
		if err := i.revision(clean, h); err != nil {
			return err
		}
	default:
		i.count(raw, h)
		i.discard(block)
		if err := i.content(h.size); err != nil {
			return err
		}
	}
	i.extended = nil
	return i.skip(padding(h.size))
}

// count adds a header. Its times do not count, nor do the names of its owners.
func (i *identifier) count(raw []byte, h header) {
	i.record = append(i.record[:0], 'f')
	i.record = appendText(i.record, i.extended)
	i.record = append(i.record, h.kind)
	i.record = appendText(i.record, text(raw[:100]))
	i.record = append(i.record, raw[100:136]...) // mode, owners, size
	i.record = appendText(i.record, text(raw[157:257]))
	i.record = append(i.record, raw[329:345]...) // numbers of devices
	i.record = appendText(i.record, text(raw[345:500]))
	_, _ = i.sum.Write(i.record) // a hash never fails
}

// appendText adds a text so that it is clear where it ends.
func appendText(to, text []byte) []byte {
	return append(binary.AppendUvarint(to, uint64(len(text))), text...)
}

// revision takes something of Git's, of which the names of branches and tags count.
func (i *identifier) revision(name string, h header) error {
	content := &io.LimitedReader{R: i.blocks, N: h.size}
	if name != "" {
		var err error
		i.git, err = i.git.take(gitFile{name: name, regular: h.kind == '0', size: h.size, content: content}, i.sum)
		if err != nil {
			return err
		}
	}
	return i.skip(content.N)
}

// content adds what a file holds.
func (i *identifier) content(size int64) error {
	for size > 0 {
		if i.blocks.Buffered() == 0 {
			if _, err := i.blocks.Peek(1); err != nil {
				return err
			}
		}
		part, _ := i.blocks.Peek(int(min(size, int64(i.blocks.Buffered()))))
		_, _ = i.sum.Write(part)
		i.discard(len(part))
		size -= int64(len(part))
	}
	return nil
}

// discard leaves bytes behind that are in the buffer.
func (i *identifier) discard(n int) { _, _ = i.blocks.Discard(n) }

func (i *identifier) skip(n int64) error {
	for n > 0 {
		some, err := i.blocks.Discard(int(min(n, math.MaxInt32)))
		if n -= int64(some); err != nil {
			return err
		}
	}
	return nil
}

// extend takes records of PAX, which hold for the next header: long names, owners with large numbers.
func (i *identifier) extend(h header) error {
	const most = 16 << 10
	if i.extended != nil || h.size > most || h.size == 0 {
		return errOther
	}
	i.discard(block)
	records := make([]byte, h.size)
	if _, err := io.ReadFull(i.blocks, records); err != nil {
		return err
	}
	if !plain(records) {
		return errOther
	}
	i.extended = records
	return i.skip(padding(h.size))
}

// plain tells whether records are well-formed, and none changes how the archive is read, or with time.
func plain(records []byte) bool {
	seen := ""
	for len(records) > 0 {
		size, key, value, ok := record(records)
		if !ok || strings.Contains(seen, "\n"+key+"\n") || strings.IndexByte(value, 0) >= 0 {
			return false
		}
		switch key {
		case "path", "linkpath", "uname", "gname":
		case "uid", "gid":
			if n, err := strconv.ParseInt(value, 10, 64); err != nil || n < 0 {
				return false
			}
		default:
			return false
		}
		seen += "\n" + key + "\n"
		records = records[size:]
	}
	return true
}

// record returns the first of records: "SIZE KEY=VALUE\n".
func record(records []byte) (size int, key, value string, ok bool) {
	digits, _, found := bytes.Cut(records, []byte(" "))
	if !found || len(digits) > 5 {
		return 0, "", "", false
	}
	size, err := strconv.Atoi(string(digits))
	if err != nil || size <= len(digits)+1 || size > len(records) || records[size-1] != '\n' {
		return 0, "", "", false
	}
	key, value, ok = strings.Cut(string(records[len(digits)+1:size-1]), "=")
	return size, key, value, ok
}

// value returns the value of a key in records that are plain; "" if there is none.
func value(records []byte, key string) string {
	for len(records) > 0 {
		size, k, v, _ := record(records)
		if k == key {
			return v
		}
		records = records[size:]
	}
	return ""
}
