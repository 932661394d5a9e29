"""Text from outside, as a terminal may show it."""


def printable(text: str) -> str:
    r"""The text with what would steer the terminal, or hide in it, written out.

    >>> printable("a\x1b[2Jb\u202e")
    'a\\x1b[2Jb\\u202e'
    """
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii") for letter in text
    )
