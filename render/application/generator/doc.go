// Package generator makes the parameters of ApplicationSets with the generators of Argo CD, but without a cluster, a
// Git server or repo-server. It reads an ApplicationSet as one version of Argo CD does, and has the generators of that
// version. They are over whatever tells which clusters there are, files of a repository, and artifacts. The oci
// generator of Argo CD 3.6 is its git generator, of an artifact.
package generator
