"""People as keyed pseudonyms: the warehouse never holds an e-mail address."""

import hashlib
import hmac
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Persons:
    """Turns what names a person into a pseudonym that only the holder of the key can make again."""

    key: bytes
    _known: dict[tuple[str, str], str] = field(default_factory=dict, compare=False)

    def hash(self, kind: str, value: str) -> str:
        """The pseudonym of an `email`, `login` or `tool_user_id`; case and outer space do not matter."""
        known = self._known.get((kind, value))
        if known is None:
            text = f"{kind}:{value.strip().lower()}".encode("utf-8", "surrogatepass")
            known = self._known[kind, value] = hmac.new(self.key, text, hashlib.sha256).hexdigest()[:16]
        return known

    @property
    def fingerprint(self) -> str:
        """Tells two keys apart without giving either away."""
        return self.hash("fingerprint", "")
