package supervise

// An Exceeded is the error of a worker that exceeded one of its limits, which the message says. A worker that ended in
// another way may have been ended by somebody else.
type Exceeded struct {
	Memory bool // the limit of memory: what the worker had kept of other work counts for that
	err    error
}

// Error returns the message.
func (e *Exceeded) Error() string { return e.err.Error() }

// What a record says of the limit that was exceeded.
const (
	ofMemory = "memory"
	ofTime   = "time"
)

// exceeded returns the error of a worker that ended with err, as an [Exceeded] if it exceeded a limit.
func (e *end) exceeded(err error) error {
	switch said := e.record.read()[slotExceeded]; {
	case said != "":
		return &Exceeded{said == ofMemory, err}
	case withoutMemory.MatchString(e.printed):
		return &Exceeded{true, err}
	}
	return err
}
