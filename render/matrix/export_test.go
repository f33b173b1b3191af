package matrix

// Differences is for tests.
var Differences = differences
