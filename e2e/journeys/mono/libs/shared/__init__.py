"""What all flows of the repository share."""

import rapidfuzz


def meant(word: str) -> str:
    return rapidfuzz.process.extractOne(word, ["kettle", "toaster", "coffee grinder"])[0]
