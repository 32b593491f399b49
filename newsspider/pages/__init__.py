"""Bytes of a response in, data out: no requests, no settings, no clock, no network."""
