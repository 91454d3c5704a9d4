"""One question on its way through the rooms below: searched, read, quoted or put in words, and what to ask next."""
