// Package serving is the side of a worker that does one job after the other for a plugin server. It reads jobs, and
// answers with what a run of the plugin would print. It keeps the repositories that jobs are about, and what was read
// of them.
package serving

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// A Worker does jobs.
type Worker struct {
	Limits Limits
	Begin  func()      // is called before each job: limits of time and memory count from here
	End    func()      // is called after it
	Works  func() bool // whether something of a job goes on that was given up
	// Do runs a command for a job, and returns its exit status.
	Do func(w *Work, command string, stdout, stderr io.Writer) int
}

// Serve does the jobs that it reads, one after the other, until there are no more. It fails if what it reads is no
// request, and if nobody takes the answer.
func (w Worker) Serve(in io.Reader, out io.Writer) error {
	const enough = 64 << 10
	reader, writer := bufio.NewReaderSize(in, enough), bufio.NewWriterSize(out, enough)
	kept := &kept{limits: w.Limits}
	for {
		r, err := ReadRequest(reader)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("what a server asks for cannot be read: %w", err)
		}
		w.Begin()
		response := w.answer(kept, r, reader)
		w.End()
		if err := response.check(r.Most); err != nil {
			failed := failure(err)
			failed.Session, failed.Findings, failed.Defects = response.Session, response.Findings, response.Defects
			response = failed
		}
		response.Kept, response.Last = kept.contents(), w.goesOn()
		err = WriteResponse(writer, response)
		if err == nil {
			err = writer.Flush()
		}
		if err != nil {
			return fmt.Errorf("the server does not take the answer: %w", err)
		}
		kept.forget()
		kept.collect()
	}
}

// Bounds of what a response has besides its parts, so that it fits its header.
const (
	maxParts    = 2 << 20
	maxMessages = 1 << 20 // in bytes
)

// check fails if a response is more than the server takes. It cuts off messages: what is not told is said.
func (r *Response) check(most int64) error {
	if len(r.Stderr) > maxMessages {
		whole := r.Stderr[:strings.LastIndexByte(r.Stderr[:maxMessages], '\n')+1]
		r.Stderr = fmt.Sprintf("%sWarning: %d bytes of further messages are left out\n", whole,
			len(r.Stderr)-len(whole))
	}
	if len(r.Parts) > maxParts {
		return fmt.Errorf("the result has %d objects, and Argo CD is sent at most %d: render less at once",
			len(r.Parts), maxParts)
	}
	total := int64(0)
	for _, part := range r.Parts {
		if total += int64(len(part)); most > 0 && total > most {
			return tooLarge(most)
		}
	}
	return nil
}

// goesOn tells whether something of a job is not done: work that was given up cannot be stopped, and would take the
// time of others.
func (w Worker) goesOn() bool {
	const tries = 10 // of a millisecond each: what is done says so a little later
	for range tries {
		if !w.Works() {
			return false
		}
		time.Sleep(time.Millisecond)
	}
	return true
}

// answer does a job.
func (w Worker) answer(kept *kept, r Request, reader io.Reader) Response {
	if r.Command == "" {
		return Response{}
	}
	c, err := kept.receive(r, reader)
	switch {
	case err != nil:
		return failure(err)
	case c == nil:
		return Response{Unknown: true}
	}
	var stdout, stderr printed
	work := &Work{Environ: r.Environ, path: r.Path, key: keyOf(r), checkout: c}
	response := Response{Status: w.Do(work, r.Command, &stdout, &stderr)}
	if c.wantsGit { // without which the answer would be another
		c.wantsGit, c.sessions = false, nil
		return Response{Git: true}
	}
	response.Stderr, response.Session, response.Findings = string(stderr), work.reused, work.findings
	response.Defects = work.defects
	if response.Status != 0 {
		work.failed()
		return response
	}
	work.succeeded()
	response.Parts = [][]byte{stdout}
	if r.Command == "generate" {
		response.Parts = work.objects
	}
	if r.Command == "generate" && len(stdout) > 0 { // as text
		if response.Parts, err = Split(stdout); err != nil {
			return failure(err)
		}
	}
	return response
}

// failure is the response where a job failed.
func failure(err error) Response {
	return Response{Status: 1, Stderr: fmt.Sprintf("Error: %v\n", err)}
}

// printed is what a command printed.
type printed []byte

// Write implements [io.Writer].
func (p *printed) Write(data []byte) (int, error) {
	*p = append(*p, data...)
	return len(data), nil
}
