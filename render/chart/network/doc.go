// Package network fetches archives from where they are published: charts from HTTP(S) chart repositories and OCI
// registries, other artifacts from registries. It finds which version a range stands for, verifies digests where there
// are any, and never says in a message what may be secret.
//
// Credentials come from Helm's two configuration files alone, and nothing is executed but what registry/config.json
// names as a credential helper. Each try has limited time and size; errors are of type [problem.Cause], for one who
// knows the name of the chart.
package network
