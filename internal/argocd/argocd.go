// Package argocd says, as data, what differs between the versions of Argo CD whose rules a render can follow.
package argocd

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A Version is a minor version of Argo CD with what sets it apart. The zero value is none: see [Newest].
type Version struct {
	Name       string // "3.5"
	Release    string // whose code and image the rest was taken from, and compared with: "3.5.7"
	Helm       string // in its image (hack/tool-versions.sh of Argo CD)
	Kustomize  string // likewise
	Kubernetes string // that charts see where nobody knows the cluster's: that of its Helm's client-go

	// NestedSelectors tells that selectors of generators inside a matrix or merge always apply. Before, they did so
	// only with spec.applyNestedSelectors (docs/operator-manual/upgrading/2.14-3.0.md of Argo CD).
	NestedSelectors bool
	// LabelSelectors tells that selectors of generators look into metadata.labels, metadata.annotations and values also
	// with goTemplate (flattenParameters).
	LabelSelectors bool
	// OwnValues tells that values of a matrix's second generator can use its own parameters (RenderGeneratorParams).
	OwnValues bool
	// EmptyFiles tells that a file with an empty list gives a git generator no parameters. Before, it gave one empty
	// set of them (generateParamsFromGitFile).
	EmptyFiles bool
	// HiddenAnnotations are those of cluster Secrets that cluster generators leave out (clusterAnnotationParams),
	// besides those that are not here anyway.
	HiddenAnnotations []string
	// OCI tells that a source with oci:// in its address is the whole artifact, and has no chart (3.1).
	OCI bool
	// GlobValueFiles tells that value files of Helm can be patterns, and that one which is named twice counts where it
	// stands first (getResolvedValueFiles).
	GlobValueFiles bool
	// HelmVersions are those that an Application may name in helm.version (cmdVersion of util/helm).
	HelmVersions []string
	// OneComponent tells that with kustomize.ignoreMissingComponents only the first component counts that is there,
	// which is one with a kustomization (util/kustomize of 3.6.1). Before, all counts that name anything.
	OneComponent bool
	// SkipMarker tells that files with +argocd:skip-file-rendering are left out of directories.
	SkipMarker bool
	// OneDocument tells that its Helm reads the first document of a values file, and not all of them.
	OneDocument bool
	// WholeKubeVersion tells that charts see all of a Kubernetes version but its plus sign (text.SemVer), and not only
	// its three numbers (parseKubeVersion).
	WholeKubeVersion bool
	// BraceIsJSON tells that a YAML file with objects that begins with a brace is read as JSON (NewYAMLOrJSONDecoder of
	// its apimachinery).
	BraceIsJSON bool
	// Functions are those of ApplicationSet templates that not all versions have.
	Functions []string
	// Generators are those of ApplicationSets that not all versions have, and the linked one not either.
	Generators []string

	order int // its place among the versions
}

// Versions are those that are known, the oldest first.
var Versions = []Version{
	{
		Name: "2.14", Release: "2.14.21", Helm: "3.16.3", Kustomize: "5.4.3", Kubernetes: "1.31.0",
		HelmVersions: []string{"v3"},
		OneDocument:  true, WholeKubeVersion: true, BraceIsJSON: true,
	},
	{
		Name: "3.4", Release: "3.4.13", Helm: "3.19.4", Kustomize: "5.8.1", Kubernetes: "1.34.0", OneDocument: true,
		HelmVersions:    []string{"v3"},
		SkipMarker:      true,
		NestedSelectors: true, LabelSelectors: true, OwnValues: true, EmptyFiles: true, OCI: true, GlobValueFiles: true,
	},
	{
		Name: "3.5", Release: "3.5.7", Helm: "4.2.1", Kustomize: "5.8.1", Kubernetes: "1.36.0",
		HelmVersions:    []string{"v3", "v4"},
		SkipMarker:      true,
		NestedSelectors: true, LabelSelectors: true, OwnValues: true, EmptyFiles: true, OCI: true, GlobValueFiles: true,
	},
	{
		Name: "3.6", Release: "3.6.1", Helm: "4.3.1", Kustomize: "5.8.3", Kubernetes: "1.37.0",
		HelmVersions: []string{"v3", "v4"},
		SkipMarker:   true, OneComponent: true,
		NestedSelectors: true, LabelSelectors: true, OwnValues: true, EmptyFiles: true, OCI: true, GlobValueFiles: true,
		Functions: []string{"tpl"}, Generators: []string{"oci"},
		HiddenAnnotations: []string{"argocd.argoproj.io/refresh-timestamp", "argocd.argoproj.io/hydrate-timestamp"},
	},
}

func init() {
	for i := range Versions {
		Versions[i].order = i
	}
}

// Newest returns the newest version that is known.
func Newest() Version { return Versions[len(Versions)-1] }

// IsZero tells that the version is none.
func (v Version) IsZero() bool { return v.Name == "" }

// Names lists the versions that are known.
func Names() string {
	names := make([]string, len(Versions))
	for i, v := range Versions {
		names[i] = v.Name
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// number is a version as people and the tags of images write it: 3.5, v3.5.7, v3.6.0-rc2, v3.5.7@sha256:....
var number = regexp.MustCompile(`^v?(0|[1-9][0-9]{0,3})\.(0|[1-9][0-9]{0,3})(\.[0-9]{1,9})?([-+@][0-9A-Za-z.+:-]*)?$`)

// Parse returns the version that a string names, such as 3.5 or v3.5.7. Of one that lies between two that are known, it
// is the older, and the warning says so. It fails for what is no version, and for versions before and after those that
// are known.
func Parse(text string) (v Version, warning string, err error) {
	parts := number.FindStringSubmatch(text)
	if parts == nil {
		return Version{}, "", fmt.Errorf("%.40q is no version of Argo CD: write it as %s or v%s", text, Newest().Name,
			Newest().Release)
	}
	found := -1
	for i, known := range Versions {
		switch compare(parts[1]+"."+parts[2], known.Name) {
		case 0:
			return known, "", nil
		case 1:
			found = i
		}
	}
	name := parts[1] + "." + parts[2]
	if found < 0 || found == len(Versions)-1 {
		return Version{}, "", fmt.Errorf("version %s of Argo CD is not known here, only %s", name, Names())
	}
	v = Versions[found]
	return v, fmt.Sprintf("Argo CD %s is rendered as %s, the nearest older version that is known here: %s", name,
		v.Name, Names()), nil
}

// compare compares two minor versions, such as 2.14 and 3.4.
func compare(a, b string) int {
	numbers := func(name string) []int {
		major, minor, _ := strings.Cut(name, ".")
		one, _ := strconv.Atoi(major) // both are digits
		other, _ := strconv.Atoi(minor)
		return []int{one, other}
	}
	return slices.Compare(numbers(a), numbers(b))
}
