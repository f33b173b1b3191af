package serving

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRequest(t *testing.T) {
	want := Request{Command: "generate", Environ: []string{"A=b\nc", "ä=\xff"}, Path: "core\xfe", Content: "ab",
		Archive: 4}
	var frames bytes.Buffer
	require.NoError(t, WriteRequest(&frames, want, strings.NewReader("text, and more")))
	require.NoError(t, WriteRequest(&frames, Request{Command: "discover"}, nil))
	got, err := ReadRequest(&frames)
	require.NoError(t, err)
	require.Equal(t, want, got)
	archive := make([]byte, got.Archive)
	_, err = io.ReadFull(&frames, archive)
	require.NoError(t, err)
	require.Equal(t, "text", string(archive))
	got, err = ReadRequest(&frames)
	require.NoError(t, err)
	require.Equal(t, Request{Command: "discover"}, got)
	_, err = ReadRequest(&frames)
	require.ErrorIs(t, err, io.EOF)
	require.ErrorIs(t, WriteRequest(io.Discard, Request{Archive: 5}, strings.NewReader("text")), io.EOF)
	require.ErrorIs(t, WriteRequest(io.Discard, Request{Path: strings.Repeat("a", maxHeader)}, nil), ErrFrame)
}

// roomy has room for everything.
func roomy(int64) error { return nil }

// written returns texts that were read as they are written.
func written(texts []string) (parts [][]byte) {
	for _, text := range texts {
		parts = append(parts, []byte(text))
	}
	return parts
}

// response returns an answer of two objects as it is sent.
func response(t testing.TB) []byte {
	var frame bytes.Buffer
	require.NoError(t, WriteResponse(&frame, Response{Status: 0, Parts: [][]byte{[]byte(`{"a":1}`), []byte(`{"b":2}`)},
		Stderr: "Warning: x\n", Kept: []string{"ab"}, Findings: map[string]int{"dead-value": 2}}))
	return frame.Bytes()
}

// TestResponse: an answer that is not whole, whatever is missing or changed, is none.
func TestResponse(t *testing.T) {
	whole := response(t)
	got, err := ReadResponse(bytes.NewReader(whole), 14, roomy)
	require.NoError(t, err)
	require.Equal(t, []string{`{"a":1}`, `{"b":2}`}, got.Texts)
	require.Equal(t, 2, got.Findings["dead-value"])
	for size := range whole {
		got, err := ReadResponse(bytes.NewReader(whole[:size]), 1000, roomy)
		require.Error(t, err)
		require.Empty(t, got)
	}
	for i := len(whole) - 14; i < len(whole); i++ {
		changed := bytes.Clone(whole)
		changed[i]++
		_, err := ReadResponse(bytes.NewReader(changed), 1000, roomy)
		require.ErrorIs(t, err, ErrFrame)
		more := append(append(bytes.Clone(whole[:i]), "warning: x\n"...), whole[i:]...)
		_, err = ReadResponse(bytes.NewReader(more), 1000, roomy)
		require.ErrorIs(t, err, ErrFrame)
	}
	_, err = ReadResponse(bytes.NewReader(whole), 13, roomy)
	require.ErrorIs(t, err, ErrOutput)
	_, err = ReadResponse(strings.NewReader("text that is no frame"), 1000, roomy)
	require.ErrorIs(t, err, ErrFrame)
	huge := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, frameMark), maxHeader+1)
	_, err = ReadResponse(bytes.NewReader(huge), 1000, roomy)
	require.ErrorIs(t, err, ErrFrame)
	var negative bytes.Buffer
	require.NoError(t, writeHeader(&negative, Response{Sizes: []int{20, -20}}))
	_, err = ReadResponse(&negative, 1000, roomy)
	require.ErrorIs(t, err, ErrFrame)
}

func FuzzReadRequest(f *testing.F) {
	var frame bytes.Buffer
	require.NoError(f, WriteRequest(&frame, Request{Command: "generate", Environ: []string{"A=b"}, Archive: 4},
		strings.NewReader("text")))
	f.Add(frame.Bytes())
	f.Add([]byte("cmp1\x00\x00\x00\x02{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		in := bytes.NewReader(data)
		served := 0
		w := Worker{Limits: Limits{Repositories: 1, Memory: 1 << 30}, Begin: func() { served++ }, End: func() {},
			Works: func() bool { return false }, Do: func(*Work, string, io.Writer, io.Writer) int { return 0 }}
		var out bytes.Buffer
		err := w.Serve(in, &out)
		answers := 0
		for ; ; answers++ { // each request that was begun has one whole answer
			if _, err := ReadResponse(&out, 1<<20, roomy); err != nil {
				require.ErrorIs(t, err, io.EOF)
				break
			}
		}
		require.Equal(t, served, answers)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			require.ErrorIs(t, err, ErrFrame)
		}
	})
}

func FuzzReadResponse(f *testing.F) {
	f.Add(response(f))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := ReadResponse(bytes.NewReader(data), 1<<16, roomy)
		if err != nil {
			require.Empty(t, got)
			return
		}
		var again bytes.Buffer
		sent := got
		sent.Parts = written(got.Texts)
		require.NoError(t, WriteResponse(&again, sent))
		same, err := ReadResponse(&again, 1<<16, roomy)
		require.NoError(t, err)
		require.Equal(t, got, same)
	})
}

// TestSizesWithoutBound: sizes whose sum no number holds are too large, and no end of the server.
func TestSizesWithoutBound(t *testing.T) {
	var frame bytes.Buffer
	require.NoError(t, writeHeader(&frame, Response{Sizes: []int{1, math.MaxInt}}))
	_, err := ReadResponse(&frame, 1000, roomy)
	require.ErrorIs(t, err, ErrOutput)
}

// TestNoRoom: an answer for which there is no room in time is taken to its end, so that the next one can be read.
func TestNoRoom(t *testing.T) {
	in := bytes.NewReader(append(response(t), response(t)...))
	asked := int64(0)
	got, err := ReadResponse(in, 1000, func(size int64) error { asked = size; return os.ErrDeadlineExceeded })
	require.ErrorIs(t, err, ErrRoom)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	require.Equal(t, Response{Kept: []string{"ab"}}, got)
	require.Equal(t, int64(14), asked)
	got, err = ReadResponse(in, 1000, roomy)
	require.NoError(t, err)
	require.Len(t, got.Texts, 2)
	_, err = ReadResponse(bytes.NewReader(response(t)[:90]), 1000, func(int64) error { return os.ErrDeadlineExceeded })
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}
