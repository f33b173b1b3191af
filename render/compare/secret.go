package compare

import (
	"maps"
	"reflect"

	"github.com/eks-fleet-management/fleet-cmp/render"
)

// lastApplied is the annotation in which kubectl keeps the whole object, with its values.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// open are the fields of a Secret that hold no values.
var open = map[string]bool{"apiVersion": true, "kind": true, "metadata": true, "type": true, "immutable": true}

// masked returns copies of a Secret on both sides in which no value can be read, only whether it is another. What is no
// field of a Secret is hidden as well, since nobody knows what it is.
func masked(before, after render.Object) [2]render.Object {
	var both [2]render.Object
	for side, object := range [2]render.Object{before, after} {
		if object == nil {
			continue
		}
		other, differs := after, "(hidden, before)"
		if side == 1 {
			other, differs = before, "(hidden, after)"
		}
		shown := make(render.Object, len(object))
		for key, value := range object {
			if shown[key] = value; !open[key] {
				shown[key] = hidden(value, other[key], differs)
			}
		}
		if annotation(object, lastApplied) != "" {
			metadata, _ := object["metadata"].(render.Object)
			annotations, _ := metadata["annotations"].(render.Object)
			metadata, annotations = maps.Clone(metadata), maps.Clone(annotations)
			annotations[lastApplied] = hiddenText(annotations[lastApplied], annotation(other, lastApplied), differs)
			metadata["annotations"], shown["metadata"] = annotations, metadata
		}
		both[side] = shown
	}
	return both
}

// hidden returns a value with all texts hidden: of a map each one, of anything else the whole.
func hidden(value, other any, differs string) any {
	values, isMap := value.(render.Object)
	if !isMap {
		return hiddenText(value, other, differs)
	}
	others, _ := other.(render.Object)
	shown := make(render.Object, len(values))
	for key, value := range values {
		shown[key] = hiddenText(value, others[key], differs)
	}
	return shown
}

// hiddenText stands for a value: another text where the other side has it otherwise.
func hiddenText(value, other any, differs string) string {
	if other != nil && other != "" && !reflect.DeepEqual(value, other) {
		return differs
	}
	return "(hidden)"
}
