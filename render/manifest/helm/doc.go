// Package helm renders a Helm chart as `helm template` 3 or 4 does with the flags that Argo CD gives it, inside this
// process.
//
// Loading, values, dependencies, hooks and order are Helm's own libraries. Only the execution of templates (engine.go)
// is not Helm's: Helm's engine cannot be bounded from outside, and a chart that calls itself without end, doubles a
// text in a loop or prints a map that contains itself would end the whole process. Here each of them is an error of
// that one render. The tests compare the two engines, function by function and chart by chart.
//
// Nothing is read but the arguments: no environment, no network, no file that is not of the chart, and no clock other
// than that of the template functions which are made to tell it. There is no cluster either: `lookup` finds nothing,
// `getHostByName` is empty.
package helm
