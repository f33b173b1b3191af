package hierarchy

// FleetFile is the name of the file at the root of the repository that describes the fleet.
const FleetFile = "fleet.yaml"
