package images

import (
	"github.com/distribution/reference"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// mention is a place of an object that names an image, or should.
type mention struct {
	field, name string // of the pod, and of the container or volume
	written     string
	missing     string // why it names none
}

// podFields are the paths to what is made like the spec of a pod, in any kind: of workloads, of what makes Jobs.
var podFields = [][]string{{"spec", "template", "spec"}, {"spec", "jobTemplate", "spec", "template", "spec"}}

// containerFields are the lists of containers of a pod.
var containerFields = []string{"containers", "initContainers", "ephemeralContainers"}

// mentionsIn returns what of an object names images: a Pod itself, and whatever has the template of a pod.
func mentionsIn(object render.Object) []mention {
	var all []mention
	kind, _ := object["kind"].(string)
	version, _ := object["apiVersion"].(string)
	fields := podFields
	switch {
	case version == "v1" && kind == "Pod":
		fields = [][]string{{"spec"}}
	case version == "v1" && kind == "PodTemplate":
		fields = [][]string{{"template", "spec"}}
	}
	for _, path := range fields {
		if pod := mapAt(object, path...); pod != nil {
			all = append(all, mentionsInPod(pod)...)
		}
	}
	return all
}

func mentionsInPod(pod render.Object) []mention {
	var all []mention
	for _, field := range containerFields {
		list, _ := pod[field].([]any)
		for _, item := range list {
			container, is := item.(render.Object)
			if !is {
				continue // which is no container
			}
			all = append(all, mentionOf(field, container, container["image"]))
		}
	}
	volumes, _ := pod["volumes"].([]any)
	for _, item := range volumes {
		volume, _ := item.(render.Object)
		if image := mapAt(volume, "image"); image != nil {
			all = append(all, mentionOf("volumes", volume, image["reference"]))
		}
	}
	return all
}

func mentionOf(field string, of render.Object, image any) mention {
	m := mention{field: field}
	m.name, _ = of["name"].(string)
	switch image := image.(type) {
	case nil:
		m.missing = "has no image"
	case string:
		if m.written = address.RedactImage(image); image == "" {
			m.missing = "has no image"
		}
	default:
		m.missing = "has an image that is no string"
	}
	return m
}

// mapAt returns the map at a path; nil if there is none.
func mapAt(object render.Object, path ...string) render.Object {
	for _, field := range path {
		object, _ = object[field].(render.Object)
	}
	return object
}

// imageOf returns the image that a text names, completed as runtimes do: with the registry and the tag.
func imageOf(written string) Image {
	named, err := reference.ParseNormalizedNamed(written)
	if err != nil {
		return Image{Reference: written, Invalid: problem.OneLine(err.Error())}
	}
	return Image{Reference: reference.TagNameOnly(named).String()}
}

// Parts are those of the reference of an image.
type Parts struct {
	Repository string // docker.io/library/nginx
	Tag        string // "" if it has a digest alone
	Digest     string // sha256:…, or ""
}

// PartsOf returns the parts of a reference. It tells whether it is one.
func PartsOf(text string) (Parts, bool) {
	named, err := reference.ParseNormalizedNamed(text)
	if err != nil {
		return Parts{}, false
	}
	parts := Parts{Repository: named.Name()}
	if tagged, is := named.(reference.Tagged); is {
		parts.Tag = tagged.Tag()
	}
	if digested, is := named.(reference.Digested); is {
		parts.Digest = digested.Digest().String()
	}
	return parts, true
}

// useOf returns a use without its image.
func useOf(object render.Object, m mention) Use {
	use := Use{Name: hierarchy.NameOf(object), Field: m.field, Container: m.name, Written: m.written}
	use.APIVersion, _ = object["apiVersion"].(string)
	use.Kind, _ = object["kind"].(string)
	use.Namespace, _ = mapAt(object, "metadata")["namespace"].(string)
	return use
}
