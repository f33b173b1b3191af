package archive

import (
	"bytes"
	"encoding/binary"
)

// A header is what is read of a header of tar.
type header struct {
	kind byte // '0': a file, '2': a link, '5': a directory, 'x': records for the next header
	name string
	size int64 // of what follows
}

// parse reads a header as the tar package of Go writes it: in the format USTAR, with numbers that are octal. It fails
// for others, and for those that the package would not take.
func parse(raw []byte) (header, error) {
	h := header{kind: raw[156], name: string(text(raw[:100]))}
	if !bytes.Equal(raw[257:265], []byte("ustar\x0000")) || !empty(raw[500:block]) {
		return h, errOther
	}
	if prefix := text(raw[345:500]); len(prefix) > 0 {
		h.name = string(prefix) + "/" + h.name
	}
	for _, field := range [][]byte{raw[100:108], raw[108:116], raw[116:124], raw[136:148], raw[329:337], raw[337:345]} {
		if _, ok := octal(field); !ok {
			return h, errOther
		}
	}
	var ok, isSum bool
	h.size, ok = octal(raw[124:136])
	said, isSum := octal(raw[148:156])
	if !ok || !isSum || said != sumOf(raw) {
		return h, errOther
	}
	switch h.kind {
	case '0', 'x':
	case '2', '5':
		if h.size != 0 {
			return h, errOther
		}
	default:
		return h, errOther
	}
	return h, nil
}

// text returns a field up to its end.
func text(field []byte) []byte {
	if end := bytes.IndexByte(field, 0); end >= 0 {
		return field[:end]
	}
	return field
}

// octal returns the number of a field: digits, and what ends them. A field with none is 0.
func octal(field []byte) (n int64, ok bool) {
	i := 0
	for ; i < len(field) && '0' <= field[i] && field[i] <= '7'; i++ {
		n = n<<3 | int64(field[i]-'0')
	}
	for ; i < len(field); i++ {
		if field[i] != 0 && field[i] != ' ' {
			return 0, false
		}
	}
	return n, true
}

// padding is how many bytes follow what has a size, up to the next block.
func padding(size int64) int64 { return -size & (block - 1) }

// sumOf returns the sum of the bytes of a header, those of the sum itself counted as spaces.
func sumOf(raw []byte) int64 {
	return bytesOf(raw[:148]) + bytesOf(raw[156:block]) + 8*' '
}

// bytesOf returns the sum of bytes, eight at a time: there is one for each file.
func bytesOf(data []byte) int64 {
	const even = 0x00ff00ff00ff00ff
	var lanes, rest uint64 // at most 2 * 64 * 255 in each of four lanes
	for ; len(data) >= 8; data = data[8:] {
		word := binary.LittleEndian.Uint64(data)
		lanes += word&even + word>>8&even
	}
	for _, b := range data {
		rest += uint64(b)
	}
	return int64(rest + lanes&0xffff + lanes>>16&0xffff + lanes>>32&0xffff + lanes>>48)
}

// empty tells whether bytes are all 0.
func empty(data []byte) bool {
	for ; len(data) >= 8; data = data[8:] {
		if binary.LittleEndian.Uint64(data) != 0 {
			return false
		}
	}
	for _, b := range data {
		if b != 0 {
			return false
		}
	}
	return true
}
