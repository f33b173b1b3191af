package sandbox

import (
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestTimes: a product that does not fit, or is more than allowed, is one more than allowed, and never below zero.
func TestTimes(t *testing.T) {
	const allowed, tooMuch = maxExpansion, maxExpansion + 1
	for _, test := range []struct {
		name string
		a, b int64
		want int64
	}{
		{"numbers", 6, 7, 42},
		{"one below zero", -6, 7, 42},
		{"both", -6, -7, 42},
		{"zero", 0, 7, 0},
		{"zero and the least integer", 0, math.MinInt64, 0},
		{"all that is allowed", allowed, 1, allowed},
		{"more", allowed + 1, 1, tooMuch},
		{"more below zero", -allowed - 1, 1, tooMuch},
		{"the greatest integer", math.MaxInt64, 2, tooMuch},
		{"the least integer, which has no counterpart", math.MinInt64, 1, tooMuch},
		{"the least integer with itself", math.MinInt64, math.MinInt64, tooMuch},
		{"half of it", math.MinInt64 / 2, 2, tooMuch},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.EqualValues(t, test.want, times(test.a, test.b))
			require.EqualValues(t, test.want, times(test.b, test.a))
		})
	}
	require.Greater(t, times(allowed, allowed), int64(allowed), "a product of what is allowed fits")
}

// TestGrowth: what a call makes out of little is known before it is made.
func TestGrowth(t *testing.T) {
	const tooMuch = maxExpansion + 1
	for _, test := range []struct {
		name string
		call string
		args []any
		want int64
	}{
		{"a string", "repeat", []any{3, "abcd"}, 12},
		{"a string less than no times", "repeat", []any{math.MinInt, "abcd"}, tooMuch},
		{"an indent for each line", "indent", []any{10, "a\nb\nc"}, 30},
		{"with a line break", "nindent", []any{10, ""}, 10},
		{"numbers", "until", []any{5}, 40},
		{"numbers below zero", "until", []any{-5}, 40},
		{"numbers in steps", "untilStep", []any{0, 10, 5}, 24},
		{"downwards", "untilStep", []any{10, 0, -5}, 24},
		{"an empty list", "untilStep", []any{0, 10, -5}, 0},
		{"another one", "untilStep", []any{10, 0, 5}, 0},
		{"all integers", "untilStep", []any{math.MinInt, math.MaxInt, 1}, 8 * maxExpansion},
		{"no step", "untilStep", []any{10, 0, 0}, 0},
		{"a sequence from one", "seq", []any{[]int{3}}, 24},
		{"from a number", "seq", []any{[]int{2, 3}}, 16},
		{"with steps in the middle", "seq", []any{[]int{0, 5, 10}}, 24},
		{"of nothing", "seq", []any{[]int{}}, 0},
		{"random text", "randAlphaNum", []any{7}, 7},
		{"a replacement", "replace", []any{"a", "bcd", "aXaX"}, 6},
		{"of the empty text", "replace", []any{"", "bcd", "aX"}, 9},
		{"breaks in lines of a width", "wrapWith", []any{2, "--", "abcdef"}, 8},
		{"of no width", "wrapWith", []any{0, "--", "abcdef"}, 14},
		{"an expression that matches anywhere", "regexReplaceAll", []any{"", "abc", "de"}, 6},
		{"a separator", "join", []any{"--", any([]any{1, 2, 3})}, 6},
		{"of what is no list", "join", []any{"--", any(1)}, 0},
		{"a width", "printf", []any{"%1234d"}, 1234},
		{"two of them, and a small one", "printf", []any{"%1234d %.5678f %999d"}, 6912},
		{"the most that fmt allows", "printf", []any{"%99999999999999999999d"}, 1_000_000},
		{"of an argument", "printf", []any{"%*d"}, 1_000_000},
		{"any other function", "upper", []any{"text"}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			args := make([]reflect.Value, len(test.args))
			for i, arg := range test.args {
				args[i] = reflect.ValueOf(arg)
			}
			require.Equal(t, test.want, growth(test.call, args))
		})
	}
}

// TestNesting: what is parsed at once is as deep as maps and lists are in it.
func TestNesting(t *testing.T) {
	for _, test := range []struct {
		value any
		want  int64
	}{
		{"text", 0}, {[]any{}, 0}, {[]any{1, "a"}, 1}, {map[string]any{"a": 1}, 1},
		{[]any{[]any{[]any{1}}, 1}, 3}, {map[string]any{"a": 1, "b": []any{map[string]any{"c": 1}}}, 3},
	} {
		require.EqualValues(t, test.want, nesting(reflect.ValueOf(test.value)), "%v", test.value)
	}
}

// TestCountsThatOverflow: a count that no integer has, or that is below zero, is too much, and so is all after it.
func TestCountsThatOverflow(t *testing.T) {
	for _, count := range []int64{-1, math.MinInt64, math.MaxInt64, math.MaxInt64 - 5, 91} {
		b := New(t.Context(), Limits{Bytes: 100, Work: 100})
		require.NoError(t, b.Spend(10))
		require.NoError(t, b.Work(10))
		require.NoError(t, b.Spend(0))
		require.Error(t, b.Spend(count), count)
		require.Error(t, b.Spend(1), "nothing is left")
		require.Error(t, b.Work(time.Duration(count)), count)
		require.Error(t, b.Work(1), "nothing is left")
	}
	b := New(t.Context(), Limits{Bytes: 100, Work: 100})
	require.NoError(t, b.Spend(100), "all of it")
	require.NoError(t, b.Work(100), "all of it")
	require.NoError(t, b.hold(maxContainers), "all of them")
	require.Error(t, b.hold(1))
}
