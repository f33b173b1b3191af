// Package application expands ApplicationSets into Applications, as Argo CD 3.5's ApplicationSet controller does, but
// without a cluster. It does so with the controller's own generators (list, clusters, git, matrix, merge) and template
// code, over clusters in memory and a checkout of the repository. The oci generator of Argo CD 3.6 is its git
// generator, of an artifact.
//
// What it does differently:
//   - A cluster for which a template fails takes only its own Applications with it. Argo CD makes none at all then.
//   - The git generator sees the files of the checkout, whatever repoURL and revision it names, and also those that Git
//     does not track or ignores.
//   - Fields of the template that it does not know stay, as in a newer Argo CD.
//   - Functions whose result depends on chance, the clock or the time zone are refused, and so is what could run very
//     long.
package application
