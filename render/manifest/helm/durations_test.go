package helm

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDurations compares with the linked Helm.
func TestDurations(t *testing.T) {
	for _, value := range []string{`"1h2m3s"`, `" 90 "`, `"2.5"`, `"text"`, `""`, "90", "-3", "2.5", "9223372036854775807", "1e300", "-1e300", "true", "(list 1)", "nil",
		`(mustToDuration "26h")`, `(int64 5)`, `"NaN"`, "9223372037", "(uint64 7)"} {
		for _, function := range []string{"mustToDuration", "durationSeconds", "durationMilliseconds",
			"durationMicroseconds", "durationNanoseconds",
			"durationMinutes", "durationHours", "durationDays", "durationWeeks"} {
			sameAsHelm(t, "{{ "+function+" "+value+" }}")
		}
		sameAsHelm(t, `{{ durationRoundTo `+value+` "7s" }} {{ durationTruncateTo "26h13m" `+value+` }} {{ durationRoundTo "26h13m" `+value+` }}`)
	}
	c := makeChart(t, map[string]string{"templates/v.yaml": configMap("v: {{ durationHours 7200 | quote }}")})
	_, err := renderAs(t, "4.2.1", c, Options{})
	require.ErrorContains(t, err, `function "durationHours" not defined`)
}

func sameAsHelm(t *testing.T, template string) {
	t.Helper()
	c := makeChart(t, map[string]string{"templates/v.yaml": template})
	helms, ours, helmError, ourError := renderBoth(t, usual, c, Options{})
	require.Equal(t, helmError == nil, ourError == nil, "%s: %v, %v", template, helmError, ourError)
	if helmError == nil {
		require.Equal(t, helms, ours, template)
	}
}
