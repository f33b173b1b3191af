package serving

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
)

// A Request asks for what a command of the plugin prints. An archive of so many bytes follows it, if there is one.
type Request struct {
	Command string   // generate, parameters or discover; "" asks whether the worker is there
	Environ []string // in the form of os.Environ, besides that of this process
	Path    string   // directory of the Application in the repository
	Content string   // is the same for repositories that hold the same, see server.Archive
	Archive int64    // its size in bytes; 0: it was sent before
	Git     bool     // the archive is sent for its Git repository too, which was asked for
	Most    int64    // bytes of a result beyond which it is refused; 0: it is taken
}

// A Response is what the command printed.
type Response struct {
	Status   int
	Parts    [][]byte       `json:"-"` // to be sent: objects as JSON, for generate; else one, what was printed
	Texts    []string       `json:"-"` // the same, as they arrived
	Stderr   string         // messages
	Unknown  bool           // nothing was done: the repository is not kept any more, and is to be sent again
	Git      bool           // nothing was done: the archive is to be sent (again) for its Git repository
	Kept     []string       // what Content was of the repositories that are kept
	Session  bool           // a session was used that was opened for another job
	Last     bool           // the worker wants to be replaced
	Findings map[string]int // how many there are of each rule; "" for those of none
	Defects  []string       // where defects were that the job met, see problem.Frames

	Sizes []int  // of the parts
	Sum   uint32 // CRC-32 of all parts, with the polynomial of Castagnoli
}

// A frame is a header, which is JSON, behind a mark and its size. What the header tells of follows.
const (
	frameMark = 0x636d7031 // "cmp1"

	// maxHeader is the size of a header. An Application's parameters are small, and so are the sizes of its objects.
	maxHeader = 32 << 20
)

// ErrFrame is the cause when what is read is no frame. An [io.EOF] before it is the end.
var ErrFrame = errors.New("what was read is no message of the other side")

// WriteRequest writes a request, and the archive that it has. It fails as the writer and the archive do, and with
// [ErrFrame] for a request that is too large.
func WriteRequest(w io.Writer, r Request, archive io.Reader) error {
	header := requestHeader{Request: r, Path: []byte(r.Path)}
	for _, entry := range r.Environ {
		header.Environ = append(header.Environ, []byte(entry))
	}
	if err := writeHeader(w, header); err != nil || r.Archive == 0 {
		return err
	}
	_, err := io.CopyN(w, archive, r.Archive)
	return err
}

// ReadRequest reads a request, without its archive. It fails with [ErrFrame] for what is none, and with [io.EOF] if
// there are no more.
func ReadRequest(r io.Reader) (Request, error) {
	var header requestHeader
	err := readHeader(r, &header)
	if err == nil && header.Archive < 0 {
		err = ErrFrame
	}
	request := header.Request
	request.Path = string(header.Path)
	for _, entry := range header.Environ {
		request.Environ = append(request.Environ, string(entry))
	}
	return request, err
}

// A requestHeader has what may be no UTF-8 as bytes: JSON would change it.
type requestHeader struct {
	Request
	Environ [][]byte
	Path    []byte
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// WriteResponse writes a response. It fails as the writer does, and with [ErrFrame] for more parts than a header can
// have.
func WriteResponse(w io.Writer, r Response) error {
	r.Sizes, r.Sum = make([]int, len(r.Parts)), 0
	for i, part := range r.Parts {
		r.Sizes[i], r.Sum = len(part), crc32.Update(r.Sum, castagnoli, part)
	}
	if err := writeHeader(w, r); err != nil {
		return err
	}
	for _, part := range r.Parts {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// ErrOutput is the cause when a response has more bytes than are allowed.
var ErrOutput = errors.New("the result is too large")

func tooLarge(most int64) error {
	return fmt.Errorf("%w: it has more than %d bytes; raise ARGOCD_GRPC_MAX_SIZE_MB of repo-server and plugin, or "+
		"render less at once", ErrOutput, most)
}

// ErrRoom is the cause when there was no room for a response in time.
var ErrRoom = errors.New("there was no room for the result")

// ReadResponse reads a response with at most so many bytes, for which room is asked before these are read. It is whole,
// or ReadResponse fails: with [ErrFrame], [ErrOutput], or as the reader does. If it fails with [ErrRoom], the next
// response can be read, and what this one tells of the worker is returned.
func ReadResponse(r io.Reader, most int64, room func(size int64) error) (Response, error) {
	var response Response
	if err := readHeader(r, &response); err != nil {
		return Response{}, err
	}
	total := int64(0)
	for _, size := range response.Sizes {
		if size < 0 {
			return Response{}, ErrFrame
		}
		if int64(size) > most-total { // the sum may be none
			return Response{}, tooLarge(most)
		}
		total += int64(size)
	}
	if noRoom := room(total); noRoom != nil {
		_, err := io.CopyN(io.Discard, r, total)
		if err == nil {
			err = fmt.Errorf("%w: %w", ErrRoom, noRoom)
		}
		return Response{Kept: response.Kept, Last: response.Last}, unexpected(err)
	}
	var text strings.Builder // of which strings are parts, without a copy
	text.Grow(int(total))
	sum := crc32.New(castagnoli)
	if _, err := io.CopyN(io.MultiWriter(&text, sum), r, total); err != nil {
		return Response{}, unexpected(err)
	}
	if sum.Sum32() != response.Sum {
		return Response{}, ErrFrame
	}
	rest := text.String()
	for _, size := range response.Sizes {
		response.Texts = append(response.Texts, rest[:size])
		rest = rest[size:]
	}
	return response, nil
}

func writeHeader(w io.Writer, header any) error {
	data, err := json.Marshal(header)
	if err != nil {
		return err
	}
	if len(data) > maxHeader {
		return fmt.Errorf("%w: it has more than %d bytes", ErrFrame, maxHeader)
	}
	frame := binary.BigEndian.AppendUint32(make([]byte, 0, 8+len(data)), frameMark)
	frame = binary.BigEndian.AppendUint32(frame, uint32(len(data))) //nolint:gosec // it is at most maxHeader
	_, err = w.Write(append(frame, data...))
	return err
}

func readHeader(r io.Reader, header any) error {
	var start [8]byte
	if _, err := io.ReadFull(r, start[:]); err != nil {
		return err
	}
	size := binary.BigEndian.Uint32(start[4:])
	if binary.BigEndian.Uint32(start[:4]) != frameMark || size > maxHeader {
		return ErrFrame
	}
	// In parts, so that a size alone takes no memory.
	data, err := io.ReadAll(io.LimitReader(r, int64(size)))
	switch {
	case err != nil:
		return err
	case len(data) < int(size):
		return io.ErrUnexpectedEOF
	case json.Unmarshal(data, header) != nil:
		return ErrFrame
	}
	return nil
}

// unexpected returns an error of reading what a header has told of.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
