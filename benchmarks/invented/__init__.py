"""Invented Chinese news sites: every name, place, figure and institution in them is made up."""
