// Package cluster knows what a cluster is: its identity as Argo CD's cluster generator gives it, with labels and
// annotations, how it is read from cluster Secrets, and which other clusters its Argo CD knows.
package cluster
