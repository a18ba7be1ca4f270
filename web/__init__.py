"""What the JSON doors share: problem+json, request keys, paging, OpenAPI."""
