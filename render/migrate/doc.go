// Package migrate says what the switch from the wrapper chart to cmp changes. It renders what the ApplicationSets of a
// repository make today, chart included, and what cmp makes in their place, and classifies each ApplicationSet, each
// Application and each object. It names what is dangerous on the way, and finds a fleet.yaml with which nothing
// changes.
package migrate
