package matrix

import (
	"maps"
)

// differences returns between what the versions differ that there are by release and environment.
func differences(all map[string]map[string]map[string]bool) []Difference {
	var found []Difference
	var ofReleases []map[string]bool
	environments, clusters := false, false
	for _, byEnvironment := range all {
		together := map[string]bool{}
		var ofEnvironments []map[string]bool
		for _, versions := range byEnvironment {
			maps.Copy(together, versions)
			ofEnvironments = append(ofEnvironments, versions)
			clusters = clusters || len(versions) > 1
		}
		environments = environments || !allEqual(ofEnvironments)
		ofReleases = append(ofReleases, together)
	}
	if !allEqual(ofReleases) {
		found = append(found, BetweenReleases)
	}
	if environments {
		found = append(found, BetweenEnvironments)
	}
	if clusters {
		found = append(found, BetweenClusters)
	}
	return found
}

func allEqual(sets []map[string]bool) bool {
	for _, set := range sets {
		if !maps.Equal(set, sets[0]) {
			return false
		}
	}
	return true
}
