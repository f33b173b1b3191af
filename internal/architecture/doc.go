// Package architecture holds the repository to its own documents: which package may import which, how large a package
// may become, and that what the documents and the code say of each other is there. It has tests only.
package architecture
