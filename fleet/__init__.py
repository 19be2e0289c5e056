"""Operations over many tenants: they read synthesized stacks and never import cdktf."""
