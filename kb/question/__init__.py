"""What is asked: question words, topics, and what a follow-up leans on."""
