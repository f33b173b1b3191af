// Package e2e tests cmp as a Config Management Plugin of a real Argo CD: the plugin server and the repo-server of the last
// v2 and the newest v3 run as plain processes on loopback, with Redis, and are asked over gRPC as Argo CD's controller asks
// them. internal/tools/e2e.sh builds what is needed and runs the tests; the module is nested so that Argo CD's dependencies
// stay out of the main one. Linux only.
package e2e
