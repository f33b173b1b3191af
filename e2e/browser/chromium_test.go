package browser

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// patience is how long an answer may take before a test fails; it measures nothing.
const patience = 2 * time.Minute

// A tab is one page of a browser.
type tab struct {
	t       *testing.T
	session string
	toward  io.Writer
	number  int
	answers chan message

	mu       sync.Mutex
	requests []string // addresses that the page asked for
	troubles []string // exceptions, and what the page's policy refused
	loads    int
}

// A message of the DevTools protocol: an answer has the number of its question, an event a method.
type message struct {
	ID     int             `json:"id,omitempty"`
	Method string          `json:"method,omitempty"`
	Params json.RawMessage `json:"params,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  json.RawMessage `json:"error,omitempty"`

	SessionID string `json:"sessionId,omitempty"`
}

// start starts a browser with one tab. It ends with the test.
func start(t *testing.T) *tab {
	t.Helper()
	fromUs, toward, err := os.Pipe()
	require.NoError(t, err)
	from, toUs, err := os.Pipe()
	require.NoError(t, err)
	arguments := []string{"--headless=new", "--remote-debugging-pipe", "--user-data-dir=" + t.TempDir(),
		"--no-first-run",
		"--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update",
		"--disable-extensions", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"}
	if os.Geteuid() == 0 {
		arguments = append(arguments, "--no-sandbox") // which root cannot have
	}
	browser := exec.Command(os.Getenv("CMP_E2E_CHROMIUM"), append(arguments, "about:blank")...)
	browser.ExtraFiles = []*os.File{fromUs, toUs} // 3 and 4, as the protocol has them
	require.NoError(t, browser.Start())
	fromUs.Close()
	toUs.Close()
	b := &tab{t: t, toward: toward, answers: make(chan message, 1)}
	go b.listen(from)
	t.Cleanup(func() {
		toward.Close() // which ends it
		ended := make(chan error, 1)
		go func() { ended <- browser.Wait() }()
		select {
		case <-ended:
		case <-time.After(patience):
			_ = browser.Process.Kill()
			<-ended
		}
		from.Close()
	})
	var target struct{ TargetID, SessionID string }
	b.ask("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	b.ask("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &target)
	b.session = target.SessionID
	for _, domain := range []string{"Network", "Page", "Runtime", "Log"} {
		b.ask(domain+".enable", nil, nil)
	}
	return b
}

// listen reads what the browser says: messages that end with a zero byte.
func (b *tab) listen(from io.Reader) {
	defer close(b.answers)
	for reader := bufio.NewReader(from); ; {
		data, err := reader.ReadBytes(0)
		var m message
		if err != nil || json.Unmarshal(data[:len(data)-1], &m) != nil {
			return
		}
		if m.Method == "" {
			b.answers <- m
			continue
		}
		b.mu.Lock()
		switch m.Method {
		case "Network.requestWillBeSent":
			var event struct{ Request struct{ URL string } }
			_ = json.Unmarshal(m.Params, &event)
			b.requests = append(b.requests, event.Request.URL)
		case "Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled":
			b.troubles = append(b.troubles, string(m.Params))
		case "Page.loadEventFired":
			b.loads++
		}
		b.mu.Unlock()
	}
}

// ask sends a command, and waits for its answer.
func (b *tab) ask(method string, params, result any) {
	b.t.Helper()
	b.number++
	command := map[string]any{"id": b.number, "method": method, "params": params}
	if params == nil {
		command["params"] = map[string]any{}
	}
	if b.session != "" {
		command["sessionId"] = b.session
	}
	data, err := json.Marshal(command)
	require.NoError(b.t, err)
	_, err = b.toward.Write(append(data, 0))
	require.NoError(b.t, err)
	for {
		select {
		case answer, ok := <-b.answers:
			require.True(b.t, ok, "the browser ended")
			if answer.ID != b.number {
				continue
			}
			require.Empty(b.t, string(answer.Error), method)
			if result != nil {
				require.NoError(b.t, json.Unmarshal(answer.Result, result))
			}
			return
		case <-time.After(patience):
			require.FailNow(b.t, "the browser does not answer", method)
		}
	}
}

// open opens a file, and waits until it is there.
func (b *tab) open(file string) {
	b.t.Helper()
	b.navigate("file://" + file)
}

// navigate opens an address, and waits until it is there.
func (b *tab) navigate(address string) {
	b.t.Helper()
	b.ask("Page.navigate", map[string]any{"url": address}, nil)
	b.until("it is loaded", func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.loads > 0
	})
}

// evaluate returns the value of an expression of JavaScript, as text.
func (b *tab) evaluate(expression string) string {
	b.t.Helper()
	var answer struct {
		Result           struct{ Value any }
		ExceptionDetails json.RawMessage
	}
	b.ask("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true}, &answer)
	require.Empty(b.t, string(answer.ExceptionDetails), expression)
	if answer.Result.Value == nil {
		return ""
	}
	return fmt.Sprint(answer.Result.Value)
}

// until waits for something.
func (b *tab) until(what string, is func() bool) {
	b.t.Helper()
	require.Eventually(b.t, is, patience, 20*time.Millisecond, what)
}

// says waits until the element has just this text.
func (b *tab) says(selector, want string) {
	b.t.Helper()
	got, err := "", errors.New("no")
	for end := time.Now().Add(patience); err != nil && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if got = b.evaluate(fmt.Sprintf("document.querySelector(%q)?.textContent", selector)); got == want {
			err = nil
		}
	}
	require.Equal(b.t, want, got, selector)
}

// there waits until an element is.
func (b *tab) there(selector string) {
	b.t.Helper()
	b.until(selector+" is there", func() bool {
		return b.evaluate(fmt.Sprintf("String(!!document.querySelector(%q))", selector)) == "true"
	})
}

// typeInto types a text in the place of what a field has.
func (b *tab) typeInto(selector, text string) {
	b.t.Helper()
	b.there(selector)
	b.evaluate(fmt.Sprintf("document.querySelector(%q).focus(); document.querySelector(%q).select()", selector,
		selector))
	if text == "" {
		b.ask("Input.dispatchKeyEvent", map[string]any{"type": "keyDown", "key": "Delete", "code": "Delete",
			"windowsVirtualKeyCode": 46}, nil)
		return
	}
	b.ask("Input.insertText", map[string]any{"text": text}, nil)
}

// choose chooses an entry of a list by its text.
func (b *tab) choose(selector, text string) {
	b.t.Helper()
	b.there(selector)
	require.Equal(b.t, text, b.evaluate(fmt.Sprintf(`(() => {
		const list = document.querySelector(%q);
		list.selectedIndex = [...list.options].findIndex((o) => o.textContent === %q);
		list.dispatchEvent(new Event("input", {bubbles: true}));
		return list.selectedOptions[0]?.textContent;
	})()`, selector, text)))
}

// click clicks with the mouse on the middle of an element, once that is there.
func (b *tab) click(selector string) {
	b.t.Helper()
	b.there(selector)
	var place struct{ X, Y float64 }
	require.NoError(b.t, json.Unmarshal([]byte(b.evaluate(fmt.Sprintf(`(() => {
		const node = document.querySelector(%q);
		node.scrollIntoView({block: "center"});
		const box = node.getBoundingClientRect();
		return JSON.stringify({X: box.x + box.width / 2, Y: box.y + box.height / 2});
	})()`, selector))), &place))
	for _, kind := range []string{"mousePressed", "mouseReleased"} {
		b.ask("Input.dispatchMouseEvent", map[string]any{"type": kind, "x": place.X, "y": place.Y, "button": "left",
			"clickCount": 1}, nil)
	}
}
