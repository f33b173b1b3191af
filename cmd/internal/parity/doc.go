// Package parity compares what cmp prints with what the wrapper chart application-sets computes. It has tests only.
//
// The corpus in testdata/parity pins the chart down: cases with values and the ApplicationSets that they should give,
// and a real fleet. PARITY_DIR names another corpus of the same form; the README of the corpus says what that is.
package parity
