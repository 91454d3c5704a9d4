"""Prints what the kernel of this system keeps the process from that reads files: `python -m corpus.sandbox`."""

from __future__ import annotations

from corpus.sandbox.confinement import MEASURES
from corpus.sandbox.parent import what_holds

held = what_holds()
for name, words in MEASURES.items():
    print(f"{'kept by the kernel' if name in held else 'not kept by the kernel'} from this: {words}")
