// Package plugin speaks Argo CD's protocol for Config Management Plugins (Argo CD documentation, Config Management
// Plugins). It turns what Argo CD hands to a plugin process, environment and working directory, into a request to
// render, and announces the parameters. Everything that arrives is untrusted: the text of an Application, which anyone
// may have written who can create one.
package plugin
