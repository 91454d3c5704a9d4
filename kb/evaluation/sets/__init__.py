"""Files of questions with known answers, and what is wrong with them."""
