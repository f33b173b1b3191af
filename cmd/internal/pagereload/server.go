// Package pagereload serves the pages of a fleet on loopback while its files are edited: they are made anew when a file
// changes, and the browser loads them again. Nobody else can ask, since it listens on loopback only. It answers no name
// of a host but those of loopback, so that no site can have its own name lead here.
package pagereload

import (
	"cmp"
	"context"
	"fmt"
	"mime"
	"net"
	"net/http"
	"os"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// Pages are files of a site by their names. The page itself is index.html.
type Pages map[string][]byte

// A Server is where and what is served.
type Server struct {
	Listen string // HOST:PORT, of loopback; port 0 is any
	// Make makes the pages. With pages it fails for what they say themselves, without for what keeps them from being
	// made.
	Make func() (Pages, error)
	// State returns a text that is another one when a file is.
	State func() string
	// Started is told the address when there are pages.
	Started func(address string)
	// Interval is how often the files are looked at; 0: twice a second.
	Interval time.Duration
}

// How much one server does at once, and how long it waits for whoever asks.
const (
	mostRequests = 16
	mostHeader   = 16 << 10
	patience     = 30 * time.Second
)

// site is what is served now.
type site struct {
	mu      sync.RWMutex
	pages   Pages
	version int
	trouble error // why the last change could not be shown; nil if it is
}

// Serve serves until the context ends, which is no error. It fails for an address that is not of loopback, where it
// cannot listen, and if there are no pages in the beginning.
func (s Server) Serve(ctx context.Context) error {
	if err := CheckListen(s.Listen); err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.Listen)
	if err != nil {
		return problem.New("", 0, "%w", err).WithHint("give another address with --listen")
	}
	defer listener.Close()
	state := s.State()
	shown := state
	pages, err := s.Make()
	if pages == nil {
		return err
	}
	current := &site{pages: pages, version: 1}
	server := &http.Server{Handler: current.handler(), ReadHeaderTimeout: patience, ReadTimeout: patience,
		WriteTimeout: patience, IdleTimeout: patience, MaxHeaderBytes: mostHeader}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	defer server.Close()
	s.Started("http://" + listener.Addr().String() + "/")
	interval := s.Interval
	if interval == 0 {
		interval = time.Second / 2
	}
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-failed:
			return err
		case <-tick.C:
			// A change is looked at when there is no other one right after it: editors write a file by several steps.
			now := s.State()
			if now != shown && now == state {
				shown = now
				current.replace(s.Make())
			}
			state = now
		}
	}
}

// CheckListen fails for an address that is not HOST:PORT of loopback.
func CheckListen(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%q is no HOST:PORT", address)
	}
	if number, err := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(number, 10) != port {
		return fmt.Errorf("%q: the port is a number up to 65535", address)
	}
	if !isLoopback(host) {
		return fmt.Errorf("%q is not on loopback, such as 127.0.0.1:8080: the pages are for this machine", address)
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// replace puts new pages in the place of those before; none: they stay, and say why.
func (s *site) replace(pages Pages, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.trouble = nil; pages == nil {
		s.trouble = cmp.Or(err, error(&NoPagesError{}))
		return
	}
	s.pages = pages
	s.version++
}

// handler answers requests, not many at once.
func (s *site) handler() http.Handler {
	free := make(chan struct{}, mostRequests)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case free <- struct{}{}:
			defer func() { <-free }()
		default:
			http.Error(w, "too many requests at once", http.StatusServiceUnavailable)
			return
		}
		s.answer(w, r)
	})
}

// hostOf returns the host of a header, which may have a port: without the brackets of an address of IPv6.
func hostOf(header string) string {
	if host, _, err := net.SplitHostPort(header); err == nil {
		return host
	}
	if inner, is := strings.CutPrefix(header, "["); is && strings.HasSuffix(inner, "]") {
		return strings.TrimSuffix(inner, "]")
	}
	return header
}

func (s *site) answer(w http.ResponseWriter, r *http.Request) {
	if !isLoopback(hostOf(r.Host)) {
		http.Error(w, "this host is not on loopback", http.StatusMisdirectedRequest)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "only GET and HEAD are answered", http.StatusMethodNotAllowed)
		return
	}
	head := w.Header()
	head.Set("Cache-Control", "no-store")
	head.Set("Content-Security-Policy", "frame-ancestors 'none'")
	head.Set("Cross-Origin-Resource-Policy", "same-origin")
	head.Set("Referrer-Policy", "no-referrer")
	head.Set("X-Content-Type-Options", "nosniff")
	s.mu.RLock()
	pages, version, trouble := s.pages, s.version, s.trouble
	s.mu.RUnlock()
	name := strings.TrimPrefix(r.URL.Path, "/")
	if name == "" {
		name = "index.html"
	}
	if name == "version" {
		head.Set("Content-Type", "text/plain; charset=utf-8")
		if fmt.Fprint(w, version); trouble != nil {
			fmt.Fprint(w, " stale\n", trouble)
		}
		return
	}
	data, there := pages[name]
	if !there {
		http.NotFound(w, r)
		return
	}
	head.Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	_, _ = w.Write(data) // whoever asked may be gone
}

// A NoPagesError is the error where nothing was made.
type NoPagesError struct {
	Why string // if that is known
}

// Error says why.
func (e *NoPagesError) Error() string { return cmp.Or(e.Why, "there is no page") }

// Read returns the files of a directory with pages. Without index.html, it fails with a [NoPagesError], which has what
// a file of the name trouble says; else with errors of the system.
func Read(directory, trouble string) (Pages, error) {
	root, err := os.OpenRoot(directory)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	pages := Pages{}
	entries, err := os.ReadDir(directory)
	for _, entry := range entries {
		var data []byte
		if data, err = root.ReadFile(entry.Name()); err != nil {
			return nil, err
		}
		pages[entry.Name()] = data
	}
	if err == nil && pages["index.html"] == nil {
		return nil, &NoPagesError{string(pages[trouble])}
	}
	return pages, err
}
