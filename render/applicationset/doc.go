// Package applicationset makes ApplicationSets of a group's merged values: one for each component that is enabled.
//
// What each setting and each component key does is said in docs/rules, with what the wrapper chart made of it that this
// replaces. Objects are built as data, so that quoting, number-like names and duplicate keys cannot go wrong. Text such
// as {{.name}} is for the ApplicationSet controller and passes through untouched.
package applicationset
