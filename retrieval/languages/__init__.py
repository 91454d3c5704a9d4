"""Where each language lies in the model's space, so that no language is preferred to another."""
