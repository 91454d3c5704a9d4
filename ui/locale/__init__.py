"""Every word of the page, in its four languages."""
