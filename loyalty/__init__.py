"""The rulebook: commands, engine, store, rules, audit, Chinese sentences. No HTTP, no XML, no Redis."""
