"""Tries the packages that this repository will move to, in a copy of the working tree."""
