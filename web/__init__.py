"""The parts that the JSON APIs share: security kinds, the request pipeline, problem+json, request keys, paging, OpenAPI."""
