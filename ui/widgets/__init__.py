"""Pieces of HTML that several pages are made of."""
