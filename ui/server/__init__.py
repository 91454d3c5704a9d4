"""Sockets and connections under the site."""
