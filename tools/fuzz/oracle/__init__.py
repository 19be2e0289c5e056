"""What AWS and YAML 1.2 say of what was accepted, by rules of their own: nothing here is shared with `config/`.

The rules are written as procedures where `config/` has patterns, and two by two where `config/` counts, so that one
mistake is not made twice.
"""
