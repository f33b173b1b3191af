// Package directories knows the directories in which hubs have their members: which hubs there are, which directories
// are missing, and what lies in one without being a member.
package directories
