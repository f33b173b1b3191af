package problem

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestErrorNamesThePlaceTheMistakeAndWhatToDo(t *testing.T) {
	for _, test := range []struct {
		name    string
		problem *Problem
		want    string
	}{
		{"the message alone", New("", 0, "is wrong"), "is wrong"},
		{"a file as a whole", New("a.yaml", 0, "is wrong"), "a.yaml: is wrong"},
		{"a line of a file", New("a.yaml", 7, "is wrong"), "a.yaml:7: is wrong"},
		{"a line without a file says nothing", New("", 7, "is wrong"), "is wrong"},
		{"a hint", New("a.yaml", 7, "is wrong").WithHint("write %q", "b"), `a.yaml:7: is wrong; write "b"`},
		{"a scope", &Problem{File: "a.yaml", Message: "is wrong", Scope: "addons of hub"},
			"a.yaml: is wrong (addons of hub)"},
		{"all of it", &Problem{File: "a.yaml", Line: 1, Message: "is wrong", Scope: "hub", Hint: "mend it"},
			"a.yaml:1: is wrong (hub); mend it"},
		{"a finding that stops", New("a.yaml", 7, "is wrong").WithHint("mend it").WithRule("no-wrong", "b").Stopping(),
			"a.yaml:7: is wrong; mend it; if it is meant, list no-wrong in spec.lint.ignore"},
		{"a finding that does not", New("a.yaml", 7, "is wrong").WithRule("no-wrong"), "a.yaml:7: is wrong"},
		{"text of the input that looks like a format", New("a.yaml", 0, "%s", "100%d"), "a.yaml: 100%d"},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.EqualError(t, test.problem, test.want)
		})
	}
}

func TestCauseIsKept(t *testing.T) {
	wrapped := New("a.yaml", 0, "cannot be read: %w", &fs.PathError{Op: "open", Path: "a", Err: fs.ErrNotExist})
	require.ErrorIs(t, wrapped, fs.ErrNotExist)
	var pathError *fs.PathError
	require.ErrorAs(t, wrapped, &pathError)
	require.NoError(t, errors.Unwrap(New("a.yaml", 0, "no cause")))

	var p *Problem
	require.ErrorAs(t, fmt.Errorf("group addons: %w", wrapped), &p)
	require.Equal(t, "a.yaml", p.File)
}

func TestErrorIsOneHarmlessLine(t *testing.T) {
	// A file name, a key or a value of the repository may hold anything: nothing of it may look like a further message,
	// nor reach the terminal as a control sequence.
	nasty := "a\nb\r\tc\x00\x1b[31m\x7f\u0085\u2028\u2029d\xff"
	for _, p := range []*Problem{
		New(nasty, 1, "is wrong"),
		New("a.yaml", 1, "is %s", nasty),
		New("a.yaml", 1, "is wrong").WithHint("%s", nasty),
		{File: "a.yaml", Message: "is wrong", Scope: nasty},
	} {
		text := p.Error()
		require.True(t, utf8.ValidString(text), "%q", text)
		require.NotContains(t, text, "\n")
		for _, r := range text {
			require.Falsef(t, r < ' ' || (r >= 0x7f && r < 0xa0) || r == 0x2028 || r == 0x2029, "%q in %q", r, text)
		}
		require.Contains(t, text, "a b  c")
	}
}

func TestCredentialsInAddressesAreNotShown(t *testing.T) {
	const secret = "https://me:CANARY@git.example.com/a"
	for _, p := range []*Problem{
		New(secret, 1, "is wrong"),
		New("a.yaml", 1, "%q is wrong", secret),
		New("a.yaml", 1, "is wrong: %w", errors.New(secret)),
		New("a.yaml", 1, "%s%s", strings.Repeat("x", 580),
			" https://me:CANARY"+strings.Repeat("y", 50)+"@git.example.com"),
		New("a.yaml", 1, "is wrong").WithHint("correct %s", secret),
		{File: "a.yaml", Message: "is wrong", Scope: secret},
	} {
		require.NotContains(t, p.Error(), "CANARY")
		require.Contains(t, p.Error(), "https://…@")
	}
}

func TestLongTextIsCut(t *testing.T) {
	for _, long := range []string{strings.Repeat("x", 5000), strings.Repeat("ü", 3000),
		"x" + strings.Repeat("ü", 3000)} {
		text := New("a.yaml", 1, "%s", long).WithHint("%s", long).Error()
		require.Less(t, len(text), 1300)
		require.True(t, utf8.ValidString(text))
		require.Equal(t, 2, strings.Count(text, "…"))
	}
}

func TestCount(t *testing.T) {
	require.Equal(t, "0 objects", Count(0, "object"))
	require.Equal(t, "1 object", Count(1, "object"))
	require.Equal(t, "2 objects", Count(2, "object"))
}

func TestFew(t *testing.T) {
	var names []string
	for i := range 12 {
		names = append(names, string(rune('a'+i)))
	}
	require.Empty(t, Few(nil))
	require.Equal(t, "a, b", Few(names[:2]))
	require.Equal(t, "a, b, c, d, e, f, g, h, i, j", Few(names[:10]))
	require.Equal(t, "a, b, c, d, e, f, g, h, i, j and 1 more", Few(names[:11]))
	require.Equal(t, "a, b, c, d, e, f, g, h, i, j and 2 more", Few(names))
}

// TestLongTextIsLookedAtFromItsBeginning: of a text of megabytes, no part of an address is left without its end.
func TestLongTextIsLookedAtFromItsBeginning(t *testing.T) {
	const secret = "https://user:s3cr3t"
	long := strings.Repeat("x", 1<<20)
	for text, want := range map[string]string{
		secret + long + "@host/": "https…", "a " + secret + long + "@host/": "a https…",
		"a https://user:s3cr3t@host/ " + long: "a https://…@host/ xxx", long: "xxx",
		strings.Repeat("\xff", 1<<20): "\uFFFD", "a " + strings.Repeat("b\n", 1<<20): "a b b b",
	} {
		message := New("", 0, "%s", text).Message
		require.True(t, strings.HasPrefix(message, want), "%.80q", message)
		require.NotContains(t, message, "s3cr3t")
		require.LessOrEqual(t, len(message), 603)
	}
}

func TestTextCannotTurnAround(t *testing.T) {
	for _, control := range []rune{0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069} {
		p := New("a"+string(control), 1, "b%c", control).WithHint("c%c", control)
		p.Scope = "d" + string(control)
		require.Equal(t, "a\uFFFD:1: b\uFFFD (d\uFFFD); c\uFFFD", p.Error())
	}
}
