"""A text as it is searched: decoded, its language, its search form, its sentences, words and passages."""
