// Package e2e tests cmp against a real Argo CD. It runs as a Config Management Plugin of the last v2 and the newest v3.
// Their plugin server, ours in its place, and repo-server are plain processes on loopback, with Redis, and are asked
// over gRPC as Argo CD's controller asks them: both plugin servers must answer the same, and ours also when something
// is killed meanwhile. The stages must give the Applications of the ApplicationSet controller and the objects of
// repo-server. A fleet's life is played with clusters of an API server and the garbage collector each, whole Argo CDs,
// and the templates of External Secrets. internal/tools/e2e.sh builds what is needed and runs the tests; the module is
// nested so that Argo CD's dependencies stay out of the main one. Linux only.
package e2e
