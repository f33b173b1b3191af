// Package applicationset makes ApplicationSets of a group's merged values: one for each component that is enabled.
//
// What each setting and each component key does is said in sections 2 to 6 of the specification of the wrapper chart
// that this replaces (SPEC); where the chart's output was wrong, section 7 has the correct one. Objects are built as
// data, so that quoting, number-like names and duplicate keys cannot go wrong. Text such as {{.name}} is for the
// ApplicationSet controller and passes through untouched.
package applicationset
