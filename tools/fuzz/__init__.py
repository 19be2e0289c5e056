"""Feeds registries and environments that people could have written by mistake to what reads them."""
