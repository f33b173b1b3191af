// Package cluster knows what a cluster is: its identity as Argo CD's cluster generator gives it, with labels and
// annotations. It reads clusters from cluster Secrets, and knows which other clusters the Argo CD of one knows.
package cluster
