"""Switching it on: settings, clock, servers, resources, the command line."""
