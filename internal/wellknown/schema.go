package wellknown

// schemas is where the JSON schemas of the files that people write are published.
const schemas = "https://raw.githubusercontent.com/eks-fleet-management/fleet-cmp/main/docs/reference/schemas/"

// Kinds of files that people write, as their schemas are called.
const (
	SchemaFleet     = "fleet"
	SchemaMember    = "member"
	SchemaComponent = "component"
	SchemaSettings  = "settings"
)

// Modeline returns the comment, without a line feed, from which editors know the schema of a file of a kind.
func Modeline(kind string) string {
	return "# yaml-language-server: $schema=" + schemas + kind + ".schema.json"
}
