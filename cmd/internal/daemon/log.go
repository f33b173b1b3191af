package daemon

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unicode/utf8"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
)

// levels are those of argocd-cmp-server.
var levels = map[string]slog.Level{"trace": slog.LevelDebug, "debug": slog.LevelDebug, "info": slog.LevelInfo,
	"warn": slog.LevelWarn, "warning": slog.LevelWarn, "error": slog.LevelError, "fatal": slog.LevelError,
	"panic": slog.LevelError}

// newLog returns what writes lines of a level or above, in a format. It fails if there is no such level or format.
func newLog(level, format string, w io.Writer) (*slog.Logger, error) {
	least, is := levels[strings.ToLower(level)]
	if !is {
		return nil, usage.Error(fmt.Errorf("--loglevel is debug, info, warn or error, not %q", level))
	}
	options := &slog.HandlerOptions{Level: least, ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if a.Key == slog.LevelKey && len(groups) == 0 { // as Argo CD's other servers write it
			a.Value = slog.StringValue(strings.ToLower(a.Value.String()))
		}
		return a
	}}
	switch format {
	case "json":
		return slog.New(slog.NewJSONHandler(w, options)), nil
	case "text":
		return slog.New(slog.NewTextHandler(w, options)), nil
	}
	return nil, usage.Error(fmt.Errorf("--logformat is json or text, not %q", format))
}

// Lengths of what others say in a line of the log, in bytes.
const (
	longestName    = 256
	longestMessage = 4096
)

// beginning returns a text, cut off if it is longer than a number of bytes.
func beginning(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most] + "…"
}
