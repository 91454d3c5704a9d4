"""Who may come in, how much they may send, and how they are refused."""
