// Package revision reads revisions of a Git repository as trees of files, without a checkout and without writing
// anything. Objects come from the object store through go-git, and from the program git where go-git cannot have them:
// in partial clones, in repositories with SHA-256 or with extensions that go-git does not know.
package revision
