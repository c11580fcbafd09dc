package verify

import "context"

func (s *salvage) revealHidden(ctx context.Context, out *Salvaged) error { return nil }
