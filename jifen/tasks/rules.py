"""A rule version whose day has come: its rounds are opened, its stock is put on the shelf."""

from datetime import datetime

from jifen.runtime.resources import Resources


class PutInForce:
    """Acts when another version is in force than at the last tick; a restart looks once more, which changes nothing."""

    def __init__(self) -> None:
        self._version: int | None = None

    async def __call__(self, resources: Resources, now: datetime) -> None:
        """Put the version in force at `now` into effect. Raises NoRulesPublished and EngineUnavailable."""
        live = await resources.directory.rules(now)
        if live.version != self._version:
            self._version = await resources.engine.put_in_force()
