package helm

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// durations are the functions that Helm has since 4.3. What cannot be read as a duration is 0, as there; mustToDuration
// fails.
func durations() map[string]any {
	return map[string]any{
		"mustToDuration":       duration,
		"durationSeconds":      func(v any) float64 { return orZero(v).Seconds() },
		"durationMilliseconds": func(v any) int64 { return orZero(v).Milliseconds() },
		"durationMicroseconds": func(v any) int64 { return orZero(v).Microseconds() },
		"durationNanoseconds":  func(v any) int64 { return orZero(v).Nanoseconds() },
		"durationMinutes":      func(v any) float64 { return orZero(v).Minutes() },
		"durationHours":        func(v any) float64 { return orZero(v).Hours() },
		"durationDays":         func(v any) float64 { return orZero(v).Hours() / 24 },
		"durationWeeks":        func(v any) float64 { return orZero(v).Hours() / 24 / 7 },
		"durationRoundTo":      func(v, m any) time.Duration { return orZero(v).Round(orZero(m)) },
		"durationTruncateTo":   func(v, m any) time.Duration { return orZero(v).Truncate(orZero(m)) },
	}
}

func orZero(v any) time.Duration {
	d, err := duration(v)
	if err != nil {
		return 0
	}
	return d
}

// duration reads what Helm takes for a duration: text such as 1h2m3s, and numbers, which are seconds.
func duration(v any) (time.Duration, error) {
	switch v := v.(type) {
	case time.Duration:
		return v, nil
	case string:
		text := strings.TrimSpace(v)
		if d, err := time.ParseDuration(text); err == nil {
			return d, nil
		}
		seconds, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return 0, fmt.Errorf("%.40q is no duration", v)
		}
		return ofSeconds(seconds)
	}
	switch number := reflect.ValueOf(v); {
	case number.CanInt():
		return wholeSeconds(number.Int())
	case number.CanUint():
		if number.Uint() > math.MaxInt64 {
			return 0, errDuration
		}
		return wholeSeconds(int64(number.Uint())) //nolint:gosec // it fits
	case number.CanFloat():
		return ofSeconds(number.Float())
	}
	return 0, fmt.Errorf("%T is no duration", v)
}

var errDuration = errors.New("the duration is too long")

func wholeSeconds(seconds int64) (time.Duration, error) {
	const most = math.MaxInt64 / int64(time.Second)
	if seconds > most || seconds < -most {
		return 0, errDuration
	}
	return time.Duration(seconds) * time.Second, nil
}

func ofSeconds(seconds float64) (time.Duration, error) {
	nanoseconds := seconds * float64(time.Second)
	if math.IsNaN(nanoseconds) || math.Abs(nanoseconds) >= math.MaxInt64 {
		return 0, errDuration
	}
	return time.Duration(nanoseconds), nil
}
