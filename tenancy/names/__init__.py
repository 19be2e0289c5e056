"""All physical names, each made in one pure place.

Two rules keep tenants apart by name alone. A name is `tenant-{t}-{role}-{s}` with the suffix `{s}` free of hyphens,
and within one service no role's text ends with another's preceded by a hyphen: so tenant `x` can never make the
name of tenant `x-y`. And a name too long for its service keeps its head and ends in a hash of the whole.
"""
