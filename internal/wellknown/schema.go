package wellknown

import "github.com/eks-fleet-management/fleet-cmp/internal/reference"

// Kinds of files that people write, as their schemas are called.
const (
	SchemaFleet     = "fleet"
	SchemaMember    = "member"
	SchemaComponent = "component"
	SchemaSettings  = "settings"
)

// Modeline returns the comment, without a line feed, from which editors know the schema of a file of a kind.
func Modeline(kind string) string { return reference.KindOf(kind).Modeline() }
