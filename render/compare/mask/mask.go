// Package mask hides the values of Secrets, and shows which of them change.
package mask

import (
	"maps"
	"reflect"
)

// lastApplied is the annotation in which kubectl keeps the whole object, with its values.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// open are the fields of a Secret that hold no values.
var open = map[string]bool{"apiVersion": true, "kind": true, "metadata": true, "type": true, "immutable": true}

// Secret returns copies of a Secret on both sides in which no value can be read, only whether it is another. What is no
// field of a Secret is hidden as well, since nobody knows what it is.
func Secret(before, after map[string]any) [2]map[string]any {
	var both [2]map[string]any
	for side, object := range [2]map[string]any{before, after} {
		if object == nil {
			continue
		}
		other, differs := after, "(hidden, before)"
		if side == 1 {
			other, differs = before, "(hidden, after)"
		}
		shown := make(map[string]any, len(object))
		for key, value := range object {
			if shown[key] = value; !open[key] {
				shown[key] = hidden(value, other[key], differs)
			}
		}
		metadata, _ := object["metadata"].(map[string]any)
		annotations, _ := metadata["annotations"].(map[string]any)
		if value, has := annotations[lastApplied]; has {
			metadata, annotations = maps.Clone(metadata), maps.Clone(annotations)
			annotations[lastApplied] = hiddenText(value, applied(other), differs)
			metadata["annotations"], shown["metadata"] = annotations, metadata
		}
		both[side] = shown
	}
	return withoutMetadata(both)
}

// withoutMetadata hides credentials in the labels and annotations of a Secret, as in those of other objects.
func withoutMetadata(both [2]map[string]any) [2]map[string]any {
	var metadata [2]map[string]any
	for side, shown := range both {
		if shown["metadata"] != nil {
			metadata[side] = map[string]any{"metadata": shown["metadata"]}
		}
	}
	for side, hidden := range Object(metadata[0], metadata[1]) {
		if hidden != nil {
			both[side]["metadata"] = hidden["metadata"]
		}
	}
	return both
}

// hidden returns a value with all texts hidden: of a map each one, of anything else the whole.
func hidden(value, other any, differs string) any {
	values, isMap := value.(map[string]any)
	if !isMap {
		return hiddenText(value, other, differs)
	}
	others, _ := other.(map[string]any)
	shown := make(map[string]any, len(values))
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

// applied returns what kubectl keeps in an object; nil if it keeps nothing.
func applied(object map[string]any) any {
	metadata, _ := object["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	return annotations[lastApplied]
}
