package problem

import (
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFrames: of a stack, functions and places are kept, and nothing that may be a value.
func TestFrames(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"none":    {"exit status 1", ""},
		"no more": {"panic: secret", ""},
		"a panic": {"secret said by a library\npanic: secret [recovered, repanicked]\n\tsecret(1)\n\t/secret.go:7\n\n" +
			"goroutine 7 [running]:\nmain.(*T[...]).run.func1({0x5ec4e7, 0x6})\n\t/src/secret dir/main.go:12 +0x1d\n" +
			"panic({0x1?, 0x2?})\n\t/usr/go/src/runtime/panic.go:792 +0x132\n" +
			"created by example.com/a-b/c%2ed.Start in goroutine 1\n\t/src/c.go:3 +0x55\n\n" +
			"goroutine 8 [select]:\nmain.other()\n\t/src/main.go:99\n",
			"main.(*T[...]).run.func1 main.go:12\npanic panic.go:792\nexample.com/a-b/c%2ed.Start c.go:3"},
		"of the runtime": {
			"runtime: goroutine stack exceeds 64-byte limit\nfatal error: stack overflow\n\nruntime stack:\n" +
				"runtime.throw({0x1, 0x2})\n\t/go/panic.go:1 +0x48 fp=0x1 sp=0x2 pc=0x3\n\n" +
				"goroutine 1 gp=0xc000002380 m=0 mp=0x1 [running]:\nmain.recurse(0x5ec4e7)\n" +
				"\t/src/main.go:53 +0x65 fp=0xc0 sp=0xc1 pc=0x5\n...100 frames elided...\n",
			"main.recurse main.go:53"},
		"what looks like one": {
			"panic: a\n\ngoroutine 1 [running]:\na secret(1)\n\t/a.go:1\nmain.f()\nno place\nmain.g()\n\tsecret\n", ""},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.want, Frames(test.text)) })
	}
	many := "goroutine 1 [running]:\n" + strings.Repeat("main."+strings.Repeat("f", 400)+
		"()\n\t/a.go:1\nmain.g()\n\t/a.go:2\n", 100)
	require.Equal(t, strings.TrimSpace(strings.Repeat("main.g a.go:2\n", maxFrames)), Frames(many))
	require.Contains(t, Frames(string(debug.Stack())), "internal/problem.TestFrames defect_test.go:")
}

func TestFramesOf(t *testing.T) {
	d := &Defect{Message: "a defect", Frames: "main.f main.go:1"}
	require.Equal(t, d.Frames, FramesOf(fmt.Errorf("web: %w", d)))
	require.Equal(t, "a defect", d.Error())
	require.Empty(t, FramesOf(errors.New("another")))
}
