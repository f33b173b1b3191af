package hierarchy

// FleetFile is the name of the file at the root of the repository that describes the fleet.
const FleetFile = "fleet.yaml"

// OtherFleetFiles are names that people give to the file in the place of [FleetFile], and that nothing reads.
var OtherFleetFiles = []string{"fleet.yml", "Fleet.yaml", "Fleet.yml"}
