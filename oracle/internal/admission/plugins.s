// Empty: it lets plugins.go declare functions without bodies.
